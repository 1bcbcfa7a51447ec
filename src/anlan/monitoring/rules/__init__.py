"""The rules in force: the packs of this folder, and over them the versions bureaus made (in the database)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from anlan.monitoring.engine import rules as engine
from anlan.monitoring.formats.rule_pack import Pack, Watch, parse
from anlan.monitoring.formats.rule_reading import RuleWords, engine_rules, pack_words

if TYPE_CHECKING:
    from anlan.monitoring.rules.made import InForce

# What the figures of data_watch.yaml for a kind of station speak of; its other elements have other ranges.
CHIEF = {"rain": ("rain_mm", "rain_total_mm"), "level": ("level_m", "depth_m", "gate_m", "level_rel_m")}
BURST_S = 600


# msgspec learns a type when it first meets it, and crashes the process when two threads make it do so at once: a web
# server's first two requests. Whoever comes second waits.
_reading = Lock()


def packs() -> tuple[Pack, ...]:
    """Return all packs of this folder. Raises Invalid for a broken one, naming file and field."""
    with _reading:
        return _packs()


@cache
def _packs() -> tuple[Pack, ...]:
    folder = Path(__file__).resolve().parent
    return tuple(parse(path.read_text(encoding="utf-8"), path.name) for path in sorted(folder.glob("*.yaml")))


@cache
def shipped_rules() -> tuple[engine.Rule, ...]:
    """Return the rules of all packs as the engine sees them."""
    return tuple(rule for pack in packs() for rule in engine_rules(pack))


@cache
def shipped_words() -> dict[tuple[str, str], RuleWords]:
    """Return the words of the rules of all packs by (code, version)."""
    return {(words.code, words.version): words for pack in packs() for words in pack_words(pack)}


def rules_in_force() -> tuple[InForce, ...]:
    """Return each rule's newest version, shipped and made here: what may open a signal now or later."""
    from anlan.monitoring.rules import made

    return made.in_force()


def catalogue_rules() -> tuple[engine.Rule, ...]:
    """Return every version of every rule that may judge a reading or still has a signal open, for the engine.

    Where several versions of a code hold at a place and time, the most local division goes first, then the newest.
    """
    from anlan.monitoring.rules import made

    return made.catalogue()


def rule_words(code: str, version: str) -> RuleWords:
    """Return what is told of a version of a rule; of one no longer known its bare code."""
    found = shipped_words().get((code, version))
    if found is not None:
        return found
    from anlan.monitoring.rules import made

    return made.words(code, version)


def watch_for(kind: str) -> Watch:
    """Return defaults of a kind of station: interval, silence, believed range."""
    for pack in packs():
        if kind in pack.kinds:
            return pack.kinds[kind]
    raise KeyError(f"no data-watch defaults for stations of kind {kind!r}")


def checks_for(station_kind: str, element: str, kind: str, interval_s: int) -> engine.Checks:
    """Return what is believed of values of an element at a kind of station, before a series' own figures."""
    try:
        watch = watch_for(station_kind)
    except KeyError:
        return engine.Checks()
    if element not in CHIEF.get(station_kind, ()) or kind == "counter":
        return engine.Checks(ahead_s=watch.ahead_s)
    step = watch.steps.get(element)
    return engine.Checks(
        low=watch.low, high=watch.high, hour_most=watch.hour_most,
        burst_most=watch.burst_most if interval_s <= BURST_S else None,
        step_most=None if step is None else step.per_hour, step_floor=0.0 if step is None else step.floor,
        stuck_s=None if watch.stuck_h is None else int(watch.stuck_h * 3600), ahead_s=watch.ahead_s,
    )  # fmt: skip
