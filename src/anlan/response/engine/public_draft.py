"""The text a public statement may start from (信息发布稿): only what somebody has confirmed and nothing contradicts.

Statements that stand against each other stay beside each other inside the platform; the public text uses neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from anlan.response.engine.plan import Words


class Said(NamedTuple):
    """One statement about an event: its topic, what it claims, in both languages, and how far it is verified."""

    topic: str
    value: str
    zh: str
    en: str
    state: str
    contradicted: bool
    confidence: str


def public_facts(statements: Sequence[Said]) -> tuple[Words, ...]:
    """Return the statements that may be told in public: confirmed, and with no other value of their topic left standing."""
    found = []
    for one in statements:
        others = {s.value for s in statements if s.topic == one.topic and s.state != "refuted"}
        if one.state == "confirmed" and not one.contradicted and others == {one.value}:
            found.append(Words(one.zh, one.en))
    return tuple(found)


def public_draft(title: Words, at: datetime, statements: Sequence[Said], measures: Words | None = None) -> Words:
    """Return the draft: what happened, what is confirmed, what is being done, and that the rest is being verified. `at`
    in the time it shall be told in."""
    facts = public_facts(statements)
    open_topics = {s.topic for s in statements if s.state != "refuted"} - {
        s.topic for s in statements if Words(s.zh, s.en) in facts
    }
    zh = [f"{at.month}月{at.day}日{at:%H时%M分}，{title.zh}。", *(f"{fact.zh}。" for fact in facts)]
    en = [f"{at:%d %B, %H:%M}: {title.en}.", *(f"{fact.en}." for fact in facts)]
    if measures is not None:
        zh.append(f"目前，{measures.zh}。")
        en.append(f"{measures.en}.")
    if open_topics:
        zh.append("其他情况正在核实，将及时发布。")
        en.append("Other reports are being verified; we will tell you as soon as we know.")
    return Words("".join(zh), " ".join(en))
