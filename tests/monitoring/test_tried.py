"""What a rule would have raised: episodes out of steps, their counts, and two rules side by side."""

from __future__ import annotations

from anlan.monitoring.engine.machine import State
from anlan.monitoring.engine.outcome import Standing, Step
from anlan.monitoring.engine.tried import Episode, compared, counts, episodes, laid

H = 3_600_000_000


def step(event, at, level="", previous="", place="s:1"):
    return Step("new", "1", place, event, at * H, level, previous, 50.0, 40.0, 3600, "sum", "rain_mm", 1)


def standing(since, *steps, place="s:1"):
    return Standing("new", "1", place, "41", State(), (), since * H, steps)


def test_later_standings_replace_what_lies_after_their_since():
    steps = {}
    laid(steps, [standing(0, step("opened", 1, "low"), step("cleared", 5, "", "low"))])
    laid(steps, [standing(4, step("raised", 4, "high", "low"))])
    assert [(s.event, s.at // H) for s in steps["s:1"]] == [("opened", 1), ("raised", 4)]


def test_episodes_keep_the_gravest_level_and_their_span():
    steps = {"s:1": [step("opened", 1, "low"), step("raised", 2, "high", "low"), step("lowered", 3, "low", "high"),
                     step("cleared", 5, "", "low"), step("opened", 9, "low")],
             "s:2": [step("opened", 2, "high", place="s:2")]}  # fmt: skip
    found = episodes(steps, ("low", "high"), 0, 100 * H)
    assert [(e.place, e.opened // H, e.cleared and e.cleared // H, e.level) for e in found] == [
        ("s:1", 1, 5, "high"), ("s:2", 2, None, "high"), ("s:1", 9, None, "low"),
    ]  # fmt: skip
    told = counts(found)
    assert (told["signals"], told["level"], told["place"], told["hours"]) == (
        3,
        {"high": 2, "low": 1},
        {"s:1": 2, "s:2": 1},
        4.0,
    )
    assert told["month"] == {"1970-01": 3}
    assert episodes(steps, ("low", "high"), H, 2 * H) == [found[1]]


def test_two_rules_side_by_side():
    def at(place, opened, cleared):
        return Episode(place, opened * H, None if cleared is None else cleared * H, "low", 1.0, 1.0)

    new = [at("s:1", 1, 3), at("s:1", 8, 9), at("s:2", 1, None)]
    old = [at("s:1", 2, 4), at("s:2", 0, 1), at("s:3", 5, 6)]
    only_new, only_old, both = compared(new, old)
    assert only_new == [new[1], new[2]]
    assert only_old == [old[1], old[2]]
    assert both == [new[0]]
