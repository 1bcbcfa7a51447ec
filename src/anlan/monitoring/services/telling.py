"""What signals are told with: the place they stand at, the rule's words, the reasons, and the events of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event
from anlan.monitoring import rules
from anlan.monitoring.engine.explain import Case, Said, explain
from anlan.monitoring.engine.outcome import Step
from anlan.monitoring.engine.rules import Rule, leaves
from anlan.monitoring.events import (
    SignalChange,
    SignalCleared,
    SignalLowered,
    SignalOpened,
    SignalRaised,
    SignalRevised,
)
from anlan.monitoring.formats.rule_reading import RuleWords
from anlan.monitoring.services.storing import moment

SYSTEM = Actor.system("monitoring")  # concludes from what others send
Recorded = tuple[Event, dict[str, Any]]
EVENTS: dict[str, type[SignalChange]] = {
    "opened": SignalOpened, "raised": SignalRaised, "lowered": SignalLowered, "cleared": SignalCleared,
}  # fmt: skip


class Spot(NamedTuple):
    """Where a rule watches: a series of a station, a whole station, or an area (then `station` is None)."""

    series: UUID | None
    station: UUID | None
    area: UUID | None
    division: str
    code: str
    name: dict[str, str]
    kind: str
    metric: str
    place: str | None


Spots = Mapping[str, Spot]
_SERIES = """
SELECT s.number, s.id, t.id, s.division, t.code, t.name_zh, t.name_en, t.kind, s.element, t.place_code
FROM monitoring_series s JOIN monitoring_station t ON t.id = s.station_id WHERE s.number = ANY(%s)
"""
_STATIONS = """
SELECT s.id, t.id, t.division, t.code, t.name_zh, t.name_en, t.kind, t.metric, t.place_code
FROM monitoring_station t LEFT JOIN monitoring_series s ON s.station_id = t.id AND s.main WHERE t.code = ANY(%s)
"""
_AREAS = "SELECT id, division, code, name_zh, name_en, kind FROM monitoring_area WHERE code = ANY(%s)"


def spots(places: Iterable[str]) -> Spots:
    """Return what is to be told of these places ("s:12", "t:57083", "a:jialu"); one query for each kind there is."""
    wanted: dict[str, list[str]] = {}
    for place in places:
        kind, _, key = place.partition(":")
        wanted.setdefault(kind, []).append(key)
    found: dict[str, Spot] = {}
    with connection.cursor() as cursor:
        if numbers := [int(key) for key in wanted.get("s", ())]:
            cursor.execute(_SERIES, [numbers])
            for number, *row in cursor.fetchall():
                found[f"s:{number}"] = _station(row)
        if wanted.get("t"):
            cursor.execute(_STATIONS, [wanted["t"]])
            for row in cursor.fetchall():
                found[f"t:{row[3]}"] = _station(list(row))
        if wanted.get("a"):
            cursor.execute(_AREAS, [wanted["a"]])
            for key, division, code, zh, en, kind in cursor.fetchall():
                found[f"a:{code}"] = Spot(None, None, key, division, code, {"zh": zh, "en": en}, kind, "", None)
    return found


def _station(row: list[Any]) -> Spot:
    series, station, division, code, zh, en, kind, element, place = row
    return Spot(series, station, None, division, code, {"zh": zh, "en": en}, kind, element, place)


class Words:
    """The rules of a catalogue with their words, each looked up once."""

    def __init__(self, known: Sequence[Rule]) -> None:
        self.known = known
        self._rules: dict[tuple[str, str], Rule] = {}
        self._words: dict[tuple[str, str], RuleWords] = {}

    def rule(self, code: str, version: str) -> Rule | None:
        """Return a version of a rule, None when the catalogue has it no longer."""
        if not self._rules:
            self._rules = {(rule.code, rule.version): rule for rule in self.known}
        return self._rules.get((code, version))

    def of(self, code: str, version: str) -> RuleWords:
        """Return what is told of a version of a rule."""
        if (code, version) not in self._words:
            self._words[code, version] = rules.rule_words(code, version)
        return self._words[code, version]


def reasons(step: Step, spot: Spot, known: Words) -> dict[str, Any]:
    """Return why a step was taken, in words, with its numbers and the citation."""
    rule, words = known.rule(step.rule, step.version), known.of(step.rule, step.version)
    level = words.level_name(step.level or step.previous)
    case = Case(
        action=step.event,
        station=Said(spot.name["zh"], spot.name["en"]),
        what=Said(words.name.zh, words.name.en.lower()),
        level=Said(level.zh, level.en.lower()),
        value=step.value,
        threshold=step.threshold,
        unit=words.unit,
        window_h=hours(step.window_s),
        citation=Said(words.source.zh, words.source.en),
        mark=words.mark,
        hold_min=0 if rule is None else rule.keep_s / 60,
        measure=step.measure,
        below=rule is not None and _below(rule, step),
    )
    return explain(case)


def _below(rule: Rule, step: Step) -> bool:
    """Does the comparison that tells look downwards?"""
    told = (step.measure, step.element, step.window_s)
    code = step.level if step.event in ("opened", "raised", "suspect") else step.previous
    nodes = (leaf for level in rule.levels if level.code == code for leaf in leaves(level.when))
    return any(leaf.below for leaf in nodes if (leaf.measure, leaf.element, leaf.window_s) == told)


def hours(seconds: int) -> float:
    """Return seconds as hours, a whole number of them as int."""
    return seconds // 3600 if seconds % 3600 == 0 else seconds / 3600


def told(signal: UUID, spot: Spot, step: Step, unit: str, explanation: dict[str, Any]) -> Recorded:
    """Return the event of one step."""
    return EVENTS[step.event](**_fields(signal, spot, step, unit, explanation)), _about(signal, spot, step.at)


def told_revised(
    signal: UUID, spot: Spot, step: Step, unit: str, explanation: dict[str, Any], replaced: int, now: int
) -> Recorded:  # fmt: skip
    """Return the event of steps replaced by late readings; `step` is the last one that stands now."""
    fields = _fields(signal, spot, step, unit, explanation)
    event = SignalRevised(**fields, replaced=replaced, step_at=moment(step.at).isoformat())
    return event, _about(signal, spot, now)


def _fields(signal: UUID, spot: Spot, step: Step, unit: str, explanation: dict[str, Any]) -> dict[str, Any]:
    return {
        "signal": str(signal), "station": spot.code, "name": spot.name, "station_kind": spot.kind,
        "metric": spot.metric or step.element, "place": spot.place, "rule": step.rule, "rule_version": step.version,
        "level": step.level, "previous": step.previous, "value": round(step.value, 3), "threshold": step.threshold,
        "unit": unit, "window_h": hours(step.window_s), "explanation": explanation,
    }  # fmt: skip


def _about(signal: UUID, spot: Spot, at: int) -> dict[str, Any]:
    return {"by": SYSTEM, "about": f"signal:{signal}", "division": spot.division, "at": moment(at)}
