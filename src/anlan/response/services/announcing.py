"""What a decision on a level says: the plan's words where none are given, and what the law asks and is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.response.engine import announcement
from anlan.response.engine import plan as rulebook
from anlan.response.engine.plan import NUMERALS
from anlan.response.engine.plan_diff import difference, tasks_of
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


WATCH = "继续监测预警，防范次生、衍生事件，防止反复。"


def announced(
    by: Actor, rules: rulebook.Plan, level: int, row: LevelProposal | None, given: Announcement
) -> dict[str, Any]:
    """Return the columns of what a start or change states. Invalid names what the law asks for and is missing."""
    own: dict[str, Any] = {
        "matter": given.matter, "expected_duration_h": given.expected_duration_h, "basis": given.basis,
        "measures": None if given.measures is None else list(given.measures), "reason": _reason(by, row, given),
    }  # fmt: skip
    said = {
        key: words if own[key] is None else own[key] for key, words in announcement_words(rules, level, row).items()
    }
    lacking = announcement.missing(str(said["matter"]), level, said["expected_duration_h"], said["measures"])
    if lacking:
        raise incomplete("启动响应应当明确", "A started response must state", "第七十二条", "art. 72", lacking, said)
    lacking = announcement.missing_grounds(said["reason"], said["basis"])
    if lacking:
        raise incomplete("决定应当写明", "A decision must state", "第七十二条", "art. 72", lacking, said)
    return said


def announcement_words(rules: rulebook.Plan, level: int, row: LevelProposal | None) -> dict[str, Any]:
    """Return what a start or change says in the plan's own words, and the proposal's reason: what a form is filled with."""
    rule = rules.level(level)
    return {
        "matter": rule.matter.zh,
        "expected_duration_h": rule.expected_duration_h,
        "measures": [task.text.zh for task in tasks_of(rules, level)],
        "reason": str(row.trigger.get("zh", "")) if row is not None else "",
        "basis": basis_of(rules, row),
    }


def _reason(by: Actor, row: LevelProposal | None, given: Announcement) -> str | None:
    """The reason given, else the proposal's explanation. A drill's dated decisions carry what the record says of them."""
    if given.reason is not None or row is not None:
        return given.reason
    return given.note or ("演练场景所载的决定" if by.kind == "scenario" else "")


def basis_of(rules: rulebook.Plan, row: LevelProposal | None) -> str:
    """Return the ground a decision stands on: the plan, and the start condition the proposal names."""
    if row is not None and isinstance(row.trigger.get("citation"), dict):
        return str(row.trigger["citation"].get("zh", ""))
    return f"《{rules.name.zh}》第{rules.version}版"


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
    plain = ending_words(rules, level)
    said: dict[str, Any] = {
        "announced": plain["announced"] if given.announced is None else given.announced,
        "stopped": plain["stopped"] if given.stopped is None else list(given.stopped),
        "watch": plain["watch"] if given.watch is None else given.watch,
        "confirmed": met,
        "open": [text for text in words if text not in met],
        "reason": reason,
    }  # fmt: skip
    lacking = announcement.missing_end(reason, said["announced"], said["stopped"], said["watch"])
    if lacking:
        raise incomplete("终止响应应当写明", "Ending a response must state", "第八十六条", "art. 86", lacking, said)
    return said


def ending_words(rules: rulebook.Plan, level: Level) -> dict[str, Any]:
    """Return what an end says in the plan's own words: what a form is filled with. The reason is for people to write."""
    return {
        "announced": f"终止《{rules.name.zh}》{NUMERALS[level.level]}级应急响应，解除相关应急处置措施。",
        "stopped": list(level.measures),
        "watch": rules.end.watch.zh if rules.end.watch is not None else WATCH,
        "reason": "",
    }


def incomplete(zh: str, en: str, article: str, art: str, lacking: Sequence[str], said: dict[str, Any]) -> Invalid:
    """Return the refusal that names what is missing and the article that asks for it."""
    return Invalid(
        code="level.announcement_incomplete",
        zh=f"{zh}{'、'.join(announcement.PARTS[part][0] for part in lacking)}（突发事件应对法{article}）；请补充。",
        en=f"{en} {', '.join(announcement.PARTS[part][1] for part in lacking)} (Emergency Response Law {art}); add it.",
        field=lacking[0],
        value=said.get(lacking[0]),
    )
