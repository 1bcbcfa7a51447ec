"""The acts a duty system sends over a bad line: decided, issued, opened, filed once, however often they come."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.response.models import Incident, Level, LevelProposal, Order, Task
from anlan.response.services import order_check, order_draft, order_sign
from tests.response.ordering import content, hands
from tests.response.scene import RED, warn
from tests.response.test_scope_and_feed import client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def twice(who: Client, path: str, body: dict[str, Any]) -> Any:
    """Send a write, and again; return its answer, after the second was found to be the same and to have done nothing."""
    headers = {"idempotency-key": f'"{path}"'}

    def send() -> Any:
        return who.post(f"/api/response/{path}", json.dumps(body), content_type="application/json", headers=headers)

    first, written = send(), Entry.objects.count()
    again = send()
    assert first.status_code in (200, 201), first.content
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert Entry.objects.count() == written
    return first.json()


def adopted() -> None:
    warn("red", RED)
    proposal = LevelProposal.objects.get()
    made = twice(client("4101.commander", "decider"), f"proposals/{proposal.pk}/adopt", {})
    assert str(Level.objects.get(until=None).pk) == made["id"]
    assert Entry.objects.filter(kind="level.started").count() == 1


def decided() -> None:
    city = client("4101.commander", "decider")
    made = twice(city, "levels", {"plan": "ZZ-FLOOD", "level": 2, "reason": "上游泄洪"})
    tasks = Task.objects.count()
    assert tasks > 5
    ended = {"plan": "ZZ-FLOOD", "level": 0, "reason": "雨停", "ending": {"confirmed": [0]}}
    headers = {"idempotency-key": "end"}
    sent = [city.post("/api/response/levels", json.dumps(ended), content_type="application/json", headers=headers)
            for _ in range(2)]  # fmt: skip
    assert [one.status_code for one in sent] == [200, 200]
    assert (made["level"], Entry.objects.filter(kind="level.ended").count()) == (2, 1)


def ordered() -> None:
    maker, checker, signer = hands()
    row = order_draft(by=maker, content=content(), at=RED)
    order_check(by=checker, order=row.pk, seen=row.digest, at=RED)
    order_sign(by=signer, order=row.pk, seen=row.digest, at=RED)
    made = twice(client("4101.commander", "decider"), f"orders/{row.pk}/issue", {"seen": row.digest})
    assert (made["state"], Task.objects.filter(order=row).count()) == ("issued", 2)


def drafted() -> None:
    of = asdict(content())
    body = {
        "kind": "order", "title_zh": of["title"]["zh"], "title_en": of["title"]["en"], "text_zh": of["text"]["zh"],
        "text_en": of["text"]["en"], "law": list(of["law"]), "issuer": str(of["issuer"]), "within_min": 60,
        "receivers": [one._asdict() for one in content().receivers],
    }  # fmt: skip
    twice(client("4101.duty", "duty"), "orders", body)
    assert Order.objects.count() == 1


def opened() -> None:
    title = {"zh": "山洪", "en": "Flash flood"}
    body = {"kind": "flash_flood", "title": title, "division": "410182", "source": "110"}
    twice(client("410182.duty", "duty"), "incidents", body)
    assert Incident.objects.count() == 1


def counted() -> None:
    body = {"division": "410182", "kind": "missing", "place": "村口", "source": "110", "reporter": "值班员"}
    desk = client("410182.duty", "duty")
    twice(desk, "casualties", body)
    assert len(desk.get("/api/response/casualties").json()["items"]) == 1


def filed() -> None:
    body = {"division": "410182", "figures": {"missing": 1}, "as_of": (RED + timedelta(minutes=4)).isoformat()}
    twice(client("410182.duty", "duty"), "reports", body)


@pytest.mark.parametrize("act", [adopted, decided, ordered, drafted, opened, counted, filed])
def test_an_act_sent_twice_is_done_once(act: Callable[[], None]) -> None:
    with clock.at(RED + timedelta(minutes=5)):
        act()


def test_without_a_key_the_second_is_another_act() -> None:
    body = {"kind": "flash_flood", "title": {"zh": "山洪", "en": "x"}, "division": "410182", "source": "110"}
    desk = client("410182.duty", "duty")
    for _ in range(2):
        desk.post("/api/response/incidents", json.dumps(body), content_type="application/json")
    assert Incident.objects.count() == 2


def test_a_page_of_another_site_gets_no_kept_answer() -> None:
    """Who is signed in in a browser proves with each sending that the page is ours."""
    body = json.dumps(
        {"kind": "flash_flood", "title": {"zh": "山洪", "en": "x"}, "division": "410182", "source": "110"}
    )
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client("410182.duty", "duty").cookies
    sent = {"content_type": "application/json", "headers": {"idempotency-key": "k"}}
    assert strict.post("/api/response/incidents", body, **sent).status_code == 403
    assert Incident.objects.count() == 0
