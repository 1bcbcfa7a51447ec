"""Incidents at their edges: callers nobody named, two counties under one number, a person's grade, splits, undone merges."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response import services as do
from anlan.response.engine.metrics import condition_words
from anlan.response.engine.moment_said import moment_said
from anlan.response.engine.numerals import plain
from anlan.response.formats.relief_table import relief_table
from anlan.response.models import Claim, Incident, IncidentFigure, IncidentGrade, Level, LevelProposal, ReportDuty, Task
from anlan.response.services.considering import quiet_set
from anlan.response.tasks import next_due, sweep
from tests.response.accidents import accident, dead, grades, minute
from tests.response.events_scene import event, load
from tests.response.scene import BEIJING, RED, SCENE, SYSTEM, kinds, person

pytestmark = pytest.mark.django_db


def called(deaths: int, at: float) -> Any:
    """Somebody rings who gives no name."""
    said = do.Said(what="厂房坍塌", type_code="12F00", casualties={"deaths": deaths})
    return do.incident_receive(by=SCENE, door="phone", division="410182", said=said, at=minute(at))


def test_a_second_caller_who_says_less_is_taken_beside_the_first() -> None:
    incident = do.intake_open(by=SCENE, intake=called(3, 1).pk, at=minute(2))
    do.intake_join(by=SCENE, intake=called(2, 3).pk, incident=incident.pk, at=minute(4))
    incident.refresh_from_db()
    assert (incident.grade, incident.contradicted) == ("relatively_serious", True)
    assert list(IncidentFigure.objects.order_by("seq").values_list("value", "disputed")) == [(3, False), (2, True)]


def test_two_counties_may_not_share_a_number_and_neither_touches_the_other() -> None:
    said = do.Said(what="起火")
    for county in ("410181", "410182"):
        by = person(f"{county}.duty", "duty")
        told = {"by": by, "door": "transfer", "division": county, "said": said, "source_ref": "1", "at": minute(1)}
        if county == "410181":
            do.incident_receive(**told, source_system="119")
        else:
            with pytest.raises(Conflict) as taken, transaction.atomic():
                do.incident_receive(**told, source_system="119")
            assert (taken.value.code, taken.value.field) == ("intake.ref_taken", "source_ref")
            assert do.incident_receive(**told, source_system="荥阳119").revision == 1


def test_what_was_found_untrue_owes_nothing_and_nothing_is_proposed_for_it() -> None:
    load("hazchem")
    leak = event("other", "12D00", "液氯泄漏", "410182", deaths=3)
    assert LevelProposal.objects.filter(incident=leak, state="open").exists()
    assert ReportDuty.objects.filter(incident=leak, kind="first", ended_at__isnull=True).exists()
    do.incident_verify(
        by=SYSTEM, incident=leak.pk, true=False, reason="演习被误报", at=leak.opened_at + timedelta(minutes=5)
    )
    run_until_quiet(strict=True)
    assert not LevelProposal.objects.filter(incident=leak, state="open").exists()
    assert not ReportDuty.objects.filter(incident=leak, kind="first", ended_at__isnull=True).exists()
    assert [kind for kind, _ in kinds("incident.verified", "incident.closed")] == [
        "incident.verified",
        "incident.closed",
    ]


def test_what_goes_on_in_another_is_neither_closed_nor_verified() -> None:
    one, two = accident(), accident(1)
    do.incident_merge(by=SCENE, incident=one.pk, into=two.pk, reason="同一起", at=minute(2))
    for act in (
        lambda: do.incident_close(by=SCENE, incident=one.pk, reason="x", at=minute(3)),
        lambda: do.incident_verify(by=SCENE, incident=one.pk, true=False, reason="x", at=minute(3)),
    ):
        with pytest.raises(Conflict, match=r"incident\.merged"), transaction.atomic():
            act()
    assert Incident.objects.get(pk=one.pk).state == "merged"


def test_a_person_s_grade_stands_when_a_figure_falls_and_rises_again() -> None:
    incident = accident()
    dead(incident, 3, 5)
    do.grade_confirm(
        by=person("410182.duty", "duty"), incident=incident.pk, grade="ordinary", reason="系旧案", at=minute(6)
    )
    dead(incident, 2, 7, reason="一人身份核错")
    dead(incident, 3, 8)  # the table says what it said when the person decided
    assert grades(incident)[-1] == ("ordinary", "kept")
    dead(incident, 10, 9)
    assert grades(incident)[-1] == ("serious", "computed")


def test_large_figures_are_told_in_full_and_differ_by_one() -> None:
    assert [plain(n) for n in (1234567.0, 0.5, 1e10, 12.345678, 3.0)] == [
        "1234567",
        "0.5",
        "10000000000",
        "12.345678",
        "3",
    ]
    incident = accident()
    for at, value, source in ((1, 1_234_568, "甲"), (2, 1_234_567, "乙")):
        do.figure_set(by=SCENE, incident=incident.pk, metric="deaths", value=value, source=source, at=minute(at))
    incident.refresh_from_db()
    assert incident.contradicted
    assert {claim.value for claim in Claim.objects.all()} == {"1234567", "1234568"}


def test_a_condition_and_a_reason_tell_every_digit() -> None:
    relief = next(
        t for rule in relief_table().levels for t in rule.triggers for c in t.any_of if c.metric == "need_relief"
    )
    assert "e+" not in condition_words(relief.any_of[0]).zh
    accident_ = accident()
    do.figure_set(by=SCENE, incident=accident_.pk, metric="loss_wan", value=4_090_000, source="x", at=minute(1))
    assert IncidentGrade.objects.latest("seq").criterion["zh"].startswith("直接经济损失4090000万元")


def stated(incident: Incident, value: str, at: float) -> Claim:
    """A statement about the dam."""
    return do.claim_add(by=SCENE, incident=incident.pk, topic="dam", value=value, text={"zh": value, "en": value},
                        source=f"来源{value}", at=minute(at))  # fmt: skip


def test_a_split_takes_the_contradiction_along_and_back_again() -> None:
    incident = accident()
    stated(incident, "breached", 1)
    other = stated(incident, "whole", 2)
    change = do.incident_split(by=SCENE, incident=incident.pk, title={"zh": "另一座坝", "en": "Another dam"}, reason="两座坝",
                               claims=[other.pk], at=minute(3))  # fmt: skip
    assert list(Incident.objects.order_by("opened_at").values_list("contradicted", flat=True)) == [False, False]
    do.change_undo(by=SCENE, change=change.pk, reason="同一座", at=minute(4))
    assert Incident.objects.get(pk=incident.pk).contradicted


def test_a_judged_contradiction_ends_the_task_to_verify() -> None:
    incident = accident()
    stated(incident, "breached", 1)
    wrong = stated(incident, "whole", 2)
    task = Task.objects.get(code="V-verify")
    do.claim_judge(by=SCENE, claim=wrong.pk, true=False, reason="现场照片", at=minute(3))
    task.refresh_from_db()
    assert (task.state, task.evidence["text"]) == ("done", "现场照片")
    stated(incident, "overtopped", 4)
    assert Task.objects.filter(code="V-verify", state="issued").count() == 1


def test_a_merge_of_two_counties_is_taken_back_by_who_may_act_in_both() -> None:
    one, two = accident(), accident(1, division="410181")
    change = do.incident_merge(by=SCENE, incident=one.pk, into=two.pk, reason="同一起", at=minute(2))
    with pytest.raises((NotFound, Forbidden)), transaction.atomic():
        do.change_undo(by=person("410182.duty", "duty"), change=change.pk, reason="不是", at=minute(3))
    do.change_undo(by=person("4101.duty", "duty"), change=change.pk, reason="不是", at=minute(3))


def test_an_unknown_class_and_words_too_long_are_refused_with_their_field() -> None:
    for wrong, field in (({"type_code": "99Z99"}, "type_code"), ({"source": "源" * 201}, "source"),
                         ({"title": {"zh": "名" * 201, "en": "x"}}, "title_zh"), ({"title": {"zh": " ", "en": ""}}, "title_zh"),
                         ({"place_words": "处" * 201}, "place_words")):  # fmt: skip
        with pytest.raises(Invalid) as refused, transaction.atomic():
            accident(**wrong)
        assert refused.value.field == field
    incident = accident()
    for fields in ({"title_zh": "名" * 201}, {"lon": 181.0}, {"lat": float("nan")}):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            do.incident_change(by=SCENE, incident=incident.pk, fields=fields, reason="x", at=minute(1))
        assert refused.value.field == next(iter(fields))


def test_a_class_given_later_sets_the_clocks_going() -> None:
    incident = accident(type_code="")
    run_until_quiet(strict=True)
    assert not ReportDuty.objects.exists()
    do.incident_change(by=SCENE, incident=incident.pk, fields={"type_code": "11A03"}, reason="现场判明", at=minute(5))
    run_until_quiet(strict=True)
    assert ReportDuty.objects.filter(incident=incident).exists()


def test_a_level_ended_in_the_same_moment_holds_no_deadline_up(plan: Any) -> None:
    row = do.level_adopt(by=SCENE, plan="ZZ-FLOOD", level=3, at=RED)
    stale = Level.objects.select_related("plan").get(pk=row.pk)
    do.level_end(by=SCENE, plan="ZZ-FLOOD", reason="雨停", at=RED + timedelta(hours=1))
    assert quiet_set(stale, RED, RED + timedelta(hours=1)) is False
    Level.objects.filter(pk=row.pk).update(review_at=RED)  # as a race left it before
    due = next_due()
    assert due is not None
    assert due > RED
    assert sweep(due) > 0


@pytest.mark.parametrize(
    ("said", "now", "meant"),
    [("30 23:50", (2026, 7, 1, 0, 10), (2026, 6, 30, 23, 50)), ("12-31 23:50", (2026, 1, 1, 0, 10), (2025, 12, 31, 23, 50)),
     ("31 08:00", (2026, 7, 1, 9, 0), (2026, 5, 31, 8, 0)), ("23:50", (2026, 1, 1, 0, 10), (2025, 12, 31, 23, 50)),
     ("20 14:20", (2026, 7, 20, 14, 20), (2026, 7, 20, 14, 20)), ("7-19 21:59", (2026, 7, 20, 0, 0), (2026, 7, 19, 21, 59))],
)  # fmt: skip
def test_a_moment_told_after_midnight_is_of_the_day_before(
    said: str, now: tuple[int, ...], meant: tuple[int, ...]
) -> None:
    assert moment_said(said, datetime(*now, tzinfo=BEIJING), BEIJING) == datetime(*meant, tzinfo=BEIJING)  # type: ignore[arg-type,misc]
