"""The signal board: how many signals stand, by everything they can be narrowed by, and a page of them, gravest first.

The counts group all of them in one query; a page takes its rows by key along the index of standing signals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from anlan.kernel.scope import Scope
from anlan.monitoring.formats.rule_reading import COLOURS, RuleWords
from anlan.monitoring.rules import rule_words

PAGE = 50
STATES = ("firing", "recovering", "no_data", "suspect", "pending")
# What a signal is at now, in one word; a pending one is nothing else yet.
_STATE = """CASE WHEN g.state = 'pending' THEN 'pending' WHEN g.no_data_since IS NOT NULL THEN 'no_data'
  WHEN g.recovering_since IS NOT NULL THEN 'recovering' WHEN g.suspect THEN 'suspect' ELSE 'firing' END"""
_COUNTS = f"""
SELECT g.rule, g.rule_version, g.level, g.hazard, {_STATE} AS at_state, left(g.division, %s) AS part, g.muted <> '' AS held,
       count(*), max(g.level_at), min(g.opened_at)
FROM monitoring_signal g WHERE g.state IN ('pending', 'firing') AND g.division ^@ ANY(%s) AND g.division ^@ %s
GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_PAGE = f"""
WITH p AS (
  SELECT g.id, {_STATE} AS at_state FROM monitoring_signal g
  WHERE g.state IN ('pending', 'firing') AND {{which}} AND g.division ^@ ANY(%s) AND g.division ^@ %s {{narrow}} {{after}}
  ORDER BY g.level_at DESC, g.id DESC LIMIT %s
)
SELECT g.id, p.at_state, g.rule, g.rule_version, g.level, g.hazard, g.division, g.opened_at, g.level_at,
       g.recovering_since, g.no_data_since, g.suspect, g.muted, g.value, g.window_h, g.explanation #>> '{{{{numbers,threshold}}}}',
       t.code, t.name_zh, t.name_en, a.code, a.name_zh, a.name_en
FROM p JOIN monitoring_signal g ON g.id = p.id LEFT JOIN monitoring_station t ON t.id = g.station_id
  LEFT JOIN monitoring_area a ON a.id = g.area_id
ORDER BY g.level_at DESC, g.id DESC
"""
_FIRING = """g.state = 'firing' AND EXISTS (SELECT FROM unnest(%s::text[], %s::text[], %s::text[]) AS k(rule, version, level)
  WHERE (k.rule, k.version, k.level) = (g.rule, g.rule_version, g.level))"""
_PENDING = _FIRING.replace("'firing'", "'pending'")


class Narrow(NamedTuple):
    """What the board is narrowed to; () and '' for all. held: "held" or "passed"."""

    division: str = ""
    colour: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    hazard: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


class Group(NamedTuple):
    """Signals of one rule version, level and state in one division: how many, the newest, the oldest."""

    words: RuleWords
    level: str
    colour: str
    hazard: str
    state: str
    division: str
    held: bool
    many: int
    newest: datetime
    oldest: datetime

    def value(self, name: str) -> str:
        """Return what the group is by one of the names the board narrows by."""
        if name == "rule":
            return self.words.code
        if name == "held":
            return "held" if self.held else "passed"
        return str(getattr(self, name))


class Rows(NamedTuple):
    """A page: rows, and what `after` is for the page that follows ('' at the end)."""

    rows: list[dict[str, Any]]
    next: str


def board_counts(scope: Scope, division: str = "") -> list[Group]:
    """Return the standing signals in groups, by county, or by what lies below `division`. One query."""
    length = next((n for n in (6, 9, 12) if n > len(division)), 12)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [length, list(scope.prefixes), division])
        rows = cursor.fetchall()
    words = {key: rule_words(*key) for key in {(row[0], row[1]) for row in rows}}
    return [
        Group(words[rule, version], level, words[rule, version].colour(level), hazard, *rest)
        for rule, version, level, hazard, *rest in rows
    ]


def counted(groups: Iterable[Group], asked: Narrow, name: str = "") -> dict[str, int]:
    """Return how many signals each value of `name` would leave, everything else narrowed as asked; {'': all} without."""
    found: dict[str, int] = {}
    for group in groups:
        if fits(group, asked, but=name):
            key = group.value(name) if name else ""
            found[key] = found.get(key, 0) + group.many
    return found


def fits(group: Group, asked: Narrow, but: str = "") -> bool:
    """Is a group among what is asked, one name left out?"""
    return all(
        not wanted or group.value(name) in wanted
        for name, wanted in asked._asdict().items()
        if name not in ("division", but)
    )


def board_page(scope: Scope, asked: Narrow, groups: Sequence[Group], after: str = "") -> Rows:
    """Return a page of signals, gravest first, the newest first within, those pending last; a query for each grade the
    page reaches into. groups: of `board_counts`."""
    last = _key(after)
    rows: list[dict[str, Any]] = []
    for grade in (4, 3, 2, 1, 0):
        if len(rows) > PAGE or (last is not None and grade > last[0]):
            continue
        keys = {_rule_key(g) for g in groups if fits(g, asked) and _grade(g) == grade}
        if keys:
            place = last[1:] if last is not None and grade == last[0] else None
            rows += _graded(scope, asked, grade, keys, place, PAGE + 1 - len(rows))
    more = rows[PAGE - 1] if len(rows) > PAGE else None
    return Rows(rows[:PAGE], "" if more is None else f"{more['grade']}~{more['level_at'].isoformat()}~{more['id']}")


Key = tuple[str, str, str]


def _rule_key(group: Group) -> Key:
    return group.words.code, group.words.version, group.level


def _grade(group: Group) -> int:
    return 0 if group.state == "pending" else COLOURS.index(group.colour) + 1


def _graded(
    scope: Scope, asked: Narrow, grade: int, keys: set[Key], after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:  # fmt: skip
    """Rows of one grade, the newest first."""
    narrow, params = _narrowed(asked)
    sql = _PAGE.format(
        which=_FIRING if grade else _PENDING,
        narrow=narrow,
        after="" if after is None else "AND (g.level_at, g.id) < (%s, %s)",
    )
    columns: list[list[Any]] = [list(column) for column in zip(*sorted(keys), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*columns, list(scope.prefixes), asked.division, *params, *(after or ()), limit])
        return [_row(row, grade) for row in cursor.fetchall()]


def _narrowed(asked: Narrow) -> tuple[str, list[Any]]:
    """SQL for state, hazard and held; colour and rule are in the keys already."""
    parts: list[str] = []
    params: list[Any] = []
    if asked.state:
        parts.append(f"AND {_STATE} = ANY(%s)")
        params.append(list(asked.state))
    if asked.hazard:
        parts.append("AND g.hazard = ANY(%s)")
        params.append(list(asked.hazard))
    if len(asked.held) == 1:
        parts.append("AND (g.muted <> '') = %s")
        params.append(asked.held[0] == "held")
    return " ".join(parts), params


def _key(after: str) -> tuple[int, datetime, UUID] | None:
    """The place in the pages; a broken one is the first page."""
    try:
        grade, at, key = after.split("~")
        return int(grade), datetime.fromisoformat(at), UUID(key)
    except ValueError:
        return None


def _row(row: tuple[Any, ...], grade: int) -> dict[str, Any]:
    names = (
        "id", "state", "rule", "rule_version", "level", "hazard", "division", "opened_at", "level_at",
        "recovering_since", "no_data_since", "suspect", "muted", "value", "window_h", "threshold",
    )  # fmt: skip
    found = dict(zip(names, row, strict=False))
    code, zh, en = row[16:19] if row[16] else row[19:22]
    words = rule_words(found["rule"], found["rule_version"])
    return {
        **found, "grade": grade, "station": row[16] or "", "code": code or found["rule"], "name": {"zh": zh or code, "en": en or code},
        "words": words, "level_name": words.level_name(found["level"]).as_dict(), "colour": words.colour(found["level"]),
        "rule_name": words.name.as_dict(), "unit": words.unit,
    }  # fmt: skip
