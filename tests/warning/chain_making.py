"""Messages of chains for tests: one sender, a moment that they are looked at, minutes after a start."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from anlan.warning.engine.chain_values import Message, Reference

T0 = datetime(2021, 7, 20, 1, 0, tzinfo=UTC)
NOW = T0 + timedelta(hours=2)
OURS, THEIRS = "41018141600000", "41018241600000"


def minutes(count: float) -> datetime:
    return T0 + timedelta(minutes=count)


def alert(name: str, at: float = 0, kind: str = "Alert", refers: Iterable[Message] = (), **more: Any) -> Message:
    fields: dict[str, Any] = {
        "sender": OURS, "identifier": name, "sent": minutes(at), "msg_type": kind, "digest": f"d-{name}-{at}",
        "fingerprint": f"f-{name}", "expires": minutes(600),
        "references": tuple(Reference(one.sender, one.identifier, one.sent) for one in refers),
    }  # fmt: skip
    return Message(**{**fields, **more})
