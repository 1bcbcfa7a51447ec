"""A reviewed code list takes force: divisions, outlines, the registers' rows and accounts, in one transaction."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import shapely
from django.db import transaction
from django.db.models import F
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.territory.codes import is_zone, level_of, parent_of
from anlan.territory.engine import changes as kinds
from anlan.territory.engine.changes import Change, apply_changes, heirs
from anlan.territory.engine.tree import Listed, tree_faults
from anlan.territory.events_divisions import EditionApplied
from anlan.territory.models import Boundary, Division, Edition
from anlan.territory.services.decisions import ACCEPTED, PROPOSED
from anlan.territory.services.editions import APPLIED, change_of, in_force, lock, reviewing
from anlan.territory.services.outlines import boundary_values
from anlan.territory.services.reaching import today
from anlan.territory.services.rehoming import Move, accounts_move, rows_move, unresolved

WRITTEN = ["name_zh", "name_en", "level", "kind", "parent_id", "legal_parent_id", "functional_zone", "lon", "lat",
           "coord_src", "population", "population_src", "valid_from", "valid_to", "successor_id"]  # fmt: skip


@dataclass(frozen=True)
class Applied:
    """What `edition_apply` did: changes by kind, rows moved by register, rows nobody can place by rule (register →
    old code → rows), rows of a division that stays but gave a part away (they may belong to either), and the accounts
    whose area changed."""

    edition: Edition
    changes: Mapping[str, int]
    moved: Mapping[str, int]
    unresolved: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    parted: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    accounts: Sequence[str] = ()


@transaction.atomic
def edition_apply(
    *, by: Actor, edition: UUID, outlines: Mapping[str, BaseGeometry] | None = None, at: datetime | None = None
) -> Applied:
    """Let a reviewed list take force. Every change must be decided; refused ones leave things as they are.

    Old divisions end with the day the list takes force and point to their successor; the registers' rows, and the areas
    of accounts and tokens, follow where there is one successor. Rows of a split division go by their point, where the
    parts have outlines (`outlines`: code → geometry, laid down with the list); a row with none is left where it is and
    listed, never guessed. What other stages wrote keeps the old code. Conflict while something is undecided, before the
    list's day, or when the outcome would be no tree.
    """
    lock()
    row = reviewing(by, edition)
    _must_be_ripe(row, at)
    old = in_force(row.division)
    accepted = [change_of(item) for item in row.changes.filter(state=ACCEPTED).order_by("level", "old", "new")]
    after = apply_changes(old, accepted)
    _must_be_a_tree(after, row)
    became = heirs(accepted)
    _write(row, accepted, {item.code: item for item in old})
    _retire(row, accepted, became)
    _lay_outlines(accepted, became, outlines or {}, row)
    move = Move(by=by, batch=row.pk, at=at or clock.now(), heirs=became)
    moved = rows_move(move)
    accounts = accounts_move(move)
    result = Applied(
        row, Counter(change.kind for change in accepted), moved, accounts=accounts,
        unresolved=unresolved([old for old, new in became.items() if old not in new]),
        parted=unresolved([old for old, new in became.items() if old in new and len(new) > 1]),
    )  # fmt: skip
    return _done(row, accepted, result, by, at)


def _must_be_ripe(row: Edition, at: datetime | None) -> None:
    open_ones = row.changes.filter(state=PROPOSED).count()
    if open_ones:
        raise Conflict(
            code="division.undecided", zh=f"还有{open_ones}项变更未审核；请先逐项采纳或不采纳。",
            en=f"{open_ones} changes are not decided yet; accept or refuse them first.", field="edition", value=open_ones,
        )  # fmt: skip
    if today(at) < row.valid_from:
        raise Conflict(
            code="division.not_yet", zh=f"该版本自{row.valid_from}起生效；请在当日或之后执行。",
            en=f"This list takes force on {row.valid_from}; apply it on that day or later.",
            field="valid_from", value=row.valid_from,
        )  # fmt: skip


def _must_be_a_tree(after: Mapping[str, Listed], row: Edition) -> None:
    outside = Division.objects.filter(valid_to__isnull=True).exclude(code__startswith=row.division)
    known = set(outside.values_list("code", flat=True)) if row.division else set()
    for fault in tree_faults(after.values(), known):
        if fault.about:
            raise Conflict(
                code="division.no_tree",
                zh=f"执行后{fault.code}（{after[fault.code].name}）没有上级{fault.about}；请改变对其中一项的决定。",
                en=f"Afterwards {fault.code} ({after[fault.code].name}) would have no parent {fault.about}; decide one of"
                " the two the other way.",
                field="edition", value=fault.code,
            )  # fmt: skip


def _write(row: Edition, accepted: Sequence[Change], old: Mapping[str, Listed]) -> None:
    """Write the entries the changes bring, from the province down; what the list leaves out is taken from the one
    division a new one comes from, and a merger's residents are the sum of what merged."""
    sources: dict[str, list[Listed]] = {}
    for change in accepted:
        if change.old and change.new:
            sources.setdefault(change.new, []).append(old[change.old])
    entries = {change.row.code: (change.row, change.kind) for change in accepted if change.row is not None}
    since = dict(Division.objects.filter(pk__in=list(entries), valid_to__isnull=True).values_list("code", "valid_from"))
    rows = [
        _division(entry, kind, sources.get(code, []), since.get(code) if kind == kinds.RENAMED else None, row)
        for code, (entry, kind) in sorted(entries.items())
    ]
    Division.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=WRITTEN, batch_size=2000
    )


def _division(entry: Listed, kind: str, sources: Sequence[Listed], since: date | None, row: Edition) -> Division:
    only = sources[0] if len(sources) == 1 and kind != kinds.SPLIT else None
    point = entry if entry.lon is not None or only is None else only
    count, count_src = entry.population, entry.population_src
    if count is None and kind != kinds.SPLIT and sources and all(item.population is not None for item in sources):
        count = sum(item.population or 0 for item in sources)
        count_src = sources[0].population_src if only else "merged"
    english = entry.name_en or (only.name_en if only and only.name == entry.name else "") or entry.name
    zone = level_of(entry.code) >= 3 and is_zone(entry.code)
    return Division(
        code=entry.code, name_zh=entry.name, name_en=english, level=level_of(entry.code), kind=entry.kind or "quasi",
        parent_id=parent_of(entry.code) or None, legal_parent_id=entry.legal_parent or parent_of(entry.code) or None,
        functional_zone=zone, lon=point.lon, lat=point.lat, coord_src=point.coord_src, population=count,
        population_src=count_src, valid_from=since or row.valid_from, valid_to=None, successor_id=None,
    )  # fmt: skip


def _retire(row: Edition, accepted: Sequence[Change], became: Mapping[str, tuple[str, ...]]) -> None:
    """End the divisions that are no more, unless their code now names another; hand legal children on."""
    written = {change.row.code for change in accepted if change.row is not None}
    gone = sorted({change.old for change in accepted if change.retires} - written)
    ended = list(Division.objects.filter(pk__in=gone, valid_to__isnull=True))
    for division in ended:
        division.valid_to = row.valid_from
        division.successor_id = became[division.code][0] if len(became[division.code]) == 1 else None
    Division.objects.bulk_update(ended, ["valid_to", "successor"], batch_size=500)
    for code in Division.objects.filter(legal_parent__in=gone, valid_to__isnull=True).values_list(
        "legal_parent", flat=True
    ):
        new = became.get(str(code), ())
        Division.objects.filter(legal_parent=code, valid_to__isnull=True).update(
            legal_parent_id=new[0] if len(new) == 1 else F("parent_id")
        )


def _lay_outlines(
    accepted: Sequence[Change], became: Mapping[str, tuple[str, ...]], given: Mapping[str, BaseGeometry], row: Edition
) -> None:
    """Lay down the outlines given; else one that only changed its code keeps its outline, and a merger's is the union
    of what merged, where all of them have one. Former divisions keep theirs, for looking back."""
    known = Boundary.objects.filter(pk__in=[*became, *(c.new for c in accepted)])
    there = {code: (geometry, note) for code, geometry, note in known.values_list("pk", "geojson", "source")}
    parts: dict[str, set[str]] = {}
    for change in accepted:
        if change.kind in (kinds.RECODED, kinds.MOVED, kinds.MERGED) and change.old != change.new:
            parts.setdefault(change.new, set()).add(change.old)
            parts[change.new] |= {change.new} if change.kind == kinds.MERGED and change.row is None else set()
    rows = []
    for code, olds in sorted(parts.items()):
        if code not in given and all(old in there for old in olds):
            whole = shapely.union_all([shape(there[old][0]) for old in sorted(olds)])
            notes = sorted({there[old][1] for old in olds})  # whoever drew them is still to be named
            rows.append(Boundary(division_id=code, **boundary_values(whole, " · ".join(notes))))
    kept = set(Division.objects.filter(pk__in=list(given), valid_to__isnull=True).values_list("pk", flat=True))
    rows += [Boundary(division_id=code, **boundary_values(given[code], row.source)) for code in sorted(kept)]
    fields = ["geojson", "west", "south", "east", "north", "source"]
    Boundary.objects.bulk_create(rows, update_conflicts=True, unique_fields=["division"], update_fields=fields)


def _done(row: Edition, accepted: Sequence[Change], result: Applied, by: Actor, at: datetime | None) -> Applied:
    row.changes.filter(state=ACCEPTED).update(state="applied")
    left, parted = (
        {register: sum(codes.values()) for register, codes in found.items()}
        for found in (result.unresolved, result.parted)
    )
    row.state, row.applied_at = APPLIED, at or clock.now()
    row.counts = {**row.counts, "moved": dict(result.moved), "unresolved": left, "parted": parted}
    row.counts["accounts"] = len(result.accounts)
    row.save(update_fields=["state", "applied_at", "counts"])
    text = "\n".join(f"{change.kind} {change.old}>{change.new}" for change in accepted)
    event = EditionApplied(
        edition=row.pk, name=row.name, valid_from=row.valid_from.isoformat(), changes=dict(result.changes),
        sha256=hashlib.sha256(text.encode()).hexdigest(), moved=dict(result.moved), unresolved=left, parted=parted,
        accounts=list(result.accounts),
    )  # fmt: skip
    record(event, by=by, about=f"edition:{row.pk}", division=row.division, at=at)
    return result
