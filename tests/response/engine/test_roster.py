"""The year's roster: holes to the minute, the rest rule against a plain count of minutes, and what is made of crews."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from anlan.response.engine.roster import (
    BEIJING,
    ROLES,
    Calendar,
    Rest,
    Turn,
    faults,
    holes,
    slots,
    swap_faults,
    year_window,
)
from anlan.response.engine.roster_make import Absence, Crew, make, shares

HOUR = timedelta(hours=1)
REST = Rest(24 * HOUR, 8 * HOUR)
CHANGES = {"day_night": (time(8), time(20)), "full_day": (time(8),)}
START = datetime(2027, 6, 1, tzinfo=BEIJING)


def crews(number: int) -> list[Crew]:
    return [Crew(f"leader-{n}", f"main-{n}", f"second-{n}") for n in range(number)]


@given(
    year=st.integers(2020, 2040),
    pattern=st.sampled_from(sorted(CHANGES)),
    number=st.integers(4, 12),
    rest_h=st.integers(0, 11),
    off=st.sets(st.integers(0, 364), max_size=40),
    leave=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 355), st.integers(1, 10)), max_size=2),
)
@settings(max_examples=60)
@example(2028, "day_night", 4, 11, set(), [])
@example(2027, "full_day", 4, 11, set(range(0, 300, 7)), [(0, 100, 10), (1, 200, 10)])
def test_a_made_year_has_no_hole_keeps_the_rest_and_is_fair_within_one(
    year: int, pattern: str, number: int, rest_h: int, off: set[int], leave: list[tuple[int, int, int]]
) -> None:
    begins, ends = year_window(year)
    calendar = Calendar(frozenset(date(year, 1, 1) + timedelta(days=day) for day in off))
    away = [
        Absence(f"main-{who % number}", begins + timedelta(days=day), begins + timedelta(days=day + length))
        for who, day, length in leave
    ]
    places = slots(begins, ends, CHANGES[pattern], calendar)
    rule = Rest(24 * HOUR, rest_h * HOUR)
    made = make(places, crews(number), rule, away)
    assert holes(made.turns, begins, ends) == []
    assert faults(made.turns, rule) == []
    assert made.fair, made.spread
    for absence in away:
        there = [
            t for t in made.turns if t.main == absence.person and t.starts < absence.ends and t.ends > absence.starts
        ]
        assert there == []


@given(
    counts=st.dictionaries(
        st.tuples(st.booleans(), st.sampled_from(["work", "weekend", "holiday"])), st.integers(0, 300), min_size=1
    ),
    number=st.integers(1, 20),
)
def test_shares_lie_within_one_by_sort_by_night_by_day_and_in_all(
    counts: dict[tuple[bool, str], int], number: int
) -> None:
    found = shares(counts, number)
    for sort, total in counts.items():
        assert sum(mine[sort] for mine in found) == total
    families = [[s for s in counts if s == one] for one in counts]
    families += [[s for s in counts if s[0] is night] for night in (True, False)]
    families += [[s for s in counts if s[1] == kind] for kind in ("work", "weekend", "holiday")] + [list(counts)]
    for family in families:
        sums = [sum(mine[sort] for sort in family) for mine in found]
        assert max(sums) - min(sums) <= 1


def turns_of(spec: list[tuple[int, int, int, int, int, bool]]) -> list[Turn]:
    names = ["", "a", "b", "c"]
    return [
        Turn(START + timedelta(minutes=m), START + timedelta(minutes=m + long), names[x], names[y], names[z],
             "relief is cut off" if why else "")
        for m, long, x, y, z, why in spec
    ]  # fmt: skip


SOME_TURNS = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.integers(1, 1800),
        st.integers(0, 3),
        st.integers(0, 3),
        st.integers(0, 3),
        st.just(False),
    ),
    max_size=8,
).map(turns_of)


@given(turns=SOME_TURNS, low=st.integers(0, 2000), long=st.integers(1, 3000))
def test_holes_are_the_minutes_nobody_stands_in(turns: list[Turn], low: int, long: int) -> None:
    begins, ends = START + timedelta(minutes=low), START + timedelta(minutes=low + long)
    told = {role: set() for role in ROLES}
    found = holes(turns, begins, ends)
    for hole in found:
        first = int((hole.starts - START).total_seconds()) // 60
        for role in hole.roles:
            told[role] |= set(range(first, first + hole.minutes))
    for role in ROLES:
        held = {
            minute
            for turn in turns
            if turn.who(role)
            for minute in range(
                int((turn.starts - START).total_seconds()) // 60, int((turn.ends - START).total_seconds()) // 60
            )
        }
        assert told[role] == set(range(low, low + long)) - held
    assert all(a.ends <= b.starts and (a.ends < b.starts or a.roles != b.roles) for a, b in pairwise(found))


@given(turns=SOME_TURNS)
def test_faults_are_what_a_count_of_minutes_finds(turns: list[Turn]) -> None:
    found = faults(turns, REST)
    for person in "abc":
        count: dict[int, int] = {}
        for turn in turns:
            first, last = (int((at - START).total_seconds()) // 60 for at in (turn.starts, turn.ends))
            for _ in [role for role in ROLES if turn.who(role) == person]:
                for minute in range(first, last):
                    count[minute] = count.get(minute, 0) + 1
        mine = [fault for fault in found if fault.person == person]
        assert any(fault.kind == "double" for fault in mine) == any(n > 1 for n in count.values())
        runs: list[list[int]] = []
        for minute in sorted(count):
            if runs and runs[-1][1] == minute:
                runs[-1][1] = minute + 1
            else:
                runs.append([minute, minute + 1])
        long = {(a, b) for a, b in runs if b - a > 24 * 60}
        short = {(a[1], b[0]) for a, b in pairwise(runs) if b[0] - a[1] < 8 * 60}
        for kind, wanted in (("too_long", long), ("no_rest", short)):
            at = {
                tuple(int((m - START).total_seconds()) // 60 for m in fault[2:]) for fault in mine if fault.kind == kind
            }
            assert at == wanted, kind


def test_leap_years_and_the_short_first_turn() -> None:
    for year, minutes in ((2027, 525_600), (2028, 527_040)):
        begins, ends = year_window(year)
        places = slots(begins, ends, CHANGES["day_night"], Calendar())
        assert (ends - begins).total_seconds() / 60 == minutes
        assert places[0].ends - places[0].starts == 8 * HOUR
        assert places[0].night
        assert [p.night for p in places[1:4]] == [False, True, False]
        assert places[-1].ends == ends + 8 * HOUR
        assert len(places) == (ends - begins).days * 2 + 1


def test_summer_time_never_was() -> None:
    """China kept summer time from 1986 to 1991; a roster of today knows none, whatever the year."""
    begins, ends = year_window(1988)
    places = slots(begins, ends, CHANGES["full_day"], Calendar())
    assert {(p.ends - p.starts) for p in places[1:]} == {24 * HOUR}


def test_one_missing_minute_is_told() -> None:
    begins, ends = year_window(2028)
    made = make(slots(begins, ends, CHANGES["full_day"], Calendar()), crews(4), REST)
    cut = made.turns.copy()
    leap = next(at for at, turn in enumerate(cut) if turn.starts.date() == date(2028, 2, 29))
    cut[leap] = Turn(cut[leap].starts, cut[leap].ends - timedelta(minutes=1), *("x", "y", "z"))
    (hole,) = holes(cut, begins, ends)
    assert (hole.starts, hole.minutes, hole.roles) == (datetime(2028, 3, 1, 7, 59, tzinfo=BEIJING), 1, ROLES)
    cut[leap] = made.turns[leap].given("second", "")
    (hole,) = holes(cut, begins, ends)
    assert (hole.minutes, hole.roles) == (24 * 60, ("second",))


def test_a_swap_is_checked_against_the_rest_and_a_reason_sets_it_aside() -> None:
    begins = datetime(2027, 3, 1, 8, tzinfo=BEIJING)
    places = slots(begins, begins + timedelta(days=6), CHANGES["full_day"], Calendar())
    turns = make(places, crews(3), REST).turns
    first, after = turns[0], turns[1]
    taken = after.given("main", first.main)
    (fault,) = swap_faults(turns, {1: taken}, REST)
    assert (fault.kind, fault.person, fault.ends - fault.starts) == ("too_long", first.main, 48 * HOUR)
    assert swap_faults(turns, {1: after.given("main", first.main, "the road is cut, nobody can come")}, REST) == []
    third = next(at for at, turn in enumerate(turns) if turn.main == turns[2].main and at > 2)
    assert swap_faults(turns, {2: turns[2].given("main", turns[third].main)}, REST) == []


def test_too_few_crews_leave_a_hole_and_never_break_the_rest() -> None:
    begins, ends = year_window(2027)
    places = slots(begins, ends, CHANGES["day_night"], Calendar())
    made = make(places, crews(1), REST)
    assert faults(made.turns, REST) == []
    assert sum(hole.minutes for hole in holes(made.turns, begins, ends)) > 200_000


def test_who_served_last_year_rests_before_the_first_turn() -> None:
    begins, ends = year_window(2027)
    last = Turn(begins - 4 * HOUR, begins + 8 * HOUR, *crews(4)[0])
    made = make(slots(last.ends, ends, CHANGES["day_night"], Calendar()), crews(4), REST, before=[last])
    assert made.crews[0] != 0
    assert faults([last, *made.turns], REST) == []
