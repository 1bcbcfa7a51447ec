"""Which version of a rule judges: the most local one in force at the reading's time; an open signal keeps its own."""

from __future__ import annotations

import numpy as np

from anlan.monitoring.engine.columns import columns
from anlan.monitoring.engine.outcome import Step
from anlan.monitoring.engine.replay import replay
from anlan.monitoring.engine.rules import Catalogue, Checks, Leaf, Level, Rule, SeriesDef
from anlan.monitoring.engine.shard import Shard
from tests.monitoring.engine.making import MINUTE, T0

HOUR = 60 * MINUTE


def rule(version: str, bar: float, division: str = "", valid_from: int = -(2**62), valid_to: int = 2**62) -> Rule:
    return Rule(
        "rain", version, "series", "x", (Level("high", Leaf("x", "sum", 3600, bar)),), division=division,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip


def known(*rules: Rule) -> Catalogue:
    series = tuple(
        SeriesDef(number, f"S{number}", "x", "increment", "rain", division, 86400, {}, Checks())
        for number, division in ((1, "410183"), (2, "410122"))
    )
    return Catalogue(series, (), rules)


def steps(catalogue: Catalogue, *rows: tuple[int, int, float]) -> list[tuple[str, str, str]]:
    series, minute, value = zip(*rows, strict=True)
    found = replay(catalogue, columns(series, [T0 + m * MINUTE for m in minute], value)).steps
    return [(step.version, step.place, step.event) for step in found]


def test_a_local_version_goes_before_the_national_one_only_in_its_area_and_time() -> None:
    local = rule("local", 5.0, "410183", valid_from=T0 + 2 * HOUR)
    catalogue = known(rule("national", 20.0), local)
    assert steps(catalogue, (1, 10, 8.0), (2, 10, 8.0)) == []  # not in force yet
    assert steps(catalogue, (1, 130, 8.0), (2, 130, 8.0)) == [("local", "s:1", "opened")]
    assert steps(catalogue, (1, 130, 30.0), (2, 130, 30.0)) == [
        ("local", "s:1", "opened"),
        ("national", "s:2", "opened"),
    ]


def test_of_versions_as_local_the_newest_in_force_judges() -> None:
    first, second = rule("1", 5.0, "410183"), rule("2", 9.0, "410183", valid_from=T0 + 2 * HOUR)
    catalogue = known(first, second)
    assert steps(catalogue, (1, 10, 6.0)) == [("1", "s:1", "opened")]
    assert steps(catalogue, (1, 130, 6.0)) == []
    assert steps(catalogue, (1, 130, 9.0)) == [("2", "s:1", "opened")]


def test_an_open_signal_keeps_its_version_through_an_edit() -> None:
    shard = Shard(known(rule("1", 5.0)))

    def fed(minute: int, value: float) -> list[Step]:
        batch = columns([1], [T0 + minute * MINUTE], [value])
        return shard.apply(batch, np.array([T0 + minute * MINUTE]), T0 + minute * MINUTE).steps

    assert [(s.version, s.event) for s in fed(0, 6.0)] == [("1", "opened")]
    newer = rule("2", 9.0, valid_from=T0 + 10 * MINUTE)
    shard.recatalogue(known(rule("1", 5.0), newer))
    assert fed(20, 0.5) == []  # still judged by the version that opened it: 6.5 is at or over 5
    assert [(s.version, s.event, s.at) for s in fed(70, 0.0)] == [("1", "cleared", T0 + 60 * MINUTE)]
    assert fed(80, 6.0) == []  # the new version judges what comes after
    assert [(s.version, s.event) for s in fed(85, 4.0)] == [("2", "opened")]
