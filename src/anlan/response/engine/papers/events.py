"""Papers about one event: duty flash, special report, after-action report, public notice (值班快报 专报 总结评估 公众通报)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from anlan.response.engine.paper_shape import width
from anlan.response.engine.papers.draft import (
    CONTRADICTED,
    UNVERIFIED,
    Draft,
    Grid,
    Issuer,
    Para,
    amount,
    joined,
    moment,
)  # fmt: skip
from anlan.response.engine.papers.facts import Event, Figure, Statement, Work
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN
from anlan.response.engine.text import Words

ONE_PAGE = 300.0  # squares of text that fit a bulletin of one page beside its head and copies
CASUALTIES = ("deaths", "missing", "injured", "trapped")
NOTHING = Para(Words("暂无记录。", "Nothing on record yet."), key="none")


def flash(event: Event, issuer: Issuer) -> Draft:
    """The duty flash (值班快报): one event on one page; its title says place, kind, casualties and progress."""
    blocks: list[Para] = [_what(event), *_figures(event), *_doubts(event), *_done(event, most=2), _next(event)]
    while len(blocks) > 3 and sum(width(block.text.zh) + 14 for block in blocks) > ONE_PAGE:
        blocks.pop(-2)
    return Draft("bulletin", issuer, headline(event), tuple(blocks), seal=False)


def special(event: Event, issuer: Issuer) -> Draft:
    """The special report (专报) to committee and government: what happened, casualties and loss, what is done, what is next."""
    blocks: list[Para | Grid] = [
        Para(Words("基本情况", "What happened"), 1), _what(event), *_grade(event),
        Para(Words("人员伤亡和损失情况", "Casualties and losses"), 1), *(_figures(event) or [_none_yet(event)]), *_doubts(event),
        Para(Words("应急处置情况", "Response"), 1), *_responses(event), *(_done(event, most=12) or [NOTHING]),
        Para(Words("下一步工作", "Next steps"), 1), *_steps_next(event), *_history(event),
    ]  # fmt: skip
    return Draft("bulletin", issuer, headline(event), tuple(blocks), urgency=Words("特急", "Most urgent"), seal=False)


def after_action(event: Event, issuer: Issuer) -> Draft:
    """The after-action report (总结评估): course, decisions, tasks and lateness, what is still open (突发事件应对法第九十二条)."""
    title = Words(f"{event.title.zh}应急处置总结评估报告", f"After-action report: {event.title.en}")
    late = [work for work in event.work if work.late or work.overdue]
    done = sum(work.done_at is not None for work in event.work)
    counted = Para(
        Words(
            f"共下达任务{len(event.work)}项，办结{done}项，超时{len(late)}项。",
            f"{len(event.work)} tasks were given; {done} were done, {len(late)} late.",
        ),
        key="work",
    )
    asked = Words(
        "（由评估组逐项填写：问题、原因、改进措施、责任单位、完成期限。）",
        "(For the assessors to fill in: problem, cause, measure, unit, date.)",
    )
    blocks: list[Para | Grid] = [
        Para(Words("事件经过", "The event"), 1), _what(event), *_grade(event), *_history(event, whole=True),
        Para(Words("损失情况", "Losses"), 1), *(_figures(event) or [_none_yet(event)]), *_doubts(event),
        Para(Words("应急响应与决策", "Response and decisions"), 1), *(_responses(event) or [NOTHING]),
        Para(Words("任务完成情况", "Tasks"), 1), counted, *_late(late),
        Para(Words("问题与改进措施", "Problems and measures"), 1),
        Para(asked, key="measures"),
    ]  # fmt: skip
    return Draft("document", issuer, title, tuple(blocks))


def public_notice(event: Event, issuer: Issuer) -> Draft:
    """A notice for the public, as a draft: confirmed facts and undisputed figures only; the rest is being verified."""
    confirmed = [
        one for one in event.statements if one.state == "confirmed" and not one.contradicted and not _rivals(event, one)
    ]
    figures = [figure for figure in event.figures if not figure.disputed]
    at = moment(event.happened_at or event.known_at)
    lead = Words(f"{at.zh}，{event.place.zh}发生{event.kind.zh}。", f"{at.en}: {event.kind.en} in {event.place.en}.")
    blocks = [Para(lead, key="what", mark=UNVERIFIED if event.unverified else "")]
    if event.unverified:
        blocks = [
            Para(
                Words(
                    f"有关{event.place.zh}{event.kind.zh}的信息正在核实。",
                    f"Reports of {event.kind.en} in {event.place.en} are being verified.",
                ),
                key="what",
            )
        ]
    else:
        blocks += [_figure_line(figures)] if figures else []
        blocks += [Para(_stop(one.text), key=f"statement:{one.topic}", source=one.source) for one in confirmed]
    if len(confirmed) < len([one for one in event.statements if one.state != "refuted"]) or any(
        f.disputed for f in event.figures
    ):
        blocks.append(
            Para(
                Words(
                    "其他情况正在核实，将及时发布。",
                    "Other reports are being verified; we will tell you as soon as we know.",
                ),
                key="open",
            )
        )
    title = Words(f"关于{event.place.zh}{event.kind.zh}的情况通报", f"Notice: {event.kind.en} in {event.place.en}")
    return Draft("letter", issuer, title, tuple(blocks))


def headline(event: Event) -> Words:
    """Place, kind, casualties and progress (题目要素：地点 类型 伤亡 进展)."""
    counted = [f for f in event.figures if f.metric in CASUALTIES and f.value and not f.disputed][:2]
    said_zh = "".join(f"{amount(f.value)}{f.unit.zh}{f.name.zh}" for f in counted)
    said_en = ", ".join(f"{amount(f.value)} {f.name.en}" for f in counted)
    level = next((r for r in event.responses if r.until is None and r.level), None)
    if event.state == "closed":
        progress = Words("已处置完毕", "dealt with")
    elif level is not None:
        progress = Words(f"已启动{NUMERALS[level.level]}级响应", f"level {NUMERALS_EN[level.level]} response started")
    else:
        progress = Words("正在处置", "being dealt with")
    where = "" if event.place.zh in event.title.zh else event.place.zh
    return Words(
        "，".join(part for part in (f"{where}{event.title.zh}{said_zh}", progress.zh) if part),
        "; ".join(part for part in (event.title.en, said_en, progress.en) if part),
    )


def _what(event: Event) -> Para:
    at, known = moment(event.happened_at or event.known_at), moment(event.known_at)
    where = "" if event.title.en.startswith(event.place.en) else f"{event.place.en}: "
    zh = f"{at.zh}，{event.place.zh}发生{event.kind.zh}：{event.title.zh}。接报时间{known.zh}，信息来源：{event.source.zh}。"
    en = f"{at.en}, {where}{event.title.en} ({event.kind.en}). Reported {known.en}; source: {event.source.en}."
    mark = UNVERIFIED if event.unverified else ""
    return Para(Words(zh, en), key="what", source=event.source.zh, mark=mark, source_en=event.source.en)


def _grade(event: Event) -> Iterator[Para]:
    if event.grade.zh:
        yield Para(
            Words(f"事件等级：{event.grade.zh}{f'（依据：{event.citation.zh}）' if event.citation.zh else ''}。",
                  f"Grade: {event.grade.en.lower()}{f' ({event.citation.en})' if event.citation.en else ''}."),
            key="grade",
        )  # fmt: skip


def _figure_line(figures: Sequence[Figure]) -> Para:
    latest = max(figure.as_of for figure in figures)
    told_zh = "，".join(f"{f.name.zh}{f.word.zh or amount(f.value) + f.unit.zh}" for f in figures)
    told_en = ", ".join(f"{f.name.en} {f.word.en or amount(f.value) + ' ' + f.unit.en}" for f in figures)
    zh, en = _sources(f.source for f in figures)
    at = moment(latest)
    text = Words(f"截至{at.zh}，{told_zh}（来源：{zh}）。", f"As of {at.en}: {told_en} (source: {en}).")
    return Para(text, key="figures", as_of=latest.isoformat(), source=zh, source_en=en)


def _sources(names: Iterable[str]) -> tuple[str, str]:
    """Each source once, in a row as Chinese and as English writes it."""
    each = list(dict.fromkeys(names))
    return "、".join(each), ", ".join(each)


def _figures(event: Event) -> list[Para]:
    """The figures of one moment in one line; those that contradict stand by themselves, marked."""
    groups: dict[tuple[bool, datetime, str], list[Figure]] = {}
    for figure in event.figures:
        groups.setdefault((figure.disputed, figure.as_of, figure.source), []).append(figure)
    found = []
    for disputed, as_of, source in sorted(groups):
        same = groups[disputed, as_of, source]
        line = _figure_line(same)
        mark = CONTRADICTED if disputed else ""
        found.append(Para(line.text, 0, f"figures:{same[0].metric}", line.as_of, line.source, mark, line.source_en))
    return found


def _rivals(event: Event, one: Statement) -> bool:
    return any(
        other.topic == one.topic and other.value != one.value and other.state != "refuted" for other in event.statements
    )


def _doubts(event: Event) -> list[Para]:
    """Statements as they stand: contradictory ones side by side, unverified ones marked; refuted ones not at all."""
    found: list[Para] = []
    topics: dict[str, list[Statement]] = {}
    for one in event.statements:
        if one.state != "refuted":
            topics.setdefault(one.topic, []).append(one)
    for topic, same in topics.items():
        told = joined((_said(one) for one in same), "；", "; ")
        zh, en = _sources(s.source for s in same)
        clash = len({s.value for s in same}) > 1
        mark = CONTRADICTED if clash else UNVERIFIED if any(s.state != "confirmed" for s in same) else ""
        found.append(Para(_stop(told), key=f"statement:{topic}", source=zh, mark=mark, source_en=en))
    return found


def _said(one: Statement) -> Words:
    at = moment(one.said_at)
    return Words(
        f"{at.zh}，{one.source}：{one.text.zh.rstrip('。')}", f"{at.en}, {one.source}: {one.text.en.rstrip('.')}"
    )


def _responses(event: Event) -> list[Para]:
    found = []
    for response in event.responses:
        at, end = moment(response.since), moment(response.until)
        zh = f"{at.zh}，{response.decided_by.zh}决定启动《{response.plan.zh}》{NUMERALS.get(response.level, '')}级响应"
        en = f"{at.en}: {response.decided_by.en} started level {NUMERALS_EN.get(response.level, '')} of the {response.plan.en}"
        zh += f"，{end.zh}结束" if response.until else ""
        en += f", ended {end.en}" if response.until else ""
        found.append(Para(Words(zh + "。", en + "."), key=f"level:{response.level}:{response.since.isoformat()}"))
    return found


def _done(event: Event, *, most: int) -> list[Para]:
    works = [work for work in event.work if work.done_at is not None][-most:]
    if not works:
        return []
    zh = "；".join(f"{w.owner.zh}{w.text.zh.rstrip('。')}" for w in works)
    en = "; ".join(f"{w.owner.en}: {w.text.en.rstrip('.')}" for w in works)
    return [Para(Words(f"已完成：{zh}。", f"Done: {en}."), key="done")]


def _next(event: Event) -> Para:
    left = [work for work in event.work if work.done_at is None]
    late = sum(work.overdue for work in left)
    zh = (
        f"正在落实任务{len(left)}项" + (f"，其中超时{late}项" if late else "") + "。后续情况续报。"
        if left
        else "后续情况续报。"
    )
    en = (
        (
            f"{len(left)} {'task is' if len(left) == 1 else 'tasks are'} being carried out"
            + (f", {late} overdue" if late else "")
            + ". More will follow."
        )
        if left
        else "More will follow."
    )
    return Para(Words(zh, en), key="next")


def _steps_next(event: Event) -> list[Para]:
    left = [work for work in event.work if work.done_at is None][:20]
    return [Para(_asked(work), key=f"work:{work.code}") for work in left] or [_next(event)]


def _asked(work: Work) -> Words:
    due = moment(work.due_at)
    return Words(
        f"{work.owner.zh}：{work.text.zh.rstrip('。')}（{due.zh}前）。",
        f"{work.owner.en}: {work.text.en.rstrip('.')} (by {due.en}).",
    )


def _history(event: Event, *, whole: bool = False) -> list[Para | Grid]:
    steps = event.steps if whole else event.steps[-12:]
    if not steps:
        return []
    rows = tuple((moment(step.at), step.text, Words(step.by, step.by)) for step in steps[:300])
    head = (Words("时间", "Time"), Words("情况", "What happened"), Words("记录", "By"))
    known = 3 if any(step.by for step in steps) else 2  # no column of who wrote it where nobody's name is kept
    return [Grid(Words("处置过程", "Course of events"), head[:known], tuple(row[:known] for row in rows), "steps")]


def _late(late: Sequence[Work]) -> list[Para | Grid]:
    if not late:
        return []
    rows = tuple((w.owner, w.text, moment(w.due_at), moment(w.done_at) if w.done_at else w.state) for w in late[:200])
    return [
        Grid(
            Words("超时任务", "Late tasks"),
            (Words("责任岗位", "Post"), Words("任务", "Task"), Words("时限", "Limit"), Words("办结", "Done")),
            rows,
            "late",
        )
    ]


def _none_yet(event: Event) -> Para:
    at = moment(event.as_of)
    return Para(
        Words(
            f"截至{at.zh}，尚未接到人员伤亡和损失数据。",
            f"As of {at.en} no figures of casualties or losses have been received.",
        ),
        key="figures",
        as_of=event.as_of.isoformat(),
    )


def _stop(words: Words) -> Words:
    return Words(words.zh.rstrip("。") + "。", words.en.rstrip(".") + ".")
