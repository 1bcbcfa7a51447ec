"""Answers by every door, and what each content sets off: help that is asked for reaches the desk and stays until done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from anlan.kernel.actor import Actor
from anlan.kernel.models import Account
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.warning import selectors
from anlan.warning.models import Call, HelpRequest
from anlan.warning.services import Answer, answers_take, help_close, help_take, warning_issue
from anlan.warning.tasks import sweep
from tests.warning.conftest import DUTY, SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
MINUTE = timedelta(minutes=1)
SCOPE = Scope(("410181",))
Entries = Callable[..., list[Any]]


@pytest.fixture
def call() -> Call:
    """A village head's call of a red warning, waiting."""
    warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181"], at=T0)
    return Call.objects.filter(role="village_head", state="placed").order_by("id")[0]


def say(call: Call, content: str, minute: int, **more: Any) -> int:
    person = UUID(call.route[0]["contacts"][0][3])
    answer = Answer(call.id, content, T0 + minute * MINUTE, person, **more)
    return answers_take(by=SCENARIO, channel="sms", answers=[answer]).accepted


def test_need_help_stands_before_the_desk_until_it_is_done(call: Call, entries: Entries) -> None:
    assert selectors.help_requests(SCOPE) == []
    say(call, "need_help", 3)
    (item,) = selectors.help_requests(SCOPE, call.warning_id)
    assert (item["call"], item["post"]["code"], item["state"]) == (str(call.id), call.post.code, "open")
    assert item["who"]["name"] and "*" in item["who"]["phone"]
    assert item["asked_at"] == (T0 + 3 * MINUTE).isoformat()
    assert selectors.help_requests(Scope(("410182",))) == []
    request = UUID(item["id"])
    taken = help_take(by=DUTY, request=request, at=T0 + 5 * MINUTE)
    assert (taken.state, taken.taken_by["name"]) == ("taken", DUTY.name)
    with pytest.raises(Conflict) as refused:
        help_take(by=DUTY, request=request)
    assert refused.value.code == "help.not_open"
    assert selectors.help_requests(SCOPE)[0]["taken_by"] == DUTY.name
    with pytest.raises(Invalid):
        help_close(by=DUTY, request=request, note=" ")
    help_close(by=DUTY, request=request, note="派出冲锋舟两艘", at=T0 + 40 * MINUTE)
    assert selectors.help_requests(SCOPE) == []
    assert [(e[0], e[2]) for e in entries("help.taken", "help.closed")] == [
        ("help.taken", T0 + 5 * MINUTE), ("help.closed", T0 + 40 * MINUTE)]  # fmt: skip
    assert entries("help.taken")[0][3]["waited_s"] == 120


def test_the_same_answer_again_asks_once_and_a_new_one_after_the_end_opens_it_again(call: Call) -> None:
    say(call, "need_help", 3)
    assert say(call, "need_help", 4) == 0
    assert say(call, "need_help", 5, key="second") == 1
    assert [row.asked_at for row in HelpRequest.objects.all()] == [T0 + 3 * MINUTE]
    request = HelpRequest.objects.get()
    help_take(by=DUTY, request=request.id, at=T0 + 6 * MINUTE)
    help_close(by=DUTY, request=request.id, note="已处置", at=T0 + 7 * MINUTE)
    say(call, "need_help", 9, key="third")
    again = HelpRequest.objects.get()
    assert (again.id, again.state, again.asked_at, again.taken_by, again.note) == (
        request.id, "open", T0 + 9 * MINUTE, None, "")  # fmt: skip


def test_who_keeps_no_desk_there_can_neither_take_nor_see_it(call: Call) -> None:
    say(call, "need_help", 3)
    request = HelpRequest.objects.get().id
    for actor in (
        Actor("person", "乡镇", Scope(("410181",)), roles=frozenset({"responder"})),
        Actor("person", "邻县值班", Scope(("410182",)), roles=frozenset({"duty"})),
    ):
        with pytest.raises(Forbidden):
            help_take(by=actor, request=request)
    with pytest.raises(NotFound):
        selectors.help_get(Scope(("410182",)), request)
    assert HelpRequest.objects.get().state == "open"


@pytest.mark.parametrize(("content", "state", "climbs", "help"), [
    ("received", "answered", 0, 0), ("acting", "answered", 0, 0), ("need_help", "answered", 0, 1),
    ("cannot", "escalated", 1, 0)])  # fmt: skip
def test_each_content_has_its_next_step(
    call: Call, entries: Entries, content: str, state: str, climbs: int, help: int
) -> None:
    say(call, content, 3)
    call.refresh_from_db()
    assert (call.state, HelpRequest.objects.count()) == (state, help)
    mine = [e for e in entries("call.escalated") if e[1] == f"call:{call.id}"]
    assert [(e[2], e[3]["cause"]) for e in mine] == [(T0 + 3 * MINUTE, "cannot")] * climbs
    sweep(T0 + 15 * MINUTE)
    call.refresh_from_db()
    assert call.state == state  # an answered call never climbs again; who took over has their whole limit


def test_a_delivery_receipt_is_no_answer(call: Call) -> None:
    from anlan.warning.channels.gateway import Receipt
    from anlan.warning.models import ChannelSetting, OutboxMessage, OutboxReference, OutboxText
    from anlan.warning.services.inbox import receipts_match, receipts_put

    way = ChannelSetting.objects.create(code="sms-a", carries="sms", kind="http_sms", name_zh="短信", name_en="SMS",
                                        division="4101")  # fmt: skip
    text = OutboxText.objects.create(id=uuid4(), warning=call.warning_id, zh="立即转移", en="Move now", division="4101")
    person = UUID(call.route[0]["contacts"][0][3])
    message = OutboxMessage.objects.create(
        warning=call.warning_id, recipient=person, setting=way.id, channel="sms", step=0, person=person, text=text.id,
        calls=[call.id], priority=0, at=T0, state="handed", due_at=T0, reference="R1", handed_at=T0, division="410181",
    )  # fmt: skip
    OutboxReference.objects.create(message=message.pk, setting=way.id, reference="R1", division="")
    receipts_put(setting=way.id, receipts=[Receipt("R1", "delivered", "", T0 + MINUTE)])
    assert receipts_match() == 1
    assert OutboxMessage.objects.get().state == "delivered"
    call.refresh_from_db()
    assert (call.state, call.answer, call.answers) == ("placed", None, [])
    sweep(T0 + 15 * MINUTE)
    call.refresh_from_db()
    assert (call.state, call.step) == ("escalated", 1)


def test_a_word_by_radio_is_logged_by_the_desk_with_who_said_it(call: Call, entries: Entries) -> None:
    from anlan.warning.api import answer
    from anlan.warning.api.schemas import AnswerIn

    class Request:
        actor = DUTY

    person = UUID(call.route[0]["contacts"][0][3])
    answer(Request(), call.id, AnswerIn(content="acting", person=person, via="radio"), "word-1")
    (told,) = entries("call.answered")
    assert (told[3]["channel"], told[3]["content"], told[3]["person"], told[3]["holder"]) == (
        "radio", "acting", str(person), "A")  # fmt: skip
    from anlan.kernel.models import Entry

    assert Entry.objects.get(kind="call.answered").actor["name"] == DUTY.name


@pytest.fixture
def desk(client: Client) -> Client:
    """A duty officer of the county, signed in."""
    account = Account.objects.create_user(
        "desk", "long enough to pass", divisions=["410181"], roles=["duty"], name="值班"
    )
    client.force_login(account, backend="anlan.site.sign_in.AccountBackend")
    return client


def test_the_board_shows_who_asked_and_the_desk_takes_and_closes_it_there(call: Call, desk: Client) -> None:
    board = f"/warnings/{call.warning_id}"
    assert 'id="board-help"' not in desk.get(board).content.decode()
    say(call, "need_help", 3)
    request = HelpRequest.objects.get()
    words = desk.get(board, headers={"accept-language": "en"}).content.decode()
    assert "Asked for help" in words and f"/warning/help/{request.id}/take" in words and " style=" not in words
    assert desk.post(f"/warning/help/{request.id}/take")["Location"] == f"{board}#board-help"
    words = desk.get(board, headers={"accept-language": "en"}).content.decode()
    assert f"/warning/help/{request.id}/close" in words and f"{request.id}/take" not in words
    desk.post(f"/warning/help/{request.id}/close", {"note": ""})
    assert HelpRequest.objects.get().state == "taken"
    desk.post(f"/warning/help/{request.id}/close", {"note": "派出冲锋舟"})
    assert (HelpRequest.objects.get().state, HelpRequest.objects.get().note) == ("closed", "派出冲锋舟")
    assert 'id="board-help"' not in desk.get(board).content.decode()


def test_the_routes_give_take_and_close_the_same(call: Call, desk: Client) -> None:
    say(call, "need_help", 3)
    (item,) = desk.get("/api/warning/help").json()
    assert (item["state"], item["post"]["code"]) == ("open", call.post.code)
    url = f"/api/warning/help/{item['id']}"
    assert desk.post(f"{url}/close", {"note": "x"}, content_type="application/json").json()["code"] == "help.not_taken"
    assert desk.post(f"{url}/take").json() == {"id": item["id"], "state": "taken"}
    assert desk.post(f"{url}/take").status_code == 409
    assert desk.post(f"{url}/close", {"note": " "}, content_type="application/json").status_code == 422
    assert desk.post(f"{url}/close", {"note": "已到"}, content_type="application/json").json()["state"] == "closed"
    assert desk.get("/api/warning/help").json() == []
