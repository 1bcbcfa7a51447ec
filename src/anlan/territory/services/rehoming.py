"""Rows of the registers follow their division: set-based, all codes at once, so that codes may be exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from shapely.geometry import shape

from anlan.kernel.actor import Actor
from anlan.kernel.models import Account, ApiToken
from anlan.territory.engine.locate import Locator
from anlan.territory.models import Boundary

# register → (table, what may move at all, what must stay unique together with the division)
TABLES: dict[str, tuple[str, str, str]] = {
    "units": ("territory_unit", "", ""),
    "places": ("territory_place", "", ""),
    "organisations": ("territory_organisation", "", ""),
    "posts": ("territory_post", "", ""),
    "persons": ("territory_person", "", ""),
    "appointments": ("territory_appointment", "", ""),
    "duties": ("territory_duty", "", ""),
    "shifts": ("territory_shift", "", ""),
    "certificates": ("territory_certificate", "", ""),
    "skills": ("territory_skill", "", ""),
    "downstream": ("territory_downstream", "", "place_id"),
    "licences": ("territory_licence", "", ""),
    "hazards": ("territory_majorhazard", "", ""),
    "views": ("territory_savedview", "", ""),
    "holds": ("territory_hold", "t.released_at IS NULL", ""),
    "gaps": ("territory_gap", "t.closed_at IS NULL", ""),
    "findings": ("territory_finding", "t.cleared_at IS NULL", ""),
    "proposals": ("territory_mergeproposal", "t.state = 'open'", ""),
    "rounds": ("territory_contactround", "t.closed_at IS NULL", "year"),
}
# Those with a point of their own, and whose division others have: table → the column that names the row it goes with.
WITH_POINT = ("units", "places", "hazards")
AFTER: tuple[tuple[str, str, str], ...] = (
    ("posts", "place_id", "places"),
    ("organisations", "", "places"),
    ("licences", "unit_id", "units"),
    ("hazards", "unit_id", "units"),
    ("appointments", "post_id", "posts"),
    ("shifts", "post_id", "posts"),
    ("duties", "place_id", "places"),
)
_KEEP = """
INSERT INTO territory_kept (register, "row", batch, division, at, by, before, undone)
SELECT 'units', t.id, %(batch)s, m.new, %(at)s, %(by)s::jsonb, jsonb_build_object('division', t.division), false
FROM territory_unit t JOIN ({source}) m ON {match}
"""


@dataclass(frozen=True)
class Move:
    """One move of rows: who does it, the batch its kept versions stand under, when, and old code → codes it lives on as."""

    by: Actor
    batch: UUID
    at: datetime
    heirs: Mapping[str, tuple[str, ...]]

    @property
    def single(self) -> dict[str, str]:
        """Old code → its one heir, where that is another code."""
        return {old: new[0] for old, new in self.heirs.items() if len(new) == 1 and new[0] != old}

    @property
    def parted(self) -> dict[str, tuple[str, ...]]:
        """Old code → its heirs, where it has several."""
        return {old: new for old, new in self.heirs.items() if len(new) > 1}


def rows_move(move: Move) -> dict[str, int]:
    """Move every row whose division has one heir; of divisions that were split, rows with a point inside an heir's
    outline, and what goes with them. Return rows moved by register."""
    counts = _by_point(move)  # first: a code split up may be given to another division by the same list
    for name in TABLES if move.single else ():
        counts[name] = counts.get(name, 0) + _by_code(name, move)
    return {name: count for name, count in counts.items() if count}


def accounts_move(move: Move) -> list[str]:
    """Let the areas of accounts and tokens follow where a division has one heir; return the user names changed.

    An account of a division that was merged sees all of the heir from now on. Former areas without one heir stay: they
    show nothing of the new divisions until somebody gives the account its new area.
    """
    names = []
    for row in Account.objects.select_for_update().order_by("pk"):
        wider = _areas(row.divisions, move.single)
        if wider != row.divisions:
            row.divisions = wider
            row.save(update_fields=["divisions"])
            names.append(row.username)
    for token in ApiToken.objects.select_for_update().filter(revoked_at__isnull=True).order_by("pk"):
        wider = _areas(token.divisions, move.single)
        if wider != token.divisions:
            token.divisions = wider
            token.save(update_fields=["divisions"])
    return names


def unresolved(codes: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return register → code → rows that are still at one of these codes."""
    wanted = list(codes)
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        for name, (table, which, _) in TABLES.items():
            cursor.execute(
                f"SELECT t.division, count(*) FROM {table} t WHERE t.division = ANY(%s)"
                f"{' AND ' + which if which else ''} GROUP BY 1 ORDER BY 1",
                [wanted],
            )
            if rows := cursor.fetchall():
                found[name] = {code: int(count) for code, count in rows}
    return found


def rows_assign(name: str, homes: Mapping[Any, str], move: Move) -> int:
    """Give rows of one register, by id, a new division; return how many changed."""
    if not homes:
        return 0
    source = "SELECT unnest(%(ids)s::uuid[]) AS id, unnest(%(news)s::text[]) AS new"
    values = {"ids": list(homes), "news": list(homes.values())}
    return _update(name, source, "t.id = m.id AND t.division <> m.new", values, move)


def _by_code(name: str, move: Move) -> int:
    source = "SELECT unnest(%(olds)s::text[]) AS old, unnest(%(news)s::text[]) AS new"
    single = move.single
    values = {"olds": list(single), "news": list(single.values())}
    return _update(name, source, "t.division = m.old", values, move)


def _update(name: str, source: str, match: str, values: dict[str, Any], move: Move) -> int:
    table, which, together = TABLES[name]
    match += f" AND {which}" if which else ""
    if together:  # of two rows that would become one, the second stays and is listed
        match += (
            f" AND NOT EXISTS (SELECT 1 FROM {table} o WHERE o.{together} = t.{together} AND o.division = m.new)"
            f" AND t.id = (SELECT min(o.id::text)::uuid FROM {table} o JOIN ({source}) n ON o.division = n.old"
            f" WHERE o.{together} = t.{together} AND n.new = m.new)"
        )
    keep: dict[str, Any] = {"batch": move.batch, "at": move.at, "by": msgspec.json.encode(move.by.as_json()).decode()}
    extra = ", act = pg_current_xact_id()::text::bigint, updated_at = %(at)s" if name == "units" else ""
    with connection.cursor() as cursor:
        if name == "units":
            cursor.execute(_KEEP.format(source=source, match=match), {**values, **keep})
        cursor.execute(
            f"UPDATE {table} t SET division = m.new{extra} FROM ({source}) m WHERE {match}", {**values, **keep}
        )
        return int(cursor.rowcount)


def _by_point(move: Move) -> dict[str, int]:
    """Rows of split divisions that lie in an heir's outline; then the rows that go with them."""
    counts: dict[str, int] = {}
    for old, parts in sorted(move.parted.items()):
        land = Boundary.objects.filter(division_id__in=parts).values_list("division_id", "geojson")
        locator = Locator([(code, shape(geometry)) for code, geometry in land])
        if len(locator.codes) < len(parts):
            continue  # with a part missing, "in none of the others" would be a guess
        for name in WITH_POINT:
            homes = _located(name, old, locator)
            counts[name] = counts.get(name, 0) + rows_assign(name, homes, move)
        for name, key, leader in AFTER:
            homes = _led(name, key, leader, old, parts)
            counts[name] = counts.get(name, 0) + rows_assign(name, homes, move)
    return counts


def _located(name: str, old: str, locator: Locator) -> dict[Any, str]:
    """Only surveyed points count; an estimate was laid where the old division was."""
    table = TABLES[name][0]
    surveyed = " AND coord_src NOT LIKE 'est\\_%%'" if name != "hazards" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, lon, lat FROM {table} WHERE division = %s AND lon IS NOT NULL{surveyed}", [old])
        rows: Sequence[Any] = cursor.fetchall()
    found = locator.find_many([row[1] for row in rows], [row[2] for row in rows])
    return {row[0]: code for row, code in zip(rows, found, strict=True) if code}


def _led(name: str, key: str, leader: str, old: str, parts: Sequence[str]) -> dict[Any, str]:
    """Where the row that a row goes with has gone to: for an organisation, that of all its places."""
    table, head = TABLES[name][0], TABLES[leader][0]
    on = f"h.id = t.{key}" if key else "h.organisation_id = t.id"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.id, min(h.division) FROM {table} t JOIN {head} h ON {on} WHERE t.division = %s"
            " GROUP BY t.id HAVING min(h.division) = max(h.division) AND min(h.division) = ANY(%s)",
            [old, list(parts)],
        )
        return dict(cursor.fetchall())


def _areas(codes: Sequence[str], single: Mapping[str, str]) -> list[str]:
    return list(dict.fromkeys(single.get(code, code) for code in codes))
