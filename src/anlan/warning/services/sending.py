"""From calls to messages: one message a person, in the words of the person's audience."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from anlan.warning import rules
from anlan.warning.bulk import uncollected
from anlan.warning.channels import switchboard
from anlan.warning.channels.base import Outgoing
from anlan.warning.engine.ladder import Contact
from anlan.warning.engine.wording import sentence
from anlan.warning.models import Warning

MARKS: Final = ("【演练】", "[EXERCISE] ")
# Channels that carry the short form where there is one.
SHORT: Final = frozenset({"mass_sms"})


class Ring(msgspec.Struct, frozen=True, gc=False):
    """One person to ring for one call at one step and moment. `sought`: whom to go and see (Chinese, English)."""

    warning: UUID
    call: UUID
    division: str
    contact: Contact
    step: int
    channels: tuple[str, ...]
    at: datetime
    sought: tuple[str, str] | None = None


def calls_send(rings: Iterable[Ring], warnings: dict[UUID, Warning]) -> None:
    """Ring everybody: the calls of a warning that reach one person at the same moment and step make one message."""
    with uncollected():
        grouped: dict[tuple[int, int, int, datetime], list[Ring]] = {}  # of ids the numbers, which hash faster
        for ring in rings:
            key = (ring.warning.int, ring.contact.person.int, ring.step, ring.at)
            if (standing := grouped.get(key)) is None:
                grouped[key] = [ring]
            else:
                standing.append(ring)
        texts: dict[tuple[int, str, tuple[tuple[str, str], ...]], tuple[str, str]] = {}
        messages = []
        for group in grouped.values():
            if len(group) > 1:
                group.sort(key=lambda ring: ring.contact.post_code)  # what is said never hangs on the order of rows
            first, warning = group[0], warnings[group[0].warning]
            sought = tuple([ring.sought for ring in group if ring.sought is not None])
            told = (warning.id.int, first.contact.role, sought)
            if told not in texts:
                texts[told] = visit_text(warning, sought) if sought else call_text(warning, first.contact.role)
            messages.append(_message(warning, group, texts[told]))
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
        calls=tuple([(ring.call, ring.division) for ring in group]),
        person=first.contact.person,
        post_code=first.contact.post_code,
        role=first.contact.role,
        step=first.step,
    )


def call_action(warning: Warning, role: str) -> tuple[str, str]:
    """What the holder of `role` must do (Chinese, English): the warning's own words, else the pack's."""
    pack = rules.instructions()
    told = pack.audience(role)
    own = warning.words.get("actions", {})
    found = own.get(told) or own.get("officer") or sentence(pack, warning.hazard, warning.colour, told)
    return (found["zh"], found["en"]) if found else (warning.instruction_zh, warning.instruction_en)


def call_text(warning: Warning, role: str) -> tuple[str, str]:
    """What the holder of `role` is told: headline, what to do, and how to answer (Chinese, English)."""
    zh, en = call_action(warning, role)
    mark_zh, mark_en = MARKS if warning.drill else ("", "")
    return (
        f"{mark_zh}{warning.headline_zh}。{zh}请立即回复：1收到 2正在处置 3需要支援 4无法执行。",
        f"{mark_en}{warning.headline_en}. {en} Answer now: 1 received, 2 acting, 3 need help, 4 cannot.",
    )


def visit_text(warning: Warning, sought: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """What who is to go there in person is told: whom to find, and how to answer (Chinese, English)."""
    mark_zh, mark_en = MARKS if warning.drill else ("", "")
    zh, en = "、".join(zh for zh, _ in sought), "; ".join(en for _, en in sought)
    return (
        f"{mark_zh}{warning.headline_zh}。{zh}多次呼叫无人回应，请立即上门找到人并落实。"
        "请回复：1已出发 2已找到并落实 3需要支援 4无法前往。",
        f"{mark_en}{warning.headline_en}. Nobody answers for {en}. Go there now, find them and see that they act."
        " Answer: 1 on my way, 2 found and acting, 3 need help, 4 cannot go.",
    )


def public_send(warning: Warning, channels: Sequence[str], at: datetime) -> None:
    """Give the warning to the channels that reach everybody."""
    if not channels:
        return
    short = [code for code in channels if code in SHORT] if warning.words.get("sms") else []
    parts = ((short, public_short(warning)), ([c for c in channels if c not in short], public_text(warning)))
    messages = [
        Outgoing(
            warning=warning.id, number=warning.number, colour=warning.colour, channels=tuple(codes), text_zh=text[0],
            text_en=text[1], drill=warning.drill, at=at,
        )
        for codes, text in parts if codes
    ]  # fmt: skip
    switchboard.send(messages)


def public_text(warning: Warning) -> tuple[str, str]:
    """What everybody is told: headline and instruction (Chinese, English)."""
    mark_zh, mark_en = MARKS if warning.drill else ("", "")
    return (
        f"{mark_zh}{warning.headline_zh}。{warning.instruction_zh}",
        f"{mark_en}{warning.headline_en}. {warning.instruction_en}",
    )


def public_short(warning: Warning) -> tuple[str, str]:
    """What everybody is told by text message (Chinese, English); without a short form, what everybody is told."""
    short = warning.words.get("sms")
    if not short:
        return public_text(warning)
    mark_zh, mark_en = MARKS if warning.drill else ("", "")
    return f"{mark_zh}{short['zh']}", f"{mark_en}{short['en']}"
