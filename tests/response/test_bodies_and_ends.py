"""F5 and who ends: linked bodies are told and the telling climbs; each event by itself; who started ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.problem import Invalid
from anlan.response.models import BodyLevel, Mismatch, Task
from anlan.response.services import (
    Announcement,
    Ending,
    body_level_set,
    level_adopt,
    level_end,
    mismatch_adopt,
    mismatch_refuse,
)
from anlan.response.tasks import sweep
from tests.response.events_scene import event, load, minute
from tests.response.scene import RED, SCENE, data, person

pytestmark = pytest.mark.django_db
URBAN = "4101.urban_command"


def later(n: float) -> Any:
    return RED + timedelta(minutes=n)


def test_the_linked_body_is_told_by_a_task_that_climbs(plan: Any) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=RED)
    task = Task.objects.get(code="L-follow")
    assert (task.receipt_due_at, task.due_at) == (later(5), later(30))
    assert "市城市防汛指挥部" in task.text_zh
    sweep(later(31))
    told = [e["cause"] for e in data("task.escalated") if e["task"] == str(task.pk)]
    assert told == ["no_receipt", "overdue"]
    mismatch_adopt(by=person("4101.deputy.3", "decider"), mismatch=Mismatch.objects.get().pk, at=later(40))
    task.refresh_from_db()
    assert task.state == "done"
    assert BodyLevel.objects.get(body__code=URBAN, until=None).level == 1


def test_a_refusal_holds_for_what_was_refused_and_a_new_change_asks_again(plan: Any) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=2, at=RED)
    mismatch_refuse(
        by=person("4101.deputy.3", "decider"), mismatch=Mismatch.objects.get().pk, reason="城区无雨", at=later(5)
    )
    body_level_set(by=SCENE, body="4101.command", level=2, at=later(6))
    assert Mismatch.objects.filter(state="open").count() == 0, "nothing has changed"
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=later(60))
    again = Mismatch.objects.get(state="open")
    assert (again.lead_level, again.body_level) == (1, 0)
    assert Task.objects.filter(code="L-follow", state="issued").count() == 1
    level_end(by=SCENE, plan="ZZ-FLOOD", reason="雨停", at=later(600))
    assert Mismatch.objects.filter(state="open").count() == 0
    assert not Task.objects.filter(code="L-follow", state="issued").exists()


def test_the_renewed_mismatch_asks_in_the_same_task(plan: Any) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=2, at=RED)
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=later(3))
    assert Mismatch.objects.get().lead_level == 1
    assert Task.objects.filter(code="L-follow").count() == 1


def test_one_event_does_not_touch_the_other(db: Any) -> None:
    load("earthquake")
    first, second = (event("other", "11C00", f"地震{n}", "410182") for n in (1, 2))
    for row, level in ((first, 2), (second, 3)):
        level_adopt(
            by=SCENE, plan="ZZ-QUAKE", level=level, incident=row.pk, announce=Announcement(reason="会商"), at=minute(1)
        )
    stands = BodyLevel.objects.filter(until=None, body__lead=None).order_by("level").values_list("incident", "level")
    assert list(stands) == [(first.pk, 2), (second.pk, 3)]
    level_end(by=SCENE, plan="ZZ-QUAKE", incident=first.pk, reason="x", at=minute(5))
    stands = BodyLevel.objects.filter(until=None, body__lead=None).order_by("level").values_list("incident", "level")
    assert list(stands) == [(first.pk, 0), (second.pk, 3)]


def test_a_plan_of_single_events_wants_one_of_its_area(db: Any) -> None:
    load("earthquake")
    away = event("other", "11C00", "外地地震", "370105")
    for incident, code in ((None, "level.no_incident"), (away.pk, "level.elsewhere")):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            level_adopt(by=SCENE, plan="ZZ-QUAKE", level=2, incident=incident, announce=Announcement(reason="x"))
        assert refused.value.code == code


def test_who_started_or_stands_above_ends(plan: Any) -> None:
    deputy = person("4101.deputy.1", "decider")
    level_adopt(
        by=person("4101.commander", "decider"), plan="ZZ-FLOOD", level=3, announce=Announcement(reason="会商"), at=RED
    )
    with pytest.raises(Invalid) as refused, transaction.atomic():
        level_end(by=deputy, plan="ZZ-FLOOD", reason="雨停", at=later(60))
    assert refused.value.code == "level.not_starter"
    with pytest.raises(Invalid), transaction.atomic():
        level_adopt(by=deputy, plan="ZZ-FLOOD", level=4, announce=Announcement(reason="雨势减弱"), at=later(60))
    province = person("41.duty", "decider", scope="41")
    ended = level_end(by=province, plan="ZZ-FLOOD", reason="省防指决定", at=later(61))
    assert ended.ended_by_post.code == "41.duty"


@pytest.mark.parametrize(
    ("ending", "field"),
    [(Ending(announced=" "), "announced"), (Ending(stopped=[" "]), "stopped"), (Ending(watch=""), "watch")],
)
def test_the_end_must_state_what_the_law_asks(plan: Any, ending: Ending, field: str) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=4, at=RED)
    with pytest.raises(Invalid) as refused, transaction.atomic():
        level_end(by=SCENE, plan="ZZ-FLOOD", reason="雨停", ending=ending, at=later(60))
    assert refused.value.field == field
    with pytest.raises(Invalid) as refused, transaction.atomic():
        level_end(by=SCENE, plan="ZZ-FLOOD", reason=" ", at=later(60))
    assert refused.value.field == "reason"
