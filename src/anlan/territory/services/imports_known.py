"""What a file is checked against: divisions as they may be spelled, other registers by code and name, industries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection

from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory.codes import COUNTY, LENGTHS, TOWNSHIP, from_official, level_of
from anlan.territory.engine.cells import Parsed, fold
from anlan.territory.engine.columns import Known, Reference
from anlan.territory.models import Division
from anlan.territory.sources.industries import industries
from anlan.territory.sources.place_columns import attribute_tables

_LEVELS = {1: ("省", "province"), 2: ("市", "prefecture"), 3: ("县", "county")}
_TABLES = {
    "organisation": ("territory_organisation", "code", "name_zh", "机构", "organisation"),
    "post": ("territory_post", "code", "name_zh", "岗位", "post"),
    "place": ("territory_place", "code", "name_zh", "重点部位", "place"),
    "unit": ("territory_unit", "key", "name", "生产经营单位", "production unit"),
}


@dataclass(frozen=True)
class Divisions:
    """The divisions in force and those that ended, with their points; empty where none were ever laid down."""

    rows: Sequence[tuple[str, str, date | None, str | None, float | None, float | None]]
    today: date
    scope: Scope

    @cached_property
    def current(self) -> dict[str, tuple[float | None, float | None]]:
        """Return code → point of the divisions in force."""
        return {row[0]: (row[4], row[5]) for row in self.rows if row[2] is None or row[2] > self.today}

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Return every official spelling (prefix form, 6, 9 and 12 digits) → prefix form, of those in force, in scope
        and fine enough to stand without a warning."""
        found: dict[str, str] = {}
        for code in self.current:
            if len(code) >= LENGTHS[TOWNSHIP] and self.scope.covers(code):
                found |= {code.ljust(width, "0"): code for width in (9, 12) if width >= len(code)}
        return found

    @cached_property
    def ended(self) -> dict[str, tuple[date, str | None]]:
        """Return code → day it ended and successor."""
        return {row[0]: (row[2], row[3]) for row in self.rows if row[2] is not None and row[2] <= self.today}

    @cached_property
    def names(self) -> dict[str, str]:
        """Return code → Chinese name."""
        return {row[0]: row[1] for row in self.rows}

    def explain(self, text: str) -> Parsed:
        """Return the prefix form of a spelling that is not in `spellings`, or why it can't be taken."""
        try:
            code = text if text in self.current or text in self.ended else from_official(text)
        except Invalid:
            return Parsed(None, "division.form")
        if code in self.ended:
            day, heir = self.ended[code]
            successor = heir.ljust(12, "0") if heir else "—"
            detail = {"ended": day.isoformat(), "successor": successor, "name": self.names.get(heir or "", "—")}
            return Parsed(None, "division.old", detail)
        if self.current and code not in self.current:
            near = next((code[:n] for n in (9, 6, 4, 2) if code[:n] in self.current), "")
            return Parsed(
                None, "division.unknown", {"near": self.names.get(near, "—") + (f"（{near}）" if near else "")}
            )
        if not self.scope.covers(code):
            return Parsed(None, "division.outside")
        if self.current and level_of(code) <= COUNTY:
            zh, en = _LEVELS[level_of(code)]
            return Parsed(code, "division.coarse", {"level": zh, "level_en": en})
        return Parsed(code)

    def points(self, codes: Sequence[str | None]) -> np.ndarray:
        """Return an (n, 2) array of longitude and latitude of the divisions, nan where unknown."""
        none = (None, None)
        found = [self.current.get(code, none) if code else none for code in codes]
        return np.array([(np.nan if lon is None else lon, np.nan if lat is None else lat) for lon, lat in found], float).reshape(-1, 2)  # fmt: skip


def divisions(scope: Scope, today: date) -> Divisions:
    """Read the tree. One query."""
    rows = Division.objects.values_list("code", "name_zh", "valid_to", "successor_id", "lon", "lat")
    return Divisions(list(rows), today, scope)


def known(tree: Divisions, wanted: Iterable[tuple[str, set[str]]], today: date) -> Known:
    """Return what a batch is checked against. `wanted`: kind of reference → the distinct texts of its columns. One
    query for each kind."""
    return Known(
        divisions=tree.spellings,
        explain=tree.explain,
        references={kind: _reference(kind, texts, tree.scope) for kind, texts in wanted},
        industries=industries(),
        today=today,
        tables=attribute_tables(),
    )


def _reference(kind: str, texts: set[str], scope: Scope) -> Reference:
    table, code, name, zh, en = _TABLES[kind]
    keys = sorted(texts | {f"L:{text}" for text in texts}) if kind == "unit" else sorted(texts)
    where, values = _inside(scope)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT id::text, "{code}", "{name}" FROM {table} WHERE ("{code}" = ANY(%s) OR "{name}" = ANY(%s)) {where}',
            [keys, keys if kind in ("organisation", "post", "place") else [], *values],
        )
        rows = cursor.fetchall()
    ids: dict[str, str] = {}
    names: dict[str, tuple[str, ...]] = {}
    for row, found, called in rows:
        ids[found] = row
        ids.setdefault(found.removeprefix("L:"), row)
        names[fold(called)] = (*names.get(fold(called), ()), found)
    return Reference(zh, en, ids, names)


def _inside(scope: Scope) -> tuple[str, list[Any]]:
    if "" in scope.prefixes:
        return "", []
    return "AND (division ^@ ANY(%s) OR division = ANY(%s))", [list(scope.prefixes), list(scope.ancestors())]
