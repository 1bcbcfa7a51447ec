"""Orders: three hands, one lead, by word of mouth first, receipts and climbing, done and verified by others, changes and
cancellations that reach everybody, instructions closed by who gave them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from anlan.kernel.options import options
from anlan.kernel.scope import Scope
from anlan.response.engine.order import Receiver
from anlan.response.models import OrderStep, Task
from anlan.response.selectors import order_items
from anlan.response.selectors.orders import order_story
from anlan.response.services import (
    order_check,
    order_draft,
    order_drop,
    order_edit,
    order_issue,
    order_issue_verbal,
    order_return,
    order_sign,
    order_write,
    task_done,
    task_receive,
    task_send_back,
    task_verify,
)
from anlan.response.tasks import sweep
from tests.response.ordering import GONGYI, MINUTE, NOON, XINGYANG, content, desk_of, hands, issued, key, of, refused
from tests.response.scene import data, kinds, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def test_an_order_goes_through_three_hands_to_tasks_done_and_verified() -> None:
    order = issued()
    assert (order.state, order.number, order.due_at) == ("issued", "指令〔2021〕1号", NOON + timedelta(minutes=60))
    lead, helper = of(order, GONGYI), of(order, XINGYANG)
    assert (lead.cooperating, helper.cooperating) == (False, True)
    assert lead.basis["zh"].endswith("第七十三条第二项")
    commander = hands()[2]
    for n, code in enumerate((GONGYI, XINGYANG), start=1):
        task_receive(by=desk_of(code), task=of(order, code).pk, at=NOON + n * MINUTE)
        task_done(by=desk_of(code), task=of(order, code).pk, evidence={"text": "已封闭"}, at=NOON + 20 * MINUTE)
    item = order_items(Scope(("4101",)), None, None)[str(order.pk)]
    assert (item["stage"], item["counts"]["received"], item["counts"]["done"]) == ("done", 2, 2)
    task_verify(by=commander, task=lead.pk, note="已到场核实", at=NOON + 30 * MINUTE)
    order.refresh_from_db()
    assert order.state == "issued"
    task_verify(by=commander, task=helper.pk, at=NOON + 31 * MINUTE)
    order.refresh_from_db()
    assert (order.state, order.ended_at) == ("verified", NOON + 31 * MINUTE)
    steps = [step["act"] for step in order_story(Scope(("4101",)), order.pk)]
    assert steps == [
        "draft",
        "check",
        "sign",
        "issue",
        "receive",
        "receive",
        "done",
        "done",
        "verify",
        "verify",
        "close",
    ]
    assert [entry["minutes"] for entry in data("order.closed")] == [31]
    assert issued(NOON + 2 * timedelta(hours=1)).number == "指令〔2021〕2号"


def test_each_hand_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    maker, checker, signer = hands()
    row = order_draft(by=replace(signer, roles=frozenset({"decider"})), content=content(), at=NOON)
    refused("order.separation", lambda: order_check(by=signer, order=row.pk, seen=row.digest))
    order_check(by=checker, order=row.pk, seen=row.digest)
    assert "另一人" in refused("order.separation", lambda: order_sign(by=signer, order=row.pk, seen=row.digest))
    monkeypatch.setitem(options.__dict__, "order_hands", 2)
    order_sign(by=signer, order=row.pk, seen=row.digest)
    both = order_draft(by=maker, content=content(), at=NOON)
    decider = replace(checker, roles=frozenset({"duty", "decider"}))
    order_check(by=decider, order=both.pk, seen=both.digest)
    refused("order.separation", lambda: order_sign(by=decider, order=both.pk, seen=both.digest))
    refused("actor.may_not", lambda: order_sign(by=maker, order=both.pk, seen=both.digest))
    refused("order.state", lambda: order_issue(by=signer, order=both.pk, seen=both.digest))


def test_a_change_of_words_takes_the_check_back_and_is_noticed() -> None:
    maker, checker, signer = hands()
    row = order_draft(by=maker, content=content(), at=NOON)
    order_check(by=checker, order=row.pk, seen=row.digest)
    old = row.digest
    row = order_edit(by=maker, order=row.pk, content=content(within_min=30), seen=old)
    assert (row.state, row.checked_digest, row.within_min) == ("drafted", "", 30)
    refused("order.moved", lambda: order_check(by=checker, order=row.pk, seen=old))
    order_check(by=checker, order=row.pk, seen=row.digest)
    row = order_return(by=signer, order=row.pk, reason="时限太短")
    assert row.state == "drafted"
    refused("order.no_reason", lambda: order_drop(by=maker, order=row.pk, reason=" "))
    assert order_drop(by=maker, order=row.pk, reason="并入另一件").state == "dropped"
    assert Task.objects.filter(order=row).count() == 0


def test_two_leads_are_refused_with_the_reason() -> None:
    maker = hands()[0]
    two = tuple(Receiver(str(key(code)), True) for code in (GONGYI, XINGYANG))
    none = tuple(Receiver(str(key(code)), False) for code in (GONGYI, XINGYANG))

    def draft(**changes):
        return lambda: order_draft(by=maker, content=content(**changes), at=NOON)

    assert "只能有一个牵头" in refused("order.two_leads", draft(receivers=two))
    refused("order.no_lead", draft(receivers=none))
    refused("order.none", draft(receivers=()))
    refused("order.twice", draft(receivers=(two[0], two[0])))
    refused("order.no_limit", draft(within_min=None))
    refused("order.limit_past", draft(within_min=None, limit_at=NOON - MINUTE))
    refused("response.too_far", draft(within_min=None, limit_at=NOON + 366 * 24 * 60 * MINUTE))
    refused("order.law", draft(law=("73(12)",)))
    refused("order.no_text", draft(text={"zh": " ", "en": "x"}))
    refused("order.not_below", draft(receivers=(Receiver(str(key("41.duty")), True),)))
    refused("order.no_post", draft(receivers=(Receiver("x", True),)))
    refused("order.no_issuer", draft(issuer=None))
    refused("actor.may_not", lambda: order_draft(by=person("4101.duty", "responder"), content=content(), at=NOON))
    with pytest.raises(IntegrityError, match="response_task_one_lead"), transaction.atomic():
        Task.objects.filter(order=issued()).update(cooperating=False)


def test_word_of_mouth_first_and_the_written_form_owed() -> None:
    maker, _, signer = hands()
    row = order_draft(by=maker, content=content(), at=NOON)
    refused(
        "order.way", lambda: order_issue_verbal(by=maker, order=row.pk, seen=row.digest, way="pigeon", why="x", at=NOON)
    )
    row = order_issue_verbal(by=maker, order=row.pk, seen=row.digest, way="radio", why="水已进洞", at=NOON)
    assert (row.state, row.verbal, row.written_due_at) == ("issued", "radio", NOON + 30 * MINUTE)
    assert Task.objects.filter(order=row, state="issued").count() == 2
    sweep(NOON + 29 * MINUTE)
    assert data("order.written_late") == []
    sweep(NOON + 40 * MINUTE)
    (late,) = data("order.written_late")
    assert (late["number"], late["post"]) == (row.number, "4101.commander")
    assert kinds("order.written_late")[0][1] == NOON + 30 * MINUTE
    assert order_items(Scope(("4101",)), None, None)[str(row.pk)]["written_late"] is True
    refused("actor.may_not", lambda: order_write(by=maker, order=row.pk, seen=row.digest))
    order_write(by=signer, order=row.pk, seen=row.digest, at=NOON + 45 * MINUTE)
    assert data("order.written")[0]["late_s"] == 15 * 60
    refused("order.not_owed", lambda: order_write(by=signer, order=row.pk, seen=row.digest))


def test_receipt_limit_and_verification_climb_at_their_exact_times() -> None:
    order = issued()
    task = of(order, GONGYI)
    sweep(NOON + 61 * MINUTE)
    told = [(k, (at - NOON) / MINUTE) for k, at in kinds("task.escalated", "task.overdue")]
    assert told[:2] == [("task.escalated", 15), ("task.escalated", 15)]
    assert ("task.overdue", 60) in told
    assert {entry["order"] for entry in data("task.overdue")} == {str(order.pk)}
    task_done(by=desk_of(GONGYI), task=task.pk, evidence={"text": "已封闭"}, at=NOON + 70 * MINUTE)
    sweep(NOON + 129 * MINUTE)
    assert data("task.unverified") == []
    sweep(NOON + 3 * 60 * MINUTE)
    (late,) = data("task.unverified")
    assert (late["from_post"], late["to_post"]) == ("4101.commander", "41.duty")
    assert kinds("task.unverified")[0][1] == NOON + 130 * MINUTE
    assert "climb" in OrderStep.objects.filter(task=task).values_list("act", flat=True)


def test_sent_back_is_done_again_and_nobody_verifies_their_own() -> None:
    order = issued()
    task = of(order, GONGYI)
    county, signer = desk_of(GONGYI), hands()[2]
    refused("task.not_done", lambda: task_verify(by=signer, task=task.pk))
    task_done(by=county, task=task.pk, evidence={"text": "好了"}, at=NOON + 5 * MINUTE)
    refused("task.own_work", lambda: task_verify(by=county, task=task.pk))
    other = replace(county, name="另一人", post=key("410181.commander"))
    refused("task.issuer_verifies", lambda: task_verify(by=other, task=task.pk))
    refused("task.no_reason", lambda: task_send_back(by=signer, task=task.pk, reason=""))
    row = task_send_back(by=signer, task=task.pk, reason="东口仍可进车", within_min=20, at=NOON + 10 * MINUTE)
    assert (row.state, row.returned, row.due_at, row.evidence) == ("received", 1, NOON + 30 * MINUTE, None)
    assert data("task.sent_back")[0]["evidence"] == {"text": "好了"}
    sweep(NOON + 31 * MINUTE)
    row.refresh_from_db()
    assert row.state == "overdue"
    task_done(by=county, task=task.pk, evidence={"text": "东口已封"}, at=NOON + 40 * MINUTE)
    assert task_verify(by=signer, task=task.pk, at=NOON + 41 * MINUTE).state == "verified"
    assert OrderStep.objects.filter(task=task, act="redo").get().data["evidence"] == {"text": "好了"}
