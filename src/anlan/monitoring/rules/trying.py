"""Trying rules on readings without a database: the engine that runs live, over a set of readings; and tests of rules."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from anlan.monitoring.engine import rules as engine
from anlan.monitoring.engine.columns import SECOND
from anlan.monitoring.engine.outcome import Standing, Step
from anlan.monitoring.engine.replay import Replayed, replay
from anlan.monitoring.formats.rule_tests import BEIJING, Laid, Stands, Stepped


class Verdict(NamedTuple):
    """What a test found: its name, and what is not as expected, a line each ("+" is there, "-" is missing)."""

    name: str
    differences: tuple[str, ...]


def run_test(laid: Laid, rules: tuple[engine.Rule, ...]) -> Verdict:
    """Run a test over rules; return what differs from what it expects."""
    catalogue = engine.Catalogue(laid.series, laid.areas, rules)
    found: list[str] = []
    for at, expected in laid.expect:
        tried = _until(catalogue, laid, at)
        there = {
            told for standing in tried.standings.values() if (told := _standing(standing, laid, rules)) is not None
        }
        wanted = {_wanted(signal) for signal in expected.signals}
        found += [f"{_clock(at)}  + {told}" for told in sorted(there - wanted)]
        found += [f"{_clock(at)}  - {told}" for told in sorted(wanted - there)]
    if laid.steps is not None:
        steps = [_step(step, laid) for step in _until(catalogue, laid, laid.end_us).steps]
        found += _compare(steps, [(at, step) for at, step in laid.steps])
    return Verdict(laid.name, tuple(found))


def _until(catalogue: engine.Catalogue, laid: Laid, end_us: int) -> Replayed:
    """Judge what had been measured until then, and nothing later."""
    return replay(catalogue, laid.readings.where(laid.readings.at <= end_us), end_us)


def _standing(standing: Standing, laid: Laid, rules: tuple[engine.Rule, ...]) -> str | None:
    rule = next(r for r in rules if (r.code, r.version) == (standing.rule, standing.version))
    rank = standing.state.rank
    if rank == 0 and standing.state.pending is None:
        return None
    state = "pending" if rank == 0 else "recovering" if standing.state.below is not None else "firing"
    level = rule.levels[(rank or standing.state.since[-1][0]) - 1].code
    return f"{standing.rule} {_place(standing.place, laid)} {level} {state}"


def _wanted(signal: Stands) -> str:
    return f"{signal.rule} {signal.area or signal.station} {signal.level} {signal.state}"


def _place(place: str, laid: Laid) -> str:
    kind, _, key = place.partition(":")
    return next(item.station for item in laid.series if str(item.number) == key) if kind == "s" else key


Told = tuple[int, str, float | None]


def _step(step: Step, laid: Laid) -> Told:
    level = step.level or step.previous
    return step.at, f"{step.event} {step.rule} {_place(step.place, laid)} {level}", step.value


def _compare(steps: list[Told], wanted: list[tuple[int, Stepped]]) -> list[str]:
    """Lines of steps that are there unexpectedly or missing; a wanted value must agree to a millionth."""
    left = list(steps)
    missing: list[Told] = []
    for at, step in wanted:
        words = f"{step.event} {step.rule} {step.area or step.station} {step.level}".rstrip()
        match = next((told for told in left if told[0] == at and _same(told, words, step.value)), None)
        if match is None:
            missing.append((at, words, step.value))
        else:
            left.remove(match)
    lines = [(at, f"{_clock(at)}  + {words}{_figure(value)}") for at, words, value in left]
    lines += [(at, f"{_clock(at)}  - {words}{_figure(value)}") for at, words, value in missing]
    return [line for _, line in sorted(lines)]


def _same(told: Told, words: str, value: float | None) -> bool:
    if told[1] != words and told[1].rpartition(" ")[0] != words:  # a wanted step may leave its level out
        return False
    return value is None or (told[2] is not None and abs(told[2] - value) <= 1e-6)


def _figure(value: float | None) -> str:
    return "" if value is None else f" = {value:g}"


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at / SECOND, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
