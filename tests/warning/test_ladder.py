"""The ladder: nobody lost, nobody doubled, exact times, whatever the order of answers and sweeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from anlan.warning import rules
from anlan.warning.engine import answering, ladder
from anlan.warning.engine.ladder import Contact, LadderRule, Route, Standing

T0 = datetime(2021, 7, 19, 14, 0, tzinfo=UTC)
RULE = LadderRule("t", "", "red", (0, 24), (), ("voice",), 900, ("A", "B", "superior", "duty"))


def contact(n: int) -> Contact:
    return Contact(UUID(int=n), f"P{n}", "village_head", UUID(int=100 + n))


FULL = ladder.route_for(RULE, {"A": [contact(1)], "B": [contact(2)], "superior": [contact(3)], "duty": [contact(4)]})


def steps_of(route: Route) -> list[tuple[str, list[str]]]:
    return [(rung.holder, [str(c.person) for c in rung.contacts]) for rung in route]


DUES = [T0 + timedelta(minutes=15 * n) for n in (1, 2, 3, 4)]


def test_red_climbs_every_quarter_hour_to_the_end() -> None:
    moves = ladder.advance(FULL, ladder.begin(FULL, T0), T0 + timedelta(hours=5))
    assert [m.at for m in moves] == [T0 + timedelta(minutes=15 * n) for n in (1, 2, 3, 4)]
    assert [(m.to.state, m.to.step) for m in moves] == [
        ("escalated", 1),
        ("escalated", 2),
        ("escalated", 3),
        ("exhausted", 3),
    ]
    assert moves[-1].to.due_at is None


def test_nothing_falls_due_early() -> None:
    assert ladder.due(FULL, ladder.begin(FULL, T0), T0 + timedelta(seconds=899)) is None


def test_a_vacant_step_is_left_out_and_nobody_is_called_twice() -> None:
    route = ladder.route_for(RULE, {"A": [contact(1)], "superior": [contact(1), contact(3)], "duty": [contact(3)]})
    assert [(r.holder, [c.post_code for c in r.contacts]) for r in route] == [("A", ["P1"]), ("superior", ["P3"])]


def test_with_nobody_to_call_the_call_is_exhausted_at_once() -> None:
    assert ladder.begin((), T0) == Standing("exhausted", 0, T0, None)


def test_the_pack_says_who_hears_what() -> None:
    pack = rules.ladders().rules
    by = {c: ladder.rule_for(pack, "11B03", c, 12) for c in ("blue", "yellow", "orange", "red")}
    assert by["red"] and by["red"].limit("A") == 900 and "school_head" in by["red"].roles
    assert by["orange"] and by["orange"].limit("B") == 1800 and "village_head" in by["orange"].roles
    for quiet in ("blue", "yellow"):
        rule = by[quiet]
        assert rule and set(rule.roles) == {"county_duty", "township_duty"} and rule.steps == ("A",)
    night = ladder.rule_for(pack, "11B03", "red", 23)
    assert night and night.code == "red-night" and "app" not in night.channels
    water = ladder.rule_for(pack, "11A03", "orange", 3)
    assert water and water.code == "orange-water"


@given(st.lists(st.integers(0, 90), max_size=30))
def test_late_sweeps_find_the_same_steps_as_early_ones(minutes: list[int]) -> None:
    end = T0 + timedelta(minutes=90)
    whole = ladder.advance(FULL, ladder.begin(FULL, T0), end)
    standing, found = ladder.begin(FULL, T0), []
    for minute in [*sorted(minutes), 90]:
        moves = ladder.advance(FULL, standing, T0 + timedelta(minutes=minute))
        found.extend(moves)
        standing = moves[-1].to if moves else standing
    assert tuple(found) == whole


Act = tuple[str, int, int]


@given(
    st.lists(st.tuples(st.sampled_from(["answer", "sweep"]), st.integers(0, 80), st.integers(0, 3)), max_size=40),
    st.sampled_from([FULL, FULL[:1], FULL[1:3], ()]),
)
def test_no_call_is_lost_or_doubled(acts: list[Act], route: Route) -> None:
    """Answers and sweeps in any order: each answer counts once, the call ends, steps only go up."""
    standing, taken, climbed = ladder.begin(route, T0), [], []
    for kind, minute, who in acts:
        now = T0 + timedelta(minutes=minute)
        if kind == "sweep":
            moves = ladder.advance(route, standing, now) if not taken else ()
            climbed.extend(m.to.step for m in moves if m.to.state == "escalated")
            standing = moves[-1].to if moves else standing
        elif route:
            person = str(route[min(who, len(route) - 1)].contacts[0].person)
            got = answering.accept(
                answering.Given("received", now, person),
                steps=steps_of(route),
                step=standing.step,
                dues=DUES,
                taken=taken,
            )
            if got is not None:
                taken.append(got.entry)
    assert climbed == sorted(set(climbed))
    assert len({entry["key"] for entry in taken}) == len(taken)
    last = ladder.advance(route, standing, T0 + timedelta(days=1))
    final = last[-1].to if last else standing
    assert taken or final.state == "exhausted"


def test_the_same_answer_counts_once_and_a_late_one_says_how_late() -> None:
    first = answering.Given("received", T0 + timedelta(minutes=20), str(contact(1).person))
    got = answering.accept(first, steps=steps_of(FULL), step=1, dues=DUES, taken=[])
    assert got is not None and (got.holder, got.late_s, got.first) == ("A", 300, True)
    assert answering.accept(first, steps=steps_of(FULL), step=2, dues=DUES, taken=[got.entry]) is None
    acting = answering.Given("acting", T0 + timedelta(minutes=25), str(contact(2).person))
    second = answering.accept(acting, steps=steps_of(FULL), step=1, dues=DUES, taken=[got.entry])
    assert second is not None and (second.holder, second.late_s, second.first) == ("B", 0, False)
