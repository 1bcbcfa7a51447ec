"""An area's own grading table against what binds it from above: bound by bound, and against every small event there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.response.engine.bounds_words import lower_words
from anlan.response.engine.grade_bounds import lower
from anlan.response.engine.grading import (
    GRADES,
    RANK,
    Criterion,
    GradeTable,
    Rung,
    Value,
    Window,
    grade_by,
)
from anlan.response.engine.plan import Words
from anlan.response.formats.grades import grade_faults, grade_tables

DAY, CITY = date(2026, 8, 3), "4101"
replace = msgspec.structs.replace


def shipped(code: str) -> GradeTable:
    return max((one for one in grade_tables() if one.code == code), key=lambda one: one.valid_from)


def own(code: str, **fields: Any) -> GradeTable:
    table = replace(shipped(code), area=CITY, mark="L", version=f"{CITY}-1", **{"valid_from": DAY, **fields})
    return replace(
        table, rows=tuple(Rung(r.code, tuple(replace(one, mark="") for one in r.any_of)) for r in table.rows)
    )


def bounded(table: GradeTable, row: int, number: int, **fields: Any) -> tuple[Rung, ...]:
    rows = list(table.rows)
    one = list(rows[row].any_of)
    one[number] = replace(one[number], **fields)
    rows[row] = Rung(rows[row].code, tuple(one))
    return tuple(rows)


def told(table: GradeTable, *more: GradeTable) -> tuple[str, str] | None:
    """The table that binds, the field."""
    found = lower(table, (*grade_tables(), *more), DAY)
    return (found.table.code, lower_words(found).field) if found else None


@pytest.mark.parametrize("code", sorted({one.code for one in grade_tables()}))
def test_the_shipped_table_as_it_is_passes(code: str) -> None:
    assert told(own(code)) is None


def test_a_higher_bound_is_refused_and_a_lower_one_passes() -> None:
    table = shipped("work_safety")
    later = bounded(table, 1, 0, at_least=12)
    assert told(own("work_safety", rows=later)) == ("work_safety", "rows[1].any_of[0].at_least")
    assert told(own("work_safety", rows=bounded(table, 1, 0, at_least=8))) is None
    whole = replace(table, rows=(table.rows[0], table.rows[2], table.rows[3]))
    assert told(own("work_safety", rows=whole.rows)) == ("work_safety", "rows")  # no row “serious” at all
    gap = bounded(table, 1, 0, below=25)
    assert told(own("work_safety", rows=gap)) == ("work_safety", "rows[1].any_of[0].at_least")
    fewer = (table.rows[0], Rung("serious", table.rows[1].any_of[1:]), *table.rows[2:])
    assert told(own("work_safety", rows=fewer)) == ("work_safety", "rows[1].any_of")


def test_defaults_do_not_bind_and_a_wider_bureaus_own_does() -> None:
    table = shipped("natural_hazard")
    later = own("natural_hazard", rows=bounded(table, 1, 0, at_least=15))
    assert told(later) is None
    province = replace(own("natural_hazard"), area="41")
    assert told(later, province) == ("natural_hazard", "rows[1].any_of[0].at_least")
    guess = shipped("chemical").rows[1].any_of[3]
    assert guess.metric == "relocated"
    assert (
        told(own("chemical", rows=bounded(shipped("chemical"), 1, 3, at_least=20000))) is None
    )  # a default in a table read


def test_a_table_of_wide_types_is_held_against_the_table_of_each_type() -> None:
    """An own table of all accidents also takes the place of the wider one for chemical accidents."""
    county = replace(own("chemical"), area="41")  # the province has laid its first guesses down
    wide = own("work_safety")
    assert told(wide, county) == ("chemical", "rows[0].any_of")
    assert told(wide, county, own("chemical")) is None  # the city's own chemical table stands for those
    assert told(own("work_safety", types=("12A",)), county) is None


def test_missing_people_count_where_they_count_above() -> None:
    table = shipped("earthquake")
    dead = tuple(
        Rung(row.code, tuple(replace(one, metric="deaths") if one.metric == "dead_missing" else one for one in row.any_of))
        for row in table.rows
    )  # fmt: skip
    assert told(own("earthquake", rows=dead)) == ("earthquake", "rows[0].any_of")
    assert told(own("earthquake", counted={"dead_missing": ("deaths",)})) == (
        "earthquake",
        "rows[0].any_of[0].at_least",
    )
    safety = shipped("work_safety")
    more = tuple(
        Rung(row.code, tuple(replace(one, metric="dead_missing") if one.metric == "deaths" else one for one in row.any_of))
        for row in safety.rows
    )  # fmt: skip
    counted = {"dead_missing": ("deaths", "missing")}
    assert told(own("work_safety", rows=more, counted=counted)) is None  # with the missing it is only graver


def test_floor_and_window_bind_too() -> None:
    assert told(own("work_safety", floor="")) == ("work_safety", "floor")
    window = shipped("work_safety").window
    assert window is not None
    assert told(own("work_safety", window=replace(window, days=20))) == ("work_safety", "window.days")
    assert told(own("work_safety", window=replace(window, shorter={"12G": 3}))) == ("work_safety", "window.days")
    assert told(own("work_safety", window=replace(window, shorter={}))) is None
    assert told(own("work_safety", window=None)) is None
    assert told(own("forest_fire", window=window)) == ("forest_fire", "window.days")


def test_the_refusal_names_table_bounds_and_remedy() -> None:
    found = lower(own("work_safety", rows=bounded(shipped("work_safety"), 2, 1, at_least=15)), grade_tables(), DAY)
    assert found is not None
    field, value, words = lower_words(found)
    assert (field, value) == ("rows[2].any_of[1].at_least", "重伤15人以上50人以下")
    for part in ("国务院令第493号", "重伤10人以上50人以下", "较大", "从同一数值或更低起"):
        assert part in words.zh
    for part in ("Decree 493", "10 or more, under 50", "relatively serious", "begin at that figure or below"):
        assert part in words.en


METRICS = ("deaths", "dead_missing", "loss_wan")
COUNTED: tuple[dict[str, tuple[str, ...]], ...] = ({}, {"dead_missing": ("deaths", "missing")}, {"dead_missing": ("deaths",)},
                                                   {"deaths": ("deaths", "missing")})  # fmt: skip


@st.composite
def bounds(draw: Any) -> Criterion:
    if draw(st.integers(0, 5)) == 0:
        return Criterion(
            "loss_class", equals=draw(st.sampled_from(["severe", "some"])), mark=draw(st.sampled_from(["", "G"]))
        )
    low = draw(st.sampled_from([None, 0, 1, 2, 3]))
    high = draw(st.sampled_from([None, 2, 3, 4] if low is not None else [2, 3, 4]))
    return Criterion(
        draw(st.sampled_from(METRICS)), at_least=low, below=high if high is None or low is None or high > low else None,
        where=draw(st.sampled_from([{}, {}, {"density": "dense"}])), mark=draw(st.sampled_from(["", "", "G", "S"])),
    )  # fmt: skip


@st.composite
def ladders(draw: Any) -> tuple[Rung, ...]:
    codes = draw(st.lists(st.sampled_from(GRADES[1:]), min_size=1, unique=True))
    return tuple(Rung(code, tuple(draw(st.lists(bounds(), min_size=1, max_size=2)))) for code in sorted(codes, key=GRADES.index))  # fmt: skip


@st.composite
def pairs(draw: Any) -> tuple[GradeTable, GradeTable]:
    """A table that binds, and an own one that often says much the same."""
    upper = replace(
        shipped("natural_hazard"), rows=draw(ladders()), mark=draw(st.sampled_from("SSSG")), counted=draw(st.sampled_from(COUNTED)),
        floor=draw(st.sampled_from(["", "ordinary"])), window=None,
    )  # fmt: skip
    rows = draw(st.one_of(st.just(upper.rows), ladders()))
    if draw(st.booleans()):
        row = draw(st.integers(0, len(rows) - 1))
        rows = tuple(
            Rung(one.code, (*one.any_of, draw(bounds()))) if place == row else one for place, one in enumerate(rows)
        )
    if len(rows) > 1 and draw(st.integers(0, 3)) == 0:
        rows = rows[1:]
    raw = (
        any(one.metric == "dead_missing" for r in upper.rows for one in r.any_of)
        and "dead_missing" not in upper.counted
    )
    sums = [one for one in COUNTED if not (raw and "dead_missing" in one)]  # what is told as a sum is told so to both
    fields = {"counted": draw(st.one_of(st.just(upper.counted), st.sampled_from(sums))),
              "floor": draw(st.one_of(st.just(upper.floor), st.sampled_from(["", "ordinary"])))}  # fmt: skip
    mine = replace(upper, rows=rows, area=CITY, mark="L", valid_from=DAY, **fields)
    return upper, replace(
        mine, rows=tuple(Rung(r.code, tuple(replace(one, mark="") for one in r.any_of)) for r in rows)
    )


def events() -> Iterator[dict[str, Value]]:
    """Every event of few people and little loss; what is told of it, in all ways that tables can tell apart."""
    few: tuple[float | None, ...] = (None, 0, 1, 2, 3, 4)
    for deaths, missing, loss, density in product(few, few, few, (None, "dense")):
        yield _known(deaths=deaths, missing=missing, loss_wan=loss, density=density)
    for together, loss, density in product(few[1:], few, (None, "dense")):
        yield _known(dead_missing=together, loss_wan=loss, density=density)
    for word, deaths, density in product(("severe", "some"), few, (None, "dense")):
        yield _known(loss_class=word, deaths=deaths, density=density)


def _known(**told: Value | None) -> dict[str, Value]:
    return {name: value for name, value in told.items() if value is not None}


EVENTS = tuple(events())


@settings(max_examples=120)
@given(pairs())
def test_refused_are_exactly_the_tables_that_grade_some_event_lower(found: tuple[GradeTable, GradeTable]) -> None:
    upper, mine = found
    binding = replace(
        upper, floor=upper.floor if upper.mark == "S" else "",
        rows=tuple(Rung(r.code, tuple(one for one in r.any_of if (one.mark or upper.mark) == "S")) for r in upper.rows),
    )  # fmt: skip
    known = [one for one in EVENTS if sound(one, upper) and sound(one, mine)]
    grades = [(grade_by(binding, one), grade_by(mine, one)) for one in known]
    worse = any(RANK[a.grade] > (RANK[b.grade] if b else 0) for a, b in grades if a)
    assert (lower(mine, (upper,), DAY) is not None) == worse


def sound(event: dict[str, Value], table: GradeTable) -> bool:
    """A sum told as such belongs to tables that don't add it up themselves."""
    return "dead_missing" not in event or "dead_missing" not in table.counted


def test_the_tables_made_up_here_are_not_all_faulty() -> None:
    assert not list(grade_faults(own("work_safety")))
    assert isinstance(shipped("work_safety").window, Window)
    assert Words("甲", "a").as_dict() == {"zh": "甲", "en": "a"}
