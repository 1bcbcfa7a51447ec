"""What a decision on a level says: the plan's words where none are given, and what the law asks and is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.response.engine import announcement
from anlan.response.engine import plan as rulebook
from anlan.response.engine.level_words import RECORDED, WATCH, end_announced, plan_cited, plan_words, said
from anlan.response.engine.plan_diff import difference, tasks_of
from anlan.response.engine.text import Words
from anlan.response.models import Level, LevelProposal


class Announcement(NamedTuple):
    """What a start or change states; None takes the plan's own words, or the proposal's.

    `measures` are texts, duration in hours. `reason` and `basis` must be given where nobody has proposed the level.
    """

    matter: str | None = None
    expected_duration_h: float | None = None
    measures: Sequence[str] | None = None
    note: str = ""
    reason: str | None = None
    basis: str | None = None


class Ending(NamedTuple):
    """What an end states (art. 86); None takes the plan's own words. `confirmed`: numbers (from 0) of the plan's end
    conditions that were found met."""

    announced: str | None = None
    stopped: Sequence[str] | None = None
    watch: str | None = None
    confirmed: Sequence[int] = ()


def announced(
    by: Actor, rules: rulebook.Plan, level: int, row: LevelProposal | None, given: Announcement
) -> dict[str, Any]:
    """Return the columns of what a start or change states. Invalid names what the law asks for and is missing."""
    own: dict[str, Any] = {
        "matter": given.matter, "expected_duration_h": given.expected_duration_h, "basis": given.basis,
        "measures": None if given.measures is None else list(given.measures), "reason": _reason(by, row, given),
    }  # fmt: skip
    plain = {**announcement_words(rules, level, row), "expected_duration_h": rules.level(level).expected_duration_h}
    told = {key: in_chinese(words) if own[key] is None else own[key] for key, words in plain.items()}
    lacking = announcement.missing(str(told["matter"]), level, told["expected_duration_h"], told["measures"])
    if lacking:
        raise incomplete("启动响应应当明确", "A started response must state", "第七十二条", "art. 72", lacking, told)
    lacking = announcement.missing_grounds(told["reason"], told["basis"])
    if lacking:
        raise incomplete("决定应当写明", "A decision must state", "第七十二条", "art. 72", lacking, told)
    return told


def announcement_words(
    rules: rulebook.Plan, level: int, row: LevelProposal | None
) -> dict[str, Words | tuple[Words, ...]]:
    """Return what a start or change says in the plan's own words, and the proposal's reason: what a form is filled with."""
    trigger = row.trigger if row is not None else {}
    return {
        "matter": rules.level(level).matter,
        "measures": tuple(task.text for task in tasks_of(rules, level)),
        "reason": Words(str(trigger.get("zh", "")), str(trigger.get("en", ""))),
        "basis": basis_of(rules, row),
    }


def in_chinese(words: Any) -> Any:
    """Return words, or a row of them, as they are kept."""
    if isinstance(words, Words):
        return words.zh
    return [one.zh for one in words] if isinstance(words, tuple) else words


def _reason(by: Actor, row: LevelProposal | None, given: Announcement) -> str | None:
    """The reason given, else the proposal's explanation. A drill's dated decisions carry what the record says of them."""
    if given.reason is not None or row is not None:
        return given.reason
    return given.note or (RECORDED.zh if by.kind == "scenario" else "")


def basis_of(rules: rulebook.Plan, row: LevelProposal | None) -> Words:
    """Return the ground a decision stands on: the plan, and the start condition the proposal names."""
    cited = row.trigger.get("citation") if row is not None else None
    return Words(str(cited.get("zh", "")), str(cited.get("en", ""))) if isinstance(cited, dict) else plan_cited(rules)


def changes_of(rules: rulebook.Plan, old: int, new: int) -> dict[str, Any]:
    """Return what a change changes: levels, codes of tasks added and called off, how many go on."""
    change = difference(rules, old, new)
    return {
        "from": old, "to": new, "add": [task.code for task in change.add], "cancel": list(change.cancel),
        "keep": len(change.keep),
    }  # fmt: skip


def ended(rules: rulebook.Plan, level: Level, reason: str, given: Ending) -> dict[str, Any]:
    """Return what an end states. Invalid names what the law asks for and is missing."""
    words = [condition.zh for condition in rules.end.conditions]
    met = [text for number, text in enumerate(words) if number in set(given.confirmed)]
    plain = {key: in_chinese(one) for key, one in ending_words(rules, level).items()}
    told: dict[str, Any] = {
        "announced": plain["announced"] if given.announced is None else given.announced,
        "stopped": plain["stopped"] if given.stopped is None else list(given.stopped),
        "watch": plain["watch"] if given.watch is None else given.watch,
        "confirmed": met,
        "open": [text for text in words if text not in met],
        "reason": reason,
    }  # fmt: skip
    lacking = announcement.missing_end(reason, told["announced"], told["stopped"], told["watch"])
    if lacking:
        raise incomplete("终止响应应当写明", "Ending a response must state", "第八十六条", "art. 86", lacking, told)
    return told


def ending_words(rules: rulebook.Plan, level: Level) -> dict[str, Words | tuple[Words, ...]]:
    """Return what an end says in the plan's own words: what a form is filled with. The reason is for people to write."""
    known = plan_words(rules)
    return {
        "announced": end_announced(rules, level.level),
        "stopped": tuple(said(one, known) for one in level.measures),
        "watch": rules.end.watch if rules.end.watch is not None else WATCH,
    }


def incomplete(zh: str, en: str, article: str, art: str, lacking: Sequence[str], told: dict[str, Any]) -> Invalid:
    """Return the refusal that names what is missing and the article that asks for it."""
    return Invalid(
        code="level.announcement_incomplete",
        zh=f"{zh}{'、'.join(announcement.PARTS[part][0] for part in lacking)}（突发事件应对法{article}）；请补充。",
        en=f"{en} {', '.join(announcement.PARTS[part][1] for part in lacking)} (Emergency Response Law {art}); add it.",
        field=lacking[0],
        value=told.get(lacking[0]),
    )
