"""What a journal entry says, in one sentence per language. The page, the print and the findings share it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anlan.review.engine.rows import Entry

COLOURS = {"blue": ("蓝色", "blue"), "yellow": ("黄色", "yellow"), "orange": ("橙色", "orange"), "red": ("红色", "red")}
LEVELS = {0: ("无", "none"), 1: ("Ⅰ级", "I"), 2: ("Ⅱ级", "II"), 3: ("Ⅲ级", "III"), 4: ("Ⅳ级", "IV")}
MISSING = "—"

# kind → (zh, en). Fields in braces come from the event's data; a field that isn't there shows as a dash.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "signal.opened": ("监测信号开启：{station}，{colour_zh}", "Signal opened: {station}, {colour_en}"),
    "signal.raised": ("监测信号升级：{station}，{colour_zh}", "Signal raised: {station}, {colour_en}"),
    "signal.cleared": ("监测信号解除：{station}", "Signal cleared: {station}"),
    "station.silent": ("测站失联：{station}", "Station silent: {station}"),
    "proposal.opened": ("提出{colour_zh}预警建议，等待发布人", "A {colour_en} warning is proposed; its issuer's clock runs"),
    "proposal.escalated": ("预警建议逾时未决，上报上级", "The warning proposal was not decided in time and climbs"),
    "proposal.declined": ("预警建议未采纳", "The warning proposal was declined"),
    "proposal.lapsed": ("预警建议失效", "The warning proposal lapsed"),
    "warning.issued": ("{colour_zh}预警发布（{number}）", "A {colour_en} warning is issued ({number})"),
    "warning.updated": ("预警更新（{number}）", "The warning is updated ({number})"),
    "warning.cancelled": ("预警解除（{number}）", "The warning is cancelled ({number})"),
    "calls.placed": ("叫应：第 {step} 轮向 {count} 个岗位发出", "Call-out, step {step}: {count} posts are called"),
    "channel.missing": ("必用渠道未使用：{channel}", "A required channel was not used: {channel}"),
    "level.proposed": ("建议启动{level_zh}应急响应，等待决策人", "Response level {level_en} is proposed; the decider's clock runs"),
    "level.escalated": ("响应建议逾时未决，上报上级", "The level proposal was not decided in time and climbs"),
    "level.undecided": ("决策人未作决定，已记录", "The decider did not decide; this is recorded"),
    "level.adopted": ("响应建议被采纳（{level_zh}）", "The level proposal is adopted ({level_en})"),
    "level.declined": ("响应建议未采纳：{reason}", "The level proposal is declined: {reason}"),
    "level.started": ("启动{level_zh}应急响应", "Response level {level_en} is started"),
    "level.raised": ("应急响应提升至{level_zh}", "Response is raised to level {level_en}"),
    "level.lowered": ("应急响应调整至{level_zh}", "Response is lowered to level {level_en}"),
    "level.ended": ("应急响应终止", "The response is ended"),
    "tasks.issued": ("下达任务 {count} 项", "{count} tasks are ordered"),
    "task.overdue": ("任务逾期：{code}", "A task is overdue: {code}"),
    "stopline.crossed": ("{place} 达到停止线：{metric} {value}", "{place} crossed its stop line: {metric} {value}"),
    "stopline.acted": ("{place} 已先行处置并报告", "{place} acted first and reported"),
    "command.unattended": ("指挥部无主", "Nobody is in command at the post"),
    "command.mismatch": ("两个指挥机构级别不一致", "Two command bodies stand at different levels"),
    "contact.lost": ("失去联系：{place}", "Contact is lost: {place}"),
    "report.breach": ("零报告逾期未报", "A 24-hour report is missing"),
    "casualty.entered": ("伤亡登记（身份可不明）", "A casualty is entered (identity may be unknown)"),
    "incident.opened": ("险情：{title_zh}", "Incident: {title_en}"),
    "drill.fact_noted": ("{actor_zh}：{what_zh}", "{actor_en}: {what_en}"),
}


def sentence(entry: Entry, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return `{"zh", "en"}` for one entry; `names` maps ids and codes found in the data to what people call them."""
    forms = SENTENCES.get(entry.kind, (entry.kind, entry.kind))
    fields = _Fields(_fields(entry, names or {}))
    return {"zh": forms[0].format_map(fields), "en": forms[1].format_map(fields)}


class _Fields(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return MISSING


def _fields(entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    data = {key: names.get(str(value), value) for key, value in entry.data.items() if value not in (None, "")}
    colour = str(entry.data.get("colour") or entry.data.get("level") or "")
    if colour in COLOURS:
        data["colour_zh"], data["colour_en"] = COLOURS[colour]
    level = entry.data.get("level")
    if isinstance(level, int) and level in LEVELS:
        data["level_zh"], data["level_en"] = LEVELS[level]
    for key, value in entry.data.items():
        if isinstance(value, Mapping) and "zh" in value:
            data[f"{key}_zh"], data[f"{key}_en"] = value["zh"], value.get("en", value["zh"])
    data.setdefault("place", names.get(entry.division, entry.division))
    data.setdefault("station", names.get(entry.about.partition(":")[2], MISSING))
    return data
