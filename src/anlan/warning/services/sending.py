"""From calls to messages: one message a person, in the words of the person's audience."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.warning import rules
from anlan.warning.bulk import uncollected
from anlan.warning.channels import switchboard
from anlan.warning.channels.base import Outgoing
from anlan.warning.engine.ladder import Contact
from anlan.warning.engine.wording import sentence
from anlan.warning.models import Warning


@dataclass(frozen=True, slots=True)
class Ring:
    """One person to ring for one call at one step and moment."""

    warning: UUID
    call: UUID
    division: str
    contact: Contact
    step: int
    channels: tuple[str, ...]
    at: datetime


def calls_send(rings: Iterable[Ring], warnings: dict[UUID, Warning]) -> None:
    """Ring everybody: the calls of a warning that reach one person at the same moment and step make one message."""
    with uncollected():
        grouped: dict[tuple[UUID, UUID, int, datetime], list[Ring]] = {}
        for ring in rings:
            grouped.setdefault((ring.warning, ring.contact.person, ring.step, ring.at), []).append(ring)
        texts: dict[tuple[UUID, str], tuple[str, str]] = {}
        messages = []
        for group in grouped.values():
            first, warning = group[0], warnings[group[0].warning]
            key = (warning.id, first.contact.role)
            if key not in texts:
                texts[key] = call_text(warning, first.contact.role)
            messages.append(_message(warning, group, texts[key]))
        if messages:
            switchboard.send(messages)


def _message(warning: Warning, group: Sequence[Ring], text: tuple[str, str]) -> Outgoing:
    first = group[0]
    return Outgoing(
        warning=warning.id,
        number=warning.number,
        colour=warning.colour,
        channels=first.channels,
        text_zh=text[0],
        text_en=text[1],
        drill=warning.drill,
        at=first.at,
        calls=tuple((ring.call, ring.division) for ring in group),
        person=first.contact.person,
        post_code=first.contact.post_code,
        role=first.contact.role,
        step=first.step,
    )


def call_text(warning: Warning, role: str) -> tuple[str, str]:
    """What the holder of `role` is told: headline, what to do, and how to answer (Chinese, English)."""
    pack = rules.instructions()
    found = sentence(pack, warning.hazard, warning.colour, pack.audience(role))
    zh = found["zh"] if found else warning.instruction_zh
    en = found["en"] if found else warning.instruction_en
    mark_zh, mark_en = ("【演练】", "[EXERCISE] ") if warning.drill else ("", "")
    return (
        f"{mark_zh}{warning.headline_zh}。{zh}请立即回复：1收到 2正在处置 3需要支援 4无法执行。",
        f"{mark_en}{warning.headline_en}. {en} Answer now: 1 received, 2 acting, 3 need help, 4 cannot.",
    )


def public_send(warning: Warning, channels: Sequence[str], at: datetime) -> None:
    """Give the warning to the channels that reach everybody."""
    if not channels:
        return
    mark_zh, mark_en = ("【演练】", "[EXERCISE] ") if warning.drill else ("", "")
    message = Outgoing(
        warning=warning.id,
        number=warning.number,
        colour=warning.colour,
        channels=tuple(channels),
        text_zh=f"{mark_zh}{warning.headline_zh}。{warning.instruction_zh}",
        text_en=f"{mark_en}{warning.headline_en}. {warning.instruction_en}",
        drill=warning.drill,
        at=at,
    )
    switchboard.send([message])
