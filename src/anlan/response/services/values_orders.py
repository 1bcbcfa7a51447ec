"""What an order says, as callers hand it in and the table keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from anlan.response.engine.order import Receiver
from anlan.response.models import Order

Pair = Mapping[str, str]
"""{"zh": …, "en": …}; the English may be empty."""


@dataclass(frozen=True, slots=True)
class OrderContent:
    """Everything an order says. Its digest is what checks and signatures hold for.

    `issuer`: the post it is given by; for an instruction `given_by` may say it in words instead, with `given_at`.
    `receivers`: posts (ids), exactly one of which leads, except of a notice. `law`: items such as "73(2)"; `plan`,
    `plan_task`: codes. The limit is `limit_at`, or `within_min` minutes after it goes out. `evidence`: what is asked for
    as proof: {zh, en} words, and if wanted photo: true, unit: of the number, place: true. `incident`: its id.
    """

    kind: str
    title: Pair
    text: Pair
    receivers: tuple[Receiver, ...]
    issuer: UUID | None = None
    given_by: str = ""
    given_at: datetime | None = None
    law: tuple[str, ...] = ()
    plan: str = ""
    plan_task: str = ""
    incident: UUID | None = None
    working_group: str = ""
    within_min: int | None = None
    limit_at: datetime | None = None
    receipt_min: int = 15
    verify_min: int = 60
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def digest(self) -> str:
        """SHA-256 over the content in one order of keys."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        return hashlib.sha256(msgspec.json.encode(own, order="deterministic")).hexdigest()


def content_of(row: Order) -> OrderContent:
    """The content of a row."""
    lead = [Receiver(str(row.lead_post_id), True)] if row.lead_post_id else []
    return OrderContent(
        kind=row.kind, title={"zh": row.title_zh, "en": row.title_en}, text={"zh": row.text_zh, "en": row.text_en},
        receivers=(*lead, *(Receiver(key, False) for key in row.helpers)), issuer=row.issuer_post_id,
        given_by=row.given_by, given_at=row.given_at, law=tuple(row.basis.get("items", ())),
        plan=row.basis.get("plan", ""), plan_task=row.basis.get("task", ""), incident=row.incident_id,
        working_group=row.working_group, within_min=row.within_min, limit_at=row.limit_at,
        receipt_min=row.receipt_min, verify_min=row.verify_min, evidence=row.evidence_asked,
    )  # fmt: skip
