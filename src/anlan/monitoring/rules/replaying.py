"""`anlan monitor replay`: a bureau's stations and readings through rules, with the engine that runs live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from anlan.monitoring.choices import Quality
from anlan.monitoring.engine.columns import Columns
from anlan.monitoring.engine.explain import Case, Said, explain
from anlan.monitoring.engine.maxima import HOURS, maxima
from anlan.monitoring.engine.neighbours import alone
from anlan.monitoring.engine.outcome import Step
from anlan.monitoring.engine.replay import replay
from anlan.monitoring.engine.rules import Catalogue, Checks, Rule, SeriesDef, leaves
from anlan.monitoring.formats.replay_tables import ReadingTable, StationRow, figure, iso, usual_interval, written
from anlan.monitoring.formats.rule_reading import RuleWords
from anlan.monitoring.rules import checks_for

SIGNALS = ("rule", "station", "event", "level", "time", "value", "quality", "reason")
MAXIMA = ("station", "element", "window_h", "value", "time")
INCH, FOOT = 25.4, 0.3048
LEAST_SILENCE_S, INTERVALS_OF_SILENCE = 3600, 3
# What tables call an element, by its unit: our element, and what a value is multiplied by.
RAIN, LEVEL = ("rain", "rainfall", "precipitation", "precip", "p", "drp"), ("level", "water_level", "stage", "z", "wl")
KNOWN = {
    **{(name, unit): ("rain_mm", 1.0) for name in RAIN for unit in ("mm", "")},
    **{(name, unit): ("rain_mm", INCH) for name in RAIN for unit in ("in", "inch", "inches")},
    **{(name, unit): ("level_m", 1.0) for name in LEVEL for unit in ("m", "")},
    **{(name, unit): ("level_m", FOOT) for name in LEVEL for unit in ("ft", "foot", "feet")},
}
STATION_KINDS = {"rain_mm": "rain", "rain_total_mm": "rain", "level_m": "level", "depth_m": "level", "gate_m": "level"}


class Laid(NamedTuple):
    """Series as the engine knows them, the readings in its units, and each series' station, factor and name."""

    series: tuple[SeriesDef, ...]
    rows: Columns
    factor: tuple[float, ...]
    name: tuple[str, ...]


def lay(stations: Sequence[StationRow], table: ReadingTable, rules: Sequence[Rule] = ()) -> Laid:
    """Lay stations and readings out for the engine; series that no station names are known by their readings alone.

    An element that a rule names stays as it is; else usual names (rain in mm or inches, level in m or feet) become ours.
    """
    named = {leaf.element for rule in rules for level in rule.levels for leaf in leaves(level.when)}
    given = {(row.station, row.element): row for row in stations}
    interval = usual_interval(table.rows, len(table.keys)).tolist()
    series, factors, names = [], [], []
    for number, (station, element) in enumerate(table.keys):
        row = given.get((station, element))
        unit = "" if row is None else row.unit.lower()
        usual, factor = KNOWN.get((element.lower(), unit), (element, 1.0))
        ours, factor = (element, 1.0) if element in named else (usual, factor)
        kind = "increment" if usual == "rain_mm" else "counter" if usual == "rain_total_mm" else "gauge"
        station_kind = STATION_KINDS.get(usual, "other")
        limits = {} if row is None else {name: value * factor for name, value in row.limits.items()}
        limits |= {f"{name}_m": value for name, value in limits.items()}
        silence = max(LEAST_SILENCE_S, interval[number] * INTERVALS_OF_SILENCE)
        checks = checks_for(station_kind, usual, kind, interval[number] or 600) if ours == usual else Checks()
        where = (0.0, 0.0) if row is None else (row.lon, row.lat)
        series.append(SeriesDef(number, station, ours, kind, station_kind, "", silence, limits, checks, False, *where))
        factors.append(factor)
        names.append(station if row is None else row.name)
    scale = np.array(factors, dtype=np.float64)
    rows = table.rows.with_value(table.rows.value * scale[table.rows.series])
    return Laid(tuple(series), rows, tuple(factors), tuple(names))


def maxima_csv(table: ReadingTable) -> str:
    """Return the largest moving sum of every series and window over all readings, doubtful ones too, in their unit."""
    found = maxima(table.rows)
    order = sorted(range(len(found.series)), key=lambda row: table.keys[int(found.series[row])])
    rows = [
        (*table.keys[int(found.series[row])], hours, figure(found.value[row, column]),
         iso(int(found.at[row, column]), table.zone))
        for row in order for column, hours in enumerate(HOURS)
    ]  # fmt: skip
    return written(MAXIMA, rows)


def signals_csv(
    laid: Laid, table: ReadingTable, rules: Sequence[Rule], words: dict[tuple[str, str], RuleWords]
) -> tuple[str, int, int]:
    """Return the signals as CSV, how many there are, and how many readings are doubtful."""
    marked = alone(laid.series, laid.rows)
    quality = laid.rows.quality.copy()
    quality[marked] = Quality.SPIKE
    result = replay(Catalogue(laid.series, (), tuple(rules)), laid.rows.with_quality(quality))
    rows = sorted(_row(step, laid, table, words[(step.rule, step.version)], rules) for step in result.steps)
    return written(SIGNALS, [row[1:] for row in rows]), len(rows), int((result.quality > 0).sum())


def _row(
    step: Step, laid: Laid, table: ReadingTable, words: RuleWords, rules: Sequence[Rule]
) -> tuple[int, str, str, str, str, str, str, str, str]:
    kind, _, key = step.place.partition(":")
    number = int(key) if kind == "s" else -1
    station = laid.series[number].station if kind == "s" else key
    factor = laid.factor[step.series] if step.series >= 0 and step.measure not in ("count", "no_data") else 1.0
    why = explain(_case(step, laid.name[number] if kind == "s" else station, words, rules))
    level = step.level or step.previous
    quality = Quality(step.quality).name.lower()
    return (
        step.at, step.rule, station, step.event, level, iso(step.at, table.zone), figure(step.value / factor), quality,
        f"{why['zh']} {why['en']}",
    )  # fmt: skip


def _case(step: Step, name: str, words: RuleWords, rules: Sequence[Rule]) -> Case:
    rule = next(one for one in rules if (one.code, one.version) == (step.rule, step.version))
    level = words.level_name(step.level or step.previous)
    return Case(
        action=step.event, station=Said(name, name), what=Said(words.name.zh, words.name.en.lower()),
        level=Said(level.zh, level.en.lower()), value=step.value, threshold=step.threshold, unit=words.unit,
        window_h=step.window_s / 3600, citation=Said(words.source.zh, words.source.en), mark=words.mark,
        hold_min=rule.keep_s / 60, measure=step.measure,
    )  # fmt: skip
