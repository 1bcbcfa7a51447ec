"""Why a signal stands as it stands, in the user's words, with the numbers and the rule's citation (law 11)."""

from __future__ import annotations

from typing import Any, NamedTuple

from anlan.monitoring.engine.signals import Action


class Said(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


class Case(NamedTuple):
    """What there is to explain. `value` and `threshold` in `unit`; `window_h` 0 means the value itself."""

    action: Action
    station: Said
    what: Said
    level: Said
    value: float
    threshold: float
    unit: str
    window_h: int
    citation: Said
    mark: str
    hold_min: int = 0


_UNITS = {"mm": Said("毫米", "mm"), "m": Said("米", "m")}


def explain(case: Case) -> dict[str, Any]:
    """Return {"zh", "en", "citation", "numbers", "mark"}; `citation` is the source in both languages."""
    zh, en = (_rising if case.action in ("opened", "raised") else _falling)(case)
    default = case.mark.startswith("G")
    return {
        "zh": f"{zh}依据：{case.citation.zh}{'（默认值，可修改）' if default else ''}。",
        "en": f"{en} Rule: {case.citation.en}{' (default, editable)' if default else ''}.",
        "citation": {"zh": case.citation.zh, "en": case.citation.en},
        "mark": case.mark,
        "numbers": {
            "value": round(case.value, 2),
            "threshold": case.threshold,
            "over": round(case.value - case.threshold, 2),
            "unit": case.unit,
            "window_h": case.window_h,
        },
    }


def _rising(case: Case) -> tuple[str, str]:
    measure, figure, bar = _measure(case), _figure(case.value, case.unit), _figure(case.threshold, case.unit)
    zh = f"{case.station.zh}{measure.zh}{figure.zh}，达到{case.level.zh}标准（≥{bar.zh}）。"
    en = f"{case.station.en}: {measure.en} {figure.en}, which reaches {case.level.en} (at least {bar.en})."
    return zh, en


def _falling(case: Case) -> tuple[str, str]:
    measure, figure = _measure(case), _figure(case.value, case.unit)
    zh = f"{case.station.zh}{measure.zh}{figure.zh}，已连续{case.hold_min}分钟低于保持线，"
    en = f"{case.station.en}: {measure.en} {figure.en}, below the holding line for {case.hold_min} minutes; "
    if case.action == "cleared":
        return zh + "信号解除。", en + "the signal is cleared."
    return zh + f"降为{case.level.zh}。", en + f"lowered to {case.level.en}."


def _measure(case: Case) -> Said:
    if case.window_h == 0:
        return case.what
    return Said(f"{case.window_h}小时累计雨量", f"rain in {case.window_h} h")


def _figure(value: float, unit: str) -> Said:
    words = _UNITS.get(unit, Said(unit, unit))
    number = f"{value:.2f}".rstrip("0").rstrip(".") if unit == "m" else f"{value:.1f}".removesuffix(".0")
    return Said(f"{number}{words.zh}", f"{number} {words.en}")
