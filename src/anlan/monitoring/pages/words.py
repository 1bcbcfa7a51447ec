"""Words and figures of the monitoring pages: elements with their units and decimals, states, levels."""

from __future__ import annotations

from math import floor
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.kernel.language import chinese
from anlan.monitoring.choices import Quality
from anlan.monitoring.sources.code_tables import named_elements

#: element → its name, decimals.
ELEMENTS: dict[str, tuple[str | Promise, int]] = {
    "rain_mm": (_("Rain"), 1),
    "rain_total_mm": (_("Rain, running total"), 1),
    "level_m": (_("Water level"), 2),
    "depth_m": (_("Water depth"), 2),
    "gate_m": (_("Water at the gate"), 2),
    "flow_m3s": (_("Flow"), 1),
    "battery_v": (_("Battery"), 2),
    "temp_c": (_("Temperature"), 1),
    "wind_ms": (_("Wind"), 1),
    "gas_pct": (_("Gas"), 1),
    "soil_pct": (_("Soil moisture"), 1),
    "pressure_kpa": (_("Pressure"), 1),
    "tilt_deg": (_("Tilt"), 3),
    "move_mm": (_("Displacement"), 1),
}
STATES = {
    "normal": pgettext_lazy("station", "Reporting"),
    "silent": pgettext_lazy("station", "Silent"),
    "suspect": pgettext_lazy("station", "Doubtful"),
    "isolated": pgettext_lazy("station", "Isolated"),
}
TONES = {"normal": "ok", "silent": "silent", "suspect": "attention", "isolated": "overdue"}
LIMITS = {
    "alert_m": _("Alert level"), "warning_m": _("Warning level"), "guarantee_m": _("Guarantee level"),
    "record_m": _("Highest on record"), "flood_limit_m": _("Flood-season limit"), "caution_m": _("Caution"),
    "stop_m": _("Stop-line"), "rise_m_h": _("Fast rise per hour"), "very_rise_m_h": _("Very fast rise per hour"),
    "prepare_1h_mm": _("1 h rain to get ready"), "prepare_3h_mm": _("3 h rain to get ready"),
    "move_1h_mm": _("1 h rain to move at once"), "move_3h_mm": _("3 h rain to move at once"),
    "alert": _("First alarm"), "warning": _("Second alarm"), "guarantee": _("Guarantee level"),
}  # fmt: skip
COLOURS = {
    "blue": pgettext_lazy("warning colour", "Blue"),
    "yellow": pgettext_lazy("warning colour", "Yellow"),
    "orange": pgettext_lazy("warning colour", "Orange"),
    "red": pgettext_lazy("warning colour", "Red"),
}
USUAL_DECIMALS = 2


def element(code: str) -> str:
    """Return the name of an element: ours, else what the protocols' tables call it; else the code as it is."""
    if code in ELEMENTS:
        return str(ELEMENTS[code][0])
    found = named_elements().get(code)
    return code if found is None else found.zh if chinese() else found.en


def decimals(code: str) -> int:
    """Return with how many decimals an element is shown."""
    return ELEMENTS[code][1] if code in ELEMENTS else USUAL_DECIMALS


def figure(value: float | None, code: str = "") -> str:
    """Return a measured figure in the decimals of its element, nothing as a dash."""
    return "–" if value is None else f"{value:,.{decimals(code)}f}"


def limit(name: str) -> str:
    """Return the name of a limit; one nobody has named stays as it is."""
    return str(LIMITS.get(name, name))


def percent(share: float | None) -> str:
    """Return a share of one with one decimal, rounded down: only what is whole says 100 %."""
    return "–" if share is None else f"{floor(share * 1000) / 10:.1f} %" if share < 1 else "100 %"


def quality(code: int | None) -> str:
    """Return the words for a quality code."""
    return str(dict(Quality.choices).get(code or 0, code))


def doubts(found: list[list[Any]] | None) -> str:
    """Return (element, quality) pairs as one line: what is doubted, and why."""
    parts = [f"{element(code)}{'：' if chinese() else ': '}{quality(why)}" for code, why in found or ()]
    return ("；" if chinese() else "; ").join(parts)
