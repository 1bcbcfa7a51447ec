"""Why a signal stands as it stands, in the user's words, with the numbers and the rule's citation (law 11)."""

from __future__ import annotations

from typing import Any, NamedTuple

from anlan.monitoring.engine.outcome import Happening


class Said(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


class Case(NamedTuple):
    """What there is to explain. `value` and `threshold` in `unit`; `window_h` 0 means the value itself; measure: as of
    engine/rules.Leaf; below: the line is crossed downwards."""

    action: Happening
    station: Said
    what: Said
    level: Said
    value: float
    threshold: float
    unit: str
    window_h: float
    citation: Said
    mark: str
    hold_min: float = 0
    measure: str = "sum"
    below: bool = False


_UNITS = {"mm": Said("毫米", "mm"), "m": Said("米", "m")}
_MEASURES = {
    "sum": Said("累计", "total"), "mean": Said("平均", "mean"), "max": Said("最大", "highest"),
    "min": Said("最小", "lowest"), "rate": Said("每小时变化", "change per hour"), "count": Said("读数个数", "readings"),
}  # fmt: skip


def explain(case: Case) -> dict[str, Any]:
    """Return {"zh", "en", "citation", "numbers", "mark"}; `citation` is the source in both languages."""
    zh, en = (_falling if case.action in ("lowered", "cleared") else _rising)(case)
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
    measure, figure, bar = _measure(case), _figure(case.value, case), _figure(case.threshold, case)
    sign, words = ("≤", "at most") if case.below else ("≥", "at least")
    zh = f"{case.station.zh}{measure.zh}{figure.zh}，达到{case.level.zh}标准（{sign}{bar.zh}）。"
    en = f"{case.station.en}: {measure.en} {figure.en}, which reaches {case.level.en} ({words} {bar.en})."
    if case.action == "suspect":
        return zh + "该读数可疑，不单独发信号。", en + " The reading is doubtful and raises nothing alone."
    return zh, en


def _falling(case: Case) -> tuple[str, str]:
    measure, figure = _measure(case), _figure(case.value, case)
    side = Said("高于", "above") if case.below else Said("低于", "below")
    zh = f"{case.station.zh}{measure.zh}{figure.zh}，已连续{case.hold_min:g}分钟{side.zh}保持线，"
    en = f"{case.station.en}: {measure.en} {figure.en}, {side.en} the holding line for {case.hold_min:g} minutes; "
    if case.action == "cleared":
        return zh + "信号解除。", en + "the signal is cleared."
    return zh + f"降为{case.level.zh}。", en + f"lowered to {case.level.en}."


def _measure(case: Case) -> Said:
    """What was measured: rain in so many hours, a mean over minutes, or the value itself."""
    if case.measure == "no_data":
        return Said("无数据已达", "no data for")
    if case.window_h == 0:
        return case.what
    whole = case.window_h >= 1
    number = f"{case.window_h:g}" if whole else f"{case.window_h * 60:g}"
    span = Said(f"{number}小时", f"{number} h") if whole else Said(f"{number}分钟", f"{number} min")
    if case.measure == "sum" and case.unit == "mm":
        return Said(f"{span.zh}累计雨量", f"rain in {span.en}")
    kind = _MEASURES.get(case.measure, Said("", case.measure))
    return Said(f"{case.what.zh}{span.zh}{kind.zh}", f"{case.what.en}, {kind.en} in {span.en}")


def _figure(value: float, case: Case) -> Said:
    if case.measure == "no_data":
        return Said(f"{value / 60:g}分钟", f"{value / 60:g} minutes")
    unit = "" if case.measure == "count" else case.unit
    words = _UNITS.get(unit, Said(unit, unit))
    number = f"{value:.1f}".removesuffix(".0") if unit == "mm" else f"{value:.2f}".rstrip("0").rstrip(".")
    return Said(f"{number}{words.zh}", f"{number} {words.en}".rstrip())
