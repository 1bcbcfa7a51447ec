"""Codec of rule tests: what is read by whom when, and which signals must stand or step; like the unit tests of promtool.

Times are Beijing time unless they carry an offset, or durations after the test's `start` ("3h20m"). Values are written
in a row: "0 0.5 _ 12" (`_`: no reading), "1+0.5x4" (1 1.5 2 2.5 3), "3x5" (six threes), "_x6" (six times nothing).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np

from anlan.monitoring.engine.columns import SECOND, Columns, columns, concatenated, microseconds
from anlan.monitoring.engine.rules import AreaDef, Checks, SeriesDef
from anlan.monitoring.formats.rule_faults import Wrong, refusals, undecodable
from anlan.monitoring.formats.rule_pack import plain
from anlan.monitoring.formats.rule_terms import duration

BEIJING = timezone(timedelta(hours=8))
MOST_VALUES = 100_000
KINDS = {"rain_mm": ("increment", "rain"), "rain_total_mm": ("counter", "rain"), "level_m": ("gauge", "level"),
         "depth_m": ("gauge", "level"), "gate_m": ("gauge", "level"), "gas_pct": ("gauge", "gas"),
         "pressure_kpa": ("gauge", "pressure"), "temp_c": ("gauge", "temp"), "move_mm": ("gauge", "slide")}  # fmt: skip
Moment = Any  # a time as YAML gives it, or a duration as text
State = Literal["pending", "firing", "recovering"]


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A series of a station: what it measures, its own limits, its longest silence. kind, of: kind of series and of
    station, known for the common elements."""

    station: str
    element: str
    limits: dict[str, float] = {}
    silence: str = "30m"
    division: str = ""
    kind: Literal["increment", "gauge", "counter", ""] = ""
    of: str = ""


class Together(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An area: all series of its element at these stations, each with a weight (1 unless given)."""

    area: str
    stations: dict[str, float] | tuple[str, ...]
    element: str = "rain_mm"
    division: str = ""


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one series sends from `start` (else the test's) on, one value each `step`. doubtful: marked as such."""

    station: str
    values: str
    element: str = ""
    start: Moment = ""
    step: str = "10m"
    doubtful: bool = False


class Stands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signal that must stand: at a station or an area."""

    rule: str
    level: str
    station: str = ""
    area: str = ""
    state: State = "firing"


class Expect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All signals that stand at a moment; none when the list is empty."""

    at: Moment
    signals: tuple[Stands, ...] = ()


class Stepped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step that must be taken; `value` is compared only when it is given."""

    at: Moment
    event: Literal["opened", "raised", "lowered", "cleared", "suspect"]
    rule: str
    level: str = ""
    station: str = ""
    area: str = ""
    value: float | None = None


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One test. steps: every step in order, when given. until: how far the clock runs, else to the last moment named."""

    name: str
    start: Moment
    stations: tuple[Made, ...]
    readings: tuple[Read, ...] = ()
    areas: tuple[Together, ...] = ()
    expect: tuple[Expect, ...] = ()
    steps: tuple[Stepped, ...] | None = None
    until: Moment = ""


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of tests. rules: pack files, beside the test file. only: codes of the rules to look at, else all."""

    rules: tuple[str, ...]
    tests: tuple[Test, ...]
    only: tuple[str, ...] = ()


class Laid(NamedTuple):
    """A test ready for the engine. series: (station, element) → definition; expect, steps: with their times in µs."""

    name: str
    series: tuple[SeriesDef, ...]
    areas: tuple[AreaDef, ...]
    readings: Columns
    expect: tuple[tuple[int, Expect], ...]
    steps: tuple[tuple[int, Stepped], ...] | None
    end_us: int


def parse_tests(text: str, name: str) -> Suite:
    """Return the tests of a file. Raises Invalid naming file, path, value and remedy."""
    raw = plain(text, name)
    try:
        return msgspec.convert(raw, Suite)
    except msgspec.ValidationError as error:
        raise undecodable(name, raw, str(error)) from error


def lay(test: Test, name: str, number: int, division: str = "") -> Laid:
    """Return a test ready for the engine; stations and areas that name no division lie in `division`. Raises Invalid
    naming the path of what can't be."""
    wrong, dot = refusals(name), f"tests[{number}]."
    series = _series(test, division, wrong, dot)
    parts = [_readings(read, at, test, series, wrong, dot) for at, read in enumerate(test.readings)]
    rows = concatenated(parts)
    expect = tuple((_moment(e.at, test, wrong, f"{dot}expect[{at}].at"), e) for at, e in enumerate(test.expect))
    steps = None
    if test.steps is not None:
        steps = tuple((_moment(s.at, test, wrong, f"{dot}steps[{at}].at"), s) for at, s in enumerate(test.steps))
    ends = [int(rows.at.max(initial=0)), *(at for at, _ in (*expect, *(steps or ())))]
    end = _moment(test.until, test, wrong, f"{dot}until") if test.until else max(ends)
    areas = tuple(_area(area, at, series, division, wrong, dot) for at, area in enumerate(test.areas))
    return Laid(test.name, tuple(series.values()), areas, rows, expect, steps, end)


def values(text: str) -> list[float | None]:
    """Return the values of the shorthand, None where there is no reading. Raises ValueError with (zh, en)."""
    found: list[float | None] = []
    for word in text.split():
        if word == "_" or re.fullmatch(r"_x\d{1,6}", word):
            found += [None] * (int(word[2:]) if len(word) > 1 else 1)
        else:
            form = re.fullmatch(r"(-?\d+(?:\.\d+)?)(?:([+-]\d+(?:\.\d+)?)?x(\d{1,6}))?", word)
            if form is None:
                raise ValueError(
                    f'“{word}”看不懂；写作 "0 0.5 _ 1+0.5x4"', f'“{word}” is not understood; write "0 0.5 _ 1+0.5x4"'
                )
            first, rise = float(form[1]), float(form[2] or 0)
            found += [round(first + rise * n, 9) for n in range(int(form[3] or 0) + 1)]
        if len(found) > MOST_VALUES:
            raise ValueError(f"最多 {MOST_VALUES} 个值", f"{MOST_VALUES} values at most")
    return found


def _series(test: Test, division: str, wrong: Wrong, dot: str) -> dict[tuple[str, str], SeriesDef]:
    found: dict[tuple[str, str], SeriesDef] = {}
    for at, made in enumerate(test.stations):
        kind, of = KINDS.get(made.element, ("gauge", "other"))
        if (made.station, made.element) in found:
            raise wrong(
                f"{dot}stations[{at}]", made.station, "同一测站同一要素只写一次", "each element of a station once"
            )
        silence = _term(wrong, f"{dot}stations[{at}].silence", made.silence)
        found[made.station, made.element] = SeriesDef(
            at + 1, made.station, made.element, made.kind or kind, made.of or of, made.division or division, silence, made.limits, Checks()
        )  # fmt: skip
    return found


def _area(
    area: Together, at: int, series: dict[tuple[str, str], SeriesDef], division: str, wrong: Wrong, dot: str
) -> AreaDef:
    given = area.stations if isinstance(area.stations, dict) else dict.fromkeys(area.stations, 1.0)
    for station in given:
        if (station, area.element) not in series:
            raise wrong(f"{dot}areas[{at}].stations", station, "不在 stations 中", "is not among the stations")
    members = tuple((series[station, area.element].number, float(weight)) for station, weight in given.items())
    return AreaDef(area.area, area.division or division, members)


def _readings(
    read: Read, at: int, test: Test, series: dict[tuple[str, str], SeriesDef], wrong: Wrong, dot: str
) -> Columns:
    path = f"{dot}readings[{at}]"
    own = [
        item for (station, element), item in series.items() if station == read.station and read.element in ("", element)
    ]
    if len(own) != 1:
        zh, en = (
            ("不在 stations 中", "is not among the stations")
            if not own
            else ("有几个要素，请写 element", "has several elements; name one")
        )
        raise wrong(f"{path}.station", read.station, zh, en)
    start = _moment(read.start, test, wrong, f"{path}.start") if read.start else _start(test, wrong, path)
    step = _term(wrong, f"{path}.step", read.step) * SECOND
    try:
        given = values(read.values)
    except ValueError as error:
        raise wrong(f"{path}.values", read.values, *error.args) from error
    kept = [(start + n * step, value) for n, value in enumerate(given) if value is not None]
    code = np.full(len(kept), 4 if read.doubtful else 0, np.int16)
    return columns([own[0].number] * len(kept), [at for at, _ in kept], [value for _, value in kept], code)


def _moment(moment: Moment, test: Test, wrong: Wrong, field: str) -> int:
    """Microseconds of a moment of the test: a time, or a duration after its start."""
    if isinstance(moment, str) and re.fullmatch(r"(\d+[smhd])+", moment):
        return _start(test, wrong, field) + _term(wrong, field, moment) * SECOND
    return _time(moment, wrong, field)


def _start(test: Test, wrong: Wrong, field: str) -> int:
    return _time(test.start, wrong, f"{field.split('.')[0]}.start")


def _time(moment: Moment, wrong: Wrong, field: str) -> int:
    try:
        found = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    except ValueError as error:
        raise wrong(field, moment, '写作 2021-07-20 08:00 或 "3h20m"', 'write 2021-07-20 08:00 or "3h20m"') from error
    return microseconds(found if found.tzinfo is not None else found.replace(tzinfo=BEIJING))


def _term(wrong: Wrong, field: str, text: Any) -> int:
    try:
        return duration(str(text))
    except ValueError as error:
        raise wrong(field, text, *error.args) from error
