"""What an entry of the journal says, in a sentence, for the course of an incident (事件时间线)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from anlan.response.engine.numerals import plain
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN, Words
from anlan.response.engine.story_more import MORE

Data = Mapping[str, Any]
Names = Mapping[str, Words]


def said(kind: str, data: Data, *, names: Names, about: str = "") -> Words:
    """Return an entry's sentence. `names`: words of grades, doors and metrics by code. `about`: the first paragraph of
    the event's documentation, which speaks for kinds that have no sentence of their own here."""
    teller = TOLD.get(kind) or MORE.get(kind)
    return teller(data, names) if teller is not None else _documented(kind, about)


def _documented(kind: str, about: str) -> Words:
    first = re.split(r"(?<=[.。])\s", " ".join(about.split()))[0]
    term = re.search(r"[（(]([^()（）]*[\u4e00-\u9fff][^()（）]*)[)）]", first)
    english = re.sub(r"\s*[（(][^()（）]*[\u4e00-\u9fff][^()（）]*[)）]", "", first) or kind
    return Words(term.group(1) if term else english, english)


def _name(names: Names, code: Any) -> Words:
    return names.get(str(code), Words(str(code), str(code)))


def _figure(data: Data, names: Names) -> Words:
    metric, word = _name(names, data["metric"]), data.get("word") or ""
    value = _name(names, word) if word else Words(f"{plain(data['value'])}", f"{plain(data['value'])}")
    was = data.get("previous")
    from_zh, from_en = (f"（原{plain(was)}）", f" (was {plain(was)})") if isinstance(was, int | float) else ("", "")
    zh = f"{metric.zh}：{value.zh}{from_zh}，据{data['source']}"
    en = f"{metric.en}: {value.en}{from_en}, says {data['source']}"
    if data.get("disputed"):
        return Words(f"{zh}；与现有数据矛盾，待核实", f"{en}; contradicts what stands, to be verified")
    if data.get("reason"):
        return Words(f"{zh}；{data['reason']}", f"{en}; {data['reason']}")
    return Words(zh, en)


def _graded(data: Data, names: Names) -> Words:
    now = _name(names, data["grade"]) if data["grade"] else Words("未定级", "no grade")
    how, why = _name(names, data["how"]), data.get("criterion") or {}
    zh = f"定级：{now.zh}（{'初判' if data.get('first_guess') and data['how'] == 'computed' else how.zh}）"
    guessed = "first guess" if data.get("first_guess") and data["how"] == "computed" else how.en.lower()
    en = f"Grade: {now.en} ({guessed})"
    if data.get("reason"):
        return Words(f"{zh}：{data['reason']}", f"{en}: {data['reason']}")
    return Words(f"{zh}：{why['zh']}", f"{en}: {why['en']}") if why else Words(zh, en)


def _received(data: Data, names: Names) -> Words:
    door = _name(names, data["door"])
    place = f"，{data['place']}" if data["place"] else ""
    ref = f" {data['source_system']} {data['source_ref']}" if data["source_ref"] else ""
    return Words(f"接报：{door.zh}{ref}{place}", f"Received: {door.en}{ref}{place.replace('，', ', ')}")


def _level(zh: str, en: str) -> Callable[[Data, Names], Words]:
    def told(data: Data, _: Names) -> Words:
        level = data.get("level", 0)
        return Words(
            *(form.format(known.get(level, str(level or ""))) for form, known in ((zh, NUMERALS), (en, NUMERALS_EN)))
        )

    return told


def _both(zh: str, en: str) -> Callable[[Data, Names], Words]:
    """A sentence with fields of the data; {reason} and such are left out where empty."""

    def told(data: Data, _: Names) -> Words:
        lines = [_filled(form, data, lang) for form, lang in ((zh, "zh"), (en, "en"))]
        return Words(*lines)

    return told


def _filled(form: str, data: Data, language: str) -> str:
    values = {k: v.get(language, "") if isinstance(v, Mapping) else v for k, v in data.items()}
    found = re.sub(r"\{(\w+)\}", lambda hit: str(values.get(hit.group(1)) or ""), form)
    return found.rstrip("：: ，,")


TOLD: dict[str, Callable[[Data, Names], Words]] = {
    "incident.received": _received,
    "incident.opened": _both("立为事件：{title}", "Incident opened: {title}"),
    "incident.joined": lambda data, _: Words("接报立为事件", "Opened of this report") if data["opened"] else Words(
        "又一接报并入本事件", "Another report joined it"),
    "incident.dismissed": _both("不立为事件：{reason}", "Opened no incident: {reason}"),
    "incident.figure": _figure,
    "incident.graded": _graded,
    "incident.changed": _both("更正：{reason}", "Set right: {reason}"),
    "incident.merged": _both("另一事件并入：{reason}", "Another incident was merged into it: {reason}"),
    "incident.merge_undone": _both("撤销并入：{reason}", "The merge was taken back: {reason}"),
    "incident.split": _both("拆分出另一事件：{reason}", "Another incident was split off: {reason}"),
    "incident.split_undone": _both("撤销拆分：{reason}", "The split was taken back: {reason}"),
    "incident.verified": _both("核实结论：{reason}", "Verified: {reason}"),
    "incident.closed": _both("事件结束：{reason}", "The incident ended: {reason}"),
    "incident.claimed": _both("{source}称：{text}", "{source} says: {text}"),
    "incident.contradicted": _both("说法互相矛盾，已派核实任务", "Statements contradict each other; a task to verify is out"),
    "incident.claim_judged": _both("说法核实：{reason}", "A statement was judged: {reason}"),
    "level.proposed": _level("建议启动{}级响应", "Response level {} is proposed"),
    "level.started": _level("启动{}级响应", "Response level {} started"),
    "level.raised": _level("响应升为{}级", "Response raised to level {}"),
    "level.lowered": _level("响应降为{}级", "Response lowered to level {}"),
    "level.ended": _both("响应终止", "The response ended"),
    "tasks.issued": lambda data, _: Words(
        f"下达任务{data['count']}项", "1 task issued" if data["count"] == 1 else f"{data['count']} tasks issued"
    ),
    "task.received": _both("{code} 已签收", "{code} was received"),
    "task.done": _both("{code} 已办结", "{code} is done"),
    "task.overdue": _both("{code} 超时", "{code} is overdue"),
}  # fmt: skip
