"""Catalogues and readings for the engine's tests: every kind of rule, at a few places, over some hours."""

from __future__ import annotations

import numpy as np

from anlan.monitoring.engine.columns import SECOND, Columns, columns
from anlan.monitoring.engine.rules import All, Any, AreaDef, Catalogue, Leaf, Level, Not, Rule, SeriesDef

MINUTE = 60 * SECOND
T0 = 1_626_739_200 * SECOND  # 2021-07-20 08:00 in Beijing

RAIN = Rule(
    "rain", "1", "series", "rain_mm",
    tuple(Level(code, Leaf("rain_mm", "sum", hours * 3600, bar)) for code, hours, bar in
          (("blue", 6, 25.0), ("yellow", 3, 25.0), ("orange", 1, 25.0), ("red", 1, 40.0))),
    ratio=0.9, keep_s=1800,
)  # fmt: skip
LEVEL = Rule(
    "level", "1", "series", "level_m",
    (Level("alert", Leaf("level_m", "last", limit="alert")), Level("warning", Leaf("level_m", "last", limit="warning"))),
    for_s=600, margin=0.1, keep_s=1200,
)  # fmt: skip
RISE = Rule("rise", "1", "series", "level_m", (Level("fast", Leaf("level_m", "rate", 3600, 1.0)),), keep_s=600)
LOW = Rule("low", "1", "series", "level_m", (Level("low", Leaf("level_m", "mean", 1800, 1.2, below=True)),), ratio=0.95)
NIGHT = Rule(
    "night", "1", "series", "level_m", (Level("high", Leaf("level_m", "max", 900, 2.2)),), hours=(14 * 60, 9 * 60)
)
BOTH = Rule(
    "both", "1", "station", "",
    (Level("watch", Any((Leaf("rain_mm", "sum", 3600, 20.0), Leaf("level_m", "last", 0, 2.4)))),
     Level("danger", All((Leaf("rain_mm", "sum", 3600, 15.0), Leaf("level_m", "last", 0, 2.0),
                          Not(Leaf("level_m", "last", 0, 3.2))))) ),
    for_s=300, keep_s=900,
)  # fmt: skip
BASIN = Rule(
    "basin", "1", "area", "",
    (Level("some", Leaf("rain_mm", "sum", 3600, 15.0, over="count", members=2)),
     Level("mean", Leaf("rain_mm", "sum", 10800, 30.0, over="mean"))),
    keep_s=600,
)  # fmt: skip
SILENT = Rule("silent", "1", "series", "rain_mm", (Level("quiet", Leaf("rain_mm", "no_data", 0, 1500.0)),))
EVERY = (RAIN, LEVEL, RISE, LOW, NIGHT, BOTH, BASIN, SILENT)


def catalogue(*rules: Rule, stations: int = 4) -> Catalogue:
    """Stations with rain (one of them a counter) and level; two areas."""
    series: list[SeriesDef] = []
    for station in range(stations):
        kind = "counter" if station == 1 else "increment"
        rain = SeriesDef(10 + station, f"S{station}", "rain_mm", kind, "rain", "410183", 1800, {})
        limits = {"alert": 2.0 + station / 10, "warning": 2.6}
        series += [rain, SeriesDef(50 + station, f"S{station}", "level_m", "gauge", "level", "410183", 2400, limits)]
    areas = (
        AreaDef("east", "410183", ((10, 1.0), (11, 2.0), (12, 0.5))),
        AreaDef("west", "410183", tuple((10 + n, 1.0 + n) for n in range(1, stations))),
    )
    return Catalogue(tuple(series), areas, rules or EVERY)


def readings(seed: int, known: Catalogue, minutes: int = 600, every: int = 5) -> Columns:
    """Readings every so many minutes with gaps, in order of time: showers, counters that reset, levels that wander."""
    random = np.random.default_rng(seed)
    series, at, value = [], [], []
    for item in known.series:
        times = np.arange(every, minutes + 1, every)
        times = times[random.random(len(times)) > 0.08]
        hole = random.integers(0, minutes)
        times = times[(times < hole) | (times > hole + random.integers(0, 90))]
        if item.element == "rain_mm":
            shower = np.repeat(random.random(len(times) // 12 + 1) < 0.35, 12)[: len(times)]
            fell = np.round(np.where(shower, random.exponential(2.5, len(times)), 0), 1)
            values = np.round(np.cumsum(fell) % 60, 1) if item.kind == "counter" else fell
        else:
            values = np.round(np.clip(1.8 + np.cumsum(random.normal(0, 0.15, len(times))), 0.5, 4), 2)
        series += [item.number] * len(times)
        at += (T0 + times * MINUTE).tolist()
        value += values.tolist()
    rows = columns(series, at, value)
    return rows.where(np.lexsort((rows.series, rows.at)))
