"""What can be measured: elements with their unit and what a value means, and what stations of each kind chiefly measure.

Codes that aren't here are taken as they come (HJ 212 factors, a plant's own tags): a state at the moment, unit as told.
"""

from __future__ import annotations

from typing import NamedTuple

from anlan.monitoring.choices import SeriesKind
from anlan.monitoring.rules import CHIEF, watch_for

FREE_UNIT = 16
DEFAULT_INTERVAL_S, DEFAULT_SILENCE = 600, 3


class Element(NamedTuple):
    """Unit, and kind of series (increment, gauge, counter)."""

    unit: str
    kind: str = SeriesKind.GAUGE.value


ELEMENTS: dict[str, Element] = {
    "rain_mm": Element("mm", SeriesKind.INCREMENT.value), "rain_total_mm": Element("mm", SeriesKind.COUNTER.value),
    "level_m": Element("m"), "level_rel_m": Element("m"), "depth_m": Element("m"), "gate_m": Element("m"),
    "flow_m3s": Element("m³/s"), "battery_v": Element("V"), "temp_c": Element("°C"), "gas_pct": Element("%"),
    "pressure_kpa": Element("kPa"), "tilt_deg": Element("°"), "wind_ms": Element("m/s"), "moisture_pct": Element("%"),
    "shift_mm": Element("mm"),
}  # fmt: skip

# What the main series of a kind may be; kinds that aren't here measure what they like.
METRICS: dict[str, tuple[str, ...]] = CHIEF


def element_of(code: str) -> Element:
    """Return unit and kind of an element; a state without unit where it isn't known."""
    return ELEMENTS.get(code, Element(""))


def watch_of(kind: str) -> tuple[int, int]:
    """Return the usual interval (s) of a kind of station, and how many intervals of silence are too long."""
    try:
        watch = watch_for(kind)
    except KeyError:
        return DEFAULT_INTERVAL_S, DEFAULT_SILENCE
    return watch.interval_s, watch.silence_intervals
