"""The nation's relief table: every bound, the neighbour's linkage, thresholds lowered for weak areas."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.response.engine.relief import METRICS, neighbours_of, relief_level
from anlan.response.formats.relief_table import relief_table

TABLE = relief_table()
BOUNDS = {  # metric → least of levels 4, 3, 2, 1
    "dead_missing": (20, 50, 100, 200),
    "need_relief": (100_000, 500_000, 1_000_000, 2_000_000),
    "houses": (10_000, 100_000, 200_000, 300_000),
    "households": (3_000, 30_000, 70_000, 100_000),
    "drought_relief_percent": (15, 20, 25, 30),
    "drought_relief_people": (1_000_000, 2_000_000, 3_000_000, 4_000_000),
}


def asked(**how: float) -> int:
    found = relief_level(TABLE, {k: v for k, v in how.items() if k in METRICS}, neighbour=int(how.get("neighbour", 0)))
    return found.level if found else 0


@pytest.mark.parametrize("metric", BOUNDS)
def test_every_bound_includes_the_figure_itself(metric: str) -> None:
    for number, least in enumerate(BOUNDS[metric]):
        level = 4 - number
        assert asked(**{metric: least}) == level
        assert asked(**{metric: least - 1}) == (level + 1 if level < 4 else 0)


def test_any_criterion_suffices_and_the_gravest_decides() -> None:
    assert asked(dead_missing=20, houses=300_000) == 1
    assert asked(dead_missing=99, need_relief=999_999, households=70_000) == 2
    found = relief_level(TABLE, {"dead_missing": 60, "houses": 10_000})
    assert found is not None
    assert (found.level, found.trigger.id, found.decider.zh) == (3, "3(1)", "国家防灾减灾救灾委员会办公室主任")


@pytest.mark.parametrize(
    ("dead", "neighbour", "level"),
    [(160, 1, 1), (199, 1, 1), (159, 1, 2), (160, 2, 2), (160, 0, 2), (80, 2, 2), (99, 1, 2), (79, 2, 3), (80, 3, 3),
     (40, 3, 3), (49, 2, 3), (39, 3, 4), (40, 4, 4), (19, 1, 0)],
)  # fmt: skip
def test_a_neighbour_at_the_level_lets_the_lower_band_join(dead: int, neighbour: int, level: int) -> None:
    assert asked(dead_missing=dead, neighbour=neighbour) == level


def test_thresholds_of_counts_may_be_lowered_for_weak_areas_and_shares_stay() -> None:
    weak = relief_level(TABLE, {"dead_missing": 100}, factor=0.5)
    assert weak is not None
    assert weak.level == 1
    assert relief_level(TABLE, {"drought_relief_percent": 14.9}, factor=0.5) is None
    with pytest.raises(ValueError, match="factor"):
        relief_level(TABLE, {}, factor=1.2)


@given(
    st.dictionaries(st.sampled_from(sorted(BOUNDS)), st.integers(0, 5_000_000)), st.integers(0, 4), st.floats(0.1, 1)
)
def test_more_never_asks_for_less(figures: dict[str, int], neighbour: int, factor: float) -> None:
    def rank(values: dict[str, int], near: int, lowered: float) -> int:
        found = relief_level(TABLE, values, neighbour=near, factor=lowered)
        return 5 - found.level if found else 0

    base = rank(figures, neighbour, 1)
    assert rank({key: value + 1 for key, value in figures.items()}, neighbour, 1) >= base
    assert rank(figures, 1, 1) >= base
    assert rank(figures, neighbour, factor) >= base


def test_only_the_first_level_was_read_in_the_text_in_force() -> None:
    marks = {(level.level, trigger.mark) for level in TABLE.levels for trigger in level.triggers}
    assert marks == {(1, "S"), (2, "G"), (3, "G"), (4, "G")}


def test_bordering_is_mutual() -> None:
    for province, beside in TABLE.neighbours.items():
        assert province not in beside
        assert all(province in TABLE.neighbours[other] for other in beside), province
    assert neighbours_of(TABLE, "410182") == TABLE.neighbours["41"]
