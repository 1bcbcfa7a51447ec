"""The rule packs in force, and which rule a station falls under at a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from anlan.monitoring.formats.rule_pack import Cited, Pack, Watch, parse


@cache
def packs() -> tuple[Pack, ...]:
    """Return all packs of this folder. Raises Invalid for a broken one, naming file and field."""
    folder = Path(__file__).resolve().parent
    return tuple(parse(path.read_text(encoding="utf-8"), path.name) for path in sorted(folder.glob("*.yaml")))


def rule_for(kind: str, metric: str, division: str, day: date, among: Iterable[Pack] | None = None) -> Cited | None:
    """Return the rule for a station: of the packs valid on `day` whose area holds the division, the most local one,
    then the newest; None when no rule speaks of this metric."""
    found = [
        Cited(rule, pack)
        for pack in (packs() if among is None else among)
        if division.startswith(pack.area) and _valid(pack, day)
        for rule in pack.rules
        if (rule.kind, rule.metric) == (kind, metric)
    ]
    return max(found, key=lambda cited: (len(cited.pack.area), cited.pack.valid_from), default=None)


def rule_version(code: str, version: str, among: Iterable[Pack] | None = None) -> Cited | None:
    """Return the rule an old signal was decided by; None when its pack is no longer kept."""
    for pack in packs() if among is None else among:
        for rule in pack.rules:
            if rule.code == code and pack.version == version:
                return Cited(rule, pack)
    return None


def watch_for(kind: str) -> Watch:
    """Return defaults of a kind of station: interval, silence, believed range."""
    for pack in packs():
        if kind in pack.kinds:
            return pack.kinds[kind]
    raise KeyError(f"no data-watch defaults for stations of kind {kind!r}")


def _valid(pack: Pack, day: date) -> bool:
    return pack.valid_from <= day and (pack.valid_to is None or day < pack.valid_to)
