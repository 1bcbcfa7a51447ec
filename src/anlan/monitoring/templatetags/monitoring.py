"""Template words of the monitoring pages: their row of tabs, figures with units, states with their words.
`{% load monitoring %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from anlan.monitoring import choices
from anlan.monitoring.pages import words
from anlan.territory.templatetags.territory import there

register = template.Library()


@register.inclusion_tag("monitoring/tabs.html")
def monitoring_tabs(tab: str) -> dict[str, Any]:
    """The tabs every page of monitoring has under the menu; `tab` names the one this page is."""
    tabs = [
        (name, address, text)
        for name, address, text in (
            ("stations", "/monitoring/stations", _("Stations")),
            ("rain", "/monitoring/rain", _("Rain map")),
            ("signals", "/monitoring/signals", _("Signals")),
            ("rules", "/monitoring/rules", _("Rules")),
            ("gaps", "/monitoring/gaps", _("Missing data")),
            ("connections", "/monitoring/connections", _("Connections")),
        )
        if there(address)
    ]
    return {"tab": tab, "tabs": tabs}


@register.filter
def station_state(state: str) -> SafeString:
    """A station's state: dot and word."""
    return format_html(
        '<span class="status s-{}">{}</span>', words.TONES.get(state, "plain"), words.STATES.get(state, state)
    )


@register.filter
def quality_word(code: int | None) -> str:
    """The words for a quality code."""
    return words.quality(code)


@register.filter
def kind_word(code: str) -> str:
    """The words for a kind of station."""
    return str(dict(choices.StationKind.choices).get(code, code))


@register.filter
def protocol_word(code: str) -> str:
    """The words for a protocol."""
    return str(dict(choices.Protocol.choices).get(code, code or _("Not known")))


@register.filter
def element_word(code: str) -> str:
    """The words for an element; a code nobody has named stays as it is."""
    return words.element(code)


@register.filter
def figure(value: float | None, element: str = "") -> str:
    """A measured figure with the decimals its element is read with; nothing as a dash."""
    return words.figure(value, element)


@register.filter
def percent1(share: float | None) -> str:
    """A share of one as a percentage; never rounded up to a whole that it isn't."""
    return words.percent(share)


@register.filter
def rain(value: float | None) -> SafeString | str:
    """A rain sum in mm with one decimal; nothing fallen steps back."""
    if value is None:
        return "–"
    return format_html('<span class="none">{}</span>', "0") if value < 0.05 else f"{value:,.1f}"


@register.filter
def half(value: float) -> float:
    """Half of a length."""
    return value / 2


@register.filter
def plus(value: float, more: float) -> float:
    """A length and another."""
    return round(value + more, 1)


@register.filter
def ring_top(height: float, radius: float) -> float:
    """Where the words of a ring round the middle of a drawing stand."""
    return round(height / 2 - radius + 9, 1)
