"""Every row of the table of report clocks through the services, under the drill's clock: owed by whom, breached at its minute
and not a second before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.response.formats.report_packs import report_rules
from anlan.response.models import Incident, ReportBreach, ReportDuty
from anlan.response.services import (
    Told,
    Where,
    casualty_enter,
    correction_owed,
    disaster_stable,
    figure_set,
    incident_open,
    incident_owed,
    report_file,
)
from anlan.response.services.report_duties import duties_start
from anlan.response.tasks import sweep
from tests.response.reporting import T0, DrillClock, accident, flood
from tests.response.scene import SCENE, SYSTEM

pytestmark = pytest.mark.django_db

HENAN, SHANDONG, HEBEI = "410182", "370102", "130102"
DAY = 24 * 60
MIDNIGHT = 14 * 60  # the drill begins at ten in the morning

Case = tuple[str, int]  # who owes, minutes from the start
Made = dict[str, set[Case]]


def by_rule(made: Any) -> Made:
    """rule → (who, minutes from the start) of what is owed now."""
    found: Made = {}
    for duty in made.filter(next_due_at__isnull=False, ended_at__isnull=True):
        minutes = (duty.next_due_at - T0).total_seconds() / 60
        found.setdefault(duty.rule, set()).add((duty.division, int(minutes)))
    return found


def owing(grade: str, division: str, code: str = "12D00") -> Incident:
    row = accident(grade, division, code)
    incident_owed(by=SYSTEM, incident=row, at=clock.now())
    return row


def works(kind: str, *, major: bool) -> Incident:
    title = {"zh": "水库险情", "en": "Danger at a dam"}
    row = incident_open(by=SCENE, kind=kind, title=title, division=HENAN, source="水利局", type_code="11A03")
    row.details = {"major": major}
    row.save(update_fields=["details"])
    incident_owed(by=SYSTEM, incident=row, at=clock.now())
    return row


def first(row: Incident, form: str = "written") -> None:
    report_file(
        by=SCENE,
        division=row.division,
        figures={},
        kind="first",
        incident=row.pk,
        told=Told(form=form, channel="phone"),
    )


# --- what is owed, row by row: (what happens, rule, who, minutes) ---------------------------------------------------

ACCIDENTS: list[tuple[str, str, str, str, int]] = [
    (HENAN, "especially_serious", "henan_phone", HENAN, 15),
    (HENAN, "especially_serious", "henan_written_serious", HENAN, 35),
    (HENAN, "especially_serious", "unit_first", HENAN, 60),
    (HENAN, "serious", "henan_phone", HENAN, 15),
    (HENAN, "serious", "henan_written_serious", HENAN, 35),
    (HENAN, "serious", "henan_follow", HENAN, 7 * 60),  # before 17:00, then before 08:00
    (HENAN, "serious", "public_first", "41", 300),
    (HENAN, "serious", "press", "41", DAY),
    (HENAN, "serious", "investigation", "41", 60 * DAY),
    (HENAN, "relatively_serious", "henan_written_relative", HENAN, 60),
    (HENAN, "relatively_serious", "henan_follow", HENAN, 7 * 60),
    (HENAN, "relatively_serious", "investigation", "4101", 60 * DAY),
    (HENAN, "ordinary", "henan_written_ordinary", HENAN, 360),
    (HENAN, "ordinary", "follow_once", HENAN, MIDNIGHT),
    (HENAN, "ordinary", "investigation", HENAN, 60 * DAY),
    (SHANDONG, "ordinary", "shandong_direct", SHANDONG, 30),
    (SHANDONG, "relatively_serious", "shandong_direct", SHANDONG, 30),
    (SHANDONG, "relatively_serious", "shandong_written", SHANDONG, 60),
    (SHANDONG, "especially_serious", "shandong_written", SHANDONG, 60),
    (SHANDONG, "especially_serious", "follow_twice", SHANDONG, 120),  # before noon, then before midnight
    (SHANDONG, "relatively_serious", "follow_once", SHANDONG, MIDNIGHT),
    (HEBEI, "ordinary", "department_steps", HEBEI, 120),
    (HEBEI, "especially_serious", "department_steps", HEBEI, 120),
    (HEBEI, "serious", "follow_twice", HEBEI, 120),
    (HEBEI, "ordinary", "unit_first", HEBEI, 60),
]


@pytest.fixture
def accidents(drill: DrillClock) -> Iterator[dict[tuple[str, str], Incident]]:
    """One accident of each area and grade that stands in the list, all at the same moment."""
    yield {(area, grade): owing(grade, area) for area, grade in dict.fromkeys((c[0], c[1]) for c in ACCIDENTS)}


def test_every_row_on_accidents_is_owed_and_breached_to_the_second(
    drill: DrillClock, accidents: dict[tuple[str, str], Incident]
) -> None:
    for area, grade, rule, who, minutes in ACCIDENTS:
        made = by_rule(ReportDuty.objects.filter(incident=accidents[area, grade]))
        assert made.get(rule) == {(who, minutes)}, (area, grade, rule)
    day = [case for case in ACCIDENTS if case[4] <= DAY]
    for minutes in sorted({case[4] for case in day}):
        due = T0 + timedelta(minutes=minutes)
        mine = [case for case in day if case[4] == minutes]
        drill.to(due - timedelta(seconds=1))
        sweep(clock.now())
        assert not broken(accidents, mine, due)
        drill.to(due)
        sweep(clock.now())
        assert broken(accidents, mine, due) == set(mine)


def broken(rows: dict[tuple[str, str], Incident], cases: list[Any], due: datetime) -> set[Any]:
    """Those of the cases that stand as a breach at exactly their minute."""
    return {
        case
        for case in cases
        if ReportBreach.objects.filter(
            duty__incident=rows[case[0], case[1]], duty__rule=case[2], division=case[3], due_at=due
        ).exists()
    }


# --- what follows upon a report or a fact -----------------------------------------------------------------------------


def climbs(drill: DrillClock) -> Made:
    """The statute's steps: each level has two hours from when it was told; then the province's half hour and hour."""
    row = owing("serious", HEBEI)
    drill.to(T0 + timedelta(minutes=60))
    first(row)
    return by_rule(ReportDuty.objects.filter(incident=row))


def to_the_centre(drill: DrillClock) -> Made:
    row = owing("serious", HENAN)
    drill.to(T0 + timedelta(minutes=12))
    first(row)
    return by_rule(ReportDuty.objects.filter(incident=row))


def flood_to_the_centre(drill: DrillClock) -> Made:
    row = works("piping", major=True)
    row.grade = "serious"
    row.save(update_fields=["grade"])
    drill.to(T0 + timedelta(minutes=10))
    first(row)
    return by_rule(ReportDuty.objects.filter(incident=row))


def casualties(drill: DrillClock) -> Made:
    row = owing("ordinary", HENAN)
    figure_set(by=SCENE, incident=row.pk, metric="deaths", value=1, as_of=drill.now, source="县局")
    run_until_quiet(strict=True)
    first(row)
    drill.to(T0 + timedelta(hours=3))
    figure_set(by=SCENE, incident=row.pk, metric="deaths", value=2, as_of=drill.now, source="县局")
    run_until_quiet(strict=True)
    return by_rule(ReportDuty.objects.filter(incident=row))


def investigated(grade: str, days: int, *, decided: bool = False) -> Callable[[DrillClock], Made]:
    def happens(drill: DrillClock) -> Made:
        row = owing(grade, HENAN)
        who = {"serious": "41", "relatively_serious": "4101"}.get(grade, HENAN)
        drill.to(T0 + timedelta(days=days))
        for kind in ("investigation", "approval") if decided else ("investigation",):
            report_file(by=SCENE, division=who, figures={}, kind=kind, incident=row.pk)
        return by_rule(ReportDuty.objects.filter(incident=row))

    return happens


def at_works(major: bool) -> Callable[[DrillClock], Made]:
    return lambda drill: by_rule(ReportDuty.objects.filter(incident=works("piping", major=major)))


def disaster(drill: DrillClock) -> Made:
    return by_rule(ReportDuty.objects.filter(disaster=flood("4101")))


def ten_missing(drill: DrillClock) -> Made:
    row = flood("4101")
    drill.to(T0 + timedelta(minutes=30))
    report_file(by=SCENE, division=HENAN, disaster=row.pk, figures={"dead": 4, "missing": 6}, kind="first")
    return by_rule(ReportDuty.objects.filter(disaster=row))


def stable(drill: DrillClock) -> Made:
    row = flood("41")
    disaster_stable(by=SCENE, disaster=row.pk, note="雨停水退")
    return by_rule(ReportDuty.objects.filter(disaster=row))


FOLLOWS: list[tuple[Callable[[DrillClock], Made], str, Case | None]] = [
    (climbs, "department_steps", ("1301", 60 + 120)),
    (to_the_centre, "state_phone", ("41", 12 + 30)),
    (to_the_centre, "state_written", ("41", 12 + 60)),
    (flood_to_the_centre, "state_phone_natural", ("41", 10 + 30)),
    (flood_to_the_centre, "state_written_natural", ("41", 10 + 60)),
    (casualties, "correction", (HENAN, MIDNIGHT)),
    (investigated("ordinary", 30), "approval", (HENAN, 45 * DAY)),
    (investigated("relatively_serious", 60), "approval", ("4101", 75 * DAY)),
    (investigated("serious", 60), "approval", ("41", 75 * DAY)),
    (investigated("especially_serious", 60), "approval_grave", None),  # the State Council's: above every node
    (investigated("serious", 60, decided=True), "evaluation", ("41", (60 + 365) * DAY)),
    (investigated("ordinary", 1, decided=True), "evaluation", (HENAN, (1 + 365) * DAY)),
    (at_works(False), "works_first", (HENAN, 60)),
    (at_works(True), "works_major", (HENAN, 30)),
    (disaster, "disaster_first", (HENAN, 120)),
    (disaster, "disaster_zero_county", (HENAN, DAY)),
    (disaster, "disaster_zero_city", ("4101", DAY)),
    (ten_missing, "disaster_serious", (HENAN, 30 + 120)),
    (stable, "verified_county", (HENAN, 5 * DAY)),
    (stable, "verified_city", ("4101", 8 * DAY)),
    (stable, "verified_province", ("41", 11 * DAY)),
]


@pytest.mark.parametrize(
    ("happens", "rule", "wanted"), FOLLOWS, ids=[f"{n}-{rule}" for n, (_, rule, _w) in enumerate(FOLLOWS)]
)
def test_every_other_row_is_owed_by_its_level_and_breached_at_its_minute(
    drill: DrillClock, happens: Callable[[DrillClock], Made], rule: str, wanted: Case | None
) -> None:
    made = happens(drill)
    if wanted is None:
        assert rule not in made
        return
    assert wanted in made[rule]
    due = T0 + timedelta(minutes=wanted[1])
    others = ReportDuty.objects.exclude(rule=rule, division=wanted[0])
    others.update(next_due_at=None)  # months of daily reports would only take the test's time
    for moment, stands in ((due - timedelta(seconds=1), False), (due, True)):
        drill.to(moment)
        sweep(moment)
        breach = ReportBreach.objects.filter(duty__rule=rule, division=wanted[0], due_at=due)
        assert breach.exists() is stands


def test_a_response_asks_each_county_daily(drill: DrillClock, plan: Any) -> None:
    duties_start(by=SYSTEM, plan=plan, level=4, track="main", at=T0)
    rows = ReportDuty.objects.filter(rule="response_zero")
    assert (HENAN, DAY) in by_rule(rows)["response_zero"]
    drill.to(T0 + timedelta(minutes=DAY))
    sweep(clock.now())
    assert ReportBreach.objects.filter(duty__rule="response_zero", division=HENAN, due_at=clock.now()).exists()


@pytest.mark.parametrize(("code", "days"), [("12D00", 30), ("12G00", 7), ("12H00", 7)])
def test_the_window_of_corrections_ends_on_its_day(drill: DrillClock, code: str, days: int) -> None:
    row = accident("ordinary", HENAN, code)
    assert correction_owed(by=SYSTEM, incident=row, at=T0 + timedelta(days=days))
    assert not correction_owed(by=SYSTEM, incident=row, at=T0 + timedelta(days=days, minutes=1))


def test_people_on_the_spot_may_report_straight_up_and_owe_nothing(drill: DrillClock) -> None:
    assert report_rules().rule("site_direct") is not None
    assert "site_direct" not in by_rule(ReportDuty.objects.filter(incident=owing("serious", HENAN)))
    one = casualty_enter(
        by=SCENE,
        division=HENAN,
        kind="dead",
        place=Where("厂区"),
        source="现场人员",
        reporter="班组长",
        incident=owing("ordinary", HENAN).pk,
    )
    assert one.pk


def test_no_row_of_the_table_is_left_out() -> None:
    tested = {case[2] for case in ACCIDENTS} | {rule for _, rule, _ in FOLLOWS} | {"response_zero", "site_direct"}
    assert {rule.code for rule in report_rules().rules} == tested
