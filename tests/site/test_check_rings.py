"""The whole way of a check that rings: asked at the desk, out by the senders to a gateway, answered by a signed key press."""

# ruff: noqa: F401, F811 - fixtures

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from anlan.kernel import clock, ids
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import Entry
from anlan.response.models import DutyCheck
from anlan.response.services.duty_checks import check_now
from anlan.response.tasks import sweep
from anlan.territory.services import generate
from anlan.warning.formats.http_message import SIGNATURE, signed
from anlan.warning.models import OutboxBlock, OutboxMessage, Ringing
from anlan.warning.tasks import sweep as warning_sweep
from tests.response.duty_scene import crews, leader, published
from tests.warning.channels.conftest import post, secrets, web
from tests.warning.channels.posting import Post, WebGateway, free_port, until, way

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def check(transactional_db: None) -> Callable[[], DutyCheck]:
    """Checks the city's desk at this moment."""
    generate("tiny", 7)
    now = clock.now().replace(second=0, microsecond=0)
    listed = crews(5)
    row = published(checks_a_week=0, year=now.astimezone(clock.BEIJING).year, crews=listed,
                    begins_at=now, at=now)  # fmt: skip
    return lambda: check_now(by=leader(), roster=row.pk)


def told(path: str, body: Any) -> Any:
    raw = json.dumps(body).encode()
    header = signed("S3CRET", raw, int(clock.now().timestamp()))
    return Client().post(f"/api/warning/gateways/{path}", raw, "application/json", headers={SIGNATURE: header})


def stands(check: DutyCheck, channel: str, *states: str, step: int = 0) -> Callable[[], bool]:
    def found() -> bool:
        row = Ringing.objects.get(about=f"dutycheck:{check.pk}", step=step)
        return bool(row.sent.get(channel, {}).get("state") in states)

    return found


def test_a_check_rings_at_a_gateway_and_a_key_answers_it(
    web: WebGateway,
    post: Post,
    secrets: Callable[..., None],
    check: Callable[[], DutyCheck],
) -> None:
    secrets(back="S3CRET")
    way("voice-a", "voice", "voice", {"url": web.url("/call"), "callback_secret": "back"})
    asked = check()
    until(stands(asked, "voice", "handed"), "handed to the gateway")
    (body,) = web.bodies()
    assert body["reference"] in web.accepted and "值守抽查" in json.dumps(body, ensure_ascii=False)
    assert Entry.objects.filter(kind="ringing.sent", data__state="handed", data__tries=1).count() == 1
    told("voice-a/receipts", {"reference": body["reference"], "state": "DELIVRD"})
    assert told("voice-a/replies", {"reference": body["reference"], "key": "1"}).json()["results"] == ["answered"]
    assert told("voice-a/replies", {"reference": body["reference"], "key": "1"}).json()["results"] == ["repeated"]
    run_until_quiet()
    asked.refresh_from_db()
    assert (asked.state, asked.way, asked.late) == ("answered", "keys", False)
    until(stands(asked, "voice", "delivered"), "the receipt is matched after the answer too")
    assert len(web.accepted) == 1 and web.repeats == 0


def test_a_number_the_telephone_refuses_is_sent_a_text(
    web: WebGateway,
    post: Post,
    check: Callable[[], DutyCheck],
) -> None:
    web.answer = lambda path, *_: (400, {"m": "no such number"}) if path == "/call" else None
    way("voice-a", "voice", "voice", {"url": web.url("/call")})
    way("sms-a", "sms", "http_sms", {"url": web.url("/text")})
    asked = check()
    until(stands(asked, "sms", "handed"), "sent by text message")
    row = Ringing.objects.get()
    assert row.sent["voice"]["state"] == "failed" and "HTTP 400" in row.sent["voice"]["error"]
    assert [path for _, path, _, _ in web.requests if path == "/text"] == ["/text"]
    assert row.state == "ringing"


def test_a_dead_way_leaves_the_check_climbing_and_rings_nobody_when_it_is_back_too_late(
    web: WebGateway,
    post: Post,
    check: Callable[[], DutyCheck],
) -> None:
    way("voice-a", "voice", "voice", {"url": f"http://127.0.0.1:{free_port()}/call"})
    asked = check()
    assert asked.due_at is not None
    sweep(asked.due_at)
    asked.refresh_from_db()
    assert (asked.state, len(asked.climbs)) == ("missed", 1)
    assert Ringing.objects.count() == 2 and set(Ringing.objects.values_list("state", flat=True)) == {"ringing"}
    warning_sweep(asked.due_at + timedelta(hours=1))
    way("voice-a", "voice", "voice", {"url": web.url("/call")})
    second = check_now(by=leader(), roster=asked.roster_id)
    until(stands(second, "voice", "handed"), "the next one goes out")
    assert len(web.accepted) == 1, "of the check before, nobody hears now"
    assert set(OutboxMessage.objects.exclude(warning=Ringing.objects.get(about=f"dutycheck:{second.pk}").id).values_list(
        "state", flat=True)) == {"cancelled"}  # fmt: skip


def test_senders_that_die_ring_nobody_twice(
    web: WebGateway,
    tmp_path: Path,
    check: Callable[[], DutyCheck],
) -> None:
    way("voice-a", "voice", "voice", {"url": web.url("/call")})
    asked = check()
    first = Post(tmp_path / "senders")
    until(stands(asked, "voice", "handed"), "handed")
    first.stop()
    # As if the first had died between hand-over and the written result: the message is taken, its result unknown.
    message, dead = OutboxMessage.objects.get(), ids.new_id()
    OutboxMessage.objects.update(state="taken", worker=dead)
    OutboxBlock.objects.create(division="", setting=message.setting, priority=3, due_at=message.due_at,
                               messages=[message.id], worker=dead)  # fmt: skip
    second = Post(tmp_path / "senders")
    until(lambda: web.repeats == 1, "repeated under the same reference, which the gateway knows")
    until(stands(asked, "voice", "handed", "delivered"), "handed again")
    second.stop()
    assert len(web.accepted) == 1 and OutboxMessage.objects.count() == 1
