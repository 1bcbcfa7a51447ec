"""Words and forms of the report page. `{% load review %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from anlan.review.formats import curve_figure

register = template.Library()

TIERS = {
    "city": pgettext_lazy("level of posts", "City"),
    "county": pgettext_lazy("level of posts", "County"),
    "township": pgettext_lazy("level of posts", "Township"),
    "village": pgettext_lazy("level of posts", "Village"),
    "site": pgettext_lazy("level of posts", "Special site"),
}
LANES = {
    "history": gettext_lazy("as it happened"),
    "main": gettext_lazy("as Anlan proposes"),
    "shared": gettext_lazy("both"),
}


@register.filter
def minutes(value: Any) -> str:
    """A duration in minutes as `18 h 31 min` or `12 min`; a dash when it is not known."""
    if not isinstance(value, int | float):
        return "–"
    whole = round(value)
    if whole >= 60:
        return _("%(h)d h %(m)02d min") % {"h": whole // 60, "m": whole % 60}
    return _("%(m)d min") % {"m": whole}


@register.filter
def figure(value: float | None) -> str:
    """A number with at most one decimal; a dash when there is none."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


@register.filter
def percent(value: float | None) -> str:
    """A share of 1 as percent; a dash when there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"


@register.filter
def tier(code: str) -> str:
    """The word for a level of posts."""
    return str(TIERS.get(code, code))


@register.filter
def lane(code: str) -> str:
    """The word for a track of the timeline."""
    return str(LANES.get(code, code))


@register.filter
def digest_short(digest: str) -> str:
    """The first sixteen hex digits of a `sequence:hex` digest."""
    return digest.rpartition(":")[2][:16]


@register.simple_tag
def spark(curve: dict[str, Any], grid: list[float]) -> SafeString:
    """The small picture of one role's answers."""
    chinese = (get_language() or "zh").startswith("zh")
    return mark_safe(curve_figure.spark(curve, grid, language="zh" if chinese else "en"))  # noqa: S308 - our own drawing


@register.simple_tag
def spread_row(label: str, spread: dict[str, Any]) -> SafeString:
    """One row of the table of durations."""
    cells = (label, spread["n"], figure(spread["median"]), figure(spread["p90"]), figure(spread["max"]))
    return format_html(
        '<tr><td>{}</td><td class="num">{}</td><td class="num">{}</td><td class="num">{}</td><td class="num">{}</td></tr>',
        *cells,
    )
