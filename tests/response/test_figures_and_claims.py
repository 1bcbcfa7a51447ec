"""F8 and F9 of the reference: figures that may not be late, and messages that contradict each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.response.models import Claim, Report, Task
from anlan.response.selectors import breaches, casualties
from anlan.response.services import (
    Where,
    casualty_correct,
    casualty_enter,
    casualty_identify,
    claim_add,
    claim_judge,
    incident_close,
    incident_open,
    level_adopt,
    report_file,
    task_done,
    task_receive,
)
from anlan.response.tasks import sweep
from anlan.territory.models import Place
from tests.response.scene import RED, SCENE, kinds, person

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()


def minute(n: float):
    return RED + timedelta(minutes=n)


# --- F8: late and concealed figures -----------------------------------------------------------------------------


def test_four_silent_days_are_four_breaches_seen_by_the_province(plan) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=4, at=minute(0))
    report_file(by=person("410181.duty", "duty"), division="410181", figures={}, at=minute(60 * 20))
    sweep(minute(4 * 24 * 60))
    seen = [b for b in breaches(Scope(("41",))) if b["division"] == "410182"]
    assert [b["in_a_row"] for b in seen] == [1, 2, 3, 4]
    due = [at for _, at in kinds("report.breach")]
    assert sorted(set(due)) == [minute(24 * 60 * n) for n in (1, 2, 3, 4)]
    assert len([b for b in breaches(WHOLE) if b["division"] == "410181"]) == 3  # it reported on the first day
    assert breaches(Scope(("410102",))) == [b for b in breaches(WHOLE) if b["division"] == "410102"]
    report_file(by=SCENE, division="410182", figures={"dead": 0}, at=minute(4 * 24 * 60 + 5))
    assert all(b["made_good_at"] for b in breaches(WHOLE) if b["division"] == "410182")


def test_unknown_identity_is_accepted_and_named_later(plan) -> None:
    desk = person("410182.duty", "duty")
    told = {"by": desk, "division": "410182", "reporter": "灾害信息员"}
    first = casualty_enter(**told, kind="dead", place=Where("王宗店村口"), source="村民", at=minute(0))
    second = casualty_enter(**told, kind="missing", place=Where("王宗店村"), source="家属", at=minute(1))
    assert (first.label, second.label) == ("unknown-1", "unknown-2")
    assert [row["label"] for row in casualties(Scope(("41",)))] == ["unknown-1", "unknown-2"]  # raw, seen above
    casualty_identify(by=desk, entry=first.pk, name="村民甲", source="家属辨认", at=minute(90))
    casualty_correct(by=desk, entry=second.pk, kind="dead", reason="找到遗体", at=minute(95))
    report = report_file(by=desk, division="410182", figures={"dead": 2, "missing": 0}, at=minute(100))
    assert report.ledger == {"dead": 2, "missing": 0, "injured": 0}
    with pytest.raises(Invalid), transaction.atomic():
        casualty_enter(by=desk, division="410182", kind="dead", place=Where(" "), source="x", reporter="y")
    with pytest.raises(Forbidden), transaction.atomic():
        casualty_enter(by=desk, division="410181", kind="dead", place=Where("x"), source="x", reporter="y")
    merged = casualty_correct(by=desk, entry=second.pk, merged_into=first.pk, reason="同一人", at=minute(120))
    assert merged.state == "merged"
    with pytest.raises(Conflict), transaction.atomic():
        casualty_identify(by=desk, entry=second.pk, name="x", source="y", at=minute(121))


def test_a_falling_figure_needs_its_reason_and_a_frozen_one_is_marked(plan) -> None:
    for n in range(3):
        report_file(by=SCENE, division="410182", figures={"dead": 23}, at=minute(n))
    assert Report.objects.get(seq=3).frozen == ["dead"]
    with pytest.raises(Invalid) as refused, transaction.atomic():
        report_file(by=SCENE, division="410182", figures={"dead": 20}, at=minute(5))
    assert refused.value.code == "report.fall_without_reason"
    row = report_file(by=SCENE, division="410182", figures={"dead": 20}, reason="三人重复登记", at=minute(5))
    assert row.falls == [["dead", 23, 20]]
    assert Report.objects.filter(division="410182").count() == 4


# --- F9: two messages contradict each other ---------------------------------------------------------------------


def test_contradictory_facts_are_both_kept_with_one_verify_task(plan) -> None:
    place = Place.objects.get(code="R410102012.01")
    incident = incident_open(by=SCENE, kind="dam_breach", title={"zh": "水库险情", "en": "Danger at a dam"},
                             division=place.division, source="110", confidence="low", at=minute(0))  # fmt: skip
    said = {"zh": "溃坝", "en": "breached"}
    first = claim_add(
        by=SCENE, incident=incident.pk, topic="dam", value="breached", text=said, source="甲", at=minute(1)
    )
    assert not first.contradicted
    second = claim_add(by=SCENE, incident=incident.pk, topic="dam", value="holds", text=said, source="乙", at=minute(2))
    claim_add(by=SCENE, incident=incident.pk, topic="dam", value="holds", text=said, source="丙", at=minute(3))
    task = Task.objects.get(code="V-verify")
    assert task.owner_post.code == "410102012.duty"
    assert Claim.objects.filter(contradicted=True, verify_task=task).count() == 3
    incident.refresh_from_db()
    assert (incident.contradicted, incident.unverified) == (True, True)
    claim_judge(by=SCENE, claim=first.pk, true=False, reason="现场查看", at=minute(30))
    incident.refresh_from_db()
    assert not incident.contradicted
    second.refresh_from_db()
    assert not second.contradicted
    incident_close(by=SCENE, incident=incident.pk, reason="险情解除", at=minute(300))


def test_a_task_needs_receipt_and_evidence_from_its_own_division(plan) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=minute(0))
    task = Task.objects.filter(code="T105", division__startswith="410182").order_by("id")[0]
    own = person(task.owner_post.code, "responder")
    task_receive(by=own, task=task.pk, at=minute(3))
    with pytest.raises(Conflict), transaction.atomic():
        task_receive(by=own, task=task.pk, at=minute(4))
    with pytest.raises(Invalid), transaction.atomic():
        task_done(by=own, task=task.pk, evidence={"text": ""}, at=minute(20))
    done = task_done(by=own, task=task.pk, evidence={"text": "名册 100% 有结果"}, at=minute(20))
    assert (done.state, done.receipt_at, done.done_at) == ("done", minute(3), minute(20))
