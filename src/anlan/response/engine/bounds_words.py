"""Limits and levels in words, and why a version is refused: which row binds, what it asks, what the version gives, the remedy."""

from __future__ import annotations

from typing import NamedTuple

from anlan.response.choices import GRADES
from anlan.response.choices_report import REPORT_KINDS
from anlan.response.engine.grade_bounds import OTHER, Lower
from anlan.response.engine.grading_words import bound
from anlan.response.engine.plan import Words
from anlan.response.engine.report_bounds import RECEIVED, Looser
from anlan.response.engine.report_rules import Limit

LEVELS: dict[str, Words] = {
    "state": Words("国务院有关部门", "the State Council's departments"),
    "province": Words("省", "the province"),
    "city": Words("市", "the city"),
    "county": Words("县", "the county"),
    "township": Words("乡镇", "the township"),
    "village": Words("村", "the village"),
    "unit": Words("事故单位", "the unit concerned"),
}


class Refusal(NamedTuple):
    """A field, its value, and why it is refused."""

    field: str
    value: str
    words: Words


def limit_words(limit: Limit | None) -> Words:
    """Say a limit: “30分钟”, "30 min"; that it may be, where there is none."""
    if limit is None:
        return Words("可以", "optional")
    for value, zh, en in (
        (limit.minutes and not limit.minutes % 60, f"{limit.minutes // 60}小时", f"{limit.minutes // 60} h"),
        (limit.minutes, f"{limit.minutes}分钟", f"{limit.minutes} min"),
        (limit.days, f"{limit.days}日", f"{limit.days} day{'s' if limit.days != 1 else ''}"),
        (limit.every_h, f"每{limit.every_h}小时", f"every {limit.every_h} h"),
        (limit.daily_at, f"每日{'、'.join(limit.daily_at)}前", f"daily before {', '.join(limit.daily_at)}"),
    ):  # fmt: skip
        if value:
            return Words(zh, en)
    return Words("当日", "the same day")


def looser_words(found: Looser) -> Refusal:
    """Say why a version of report clocks is refused."""
    rule, given, need = found.rule, found.given, found.need
    asked, to = _put_off(rule.limit), LEVELS.get(need.to)
    whose = LEVELS.get(need.by, Words(need.by, need.by))
    way = Words(f"{whose.zh}报{to.zh}" if to else whose.zh, f"{whose.en} to {to.en}" if to else whose.en)
    kind, sort = REPORT_KINDS[rule.what], _sort(found.subject.grade, found.subject.type_code)
    asks = Words(
        f"对{sort.zh}要求：{way.zh}，{kind.zh}{_FORMS[rule.form].zh}，{asked.zh}",
        f"for {sort.en} it asks: {way.en}, {kind.en.lower()}{_FORMS[rule.form].en}, {asked.en}",
    )
    of = Words(f"{rule.text.zh}（{rule.basis.zh}）", f"{rule.text.en} ({rule.basis.en})")
    at = f"rules[{found.place}]"
    if found.fault == "limit" and given is not None:
        mine = _put_off(given.limit)
        return _refused(f"{at}.limit", mine.zh, of, asks, Words(
            f"本稿为{mine.zh}；请改为不长于{asked.zh}", f"this version gives {mine.en}; make it no longer than {asked.en}"))  # fmt: skip
    if found.fault == "window" and given is not None:
        return _refused(f"{at}.window_days", str(given.window_days), of, asks, Words(
            f"且{rule.window_days}日内的变化都算；本稿为{given.window_days}日，请改为不短于它",
            f"and changes count for {rule.window_days} days; this version says {given.window_days}, make it no fewer"))  # fmt: skip
    field = f"{at}.to" if found.fault == "to" else "rules"
    step = need.start == RECEIVED
    return _refused(field, rule.code, of, asks, Words(
        f"本稿没有这样的一行；请补上（可照抄“{rule.code}”一行）{'，逐级上报写 steps 和 reach' if step else ''}",
        f"this version has no such row; add one (that of “{rule.code}” will do)"
        f"{', with steps and reach where it goes up level by level' if step else ''}"))  # fmt: skip


def lower_words(found: Lower) -> Refusal:
    """Say why a version of a grading table is refused."""
    table, grade = found.table, GRADES.get(found.grade)
    of = Words(f"{table.name.zh}（{table.citation.zh}）", f"{table.name.en} ({table.citation.en})")
    if grade is None:
        return _refused("window.days", "", of, Words("伤亡变化计入等级的期限", "says how long casualties count"), Words(
            "本稿更短；请改为不短于它", "this version stops sooner; make it no shorter"))  # fmt: skip
    if found.bound is None:
        return _refused(found.field, "", of, Words(f"规定最低为{grade.zh}", f"asks for {grade.en.lower()} at the least"), Words(
            "本稿更低；请写明 floor，并删去更低的各级", "this version goes lower; write that floor, and leave out what lies below"))  # fmt: skip
    asked = bound(found.bound)
    mine = bound(found.given) if found.given is not None else Words("没有此项", "nothing of the kind")
    return _refused(found.field, mine.zh, of,
                    Words(f"规定“{asked.zh}”为{grade.zh}", f"makes “{asked.en}” {grade.en.lower()}"),
                    Words(f"本稿{grade.zh}一级为“{mine.zh}”；请从同一数值或更低起，至上一级为止不留空档",
                          f"this version has “{mine.en}” there; begin at that figure or below, without a gap up to the graver row"))  # fmt: skip


_FORMS = {
    "any": Words("", ""),
    "phone": Words("（电话）", " by telephone"),
    "written": Words("（书面）", " in writing"),
}


def _put_off(limit: Limit | None) -> Words:
    told = limit_words(limit)
    days = limit.extend_days if limit is not None else 0
    return Words(f"{told.zh}（可延长{days}日）", f"{told.en} (to be put off by {days} days)") if days else told


def _sort(grade: str, kind: str) -> Words:
    name, code = GRADES[grade], kind.rstrip(OTHER)
    zh, en = (f"（{code}类）", f" of class {code}") if code else ("", "")
    return Words(f"{name.zh}事件{zh}", f"{name.en.lower()} events{en}")


def _refused(field: str, value: str, of: Words, asks: Words, gives: Words) -> Refusal:
    return Refusal(field, value, Words(
        f"宽于上位规定：{of.zh}{asks.zh}，{gives.zh}。上位规定有约束力，本级只能从严",
        f"looser than what binds here: {of.en} {asks.en}; {gives.en}. It binds; one's own may only be stricter"))  # fmt: skip
