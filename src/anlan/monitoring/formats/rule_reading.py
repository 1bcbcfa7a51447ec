"""A pack's rules as the engine sees them, and beside them the words: names, units, colours, where the figures come from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from anlan.monitoring.choices import LEVEL_COLOURS
from anlan.monitoring.engine import rules as engine
from anlan.monitoring.engine.columns import SECOND
from anlan.monitoring.formats.rule_faults import refusals
from anlan.monitoring.formats.rule_pack import conditions
from anlan.monitoring.formats.rule_shapes import LevelRule, Pack, Rule, Words
from anlan.monitoring.formats.rule_terms import duration, hours, season

COLOURS = ("blue", "yellow", "orange", "red")
FOREVER = 2**62
_BEIJING = timedelta(hours=8)


class LevelWords(NamedTuple):
    """A level's code, name and colour (blue, yellow, orange or red: how grave it is)."""

    code: str
    name: Words
    colour: str

    @property
    def grade(self) -> int:
        """1 (blue) to 4 (red)."""
        return COLOURS.index(self.colour) + 1


class RuleWords(NamedTuple):
    """What is told of a version of a rule, and what passing its signals on needs to know (engine/passing.py)."""

    code: str
    version: str
    name: Words
    unit: str
    scale: str
    levels: tuple[LevelWords, ...]
    source: Words
    issuer: Words
    mark: str
    hazard: str
    element: str
    place: str
    kind: str
    inhibits: tuple[str, ...]
    within: str
    division: str
    pack: str

    def level(self, code: str) -> LevelWords | None:
        """Return a level of this rule, None when it has none of that code."""
        return next((level for level in self.levels if level.code == code), None)

    def level_name(self, code: str) -> Words:
        """Return a level's name; of an unknown level its code."""
        found = self.level(code)
        return found.name if found is not None else Words(code, code)

    def colour(self, code: str) -> str:
        """Return a level's colour."""
        found = self.level(code)
        return found.colour if found is not None else "yellow"

    def highest(self, code: str) -> bool:
        """Is this a level that is never held back: red, or the rule's last level if that is at least orange?"""
        found = self.level(code)
        return found is not None and (found.grade == 4 or (found.grade == 3 and found.code == self.levels[-1].code))


def colour_of(level: LevelRule) -> str:
    """Return a level's colour: its own, else by its code, else yellow."""
    return level.colour or (level.code if level.code in COLOURS else LEVEL_COLOURS.get(level.code, "yellow"))


def engine_rules(pack: Pack) -> tuple[engine.Rule, ...]:
    """Return the pack's rules for the engine, in the order of the file."""
    return tuple(engine_rule(rule, pack) for rule in pack.rules)


def engine_rule(rule: Rule, pack: Pack) -> engine.Rule:
    """Return one rule of a pack for the engine: its place, condition trees, durations and when and where it holds."""
    nodes = conditions(rule, refusals(pack.pack))
    end = min(rule.valid_to or date.max, pack.valid_to or date.max)
    return engine.Rule(
        code=rule.code,
        version=pack.version,
        place=rule.place,
        element=rule.about,
        levels=tuple(engine.Level(level.code, node) for level, node in zip(rule.levels, nodes, strict=True)),
        for_s=duration(rule.for_) if rule.for_ else 0,
        ratio=float(rule.leave.ratio),
        margin=float(rule.leave.margin),
        keep_s=duration(rule.keep) if rule.keep else rule.leave.hold_min * 60,
        season=season(rule.season) if rule.season else None,
        hours=hours(rule.hours) if rule.hours else None,
        division=pack.area,
        areas=rule.areas,
        valid_from=midnight(max(rule.valid_from or date.min, pack.valid_from)),
        valid_to=FOREVER if end == date.max else midnight(end),
        kind=rule.kind,
    )


def pack_words(pack: Pack) -> tuple[RuleWords, ...]:
    """Return the words of the pack's rules, in the order of the file."""
    return tuple(rule_words_of(rule, pack) for rule in pack.rules)


def rule_words_of(rule: Rule, pack: Pack) -> RuleWords:
    """Return one rule's words; the citation is the rule's own if it has one, else the pack's source."""
    return RuleWords(
        code=rule.code,
        version=pack.version,
        name=rule.name,
        unit=rule.unit,
        scale=rule.scale,
        levels=tuple(LevelWords(one.code, rule.level_name(one.code), colour_of(one)) for one in rule.levels),
        source=rule.citation or rule.source or pack.source,
        issuer=pack.issuer,
        mark=rule.mark or pack.mark,
        hazard=rule.hazard,
        element=rule.about,
        place=rule.place,
        kind=rule.kind,
        inhibits=rule.inhibits,
        within=rule.within or ("area" if rule.place == "area" else "station"),
        division=pack.area,
        pack=pack.pack,
    )


def midnight(day: date) -> int:
    """Return the first microsecond of a day in Beijing."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(moment.timestamp()) * SECOND - int(_BEIJING.total_seconds()) * SECOND
