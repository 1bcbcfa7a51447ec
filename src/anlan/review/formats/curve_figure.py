"""The answer curves as pictures: one figure with a line a level, and a small one for each role's row.

Time runs by its square root: what counts is in the first quarter of an hour, yet the last ones must stay in sight.

Without hue, as everything that is neither hazard nor state of work: the lines are told apart by their strokes and the
words at their ends. What is missing at the end is hatched.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from anlan.review.engine.curves import TIERS

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 780, 268, 40, 192, 14, 34
SPARK_WIDTH, SPARK_HEIGHT = 150, 26
TICKS: Final = (0, 1, 2, 5, 10, 15, 30, 60, 90)
INK, SOFT, LINE = "#0f1c1f", "#566669", "#c3cccd"
STROKES: Final = {
    "city": (1.4, "1.5 3"), "county": (1.4, "7 3"), "township": (2.4, ""), "village": (1.4, ""), "site": (1.4, "9 3 2 3"),
}  # fmt: skip
WORDS: Final = {
    "zh": {"city": "市", "county": "县", "township": "乡镇", "village": "村", "site": "重点单位", "none": "未达到",
           "title": "签发后应答比例", "axis": "签发后（分钟）", "min": "分", "label": "应答 {share}"},
    "en": {"city": "City", "county": "County", "township": "Township", "village": "Village", "site": "Special site",
           "none": "never", "title": "Share answered since issue", "axis": "minutes since issue", "min": "min",
           "label": "{share} answered"},
}  # fmt: skip
Json = Mapping[str, Any]


def tier_figure(curves: Json, *, language: str) -> str:
    """Return the SVG of the share answered by level (`engine.curves.curves`); "" when nobody was called."""
    tiers = [(tier, curves["by_tier"][tier]) for tier in TIERS if tier in curves["by_tier"]]
    if not tiers:
        return ""
    words, grid = WORDS[language], curves["minutes"]
    parts = [*_axes(grid, words)]
    for tier, curve in tiers:
        width, dashes = STROKES[tier]
        broken = f' stroke-dasharray="{dashes}"' if dashes else ""
        points = " ".join(f"{_x(m, grid):.1f},{_y(s):.1f}" for m, s in zip(grid, curve["shares"], strict=True))
        parts.append(
            f'<polyline points="{points}" class="l-ink" fill="none" stroke="{INK}" stroke-width="{width}"'
            f' stroke-linejoin="round"{broken}/>'
        )
    parts += _ends(tiers, words)
    return _svg(WIDTH, HEIGHT, words["title"], "axis-figure", parts)


def spark(curve: Json, grid: Sequence[float], *, language: str) -> str:
    """Return the small SVG of one role's curve: what was answered filled, what is still missing hatched."""
    shares: Sequence[float] = curve["shares"]
    last = grid[-1] or 1
    line = " ".join(
        f"{SPARK_WIDTH * math.sqrt(m / last):.1f},{_small(s):.1f}" for m, s in zip(grid, shares, strict=True)
    )
    bottom = SPARK_HEIGHT - 1
    parts = [
        f'<path d="M0 {_small(0.9):.1f}H{SPARK_WIDTH}" class="l-grid" stroke="{LINE}" stroke-width="0.8"'
        ' stroke-dasharray="2 2"/>',
        f'<polygon points="0,{bottom} {line} {SPARK_WIDTH},{bottom}" class="f-ink" fill="{INK}" fill-opacity="0.14"/>',
        f'<polyline points="{line}" class="l-ink" fill="none" stroke="{INK}" stroke-width="1.4"/>',
        *_hatch(SPARK_WIDTH - 9, 1.0, 9, _small(shares[-1]) - 1.0),
    ]
    label = WORDS[language]["label"].format(share=f"{100 * shares[-1]:.1f} %")
    return _svg(SPARK_WIDTH, SPARK_HEIGHT, label, "spark", parts)


def _svg(width: int, height: int, title: str, css: str, parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{css}" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(title)}" font-size="12">{"".join(parts)}</svg>'
    )


def _x(minute: float, grid: Sequence[float]) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * math.sqrt(minute / (grid[-1] or 1))


def _y(share: float) -> float:
    return TOP + (HEIGHT - TOP - FOOT) * (1 - share)


def _small(share: float) -> float:
    return 1 + (SPARK_HEIGHT - 2) * (1 - share)


def _text(x: float, y: float, text: str, css: str = "soft", anchor: str = "start", more: str = "") -> str:
    fill = INK if css == "ink" else SOFT
    return f'<text x="{x:.1f}" y="{y:.1f}" class="t-{css}" fill="{fill}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def _axes(grid: Sequence[float], words: Mapping[str, str]) -> Iterable[str]:
    """Minutes below; a half and nine tenths drawn through, for those are what is read off."""
    right = WIDTH - RIGHT
    for share in (0.0, 0.5, 0.9, 1.0):
        y, broken = _y(share), ' stroke-dasharray="4 3"' if 0 < share < 1 else ""
        yield f'<path d="M{LEFT} {y:.1f}H{right}" class="l-grid" stroke="{LINE}" stroke-width="1"{broken}/>'
        yield _text(LEFT - 6, y + (7 if share == 0.9 else 3 if share == 1.0 else 4), f"{share:.0%}", "soft", "end")
    for minute in (m for m in TICKS if m <= grid[-1]):
        x = _x(minute, grid)
        yield f'<path d="M{x:.1f} {_y(0):.1f}v4" class="l-grid" stroke="{LINE}" stroke-width="1"/>'
        yield _text(x, _y(0) + 17, str(minute), "soft", "middle")
    yield _text(right + 18, _y(0) + 17, words["axis"])


def _ends(tiers: Sequence[tuple[str, Json]], words: Mapping[str, str]) -> Iterable[str]:
    """The name of each line at its end with the time to nine in ten, moved apart where lines end together."""
    x, places = WIDTH - RIGHT + 10, [_y(curve["shares"][-1]) for _, curve in tiers]
    order = sorted(range(len(tiers)), key=lambda n: (places[n], tiers[n][1]["to_90"] or math.inf))
    below = TOP - 18.0
    for n in order:
        tier, curve = tiers[n]
        below = max(places[n] - 2, below + 18)
        width, dashes = STROKES[tier]
        broken = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield f'<path d="M{x} {below:.1f}h22" class="l-ink" stroke="{INK}" stroke-width="{width}"{broken}/>'
        reached = words["none"] if curve["to_90"] is None else f"{curve['to_90']:.0f} {words['min']}"
        yield _text(x + 28, below + 4, words[tier], "ink", "start", ' font-weight="600"')
        yield _text(WIDTH, below + 4, f"90% {reached}", "soft", "end")


def _hatch(x: float, y: float, width: float, height: float) -> Iterable[str]:
    """Slanted strokes over a box; none where the box has no height."""
    if height < 1:
        return
    lines = []
    for start in range(0, int(width + height), 4):
        x1, y1 = x + max(0.0, start - height), y + min(height, start)
        x2, y2 = x + min(width, start), y + max(0.0, start - width)
        lines.append(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}")
    yield f'<path d="{"".join(lines)}" class="l-ink" stroke="{INK}" stroke-width="0.8"/>'
