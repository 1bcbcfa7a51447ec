"""Versions of rules that bureaus made, read from the database: beside and before the shipped ones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from anlan.kernel import clock
from anlan.monitoring.choices import SignalState
from anlan.monitoring.engine import rules as engine
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.rule_reading import FOREVER, RuleWords, engine_rule, rule_words_of
from anlan.monitoring.formats.rule_shapes import Pack, Rule, Words
from anlan.monitoring.models import RuleVersion, Signal
from anlan.monitoring.rules import packs, shipped_rules

REMEMBERED = timedelta(days=400)  # late readings older than this are judged by no rule that has ended since
STANDING = (SignalState.PENDING, SignalState.FIRING)
LOCAL = "L"  # the mark of a figure a bureau answers for itself


class InForce(NamedTuple):
    """A rule's newest version in a division: as written, with its words, and the row if a bureau made it."""

    rule: Rule
    pack: Pack
    words: RuleWords
    row: RuleVersion | None


_known: dict[UUID, tuple[Rule, Pack]] = {}  # bodies never change


def version_name(division: str, number: int) -> str:
    """Return how a bureau's version is called on signals: "410183-2"."""
    return f"{division or 'all'}-{number}"


def read(row: RuleVersion) -> tuple[Rule, Pack]:
    """Return the rule of a row, in a pack of its own."""
    found = _known.get(row.id)
    if found is None:
        found = _known[row.id] = _read(row)
    return found


def _read(row: RuleVersion) -> tuple[Rule, Pack]:
    rule = msgspec.convert(row.body, Rule)
    pack = Pack(
        pack="made",
        version=version_name(row.division, row.number),
        title=rule.name,
        source=Words(row.source_zh, row.source_en),
        issuer=Words(row.made_by, row.made_by),
        area=row.division,
        valid_from=date.min,
        valid_to=None,
        mark=LOCAL,
        rules=(rule,),
    )
    return rule, pack


def as_engine(row: RuleVersion) -> engine.Rule:
    """Return a row's rule for the engine; it holds for [valid_from, valid_to) of the row, and of the rule itself."""
    rule, pack = read(row)
    found = engine_rule(msgspec.structs.replace(rule, valid_from=rule.valid_from or date(1, 1, 2)), pack)
    start = microseconds(row.valid_from)
    end = FOREVER if row.valid_to is None else microseconds(row.valid_to)
    return found._replace(valid_from=max(start, found.valid_from), valid_to=min(end, found.valid_to))


def in_force() -> tuple[InForce, ...]:
    """Return the newest version of every rule, shipped ones first, then by division."""
    rows = RuleVersion.objects.filter(replaced_at=None, withdrawn=False).order_by("code", "division")
    shipped = [InForce(rule, pack, rule_words_of(rule, pack), None) for pack in packs() for rule in pack.rules]
    own = [InForce(*read(row), rule_words_of(*read(row)), row) for row in rows]
    return (*shipped, *own)


def catalogue() -> tuple[engine.Rule, ...]:
    """Return every version the engine may need; see `catalogue_rules`."""
    since = clock.now() - REMEMBERED
    open_by = set(Signal.objects.filter(state__in=STANDING).values_list("rule", "rule_version").distinct())
    found = [
        as_engine(row)
        for row in RuleVersion.objects.order_by("code", "division", "number")
        if row.valid_to is None or row.valid_to > since or (row.code, version_name(row.division, row.number)) in open_by
    ]
    return (*shipped_rules(), *found)


def words(code: str, version: str) -> RuleWords:
    """Return a made version's words; of an unknown one its bare code."""
    division, _, number = version.rpartition("-")
    rows = RuleVersion.objects.filter(code=code, division="" if division == "all" else division)
    row = rows.filter(number=int(number)).first() if number.isdigit() else None
    if row is not None:
        return rule_words_of(*read(row))
    bare = Words(code, code)
    return RuleWords(code, version, bare, "", "", (), bare, bare, "", "", "", "series", "", (), "station", "", "")
