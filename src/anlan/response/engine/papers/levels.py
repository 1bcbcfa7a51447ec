"""Papers of a response and of orders: started, changed, ended (启动响应通知 变更 终止), order (指令)."""

from __future__ import annotations

from collections.abc import Sequence

from anlan.response.engine.papers.draft import Draft, Grid, Issuer, Para, amount, moment
from anlan.response.engine.papers.facts import Response, Work
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN
from anlan.response.engine.text import Words

MOST = 60


def level_start(response: Response, issuer: Issuer) -> Draft:
    """A response was started: basis (warning or fact), plan, conference, decision to the minute, what is required; matter, level,
    expected duration and measures as 突发事件应对法第七十二条 asks."""
    title = Words(
        f"{issuer.name.zh}关于启动{_matter(response)}{_level(response)}级应急响应的通知",
        f"Notice: level {_level_en(response)} response started ({response.plan.en})",
    )
    return Draft(
        "document",
        issuer,
        title,
        (_decision(response, issuer, "启动", "started"), *_terms(response), *_required(response)),
    )


def level_change(response: Response, issuer: Issuer) -> Draft:
    """A response was raised or lowered: from which level to which, why, what comes in and what falls away."""
    up = response.level < response.previous
    word_zh, word_en = ("提升", "raised") if up else ("调整", "lowered")
    before, now = NUMERALS.get(response.previous, "—"), _level(response)
    title = Words(
        f"{issuer.name.zh}关于将{_matter(response)}应急响应由{before}级{word_zh}至{now}级的通知",
        f"Notice: response {word_en} from level {NUMERALS_EN.get(response.previous, '—')} to level {_level_en(response)} ({response.plan.en})",
    )
    dropped = [
        Para(Words(f"停止执行：{one.zh}", f"No longer carried out: {one.en}"), key="dropped")
        for one in response.dropped[:MOST]
    ]
    blocks = (_decision(response, issuer, word_zh, word_en), *_terms(response), *_required(response), *dropped)
    return Draft("document", issuer, title, blocks)


def level_end(response: Response, issuer: Issuer) -> Draft:
    """A response was ended (宣布解除, 突发事件应对法第八十六条): when, why, what stays under watch, what is left to do."""
    at = moment(response.until, year=True)
    title = Words(
        f"{issuer.name.zh}关于终止{_matter(response)}应急响应的通知", f"Notice: response ended ({response.plan.en})"
    )
    why = _why(response)
    lead = Words(
        f"经研判，依据《{response.plan.zh}》，{response.decided_by.zh}决定自{at.zh}起终止{_matter(response)}应急响应。依据：{why.zh or '—'}。",
        f"Under the {response.plan.en}, {response.decided_by.en} ended the response at {at.en}. Reason: {why.en or '—'}.",
    )
    watch = Words(
        "停止执行应急处置措施，同时采取或者继续实施必要措施，防止发生次生、衍生事件。",
        "The response measures stop; what is needed to prevent secondary events goes on.",
    )
    left = _table(response.tasks, Words("后续工作", "What is left to do"))
    return Draft("document", issuer, title, (Para(lead, key="decision"), Para(watch, key="watch"), *left))


def order(work: Sequence[Work], issuer: Issuer, *, title: Words, basis: Words, text: Words) -> Draft:
    """An order (指令): on what ground, to whom, what, until when; each receiver in a line."""
    lead = Words(
        f"依据{basis.zh or '应急处置需要'}，现下达指令如下：",
        f"On the ground of {basis.en or 'the needs of the response'}:",
    )
    blocks: list[Para | Grid] = [
        Para(lead, key="basis"),
        Para(Words(_ended(text.zh, "。"), _ended(text.en, ".")), key="text"),
        *_table(work, Words("执行单位和时限", "Receivers and limits")),
    ]
    return Draft("order", issuer, title, tuple(blocks))


def _matter(response: Response) -> str:
    return response.matter.zh or response.plan.zh.removesuffix("应急预案")


def _why(response: Response) -> Words:
    return Words(*(text.strip().rstrip("。.") for text in (response.reason.zh, response.reason.en)))


def _level(response: Response) -> str:
    return NUMERALS.get(response.level, "—")


def _level_en(response: Response) -> str:
    return NUMERALS_EN.get(response.level, "—")


def _decision(response: Response, issuer: Issuer, act_zh: str, act_en: str) -> Para:
    at = moment(response.since, year=True)
    basis_zh = response.basis.zh.rstrip("。")
    zh = (f"{basis_zh}。" if basis_zh else "") + (
        f"触发条件：{response.trigger.zh.rstrip('。')}。" if response.trigger.zh else ""
    )
    why = _why(response)
    said = bool(why.zh) and why.zh != response.trigger.zh.strip().rstrip("。")
    zh += f"决定理由：{why.zh}。" if said else ""
    zh += f"依据《{response.plan.zh}》，经会商研判，{response.decided_by.zh}决定自{at.zh}起"
    zh += (
        f"{act_zh}{_matter(response)}{_level(response)}级应急响应。"
        if act_zh == "启动"
        else f"将{_matter(response)}应急响应{act_zh}至{_level(response)}级。"
    )
    en = (f"{response.basis.en.rstrip('.')}. " if response.basis.en else "") + (
        f"Condition met: {response.trigger.en.rstrip('.')}. " if response.trigger.en else ""
    )
    en += f"Reason: {why.en}. " if said else ""
    en += (
        f"Under the {response.plan.en} and after consultation, {response.decided_by.en} decided: "
        f"level {_level_en(response)} is {act_en} at {at.en}."
    )
    return Para(Words(zh, en), key="decision", source=response.citation.zh, source_en=response.citation.en)


def _terms(response: Response) -> list[Para]:
    hours, level = amount(response.expected_h), _level(response)
    area_zh, area_en = response.area.zh or "本行政区域", response.area.en or "own division"
    told = Words(
        f"响应事项：{_matter(response)}。响应级别：{level}级。响应范围：{area_zh}。预计期限：{hours}小时。",
        f"Matter: {response.matter.en or response.plan.en}. Level: {_level_en(response)}. Area: {area_en}. Expected to last {hours} hours.",
    )
    return [Para(Words("响应事项和期限", "Matter and duration"), 1), Para(told, key="terms")]


def _required(response: Response) -> list[Para | Grid]:
    found: list[Para | Grid] = [Para(Words("处置措施和要求", "Measures"), 1)]
    if response.tasks:
        return [*found, *_table(response.tasks, Words("任务清单", "Tasks"))]
    return found + [
        Para(Words(_ended(text.zh, "。"), _ended(text.en, ".")), key=f"measure:{n}")
        for n, text in enumerate(response.measures[:MOST])
    ]


def _table(work: Sequence[Work], title: Words) -> list[Para | Grid]:
    if not work:
        return []
    head = (Words("责任单位（岗位）", "Post"), Words("任务", "Task"), Words("时限", "Limit"), Words("依据", "Ground"))
    rows = tuple((w.owner, w.text, moment(w.due_at), w.law) for w in work[:MOST])
    more = len(work) - MOST
    tail: list[Para | Grid] = (
        [Para(Words(f"另有{more}项见任务系统。", f"{more} more are in the task list."), key="more")] if more > 0 else []
    )
    return [Grid(title, head, rows, "tasks"), *tail]


def _ended(text: str, stop: str) -> str:
    return text.rstrip("。.") + stop if text.strip() else text
