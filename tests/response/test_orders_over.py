"""How orders end and who sees them: cancelled, changed, closed by who gave them; live pages follow; steps stay."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from anlan.kernel import live
from anlan.kernel.journal import head, seal
from anlan.kernel.scope import Scope
from anlan.response.engine.order import Receiver
from anlan.response.models import Incident, Order, OrderStep, Task
from anlan.response.selectors import order_items
from anlan.response.services import (
    order_cancel,
    order_check,
    order_close,
    order_draft,
    order_issue,
    order_progress,
    order_sign,
    task_done,
    task_help,
    task_help_answer,
    task_progress,
    task_receive,
    task_verify,
)
from anlan.response.tasks import sweep
from tests.response.ordering import GONGYI, MINUTE, NOON, XINGYANG, content, desk_of, hands, issued, key, of, refused
from tests.response.scene import SYSTEM, data, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def test_cancelling_reaches_every_receiver_and_needs_a_receipt() -> None:
    order = issued()
    task_done(by=desk_of(XINGYANG), task=of(order, XINGYANG).pk, evidence={"text": "好了"}, at=NOON + MINUTE)
    refused("order.no_reason", lambda: order_cancel(by=hands()[2], order=order.pk, reason=""))
    order = order_cancel(by=hands()[2], order=order.pk, reason="雨已停", at=NOON + 10 * MINUTE)
    assert order.state == "cancelled"
    assert of(order, GONGYI).state == "cancelled"
    recalls = Task.objects.filter(order=order, action="recall").order_by("owner_post__code")
    assert [task.owner_post.code for task in recalls] == [GONGYI, XINGYANG]
    sweep(NOON + 26 * MINUTE)
    assert {entry["task"] for entry in data("task.escalated")} == {str(task.pk) for task in recalls}
    row = task_receive(by=desk_of(GONGYI), task=recalls[0].pk, at=NOON + 27 * MINUTE)
    assert (row.state, row.done_at) == ("done", NOON + 27 * MINUTE)
    refused("order.state", lambda: order_cancel(by=hands()[2], order=order.pk, reason="again"))


def test_a_change_is_a_new_order_and_tells_who_is_no_longer_in_it() -> None:
    maker, checker, signer = hands()
    first = issued()
    only = (Receiver(str(key(GONGYI)), True),)
    refused("order.no_reason", lambda: order_draft(by=maker, content=content(), supersedes=first.pk))
    second = order_draft(by=maker, content=content(receivers=only), supersedes=first.pk, reason="荥阳已无积水", at=NOON)
    refused("order.changing", lambda: order_draft(by=maker, content=content(), supersedes=first.pk, reason="x"))
    first.refresh_from_db()
    assert first.state == "issued"
    order_check(by=checker, order=second.pk, seen=second.digest)
    order_sign(by=signer, order=second.pk, seen=second.digest)
    order_issue(by=signer, order=second.pk, seen=second.digest, at=NOON + 5 * MINUTE)
    first.refresh_from_db()
    assert (first.state, first.reason) == ("changed", "荥阳已无积水")
    assert {of(first, GONGYI).state, of(first, XINGYANG).state} == {"cancelled"}
    assert [t.owner_post.code for t in Task.objects.filter(order=first, receipt_only=True)] == [XINGYANG]
    assert of(second, GONGYI).state == "issued"
    assert of(second, GONGYI).receipt_at is None
    assert data("order.changed")[0]["by"] == str(second.pk)


def test_an_instruction_is_tracked_until_who_gave_it_closes_it() -> None:
    maker, checker, signer = hands()
    given = {"kind": "instruction", "issuer": key("41.duty"), "given_at": NOON - MINUTE}
    row = order_draft(by=maker, content=content(**given), at=NOON)
    assert row.division == "4101"
    order_check(by=checker, order=row.pk, seen=row.digest)
    order_sign(by=signer, order=row.pk, seen=row.digest)
    row = order_issue(by=signer, order=row.pk, seen=row.digest, at=NOON)
    assert row.number == "督办〔2021〕1号"
    task_progress(by=desk_of(GONGYI), task=of(row, GONGYI).pk, text="已转移120人", at=NOON + MINUTE)
    order_progress(by=maker, order=row.pk, text="市级督查组已出发", at=NOON + 2 * MINUTE)
    above = person("41.duty", "duty")
    refused("order.not_through", lambda: order_close(by=above, order=row.pk, reason="已阅"))
    for code in (GONGYI, XINGYANG):
        task_done(by=desk_of(code), task=of(row, code).pk, evidence={"text": "办结"}, at=NOON + 9 * MINUTE)
        task_verify(by=signer, task=of(row, code).pk, at=NOON + 10 * MINUTE)
    row.refresh_from_db()
    assert row.state == "issued"
    assert order_items(Scope(("4101",)), None, None)[str(row.pk)]["stage"] == "closing"
    assert len(data("order.through")) == 1
    refused("order.giver_closes", lambda: order_close(by=signer, order=row.pk, reason="已阅"))
    row = order_close(by=above, order=row.pk, reason="已阅，同意办结", at=NOON + 20 * MINUTE)
    assert (row.state, data("order.closed")[0]["reason"]) == ("verified", "已阅，同意办结")
    words = OrderStep.objects.filter(order=row, act="progress").order_by("at").values_list("text", flat=True)
    assert list(words) == ["已转移120人", "市级督查组已出发"]


def test_a_notice_asks_for_receipts_alone() -> None:
    both = tuple(Receiver(str(key(code)), False) for code in (GONGYI, XINGYANG))
    notice = issued(kind="notice", receivers=both, within_min=None)
    task_receive(by=desk_of(GONGYI), task=Task.objects.get(order=notice, owner_post__code=GONGYI).pk, at=NOON + MINUTE)
    notice.refresh_from_db()
    assert notice.state == "issued"
    task_receive(
        by=desk_of(XINGYANG), task=Task.objects.get(order=notice, owner_post__code=XINGYANG).pk, at=NOON + MINUTE
    )
    notice.refresh_from_db()
    assert notice.state == "verified"
    closed = issued(kind="notice", receivers=both, within_min=None)
    refused("order.closes_itself", lambda: order_close(by=hands()[2], order=closed.pk, reason="x"))


def test_a_request_goes_up_and_the_asking_side_verifies() -> None:
    up = (Receiver(str(key("41.duty")), True),)
    row = issued(kind="request", receivers=up)
    assert row.number == "协助函〔2021〕1号"
    task = Task.objects.get(order=row)
    assert task.division == "41"
    asked = order_items(Scope(("4101",)), None, None)[str(row.pk)]
    assert asked["counts"]["total"] == 1
    task_done(by=person("41.duty", "duty"), task=task.pk, evidence={"text": "两支队伍已出发"}, at=NOON + 8 * MINUTE)
    assert task_verify(by=hands()[2], task=task.pk, at=NOON + 9 * MINUTE).state == "verified"


def test_help_climbs_at_once_and_is_answered() -> None:
    task = of(issued(), GONGYI)
    refused("task.no_text", lambda: task_help(by=desk_of(GONGYI), task=task.pk, text=""))
    row = task_help(by=desk_of(GONGYI), task=task.pk, text="缺两台泵车", at=NOON + MINUTE)
    assert row.with_post is not None
    assert data("task.help_asked")[0]["to_post"] == row.with_post.code
    assert order_items(Scope(("4101",)), None, None)[str(task.order_id)]["counts"]["help"] == 1
    row = task_help_answer(by=hands()[2], task=task.pk, text="泵车30分钟到", at=NOON + 4 * MINUTE)
    assert (row.help_at, data("task.help_answered")[0]["minutes"]) == (None, 3)
    refused("task.no_help", lambda: task_help_answer(by=hands()[2], task=task.pk, text="x"))


def test_steps_are_never_changed() -> None:
    issued()
    for statement in ("UPDATE response_orderstep SET text = 'x'", "DELETE FROM response_orderstep"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_who_sees_an_order() -> None:
    maker = hands()[0]
    draft = order_draft(by=maker, content=content(receivers=(Receiver(str(key(GONGYI)), True),)), at=NOON)
    order = issued(receivers=(Receiver(str(key(GONGYI)), True), Receiver(str(key(XINGYANG)), False)))
    city, gongyi, other = (order_items(Scope((code,)), None, None) for code in ("4101", "410181", "410122"))
    assert city.keys() == {str(draft.pk), str(order.pk)}
    assert gongyi.keys() == {str(order.pk)}
    assert gongyi[str(order.pk)]["counts"]["total"] == 1
    assert city[str(order.pk)]["counts"]["total"] == 2
    assert other == {}


@pytest.mark.parametrize("reach", ["", "4101", "410181"])
def test_state_plus_frames_equals_a_refetch_of_orders(reach: str) -> None:
    scope = Scope((reach,))
    seal()
    state = live.state(scope)
    items, seq = state["items"], state["seq"]
    first, second, third = issued(), issued(NOON + MINUTE), issued(NOON + 2 * MINUTE)
    sweep(NOON + 20 * MINUTE)
    for order in (first, second):
        task_receive(by=desk_of(GONGYI), task=of(order, GONGYI).pk, at=NOON + 21 * MINUTE)
        task_done(by=desk_of(GONGYI), task=of(order, GONGYI).pk, evidence={"text": "x"}, at=NOON + 22 * MINUTE)
        task_verify(by=hands()[2], task=of(order, GONGYI).pk, at=NOON + 23 * MINUTE)
    task_done(by=desk_of(XINGYANG), task=of(first, XINGYANG).pk, evidence={"text": "x"}, at=NOON + 22 * MINUTE)
    task_verify(by=hands()[2], task=of(first, XINGYANG).pk, at=NOON + 24 * MINUTE)
    order_cancel(by=hands()[2], order=third.pk, reason="x", at=NOON + 25 * MINUTE)
    task_help(by=desk_of(XINGYANG), task=of(second, XINGYANG).pk, text="缺人", at=NOON + 26 * MINUTE)
    seal()
    upto = head()[0]
    while seq < upto:
        step = min(seq + 7, upto)
        frame = live.frame(scope, seq, step)
        assert frame is not None
        live.merge(items, frame)
        seq = step
    fresh = live.state(scope)["items"]
    assert (items["order"], items["task"]) == (fresh["order"], fresh["task"])
    assert fresh["order"].keys() == {str(second.pk)}


def test_an_order_as_it_stood() -> None:
    order = issued()
    task_receive(by=desk_of(GONGYI), task=of(order, GONGYI).pk, at=NOON + 5 * MINUTE)
    before = order_items(Scope(("4101",)), None, NOON + 4 * MINUTE)[str(order.pk)]
    after = order_items(Scope(("4101",)), None, NOON + 5 * MINUTE)[str(order.pk)]
    assert (before["counts"]["received"], after["counts"]["received"]) == (0, 1)
    assert order_items(Scope(("4101",)), None, NOON - MINUTE) == {}


def test_an_order_of_an_incident_out_of_sight_is_refused() -> None:
    incident = Incident.objects.create(division="410182", kind="flash_flood", title_zh="山洪", title_en="Flash flood",
                                       opened_at=NOON, source="x")  # fmt: skip
    issuer = key("410181.commander")
    own = (Receiver(str(key("410181.commander")), True),)
    made = content(incident=incident.pk, issuer=issuer, receivers=own)
    refused("incident.not_found", lambda: order_draft(by=desk_of(GONGYI), content=made, at=NOON))
    row = order_draft(by=hands()[0], content=content(incident=incident.pk), at=NOON)
    assert row.incident_id == incident.pk
    assert Order.objects.filter(state="drafted").count() == 1
    assert SYSTEM.may("order.sign", "4101")
