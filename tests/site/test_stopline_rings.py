"""The whole way of a stop-line that rings: water at the line, out by the senders to a gateway, signed for by a signed key press."""

# ruff: noqa: F401, F811 - fixtures

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import Entry
from anlan.response.engine.stopline import Reading
from anlan.response.formats.packs import pack_text
from anlan.response.models import StopLine, Task
from anlan.response.services import plan_load, stopline_read
from anlan.response.tasks import sweep
from anlan.territory.services import generate
from anlan.warning.formats.http_message import SIGNATURE, signed
from anlan.warning.models import Ringing
from tests.response.scene import SYSTEM
from tests.warning.channels.conftest import post, secrets, web
from tests.warning.channels.posting import Post, WebGateway, until, way

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crossed(transactional_db: None) -> Callable[[datetime], Task]:
    """Brings the water to the line of a tunnel at a moment."""
    generate("tiny", 7)
    plan_load(by=SYSTEM, text=pack_text("plans/zhengzhou_flood.yaml"), at=clock.now() - timedelta(days=1))
    line = StopLine.objects.filter(place__kind="tunnel").select_related("place").order_by("place__code")[0]

    def cross(at: datetime) -> Task:
        (found,) = stopline_read(by=SYSTEM, readings=[Reading(line.place.code, line.metric, 9.0, at)])
        assert found.task is not None
        return found.task

    return cross


def told(path: str, body: Any) -> Any:
    raw = json.dumps(body).encode()
    header = signed("S3CRET", raw, int(clock.now().timestamp()))
    return Client().post(f"/api/warning/gateways/{path}", raw, "application/json", headers={SIGNATURE: header})


def test_water_at_the_line_rings_at_a_gateway_and_a_key_signs_for_it(
    web: WebGateway,
    post: Post,
    secrets: Callable[..., None],
    crossed: Callable[[datetime], Task],
) -> None:
    secrets(back="S3CRET")
    way("voice-a", "voice", "voice", {"url": web.url("/call"), "callback_secret": "back"})
    task = crossed(clock.now())
    until(lambda: Ringing.objects.filter(sent__voice__state="handed").exists(), "handed to the gateway")
    (body,) = web.bodies()
    assert task.text_zh.rstrip("。") in json.dumps(body, ensure_ascii=False)
    assert told("voice-a/replies", {"reference": body["reference"], "key": "1"}).json()["results"] == ["answered"]
    run_until_quiet()
    task.refresh_from_db()
    assert (task.state, task.done_at) == ("received", None)
    assert Entry.objects.get(kind="task.received").actor["kind"] == "person"
    assert len(web.accepted) == 1 and web.repeats == 0


def test_a_dead_telephone_climbs_to_the_superior_and_a_text_reaches_both(
    web: WebGateway,
    post: Post,
    crossed: Callable[[datetime], Task],
) -> None:
    web.answer = lambda path, *_: (400, {"m": "no such number"}) if path == "/call" else None
    way("voice-a", "voice", "voice", {"url": web.url("/call")})
    way("sms-a", "sms", "http_sms", {"url": web.url("/text")})
    task = crossed(clock.now() - timedelta(minutes=5))
    sweep(task.receipt_due_at)
    until(lambda: len([path for _, path, _, _ in web.requests if path == "/text"]) == 2, "both by text message")
    rows = list(Ringing.objects.filter(about=f"task:{task.pk}").order_by("step"))
    assert [row.step for row in rows] == [0, 1] and rows[0].person != rows[1].person
    until(
        lambda: all(row.sent["sms"]["state"] in ("handed", "delivered") for row in Ringing.objects.all()),
        "written down",
    )
