"""Which own rules leave less than what binds their area from above, and from which day on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from anlan.response.engine.bounds_words import Refusal, looser_words, lower_words
from anlan.response.engine.grade_bounds import lower
from anlan.response.engine.grading import GradeTable
from anlan.response.engine.plan import Words
from anlan.response.engine.report_bounds import looser
from anlan.response.engine.report_rules import Rule
from anlan.response.models import LocalRule
from anlan.response.selectors.local_rules import HOLDS, clocks_above, clocks_read, table_read, tables_above


class Less(NamedTuple):
    """What an own version leaves less of than it must: the field and its value, why, the code of what binds, the first day.
    `words` names the day where it lies ahead."""

    field: str
    value: str
    words: Words
    binds: str
    day: date


def clocks_less(rules: Sequence[Rule], division: str, first: date) -> Less | None:
    """Do clocks leave less than what binds the division, on any day from `first` on?"""
    for day, table in clocks_above(division, first).items():
        if found := looser(rules, table, division):
            return _less(looser_words(found), found.rule.code, day, first)
    return None


def table_less(own: GradeTable, first: date) -> Less | None:
    """Does a table grade an event lower than one that binds its area, on any day from `first` on?"""
    for day, tables in tables_above(own.area, own.code, first).items():
        if found := lower(own, tables, day):
            return _less(lower_words(found), found.table.code, day, first)
    return None


def overtaken(rows: Iterable[LocalRule], today: date) -> dict[UUID, Less]:
    """Those of the approved versions that leave less, from today on, than what has come to bind above them since. Two queries
    each that holds."""
    found: dict[UUID, Less] = {}
    for row in rows:
        if row.state != HOLDS or row.ended_at is not None:
            continue
        first = max(today, row.valid_from)
        less = (
            table_less(table_read(row), first)
            if row.kind == "grade"
            else clocks_less(clocks_read(row), row.division, first)
        )
        if less is not None:
            found[row.pk] = less
    return found


def overtaken_below(row: LocalRule, today: date) -> list[tuple[LocalRule, Less]]:
    """The versions of narrower areas that leave less than what binds them, now that one of this kind holds above them."""
    below = LocalRule.objects.filter(
        kind=row.kind, state=HOLDS, ended_at__isnull=True, division__startswith=row.division
    )
    rows = list(below.exclude(division=row.division).order_by("division", "code"))
    found = overtaken(rows, today)
    return [(one, found[one.pk]) for one in rows if one.pk in found]


def _less(found: Refusal, binds: str, day: date, first: date) -> Less:
    zh, en = (f"（{day}起）", f" (from {day} on)") if day > first else ("", "")
    return Less(found.field, found.value, Words(f"{found.words.zh}{zh}", f"{found.words.en}{en}"), binds, day)
