"""What comes back: signed receipts and key presses over HTTP, answers that take queued messages back, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.territory.services import generate
from anlan.warning.formats.http_message import SIGNATURE, signed
from anlan.warning.models import Call, OutboxMessage, Warning
from anlan.warning.services import Answer, answers_take, warning_cancel, warning_issue
from anlan.warning.services.inbox import receipts_match
from anlan.warning.services.outbox import Outcome, outbox_claim, outbox_write
from tests.warning.channels.posting import BY, way
from tests.warning.conftest import SCENARIO

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(secrets: Callable[..., None]) -> Warning:
    """A red warning whose calls wait in the queue of a voice gateway and of a text message gateway."""
    generate("tiny", 7)
    secrets(back="S3CRET")
    way("voice-a", "voice", "voice", {"url": "http://127.0.0.1:1/", "callback_secret": "back"})
    fields = {"reference": "msg.id", "state": "msg.status"}
    way(
        "sms-a", "sms", "http_sms", {"url": "http://127.0.0.1:1/", "callback_secret": "back", "callback_fields": fields}
    )
    return warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181100"])


def told(path: str, body: Any, secret: str = "S3CRET") -> Any:
    raw = json.dumps(body).encode()
    header = signed(secret, raw, int(clock.now().timestamp()))
    return Client().post(f"/api/warning/gateways/{path}", raw, "application/json", headers={SIGNATURE: header})


def first(channel: str) -> OutboxMessage:
    found = OutboxMessage.objects.filter(channel=channel, state="queued").exclude(calls=[]).order_by("id").first()
    assert found is not None
    return found


def test_everybody_the_ladder_names_is_queued_once_a_channel(issued: Warning) -> None:
    called = Call.objects.filter(warning=issued).exclude(state="exhausted")
    for channel in ("voice", "sms"):
        queued = OutboxMessage.objects.filter(warning=issued.id, channel=channel)
        assert queued.count() == called.count() == queued.values("recipient").distinct().count() > 0
        assert {call for row in queued for call in row.calls} == set(called.values_list("id", flat=True))


def test_an_answered_call_takes_its_queued_messages_back_and_no_other(issued: Warning) -> None:
    one = first("voice")
    before = OutboxMessage.objects.filter(state="queued").count()
    answers_take(by=BY, channel="radio", answers=[Answer(call, "acting", None, one.person) for call in one.calls])
    back = OutboxMessage.objects.filter(state="cancelled")
    assert {row.recipient for row in back} == {one.recipient} and back.count() == 2
    assert OutboxMessage.objects.filter(state="queued").count() == before - 2
    assert Entry.objects.get(kind="messages.taken_back").data == {"warning": str(issued.id), "count": 2}


def test_a_message_in_the_air_is_not_sent_again_once_its_call_is_answered(issued: Warning) -> None:
    setting = way("voice-a", "voice", "voice", {"url": "http://127.0.0.1:1/", "callback_secret": "back"})
    taken = outbox_claim(setting=setting.id, worker=setting.id, most=1)
    row = OutboxMessage.objects.get(id=taken[0].id)
    answers_take(by=BY, channel="radio", answers=[Answer(call, "received", None, row.person) for call in row.calls])
    retry = Outcome(row.id, row.fence, "queued", error="HTTP 503", due=clock.now())
    outbox_write(setting=setting, worker=setting.id, outcomes=[retry])
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_a_cancelled_warning_takes_everything_back(issued: Warning) -> None:
    count = OutboxMessage.objects.filter(state="queued").count()
    warning_cancel(by=SCENARIO, warning=issued, reason="rain has stopped")
    assert OutboxMessage.objects.filter(state="cancelled").count() == count > 0


def test_a_key_press_is_the_answer_and_pressing_again_changes_nothing(issued: Warning) -> None:
    row = first("voice")
    reference = f"anlan-{row.warning.hex[-8:]}-{row.id:x}"
    assert told("voice-a/replies", {"reference": reference, "key": "2"}).json() == {"taken": 1, "results": ["answered"]}
    assert set(Call.objects.filter(id__in=row.calls).values_list("state", "answer")) == {("answered", "acting")}
    assert told("voice-a/replies", {"reference": reference, "key": "2"}).json()["results"] == ["repeated"]
    assert Entry.objects.filter(kind="call.answered").count() == len(row.calls)
    assert told("voice-a/replies", {"reference": reference, "key": "9"}).json()["results"] == ["unknown_words"]
    other = reference.replace(row.warning.hex[-8:], "00000000")
    assert told("voice-a/replies", {"reference": other, "key": "1"}).json()["results"] == ["unknown_sender"]


def test_a_receipt_moves_its_message_and_is_never_an_answer(issued: Warning) -> None:
    setting = way("sms-a", "sms", "http_sms", {"url": "http://127.0.0.1:1/", "callback_secret": "back",
                                               "callback_fields": {"reference": "msg.id", "state": "msg.status"}})  # fmt: skip
    one, two = outbox_claim(setting=setting.id, worker=setting.id, most=2)
    early = {"msg": {"id": "g-1", "status": "DELIVRD"}}
    assert told("sms-a/receipts", early).status_code == 200
    assert receipts_match() == 0, "its hand-over is not written yet"
    outbox_write(setting=setting, worker=setting.id, outcomes=[
        Outcome(one.id, one.fence, "handed", "g-1", 1), Outcome(two.id, two.fence, "handed", "g-2", 1)])  # fmt: skip
    told("sms-a/receipts", [{"msg": {"id": "g-2", "status": "UNDELIV"}}, {"msg": {"id": "g-9", "status": "DELIVRD"}}])
    assert receipts_match() == 2
    assert [OutboxMessage.objects.get(id=ident).state for ident in (one.id, two.id)] == ["delivered", "failed"]
    assert not Entry.objects.filter(kind="call.answered").exists()


def test_without_a_genuine_signature_nothing_is_taken(issued: Warning) -> None:
    row = first("voice")
    body = {"reference": f"anlan-{row.warning.hex[-8:]}-{row.id:x}", "key": "1"}
    for refused in (
        told("voice-a/replies", body, secret="other"),
        Client().post("/api/warning/gateways/voice-a/replies", body),
    ):
        assert refused.status_code == 403 and refused.json()["code"] == "gateway.signature"
    assert told("nobody/replies", body).status_code == 404
    assert told("voice-a/replies", [1, 2]).status_code == 422
    assert not Entry.objects.filter(kind="call.answered").exists()
