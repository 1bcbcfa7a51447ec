"""Bodies nobody means well: moments without a zone, ids of nothing, numbers out of this world. Each is refused in words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from anlan.kernel import clock
from anlan.response.models import CommandPost, Incident
from tests.response.command_scene import team
from tests.response.scene import RED
from tests.response.test_scope_and_feed import client

pytestmark = pytest.mark.django_db
NAIVE, FAR = "2021-07-19T20:00:00", "9999-12-31T23:59:59+00:00"
NOBODY = "00000000-0000-4000-8000-000000000001"
COUNTY = "410182"
PERSON = {"division": COUNTY, "kind": "dead", "place": "p", "source": "s", "reporter": "r"}
HANDED = {"source_system": "119", "source_ref": "A", "division": COUNTY, "what": "x"}
DISASTER = {"division": COUNTY, "kind": "flood", "title": {"zh": "a", "en": "b"}, "happened_at": "2021-07-01T00:00:00Z"}
ASKED = {"division": COUNTY, "words": "x", "due_at": "2021-07-30T00:00:00Z"}
PAIR = {"zh": "a", "en": "b"}

# (path, body): `i`, `c`, `t` stand for an incident, its command post and a team there.
REFUSED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("incidents/i/figures", {"metric": "deaths", "value": 3, "source": "x", "as_of": NAIVE}),
    ("incidents/i/figures", {"metric": "deaths", "value": 3, "source": "x", "as_of": FAR}),
    ("incidents/i/split", {"title": PAIR, "reason": "x", "type_code": "ZZZ", "claims": [NOBODY]}),
    ("incidents", {"kind": "other", "title": {"zh": "", "en": ""}, "division": COUNTY, "source": "x"}),
    ("intakes", {**HANDED, "happened_at": NAIVE}),
    ("intakes", {**HANDED, "casualties": {"deaths": "many"}}),
    ("command/posts/c/log", {"kind": "note", "text": "x", "happened_at": NAIVE}),
    ("command/posts/c/log", {"kind": "note", "text": "x", "answers": NOBODY}),
    ("command/posts/c/withdraw", {"reason": "x", "within_min": 10**12}),
    ("command/posts/c/withdraw", {"reason": "x", "within_min": -5}),
    ("command/posts/c/teams", {"name": "a", "leader": "b", "people": 5, "vehicles": 10**6}),
    ("command/posts/c/teams", {"name": "a", "leader": "b", "people": 5, "self_support_h": -1}),
    ("command/posts/c/take", {"name": {"zh": "x"}, "tier": 10**9}),
    ("command/posts/c/take", {"name": {"en": "x"}, "tier": 4}),
    ("command/teams/t/move", {"inward": True, "heads": 10**9}),
    ("command/posts", {"incident": "i", "under": "c", "place": "x" * 3000}),
    ("command/posts", {"incident": "i", "under": "c", "lon": 1e300, "lat": 5}),
    ("command/leaders", {"post": f"{COUNTY}.commander", "site": ""}),
    ("command/leaders", {"post": f"{COUNTY}.commander", "site": "x" * 500}),
    ("command/leaders", {"post": f"{COUNTY}.commander", "site": "a", "handover_to": "410181.commander"}),
    ("casualties", {**PERSON, "found_at": NAIVE}),
    ("reports", {"division": COUNTY, "figures": {"dead": 1}, "as_of": NAIVE}),
    ("reports", {"division": COUNTY, "incident": NOBODY}),
    ("reports/ask", {**ASKED, "due_at": NAIVE}),
    ("reports/ask", {**ASKED, "incident": NOBODY}),
    ("disasters", {**DISASTER, "happened_at": NAIVE}),
    ("disasters", {**DISASTER, "incident": NOBODY}),
    ("orders", {"title_zh": "a", "text_zh": "b", "receivers": [], "within_min": 5}),
    ("orders", {"title_zh": "a", "text_zh": "b", "receivers": [{"post": NOBODY, "lead": True}], "limit_at": NAIVE}),
    ("levels", {"plan": "ZZ-FLOOD", "level": 2, "reason": "x", "matter": "y" * 190}),
)  # fmt: skip


@pytest.fixture
def desk(post: CommandPost) -> Client:
    """A county's account that may do everything there."""
    made = client(f"{COUNTY}.duty", "duty", "decider", "responder", "gateway", "admin")
    made.raise_request_exception = False
    return made


def test_every_hostile_body_is_refused_in_both_languages(desk: Client, post: CommandPost, flood: Incident) -> None:
    with clock.at(RED + timedelta(hours=1)):
        known = {"i": str(flood.pk), "c": str(post.pk), "t": str(team(post).pk)}
        wrong: list[str] = []
        for path, body in REFUSED:
            address = "/".join(known.get(part, part) for part in path.split("/"))
            sent = {key: known.get(value, value) if isinstance(value, str) else value for key, value in body.items()}
            with transaction.atomic():
                answer = desk.post(f"/api/response/{address}", json.dumps(sent), content_type="application/json")
                transaction.set_rollback(True)
            told = answer.json() if "json" in answer["Content-Type"] else {}
            if answer.status_code not in (403, 404, 409, 422) or not (told.get("zh") and told.get("en")):
                wrong.append(f"{answer.status_code} {path} {body}")
        assert wrong == []
        connection.check_constraints()
