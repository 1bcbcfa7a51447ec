"""Papers of a division: duty daily, situation summary, disaster bulletin (值班日报 情况汇总 灾情通报)."""

from __future__ import annotations

from anlan.response.engine.papers.draft import UNVERIFIED, Draft, Grid, Issuer, Para, amount, moment
from anlan.response.engine.papers.events import headline
from anlan.response.engine.papers.facts import Day, Response, Rollup
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN
from anlan.response.engine.text import Words

NONE = Words("无。", "None.")


def duty_daily(day: Day, issuer: Issuer) -> Draft:
    """The duty daily (值班日报): the day's events, responses, warnings, reports owed and not sent, open work."""
    title = Words(
        f"{day.name.zh}{day.day.month}月{day.day.day}日值班情况", f"Duty report of {day.name.en}, {day.day:%d %B %Y}"
    )
    return Draft(
        "bulletin",
        issuer,
        title,
        (*_events(day), *_responses(day), *_warnings(day), *_reports(day), _work(day)),
        seal=False,
    )


def situation(day: Day, issuer: Issuer) -> Draft:
    """The situation summary (情况汇总): every open event and response as they stand now."""
    at = moment(day.as_of)
    title = Words(f"{day.name.zh}突发事件情况汇总", f"Situation in {day.name.en}")
    lead = Para(Words(f"截至{at.zh}，{day.name.zh}正在处置事件{len(day.events)}起，执行应急响应{len(day.responses)}项。",
                      f"As of {at.en}: {len(day.events)} events open and {len(day.responses)} responses in force in {day.name.en}."),
                key="lead", as_of=day.as_of.isoformat())  # fmt: skip
    return Draft(
        "bulletin", issuer, title, (lead, *_events(day), *_responses(day), *_warnings(day), _work(day)), seal=False
    )


def rollup(told: Rollup, issuer: Issuer) -> Draft:
    """The disaster bulletin (灾情通报): figures in all and by division, who has not told, differences and why."""
    at = moment(told.as_of, year=True)
    title = Words(f"{told.name.zh}{told.disaster.zh}灾情通报", f"Disaster bulletin: {told.disaster.en}, {told.name.en}")
    sent = [child for child in told.children if child.sent_at is not None]
    silent = [child for child in told.children if child.sent_at is None]
    pairs = list(zip(told.columns, told.own, strict=True))
    figures_zh = "，".join(f"{name.zh}{amount(value)}" for name, value in pairs if value is not None)
    figures_en = ", ".join(f"{name.en} {amount(value)}" for name, value in pairs if value is not None)
    own_zh, own_en = (figures_zh or "尚无数据", figures_en or "no figures yet")
    lead = Para(Words(f"截至{at.zh}，{told.name.zh}上报：{own_zh}。下一级应报{len(told.children)}个，已报{len(sent)}个。",
                      f"As of {at.en}, {told.name.en} reports: {own_en}. {len(sent)} of {len(told.children)} divisions below have reported."),
                key="figures", as_of=told.as_of.isoformat(), source=told.name.zh,
                source_en=told.name.en)  # fmt: skip
    names = Words("、".join(child.name.zh for child in silent), ", ".join(child.name.en for child in silent))
    quiet = [Para(Words(f"未报：{names.zh}。", f"Have not reported: {names.en}."), key="silent")] if silent else []
    head = (Words("单位", "Division"), *told.columns, Words("报送时间", "Sent"))
    total = (Words("下级合计", "Sum below"), *(_cell(value) for value in told.below), Words("—", "—"))
    rows = tuple(
        (
            child.name,
            *(_cell(value) for value in child.figures),
            moment(child.sent_at) if child.sent_at else Words("未报", "not sent"),
        )
        for child in told.children
    )
    gaps = [Para(one, key="gap") for one in told.gaps]
    return Draft(
        "bulletin",
        issuer,
        title,
        (lead, *quiet, Grid(Words("分单位情况", "By division"), head, (*rows, total), "rollup"), *gaps),
        seal=False,
    )


def _cell(value: float | None) -> Words:
    return Words(amount(value), amount(value))


def _events(day: Day) -> list[Para]:
    found = [Para(Words("突发事件", "Events"), 1)]
    for event in day.events:
        line, at = headline(event), moment(event.happened_at or event.known_at)
        grade_zh, grade_en = (f"，{event.grade.zh}", f", {event.grade.en.lower()}") if event.grade.zh else ("", "")
        text = Words(
            f"{at.zh}，{line.zh}（{event.kind.zh}{grade_zh}；来源：{event.source.zh}）。",
            f"{at.en}: {line.en} ({event.kind.en}{grade_en}; source: {event.source.en}).",
        )
        found.append(
            Para(
                text,
                key="event",
                as_of=event.as_of.isoformat(),
                source=event.source.zh,
                source_en=event.source.en,
                mark=UNVERIFIED if event.unverified else "",
            )
        )
    return found if day.events else [*found, Para(NONE, key="event")]


def _responses(day: Day) -> list[Para]:
    found = [Para(Words("应急响应", "Responses"), 1)]
    return [*found, *(_response(one) for one in day.responses)] if day.responses else [*found, Para(NONE, key="level")]


def _response(one: Response) -> Para:
    at, level, level_en = moment(one.since), NUMERALS.get(one.level, "—"), NUMERALS_EN.get(one.level, "—")
    done = sum(work.done_at is not None for work in one.tasks)
    zh = f"《{one.plan.zh}》{level}级响应，{at.zh}由{one.decided_by.zh}启动；任务{len(one.tasks)}项，办结{done}项。"
    en = f"{one.plan.en}: level {level_en} since {at.en}, by {one.decided_by.en}; {len(one.tasks)} tasks, {done} done."
    return Para(Words(zh, en), key="level")


def _warnings(day: Day) -> list[Para]:
    found = [Para(Words("预警信息", "Warnings"), 1)]
    told = [
        Para(
            Words(f"{moment(w.at).zh}，{w.text.zh.rstrip('。')}。", f"{moment(w.at).en}: {w.text.en.rstrip('.')}."),
            key="warning",
            source=w.by,
        )
        for w in day.warnings[:40]
    ]
    return [*found, *(told or [Para(NONE, key="warning")])]


def _reports(day: Day) -> list[Para]:
    lead = Para(
        Words(
            f"收到报告{day.reports}份，漏报{len(day.breaches)}次。",
            f"{day.reports} reports received, {len(day.breaches)} not sent in time.",
        ),
        key="reports",
    )
    missed = [
        Para(
            Words(f"{one.text.zh}，应于{moment(one.at).zh}前报送。", f"{one.text.en}: was due {moment(one.at).en}."),
            key="breach",
        )
        for one in day.breaches[:40]
    ]
    return [Para(Words("信息报送", "Reporting"), 1), lead, *missed]


def _work(day: Day) -> Para:
    return Para(
        Words(
            f"在办任务{day.tasks_open}项，其中超时{day.tasks_overdue}项。",
            f"{day.tasks_open} tasks open, {day.tasks_overdue} of them overdue.",
        ),
        key="work",
    )
