"""Orders as pure values: who leads, how far the receivers have come, what the number is called, what is still owed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

ONE_LEAD = ("order", "request", "instruction")
"""Kinds of orders with exactly one lead unit; a notice only asks for receipts."""

_WORDS = {"order": "指令", "notice": "通知", "request": "协助函", "instruction": "督办"}


class Receiver(NamedTuple):
    """One who gets an order: the post's id or code, and does it lead (牵头) or co-operate (配合)?"""

    post: str
    lead: bool


class Part(NamedTuple):
    """One receiver's task: its state, is a receipt all it asks, was it signed for, has it run over its limit?"""

    state: str
    receipt_only: bool
    received: bool


def leads_fault(kind: str, receivers: Sequence[Receiver]) -> str:
    """Return what is wrong with the receivers of an order of `kind`: "none", "twice", "no_lead", "two_leads", or ""."""
    if not receivers:
        return "none"
    if len({receiver.post for receiver in receivers}) < len(receivers):
        return "twice"
    leads = sum(receiver.lead for receiver in receivers)
    if kind not in ONE_LEAD:
        return ""
    return "no_lead" if leads == 0 else "two_leads" if leads > 1 else ""


def settled(part: Part) -> bool:
    """Is nothing more waited for from this receiver? Verified; or done, where a receipt was all that was asked."""
    return part.state == "verified" or (part.receipt_only and part.state == "done")


def stage(state: str, kind: str, parts: Sequence[Part]) -> str:
    """Return how far an order has come: draft, issued (receipts missing), receipted, done, closing, over.

    Called-off parts don't count. An instruction whose receivers are through waits for who gave it: closing.
    """
    if state in ("drafted", "checked", "signed"):
        return "draft"
    if state != "issued":
        return "over"
    left = [part for part in parts if part.state != "cancelled"]
    if any(not part.received for part in left):
        return "issued"
    if any(part.state in ("issued", "received", "overdue") for part in left):
        return "receipted"
    if any(not settled(part) for part in left):
        return "done"
    return "closing"


def number_of(kind: str, year: int, seq: int) -> str:
    """Return an order's number as papers write it: 指令〔2026〕12号 (GB/T 9704-2012 §7.2.5: no leading zeros)."""
    return f"{_WORDS[kind]}〔{year}〕{seq}号"


def owed(asked: dict[str, object], evidence: dict[str, object]) -> str:
    """Return the first part of the evidence asked for that is missing: "text", "photo", "number", "place", or "".

    Without anything asked in particular, words or a photo are enough.
    """
    words, files = str(evidence.get("text") or "").strip(), evidence.get("files") or []
    if not words and not files:
        return "photo" if asked.get("photo") else "text"
    if asked.get("photo") and not files:
        return "photo"
    if asked.get("unit") and evidence.get("number") is None:
        return "number"
    if asked.get("place") and (evidence.get("lon") is None or evidence.get("lat") is None):
        return "place"
    return ""
