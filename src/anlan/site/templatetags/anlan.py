"""Template words of the visual language: plates, chips, states, times. `{% load anlan %}`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from anlan.kernel.language import chinese, say, span
from anlan.site.shell import built, words
from anlan.warning import choices

register = template.Library()

# Two bars drawn with attributes only: the pages allow no inline style.
_SHAPES = {
    "blue": '<circle cx="8" cy="8" r="6.5"/>',
    "yellow": '<path d="M8 1.2 15.2 14.4H.8Z"/>',
    "orange": '<path d="M8 .8 15.2 8 8 15.2.8 8Z"/>',
    "water": '<path d="M.8 4.2h14.4v3H.8zM.8 9.4h14.4v3H.8z"/>',
    "red": '<path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5Z"/>',
}


register.filter("say", say)
register.filter("span", span)


@register.filter
def channels(codes: list[str]) -> str:
    """Names of warning channels, in the reader's language."""
    names = [say(choices.name(choices.CHANNELS, code)) for code in codes]
    return ("、" if chinese() else ", ").join(names)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon of the sprite; decorative unless a label is given."""
    aria = format_html(' role="img" aria-label="{}"', label) if label else mark_safe(' aria-hidden="true"')
    return format_html('<svg class="icon"{}><use href="{}#{}"></use></svg>', aria, built.asset("icons.svg"), name)


@register.simple_tag
def shape(colour: str) -> SafeString:
    """The shape of a warning colour alone (circle, triangle, diamond, octagon)."""
    body = mark_safe(_SHAPES.get(colour, _SHAPES["water"]))  # noqa: S308 - constant drawings
    return format_html('<svg class="shape w-{}" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', colour, body)


@register.simple_tag
def chip(colour: str, size: str = "", text: str = "") -> SafeString:
    """A warning colour: outlined chip with shape and word."""
    body = mark_safe(_SHAPES.get(colour, _SHAPES["water"]))  # noqa: S308 - constant drawings
    word = text or words.COLOURS.get(colour, colour)
    drawing = format_html('<svg viewBox="0 0 16 16" aria-hidden="true">{}</svg>', body)
    return format_html('<span class="chip w-{} {}">{}{}</span>', colour, size, drawing, word)


@register.simple_tag
def plate(level: int | None, size: str = "") -> SafeString:
    """A response level: Roman numeral on a monochrome plate with four bars (level I fills all four)."""
    number = int(level or 0)
    bars = format_html_join(
        "",
        '<rect x="0" y="{}" width="6" height="3.4"{}/>',
        ((i * 5.5, "" if number and i >= number - 1 else mark_safe(' class="off"')) for i in range(4)),
    )
    title = _("Response level %s") % words.NUMERALS[number] if number else _("No response level")
    return format_html(
        '<span class="plate p{} {}" role="img" aria-label="{}"><b>{}</b>'
        '<svg viewBox="0 0 6 20" aria-hidden="true">{}</svg></span>',
        number, size, title, words.NUMERALS[number], bars,
    )  # fmt: skip


@register.simple_tag
def status(state: str, text: str = "") -> SafeString:
    """A state of work: dot and word, in one of the tones; `state` is a known state, or a tone with its own words."""
    tone, label = words.STATES.get(state, (state if state in words.TONES else "plain", state))
    return format_html('<span class="status s-{}">{}</span>', tone, text or label)


@register.filter
def numeral(level: int | None) -> str:
    """Roman numeral of a response level."""
    return words.NUMERALS.get(int(level or 0), "–")


@register.simple_tag
def step(action: str, level: int | None) -> str:
    """What a proposal asks for, in words: "Raise to level I"."""
    text = str(words.ACTIONS.get(action, action))
    return text % words.NUMERALS.get(int(level or 0), "–") if "%s" in text else text


@register.filter
def word(code: str, group: str) -> str:
    """The word for a code of a group: `{{ role|word:"ROLES" }}`."""
    return str(getattr(words, group).get(code, code))


def moment(value: Any) -> datetime | None:
    """A datetime from a datetime or an ISO string; None stays None."""
    if isinstance(value, str):
        return parse_datetime(value)
    return value if isinstance(value, datetime) else None


@register.filter
def stamp(value: Any, form: str = "") -> SafeString | str:
    """`<time>` as HH:MM in local time; form "day" puts the date before it, "s" adds seconds."""
    at = moment(value)
    if at is None:
        return "–"
    local = timezone.localtime(at)
    text = local.strftime("%H:%M:%S" if form == "s" else "%H:%M")
    if form == "day":
        text = f"{local.month}月{local.day}日 {text}" if chinese() else f"{local.day} {local:%b} {text}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), text)


@register.simple_tag
def elapsed(value: Any, now: datetime | None = None) -> SafeString | str:
    """Time since a moment; the page keeps it running (`data-since`)."""
    at = moment(value)
    if at is None:
        return "–"
    text = span(max(0, ((now or timezone.now()) - at).total_seconds()))
    return format_html('<time datetime="{0}" data-since="{0}">{1}</time>', at.isoformat(), text)


@register.inclusion_tag("shell/funnel.html")
def funnel(counts: dict[str, int] | None, thin: str = "") -> dict[str, Any]:
    """A bar of the people called: acting, answered, needs help, and the hatched rest that is missing."""
    f = counts or {}
    total = max(1, int(f.get("targeted", 0)))
    acting, helping = int(f.get("acting", 0)), int(f.get("need_help", 0))
    answered = max(0, int(f.get("answered", 0)) - acting - helping)
    widths = [round(100 * n / total, 2) for n in (acting, answered, helping)]
    return {
        "thin": thin, "f": f, "acting": widths[0], "answered": widths[1], "help": widths[2],
        "x_answered": widths[0], "x_help": round(widths[0] + widths[1], 2), "x_gap": round(sum(widths), 2),
        "missing": max(0, int(f.get("targeted", 0)) - int(f.get("answered", 0))),
        "percent": round(100 * int(f.get("answered", 0)) / total),
    }  # fmt: skip


@register.simple_tag
def missing(counts: dict[str, int]) -> SafeString:
    """How many of those called have not answered, marked when there are any."""
    number = int(counts.get("targeted", 0)) - int(counts.get("answered", 0))
    return format_html('<b class="c-overdue">{}</b>', number) if number else mark_safe('<span class="muted">0</span>')


@register.simple_tag
def built_script(entry: str) -> SafeString:
    """`<script type=module>` of a built entry."""
    src = built.script(entry)
    return format_html('<script type="module" src="{}"></script>', src) if src else mark_safe("")


@register.simple_tag
def built_styles(entry: str) -> SafeString:
    """`<link rel=stylesheet>` of everything an entry needs."""
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((href,) for href in built.styles(entry)))


@register.simple_tag
def built_asset(name: str) -> str:
    """Address of a built file."""
    return built.asset(name)
