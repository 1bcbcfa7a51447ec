"""What elements, kinds of stations and quality codes are called, and under which address their definitions stand."""

from __future__ import annotations

import json
from typing import Any

from anlan.kernel.language import chinese
from anlan.monitoring.choices import Quality, StationKind

MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
ELEMENT_URN, UNIT_URN = "urn:anlan:element:", "urn:anlan:unit:"
ELEMENTS = {
    "rain_mm": ("降水量", "Precipitation"), "rain_total_mm": ("累计降水量", "Accumulated precipitation"),
    "level_m": ("水位", "Water level"), "level_rel_m": ("相对水位", "Relative water level"),
    "depth_m": ("积水深", "Water depth"), "gate_m": ("闸门开度", "Gate opening"), "flow_m3s": ("流量", "Discharge"),
    "battery_v": ("电源电压", "Battery voltage"), "temp_c": ("温度", "Temperature"),
    "gas_pct": ("气体浓度", "Gas concentration"), "pressure_kpa": ("压力", "Pressure"), "tilt_deg": ("倾角", "Tilt"),
    "wind_ms": ("风速", "Wind speed"), "humidity_pct": ("相对湿度", "Relative humidity"),
    "moisture_pct": ("土壤含水量", "Soil moisture"), "displacement_mm": ("位移", "Displacement"),
}  # fmt: skip
UNITS = {
    "mm": ("毫米", "millimetre"), "m": ("米", "metre"), "m3/s": ("立方米每秒", "cubic metre per second"),
    "V": ("伏", "volt"), "℃": ("摄氏度", "degree Celsius"), "°C": ("摄氏度", "degree Celsius"),
    "%": ("百分比", "percent"), "kPa": ("千帕", "kilopascal"), "°": ("度", "degree"), "m/s": ("米每秒", "metre per second"),
}  # fmt: skip
SENSORS_ZH, SENSORS_EN = "类测站的传感器", " sensor"


def element_names() -> str:
    """Return the elements' names in the reader's language, as JSON for a query."""
    return json.dumps({code: words[0 if chinese() else 1] for code, words in ELEMENTS.items()}, ensure_ascii=False)


def unit_names() -> str:
    """Return the units' names in the reader's language, as JSON for a query."""
    return json.dumps({code: words[0 if chinese() else 1] for code, words in UNITS.items()}, ensure_ascii=False)


def kind_names() -> str:
    """Return what each kind of station is called, as JSON for a query."""
    return json.dumps({str(value): str(label) for value, label in StationKind.choices}, ensure_ascii=False)


def sensors() -> str:
    """Return a sensor for each kind of station, as JSON rows for a query."""
    rows = [{"id": str(value), "name": f"{label}{SENSORS_ZH if chinese() else SENSORS_EN}"}
            for value, label in StationKind.choices]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False)


def quality(code: int) -> dict[str, Any]:
    """Return what is thought of a value, as a program reads it."""
    try:
        found = Quality(code)
    except ValueError:
        return {"code": code, "name": "unknown", "text": str(code)}
    return {"code": code, "name": found.name.lower(), "text": str(found.label)}
