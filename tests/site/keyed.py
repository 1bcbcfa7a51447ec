"""What the tests of keyed writes share: a county's desk with its token, and a write sent as a program sends it."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from anlan.kernel.models import Account
from tests.faults.reports_kill import land_laid
from tests.site.ogc_territory import account_make

COUNTY = "410181"
FLOOD = {
    "kind": "flash_flood", "title": {"zh": "崔庙镇山洪", "en": "Flash flood at Cuimiao"}, "division": COUNTY, "source": "119",
}  # fmt: skip


def desk() -> Account:
    """A county's desk, with the divisions around it."""
    land_laid(6)
    return account_make([COUNTY], "desk", ("duty", "decider"))


def send(
    secret: str, key: str | None = None, body: Any = FLOOD, path: str = "/api/response/incidents", method: str = "POST"
) -> Any:
    """Send a write as a program does."""
    headers = {"host": "127.0.0.1", "authorization": f"Bearer {secret}"} | ({"idempotency-key": key} if key else {})
    who = Client(headers=headers, raise_request_exception=False)
    return who.generic(method, path, json.dumps(body), content_type="application/json")


def told(answer: Any) -> tuple[int, Any, bool]:
    """Status, body, and whether it is an answer of before."""
    return answer.status_code, answer.json(), answer.headers.get("Idempotent-Replayed") == "true"
