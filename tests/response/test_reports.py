"""Reports through the services: clocks that run, what meets them, breaches seen above, receipts, refusals."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response.models import Report, ReportDuty, ReportReceipt
from anlan.response.selectors import breaches
from anlan.response.services import (
    Told,
    Where,
    casualty_enter,
    correction_owed,
    disaster_close,
    disaster_stable,
    incident_open,
    incident_owed,
    report_acknowledge,
    report_ask,
    report_extend,
    report_file,
)
from anlan.response.services.disasters import _below
from anlan.response.tasks import sweep
from tests.response.reporting import T0, DrillClock, accident, flood, owed_by
from tests.response.scene import SCENE, SYSTEM, kinds, person

pytestmark = pytest.mark.django_db
# --- the clocks run under the drill's clock -------------------------------------------------------------------------

ROWS = [
    ("410182", "especially_serious", {"henan_phone": 15, "henan_written_serious": 35}),
    ("410182", "serious", {"henan_phone": 15, "henan_written_serious": 35}),
    ("410182", "relatively_serious", {"henan_written_relative": 60}),
    ("410182", "ordinary", {"henan_written_ordinary": 360}),
    ("370102", "ordinary", {"shandong_direct": 30}),
    ("370102", "serious", {"shandong_direct": 30, "shandong_written": 60}),
    ("130102", "serious", {"department_steps": 120}),
]


@pytest.mark.parametrize(("division", "grade", "limits"), ROWS)
def test_each_first_report_is_breached_at_its_minute_and_not_before(
    drill: DrillClock, division: str, grade: str, limits: dict[str, int]
) -> None:
    row = accident(grade, division)
    incident_owed(by=SYSTEM, incident=row, at=drill.now)
    assert limits.items() <= owed_by(row).items()
    for rule, minutes in limits.items():
        due = T0 + timedelta(minutes=minutes)
        drill.to(due - timedelta(seconds=1))
        sweep(clock.now())
        assert rule not in {breach["rule"] for breach in breaches(Scope((division[:2],)))}
        drill.to(due + timedelta(minutes=3))  # however late the sweeper comes, the breach is at the minute
        sweep(clock.now())
        mine = [breach for breach in breaches(Scope((division[:2],))) if breach["rule"] == rule]
        assert [datetime.fromisoformat(breach["due_at"]) for breach in mine] == [due]


def test_phone_then_written_and_the_follow_ups_of_henan(drill: DrillClock) -> None:
    row = accident("serious")
    incident_owed(by=SYSTEM, incident=row, at=drill.now)
    desk = person("410182.duty", "duty")
    drill.to(T0 + timedelta(minutes=12))
    report_file(by=desk, division="410182", figures={"dead": 10}, kind="first", incident=row.pk,
                told=Told(form="phone", channel="phone"))  # fmt: skip
    assert {"henan_phone"}.isdisjoint(owed_by(row))
    assert owed_by(row)["henan_written_serious"] == 35
    drill.to(T0 + timedelta(minutes=30))
    second = report_file(by=desk, division="410182", figures={}, kind="first", incident=row.pk)
    assert second.standing == {"dead": 10}
    assert "henan_written_serious" not in owed_by(row)
    assert owed_by(row)["henan_follow"] == 7 * 60
    # it reached the city and the province at once, and the province now has its own half hour
    assert {(r.level, r.skip) for r in ReportReceipt.objects.filter(report=second)} == {("4101", False), ("41", True)}
    assert owed_by(row)["state_phone"] == 12 + 30
    drill.to(T0 + timedelta(hours=6))
    report_file(by=desk, division="410182", figures={"dead": 11}, kind="follow", incident=row.pk)
    sweep(T0 + timedelta(days=1))
    mine = [b for b in breaches(Scope(("4101",))) if b["rule"] == "henan_follow"]
    assert [datetime.fromisoformat(b["due_at"]) for b in mine] == [T0.replace(hour=8) + timedelta(days=1)]
    assert all(b["division"] == "410182" for b in mine)


def test_a_rising_grade_brings_the_graver_clocks_and_ends_the_milder(drill: DrillClock) -> None:
    row = accident("ordinary")
    incident_owed(by=SYSTEM, incident=row, at=drill.now)
    drill.to(T0 + timedelta(hours=2))
    row.grade = "serious"
    row.save(update_fields=["grade"])
    incident_owed(by=SYSTEM, incident=row, at=drill.now)
    found = owed_by(row)
    assert found["henan_phone"] == 120 + 15
    assert "henan_written_ordinary" not in found
    assert "follow_once" not in found
    assert found["public_first"] == 300  # five hours from knowing, not from the grade
    assert incident_owed(by=SYSTEM, incident=row, at=drill.now) == []  # asked again, nothing more
    assert len(kinds("report.no_more_owed")) == 1


def test_a_class_at_the_opening_starts_the_clocks_by_itself(drill: DrillClock) -> None:
    row = accident("ordinary")
    run_until_quiet(strict=True)
    assert owed_by(row)["henan_written_ordinary"] == 360
    plain = incident_open(by=SCENE, kind="other", title={"zh": "x", "en": "x"}, division="410182", source="110")
    run_until_quiet(strict=True)
    assert owed_by(plain) == {}


def test_corrections_within_the_window_and_the_long_clocks(drill: DrillClock) -> None:
    row = accident("ordinary", code="12H01")
    incident_owed(by=SYSTEM, incident=row, at=drill.now)
    assert owed_by(row)["investigation"] == 60 * 24 * 60
    assert [d.rule for d in correction_owed(by=SYSTEM, incident=row, at=T0 + timedelta(days=7))] == ["correction"]
    assert correction_owed(by=SYSTEM, incident=row, at=T0 + timedelta(days=7, minutes=1)) == []  # traffic: seven days
    duty = ReportDuty.objects.get(incident=row, rule="investigation")
    desk = person("410182.duty", "duty")
    assert report_extend(by=desk, duty=duty.pk, days=60, reason="需技术鉴定").next_due_at == T0 + timedelta(days=120)
    with pytest.raises(Invalid), transaction.atomic():
        report_extend(by=desk, duty=duty.pk, days=1, reason="再延")
    drill.to(T0 + timedelta(days=100))
    report_file(by=desk, division="410182", figures={}, kind="investigation", incident=row.pk)
    assert owed_by(row)["approval"] == 100 * 24 * 60 + 15 * 24 * 60
    report_file(by=desk, division="410182", figures={}, kind="approval", incident=row.pk)
    assert owed_by(row)["evaluation"] == (100 + 365) * 24 * 60


def test_the_unit_reports_for_itself(drill: DrillClock) -> None:
    row = accident("ordinary")
    incident_owed(by=SYSTEM, incident=row, at=drill.now)
    desk = person("410182.duty", "duty")
    report_file(
        by=desk, division="410182", figures={}, kind="first", incident=row.pk, told=Told(form="phone", by="unit")
    )
    assert "unit_first" not in owed_by(row)
    assert "henan_written_ordinary" in owed_by(row)  # the county still owes its own


# --- disasters --------------------------------------------------------------------------------------------------------


def test_a_disaster_asks_every_county_and_city(drill: DrillClock) -> None:
    row = flood()
    below = _below("41")
    assert below["county"]
    made = ReportDuty.objects.filter(disaster=row)
    assert made.filter(rule="disaster_first").count() == len(below["county"])
    assert made.filter(rule="disaster_zero_city").count() == len(below["city"])
    assert {duty.post.division for duty in made if duty.post} <= {duty.division for duty in made}
    drill.to(T0 + timedelta(days=3))
    sweep(clock.now())
    disaster_stable(by=SCENE, disaster=row.pk, note="雨停水退")
    left = ReportDuty.objects.filter(disaster=row, ended_at__isnull=True, next_due_at__isnull=False)
    days = {(len(duty.division), (duty.next_due_at - drill.now).days) for duty in left}
    assert days == {(6, 5), (4, 8), (2, 11)}
    with pytest.raises(Conflict) as refused, transaction.atomic():
        disaster_close(by=SCENE, disaster=row.pk, note="核定")
    assert refused.value.code == "disaster.verified_owed"


def test_hard_findings_refuse_and_soft_ones_travel_along(drill: DrillClock) -> None:
    row = flood()
    desk = person("410182.duty", "duty")
    told = {"by": desk, "division": "410182", "disaster": row.pk}
    with pytest.raises(Invalid) as refused, transaction.atomic():
        report_file(**told, kind="first", figures={"affected": 5, "dead": 6})
    assert (refused.value.code, refused.value.field) == ("report.less_than_part", "dead")
    first = report_file(**told, kind="first", figures={"affected": 500, "dead": 2})
    assert [finding["code"] for finding in first.findings] == ["report.ledger"]  # soft before the end
    with pytest.raises(Invalid) as refused, transaction.atomic():
        report_file(**told, kind="verified", figures={})
    assert refused.value.code == "report.ledger"
    for _ in range(2):
        casualty_enter(by=desk, division="410182", kind="dead", place=Where("村口"), source="村民", reporter="灾害信息员",
                       disaster=row.pk)  # fmt: skip
    last = report_file(**told, kind="verified", figures={})
    assert (last.seq, last.standing, last.findings) == (2, {"affected": 500, "dead": 2}, [])
    with pytest.raises(Invalid) as refused, transaction.atomic():
        report_file(**told, kind="follow", figures={"dead": 1})
    assert refused.value.code == "report.fall_without_reason"
    with pytest.raises(Forbidden), transaction.atomic():
        report_file(by=desk, division="410181", disaster=row.pk, figures={})
    assert Report.objects.filter(disaster=row).count() == 2


def test_a_repeat_with_the_senders_key_is_taken_once(drill: DrillClock) -> None:
    row = flood()
    told = Told(ref="a1")
    one, two = (
        report_file(by=SCENE, division="410182", disaster=row.pk, figures={"affected": 1}, kind="first", told=told)
        for _ in range(2)
    )
    assert one.pk == two.pk
    assert len(kinds("report.filed")) == 1
    with pytest.raises(Conflict) as refused, transaction.atomic():
        report_file(by=SCENE, division="410182", disaster=flood().pk, figures={"affected": 1}, kind="first", told=told)
    assert (refused.value.code, refused.value.field) == ("report.ref_used", "ref")


def test_ten_dead_go_to_the_ministry_at_the_same_time(drill: DrillClock) -> None:
    row = flood()
    report_file(by=SCENE, division="410182", disaster=row.pk, figures={"dead": 7, "missing": 2}, kind="first")
    assert not ReportDuty.objects.filter(rule="disaster_serious").exists()
    report_file(by=SCENE, division="410182", disaster=row.pk, figures={"dead": 8}, kind="follow")
    duty = ReportDuty.objects.get(rule="disaster_serious")
    assert (duty.division, duty.to, duty.next_due_at) == (
        "410182",
        ["city", "province", "state"],
        T0 + timedelta(hours=2),
    )
    third = report_file(by=SCENE, division="410182", disaster=row.pk, figures={"dead": 9}, kind="first")
    levels = ReportReceipt.objects.filter(report=third).order_by("-level").values_list("level", flat=True)
    assert list(levels) == ["4101", "41", ""]


def test_who_knew_when(drill: DrillClock) -> None:
    row = flood()
    report = report_file(by=SCENE, division="410182", disaster=row.pk, figures={"affected": 1}, kind="first")
    city = person("4101.duty", "duty")
    drill.to(T0 + timedelta(minutes=9))
    assert report_acknowledge(by=city, reports=[report.pk], level="4101") == 1
    drill.to(T0 + timedelta(minutes=20))
    assert report_acknowledge(by=city, reports=[report.pk], level="4101") == 0  # the first time counts
    receipt = ReportReceipt.objects.get(report=report)
    assert (receipt.received_at, receipt.acknowledged_at) == (T0, T0 + timedelta(minutes=9))
    assert receipt.acknowledged_by == city.name
    with pytest.raises(Forbidden), transaction.atomic():
        report_acknowledge(by=person("410182.duty", "duty"), reports=[report.pk], level="4101")
    with pytest.raises(NotFound), transaction.atomic():
        report_acknowledge(by=person("41.duty", "duty"), reports=[report.pk], level="41")


def test_a_superior_asks_to_verify_and_only_the_answer_meets_it(drill: DrillClock) -> None:
    row = flood()
    city = person("4101.duty", "duty")
    duty = report_ask(by=city, division="410182", words="死亡人数与殡葬登记不符", fields=["dead"], disaster=row.pk,
                      due_at=T0 + timedelta(hours=1))  # fmt: skip
    report_file(by=SCENE, division="410182", disaster=row.pk, figures={"affected": 9}, kind="follow")
    duty.refresh_from_db()
    assert duty.met_at is None
    drill.to(T0 + timedelta(hours=2))
    sweep(clock.now())
    assert [b["rule"] for b in breaches(Scope(("4101",)))].count("asked") == 1
    report_file(by=SCENE, division="410182", disaster=row.pk, figures={}, kind="recheck")
    duty.refresh_from_db()
    assert duty.met_at == drill.now
    assert next(b for b in breaches(Scope(("41",))) if b["rule"] == "asked")["made_good_at"]
    with pytest.raises(Invalid), transaction.atomic():
        report_ask(by=city, division="410182", words=" ", disaster=row.pk, due_at=T0 + timedelta(hours=9))
    with pytest.raises(Invalid, match="60 days") as far, transaction.atomic():
        report_ask(by=city, division="410182", words="核实", disaster=row.pk, due_at=T0 + timedelta(days=366))
    assert far.value.field == "due_at"
