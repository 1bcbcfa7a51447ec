"""The lines of a chart: a series' own limits, and what the rules in force hold a figure against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anlan.kernel import clock
from anlan.kernel.language import chinese
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.engine.rules import Rule, leaves
from anlan.monitoring.formats.rule_reading import RuleWords
from anlan.monitoring.pages import words
from anlan.monitoring.rules import catalogue_rules, rule_words

HOUR_S = 3600
GRADES = ("blue", "yellow", "orange", "red")


def lines_of(element: str, division: str, limits: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the lines of a series, lowest first: value, words, and the colour of the level a rule gives it ("" when
    no rule speaks of it). Limits of its own, and fixed figures of rules on its newest value."""
    colours: dict[str, str] = {}
    fixed: dict[float, dict[str, Any]] = {}
    for rule, level, leaf in _leaves(element, division):
        if leaf.measure not in ("last", "max", "min") or leaf.over:
            continue
        told = rule_words(rule.code, rule.version)
        if leaf.limit and leaf.limit in limits:
            colours[leaf.limit] = told.colour(level)
        elif leaf.threshold is not None:
            value = leaf.threshold + leaf.offset
            fixed[value] = {"value": value, "text": _named(told, level), "colour": told.colour(level)}
    own = [
        {"value": value, "text": words.limit(name), "colour": colours.get(name, "")} for name, value in limits.items()
    ]
    return sorted([*own, *fixed.values()], key=lambda line: line["value"])


def sums_of(element: str, division: str) -> dict[int, list[dict[str, Any]]]:
    """Return window (hours) → the figures rules hold moving sums of this element against, lowest first."""
    found: dict[int, dict[float, dict[str, Any]]] = {}
    for rule, level, leaf in _leaves(element, division):
        if leaf.measure == "sum" and not leaf.over and leaf.threshold is not None:
            told = rule_words(rule.code, rule.version)
            line = {"value": leaf.threshold, "text": _named(told, level), "colour": told.colour(level)}
            found.setdefault(leaf.window_s // HOUR_S, {})[leaf.threshold] = line
    return {window: sorted(lines.values(), key=lambda line: line["value"]) for window, lines in found.items()}


def _named(told: RuleWords, level: str) -> str:
    name = told.level_name(level)
    return str(words.COLOURS[level]) if level in words.COLOURS else name.zh if chinese() else name.en


def _holding(division: str) -> list[Rule]:
    """The versions that judge a division now: of each rule the most local one, as the engine chooses."""
    now = microseconds(clock.now())
    found: dict[str, Rule] = {}
    for rule in catalogue_rules():
        known = found.get(rule.code)
        holds = rule.place != "area" and division.startswith(rule.division) and rule.valid_from <= now < rule.valid_to
        if holds and (known is None or len(rule.division) >= len(known.division)):
            found[rule.code] = rule
    return list(found.values())


def _leaves(element: str, division: str) -> list[tuple[Rule, str, Any]]:
    return [
        (rule, level.code, leaf)
        for rule in _holding(division)
        for level in rule.levels
        for leaf in leaves(level.when)
        if leaf.element == element
    ]
