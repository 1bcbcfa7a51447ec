"""A call nobody answers ends with somebody going there: a task for a named post, whose end answers the call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel.journal.reactor import run_until_quiet
from anlan.response.models import Task
from anlan.response.services import task_done
from anlan.response.tasks import sweep as response_sweep
from anlan.warning.models import Call
from anlan.warning.services import Answer, answers_take, loopback_configure
from anlan.warning.tasks import sweep
from tests.response.scene import RED, SCENE, data, warn

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def silent(plan: Any) -> Call:
    """A village head's call that has climbed to a visit: nobody has answered anything for an hour."""
    loopback_configure(by=SCENE, seed=1, people={"default": {"answer": 0.0}}, at=RED - HOUR)
    warn("red", RED, ["410181"])
    sweep(RED + HOUR)
    run_until_quiet(strict=True)
    return next(c for c in Call.objects.filter(role="village_head").order_by("id") if len(c.route) == 5)


def test_the_visit_is_a_task_of_a_named_post_with_a_clock(silent: Call) -> None:
    task = Task.objects.select_related("owner_post").get(about=f"call:{silent.id}")
    visitor = silent.route[4]["contacts"][0]
    assert (task.code, str(task.owner_post_id), task.owner_post.role) == ("V-visit", visitor[0], "village_officer")
    assert (task.issued_at, task.receipt_due_at, task.due_at) == (
        RED + HOUR, RED + HOUR + timedelta(minutes=5), RED + HOUR + timedelta(minutes=30))  # fmt: skip
    assert silent.post.name_zh in task.text_zh
    assert Task.objects.filter(code="V-visit").count() == len(data("call.visit_asked")) > 5
    response_sweep(RED + HOUR + timedelta(minutes=30))
    task.refresh_from_db()
    assert (task.state, task.escalations) == (
        "overdue",
        2,
    )  # no receipt, then not done: the superior is told both times


def test_a_visit_made_answers_the_call_as_the_visitor(silent: Call) -> None:
    task = Task.objects.get(about=f"call:{silent.id}")
    at = RED + HOUR + timedelta(minutes=12)
    task_done(by=SCENE, task=task.pk, evidence={"text": "见到村主任，正在转移"}, at=at)
    run_until_quiet(strict=True)
    silent.refresh_from_db()
    assert (silent.state, silent.answer, silent.answered_holder, silent.answered_at) == (
        "answered",
        "acting",
        "visit",
        at,
    )
    (told,) = [e for e in data("call.answered") if e["call"] == str(silent.id)]
    assert (told["channel"], told["person"]) == ("visit", silent.route[4]["contacts"][0][3])
    sweep(RED + 2 * HOUR)
    silent.refresh_from_db()
    assert silent.state == "answered"


def test_a_visit_made_after_the_person_has_answered_adds_nothing(silent: Call) -> None:
    person = silent.route[0]["contacts"][0][3]
    answers_take(by=SCENE, channel="phone", answers=[Answer(silent.id, "acting", RED + HOUR, person)])
    task = Task.objects.get(about=f"call:{silent.id}")
    task_done(by=SCENE, task=task.pk, evidence={"text": "已见到"}, at=RED + HOUR + timedelta(minutes=9))
    run_until_quiet(strict=True)
    assert len([e for e in data("call.answered") if e["call"] == str(silent.id)]) == 1
