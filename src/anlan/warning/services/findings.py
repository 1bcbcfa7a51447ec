"""What stands in the way of a warning being written: every check in one pass, in both languages, nothing written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from anlan.kernel.drill import drill_state
from anlan.kernel.problem import Problem
from anlan.warning import choices_drafts, rules
from anlan.warning.engine.short_form import size_of
from anlan.warning.models import Warning
from anlan.warning.services.checks import check_area, check_codes, check_instruction, check_times, contradictions_of
from anlan.warning.services.rows import every_text
from anlan.warning.services.sending import MARKS
from anlan.warning.services.values_drafts import DraftContent

BLOCKS, SECOND, NOTE = "block", "second", "note"
MOST_LINE, MOST_WORDS = 200, 4000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `weight`: block (can't go on), second (needs a second signature), note (may be meant)."""

    weight: str
    code: str
    field: str
    zh: str
    en: str


def findings(content: DraftContent, at: datetime) -> tuple[Finding, ...]:
    """Everything found in `content` as of `at`, what blocks first."""
    found = list(_cancel(content) if content.act == "cancel" else (*_codes(content, at), *_words(content)))
    order = {BLOCKS: 0, SECOND: 1, NOTE: 2}
    return tuple(sorted(found, key=lambda each: order[each.weight]))


def lasts(content: DraftContent, at: datetime) -> tuple[datetime, datetime]:
    """From when until when the warning holds if it is issued at `at`."""
    start = max(content.effective, at) if content.effective is not None else at
    return start, content.expires or start + timedelta(seconds=rules.proposals().valid_s[content.colour])


def _cancel(content: DraftContent) -> Iterator[Finding]:
    if not content.reason.strip():
        yield Finding(
            BLOCKS, "warning.no_reason", "reason", "解除预警须写明理由。", "Say why the warning is cancelled."
        )
    yield from _chain(content)


def _chain(content: DraftContent) -> Iterator[Finding]:
    chain = Warning.objects.filter(id=content.references).first() if content.references else None
    first = (chain.references_id or chain.id) if chain is not None else None
    if first is None or not _standing(first):
        yield Finding(
            BLOCKS, "warning.over", "references", "所更新或解除的预警已结束；请制作新预警。",
            "The warning this acts on is over; write a new one.",
        )  # fmt: skip


def _standing(first: UUID) -> bool:
    return (
        Warning.objects.filter(references=first, state="in_force").exists()
        or Warning.objects.filter(id=first, state="in_force").exists()
    )


def _caught(act: Callable[[], object]) -> Iterator[Finding]:
    try:
        act()
    except Problem as problem:
        yield Finding(BLOCKS, problem.code, problem.field or "", problem.zh, problem.en)


def _codes(content: DraftContent, at: datetime) -> Iterator[Finding]:
    bad = list(_caught(lambda: check_codes(content.hazard, content.colour, content.issuer_kind)))
    yield from bad
    yield from _caught(lambda: check_area(content.area))
    if content.act == "update":
        yield from _chain(content)
    if bad:
        return
    yield from _caught(lambda: check_times(*lasts(content, at)))
    yield from _caught(lambda: check_instruction(content.texts(), content.hazard, content.colour))
    texts = (*content.texts().all(), *every_text(content.words()))
    seen: set[tuple[str, str]] = set()
    for each in contradictions_of(texts, content.area):
        if (each.clause, each.stop.kind) not in seen:
            seen.add((each.clause, each.stop.kind))
            yield Finding(
                SECOND, "warning.contradiction", "actions",
                f"文字“{each.clause}”与正在执行的{each.stop.zh}矛盾；请改写，或由另一名签发人复核签发。",
                f"“{each.clause}” goes against an order in force ({each.stop.en}). Reword it, or have a second issuer sign.",
            )  # fmt: skip


def _words(content: DraftContent) -> Iterator[Finding]:
    for name, pair, most in (
        ("headline", content.headline, MOST_LINE),
        ("description", content.description, MOST_WORDS),
    ):
        yield from _pair(name, name, pair, most)
    for name, pair in content.actions.items():
        who = choices_drafts.AUDIENCES.get(name)
        if who is None:
            yield Finding(BLOCKS, "draft.audience", f"actions.{name}", f"没有对象“{name}”；请删去。",
                          f"There is no audience “{name}”; leave it out.")  # fmt: skip
        elif name != "public":
            yield from _pair(f"actions.{name}", name, pair, MOST_WORDS)
    yield from _pair("sms", "sms", content.sms, MOST_LINE * 2)
    marks = dict(zip(("zh", "en"), MARKS, strict=True)) if drill_state() is not None else {"zh": "", "en": ""}
    for language, mark in marks.items():
        size = size_of(mark + content.sms.get(language, ""))
        if size.parts > 1:
            yield Finding(
                NOTE, "draft.sms_parts", f"sms.{language}",
                f"短信{size.characters}字，须分{size.parts}条发送；一条为70字以内（英文160）。",
                f"The text message has {size.characters} characters and goes out in {size.parts} parts; one part holds 70 (plain Latin 160).",
            )  # fmt: skip


def _pair(field: str, name: str, pair: object, most: int) -> Iterator[Finding]:
    words = {"headline": ("标题", "headline"), "description": ("内容", "description"), "sms": ("短信", "text message")}
    who = choices_drafts.AUDIENCES.get(name)
    zh, en = words.get(name) or (
        (f"对{who.zh}的行动指引", f"instruction for {who.en.lower()}") if who else (name, name)
    )
    for language, spoken in (("zh", ("中文", "Chinese")), ("en", ("英文", "English"))):
        text = pair.get(language, "") if isinstance(pair, dict) else ""
        if not text.strip():
            yield Finding(BLOCKS, "draft.empty", f"{field}.{language}", f"{spoken[0]}{zh}为空；请写明。",
                          f"The {en} is empty in {spoken[1]}; write it.")  # fmt: skip
        elif len(text) > most:
            yield Finding(BLOCKS, "draft.long", f"{field}.{language}", f"{spoken[0]}{zh}超过{most}字；请缩短。",
                          f"The {en} has more than {most} characters in {spoken[1]}; shorten it.")  # fmt: skip
