"""What a plan needs against what the registers hold: nothing unknown passes for enough."""

from __future__ import annotations

from importlib.resources import files

import yaml

from anlan.readiness.engine.plan_resources import Need, Source, TeamHolds, held
from anlan.readiness.plan_gaps import sources
from anlan.relief.sources import norms
from anlan.rescue.choices import SUBJECTS

SOURCES = (Source("tent", item="tent"), Source("water", item="water", factor=1000), Source("boat", equipment=("冲锋舟",)),
           Source("search_team", subject=("earthquake",)))  # fmt: skip
TEAMS = [TeamHolds("flood", ("冲锋舟（40马力）", "救生衣")), TeamHolds("earthquake", ()), TeamHolds("flood", ())]


def test_each_kind_is_counted_where_the_registers_hold_it() -> None:
    needs = [
        Need("tent", 100, 2),
        Need("water", 3, 2),
        Need("boat", 2, 3),
        Need("search_team", 1, 2),
        Need("gong", 1, 4),
    ]
    rows = held(needs, SOURCES, {"tent": 60, "water": 3500}, TEAMS)
    assert [(row.have, row.short, row.state) for row in rows] == [
        (60, 40, "short"), (3.5, 0, "enough"), (1, 1, "short"), (1, 0, "enough"), (None, 1, "unknown"),
    ]  # fmt: skip


def test_the_shipped_pack_names_what_exists() -> None:
    items = {norm.code for norm in norms()[1]}
    mix = files("anlan.rescue").joinpath("rules", "team_mix.yaml").read_text(encoding="utf-8")
    brought = {word for words in yaml.safe_load(mix)["equipment"].values() for word in words}
    for source in sources():
        assert bool(source.item) + bool(source.equipment) + bool(source.subject) == 1, source.kind
        assert not source.item or source.item in items
        assert set(source.subject) <= set(SUBJECTS)
    assert {word for source in sources() for word in source.equipment} & brought >= {"龙吸水", "冲锋舟", "空气呼吸器"}
