"""The one picture of the report: both tracks on one time axis, as SVG.

Colours stand in presentation attributes, so that the print has them; the page's style sheet overrides them by class.
Warning colours come as outlined shapes, response levels as plates without hue, as everywhere in the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from anlan.review.engine.timeline import axis

WIDTH, LEFT, RIGHT = 780, 112, 14
ROWS = {"warnings": 50, "history": 92, "main": 162}
BAND = 26
HEIGHT = 216
INK, SOFT, LINE, PLATE, PLATE_INK, RED = "#0f1c1f", "#566669", "#c3cccd", "#14262b", "#f6fafa", "#d01c27"
WARN = {"blue": "#1c5fdc", "yellow": "#b88d00", "orange": "#e06a00", "red": RED}
SHAPES = {
    "blue": "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z",
    "yellow": "M0-7 7 6H-7Z",
    "orange": "M0-7.5 7.5 0 0 7.5-7.5 0Z",
    "red": "M-3-7H3L7-3V3L3 7H-3L-7 3V-3Z",
}
NUMERALS = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
WORDS = {
    "zh": {"warnings": "预警", "history": "实际过程", "main": "安澜建议", "none": "尚无响应", "title": "两条时间线"},
    "en": {"warnings": "Warnings", "history": "As it happened", "main": "As proposed", "none": "no response yet",
           "title": "Both tracks on one time axis"},
}  # fmt: skip


class _Scale:
    """Moments to x positions, and what the figure says in one language."""

    def __init__(self, start: datetime, end: datetime, language: str, zone: ZoneInfo) -> None:
        self.start, self.end, self.zone = start, end, zone
        self.words = WORDS[language]
        self.language = language

    def x(self, moment: datetime) -> float:
        return LEFT + axis(self.start, self.end, WIDTH - LEFT - RIGHT, [moment])[0]


def track_figure(report: Mapping[str, Any], *, language: str, zone: str = "Asia/Shanghai") -> str:
    """Return the SVG of a report (the value of `selectors.after_action`); "" when it has no span of time."""
    span = report.get("span") or {}
    if not span.get("start") or not span.get("end"):
        return ""
    scale = _Scale(_time(span["start"]), _time(span["end"]), language, ZoneInfo(zone))
    parts = [*_axis(scale), *_rows(scale), *_warnings(scale, report["warnings"])]
    for track in ("history", "main"):
        parts += _levels(scale, track, report["tracks"][track]["levels"])
    parts += _proposals(scale, report["tracks"]["main"]["proposals"])
    parts += _latency(scale, report["warning_to_response_minutes"])
    title = escape(scale.words["title"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="axis-figure" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{title}" font-size="12">{"".join(parts)}</svg>'
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(x: float, y: float, text: str, css: str = "ink", anchor: str = "start", more: str = "") -> str:
    fill = {"ink": INK, "soft": SOFT, "on-plate": PLATE_INK, "red": RED}[css]
    return f'<text x="{x}" y="{y}" class="t-{css}" fill="{fill}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _axis(scale: _Scale) -> Iterable[str]:
    """Hour ticks every three hours, days named."""
    hours = (scale.end - scale.start) / timedelta(hours=1)
    step = 3 if hours <= 60 else 12
    tick = scale.start.astimezone(scale.zone).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while tick <= scale.end:
        if tick.hour % step == 0:
            x = scale.x(tick)
            yield f'<path d="M{x} 30V{HEIGHT - 24}" class="l-grid" stroke="{LINE}" stroke-width="{1.2 if tick.hour == 0 else 0.5}"/>'
            yield _text(x, 24, f"{tick:%H}", "soft", "middle")
            if tick.hour == 0:
                day = f"{tick.month}月{tick.day}日" if scale.language == "zh" else f"{tick.day} {tick:%b}"
                last = WIDTH - x < 60
                yield _text(
                    x + (-4 if last else 4), HEIGHT - 10, day, "ink", "end" if last else "start", ' font-weight="600"'
                )
        tick += timedelta(hours=1)


def _rows(scale: _Scale) -> Iterable[str]:
    for name, y in ROWS.items():
        yield _text(0, y + 5, scale.words[name], "ink", "start", ' font-weight="600"')
        yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" class="l-row" stroke="{LINE}" stroke-width="1"/>'


def _warnings(scale: _Scale, warnings: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for warning in warnings:
        x, colour = scale.x(_time(warning["at"])), warning["colour"]
        label = escape(f"{warning['number']} {_time(warning['at']).astimezone(scale.zone):%m-%d %H:%M}")
        yield (
            f'<path d="{SHAPES.get(colour, SHAPES["blue"])}" transform="translate({x} {ROWS["warnings"]})"'
            f' class="w-{escape(colour)}" fill="#ffffff" stroke="{WARN.get(colour, INK)}" stroke-width="2.4">'
            f"<title>{label}</title></path>"
        )


def _levels(scale: _Scale, track: str, bands: list[Mapping[str, Any]]) -> Iterable[str]:
    """Plates over the row; the higher the level, the fuller the plate."""
    y = ROWS[track] - BAND / 2
    if not bands:
        yield _text(LEFT + 8, ROWS[track] - 4, scale.words["none"], "soft")
    for band in bands:
        x, right = scale.x(_time(band["since"])), scale.x(_time(band["until"]))
        level = int(band["level"])
        solid = level <= 2
        fill = PLATE if solid else "#ffffff"
        yield (
            f'<rect x="{x}" y="{y}" width="{max(right - x, 2):.2f}" height="{BAND}" rx="2" class="plate-{level}"'
            f' fill="{fill}" fill-opacity="{1 if level == 1 else 0.72 if solid else 1}" stroke="{PLATE}" stroke-width="1.2"/>'
        )
        if right - x > 22:
            css = "on-plate" if solid else "ink"
            yield _text(
                x + 6, ROWS[track] + 5, NUMERALS.get(level, "–"), css, "start", ' font-weight="700" font-size="14"'
            )


def _proposals(scale: _Scale, proposals: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """A tick over the row of the house for each proposal, with a line until it was decided."""
    y = ROWS["main"] - BAND / 2 - 5
    for proposal in proposals:
        x = scale.x(_time(proposal["opened_at"]))
        end = scale.x(_time(proposal["decided_at"])) if proposal["decided_at"] else x
        yield (
            f'<path d="M{x} {y - 4}v7M{x} {y}H{max(end, x + 1):.2f}" class="l-ink" stroke="{INK}" stroke-width="1.6"'
            f' fill="none"><title>{NUMERALS.get(int(proposal["level"]), "–")} {escape(proposal["state"])}</title></path>'
        )


def _latency(scale: _Scale, latency: Mapping[str, Any]) -> Iterable[str]:
    """From the first red warning to level I as it happened, and to the decision on the house's track."""
    if latency.get("first_red_at") is None:
        return
    red = _time(latency["first_red_at"])
    house = latency.get("as_anlan_proposes") or {}
    for track, value, css in (
        ("history", latency.get("as_it_happened"), "red"),
        ("main", house.get("level_one_in_force"), "ink"),
    ):
        if value is not None:
            yield from _stretch(scale, ROWS[track] + BAND / 2 + 8, red, value, css)


def _stretch(scale: _Scale, y: float, red: datetime, value: float, css: str) -> Iterable[str]:
    left, right = scale.x(red), scale.x(red + timedelta(minutes=value))
    whole = round(value)
    hours, rest = divmod(whole, 60)
    zh = f"{hours} 小时 {rest} 分" if hours else f"{rest} 分"
    en = f"{hours} h {rest} min" if hours else f"{rest} min"
    text, wide = zh if scale.language == "zh" else en, right - left > 80
    stroke = RED if css == "red" else INK
    path = f"M{left} {y - 4}v8M{left} {y}H{right}M{right} {y - 4}v8"
    yield f'<path d="{path}" class="l-{css}" stroke="{stroke}" stroke-width="1.6" fill="none"/>'
    if wide:
        yield _text((left + right) / 2, y + 15, text, css, "middle", ' font-weight="700"')
    else:
        yield _text(right + 8, y + 4.5, text, css, "start", ' font-weight="700"')
