"""Laying down outlines, after showing how they would fit; and giving rows of a former division a home by decision."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from shapely.geometry.base import BaseGeometry

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.codes import parent_of
from anlan.territory.engine.changes import heirs
from anlan.territory.engine.coverage import TOLERANCE_KM2, Finding, coverage_findings
from anlan.territory.engine.tree import extent
from anlan.territory.events_divisions import BoundariesImported, DivisionRehomed
from anlan.territory.models import Boundary, CodeChange, Division
from anlan.territory.selectors.outlines import outlines_in_force
from anlan.territory.services.editions import ACT, change_of, lock
from anlan.territory.services.outlines import boundary_values, outlines_read
from anlan.territory.services.reaching import division_known, reason_given, text_given
from anlan.territory.services.rehoming import Move, rows_move

FIRST = 100
FIELDS = ["geojson", "west", "south", "east", "north", "source"]


class Fit(NamedTuple):
    """How outlines would fit what is there: `area`, the lowest division that holds them all, the findings there and
    among its neighbours with them laid down, and the codes that would be new and replaced."""

    area: str
    findings: tuple[Finding, ...]
    new: tuple[str, ...]
    replaced: tuple[str, ...]


def boundaries_fit(outlines: Mapping[str, BaseGeometry], tolerance_km2: float = TOLERANCE_KM2) -> Fit:
    """Return how outlines would fit; nothing is written."""
    area = extent(outlines)
    round_it = parent_of(area) if area else ""  # its neighbours are looked at too
    there = outlines_in_force(round_it)
    codes = Division.objects.filter(code__startswith=round_it, valid_to__isnull=True).values_list("code", flat=True)
    findings = coverage_findings(codes, {**there, **outlines}, tolerance_km2)
    inside = set(outlines)
    return Fit(area, findings, tuple(sorted(inside - set(there))), tuple(sorted(inside & set(there))))


@transaction.atomic
def boundary_import(
    *, by: Actor, file: bytes, source: str, tolerance_km2: float = TOLERANCE_KM2, at: datetime | None = None
) -> Fit:
    """Lay down the outlines of a GeoJSON file by code (property `code`), replacing those that are there, and return how
    the whole fits now. Rows that a split had left open and the outlines now place go to their division.

    Conflict with `codes` when the file names a division that is not in force, or an outline crosses itself: those are
    never laid down. Other findings are no refusal: see `boundaries_fit` before.
    """
    lock()
    outlines = outlines_read(file)
    fit = boundaries_fit(outlines, tolerance_km2)
    by.must(ACT, fit.area)
    _must_be_sound(outlines, fit)
    rows = [Boundary(division_id=code, **boundary_values(shape, text_given("source", source, "来源", "source")))
            for code, shape in sorted(outlines.items())]  # fmt: skip
    Boundary.objects.bulk_create(rows, update_conflicts=True, unique_fields=["division"], update_fields=FIELDS)
    moved = _settle(by, set(outlines), at)
    event = BoundariesImported(
        source=source, count=len(rows), sha256=hashlib.sha256(file).hexdigest(), codes=sorted(outlines)[:FIRST],
        findings=dict(Counter(item.kind for item in fit.findings)), moved=moved,
    )  # fmt: skip
    record(event, by=by, about=f"division:{fit.area}", division=fit.area, at=at)
    return fit


@transaction.atomic
def division_rehome(
    *, by: Actor, old: str, new: str, reason: str, below: bool = False, at: datetime | None = None
) -> dict[str, int]:
    """Give all rows that are still at a former division (`below`: and at former divisions inside it) to one in force, by
    a named person's decision; return rows by register. Conflict when `old` is in force itself, Invalid when `new` is
    not."""
    by.must(ACT, old)
    by.must(ACT, division_known(new))
    why = reason_given(reason)
    if Division.objects.filter(pk=old, valid_to__isnull=True).exists():
        raise Conflict(
            code="division.in_force", zh=f"{old}是现行区划，其下数据不能整体移走。",
            en=f"{old} is in force; its rows can't be given away as a whole.", field="old", value=old,
        )  # fmt: skip
    lock()
    former = Division.objects.filter(code__startswith=old, valid_to__isnull=False).values_list("code", flat=True)
    homes = dict.fromkeys((old, *(former if below else ())), (new,))
    moved = rows_move(Move(by=by, batch=ids.new_id(), at=at or clock.now(), heirs=homes))
    event = DivisionRehomed(old=old, new=new, moved=moved, reason=why)
    record(event, by=by, about=f"division:{old}", division=new, at=at)
    return moved


def _must_be_sound(outlines: Mapping[str, BaseGeometry], fit: Fit) -> None:
    bad = [item for item in fit.findings if item.kind in ("broken", "no_division") and item.codes[0] in outlines]
    if not outlines or bad:
        raise Conflict(
            code="division.outlines_unsound",
            zh=f"{len(bad)}个边界不能用：没有该现行区划，或边界自相交（{'、'.join(item.codes[0] for item in bad[:5])}）；请改正文件。",
            en=f"{len(bad)} outlines can't be taken: no such division in force, or crossing itself"
            f" ({', '.join(item.codes[0] for item in bad[:5])}); mend the file.",
            field="file", value=len(bad), codes=[item.codes[0] for item in bad],
        )  # fmt: skip


def _settle(by: Actor, codes: set[str], at: datetime | None) -> dict[str, int]:
    """Rows left open by an applied split, now that its parts may all have outlines."""
    groups = CodeChange.objects.filter(kind="split", state="applied", new__in=codes).values_list("edition", "group")
    moved: dict[str, int] = {}
    for edition, group in sorted(set(groups), key=str):
        parts = [change_of(row) for row in CodeChange.objects.filter(edition=edition, group=group, state="applied")]
        found = rows_move(Move(by=by, batch=edition, at=at or clock.now(), heirs=heirs(parts)))
        moved = {name: moved.get(name, 0) + found.get(name, 0) for name in {**moved, **found}}
    return moved


def check_tolerance(text: str) -> float:
    """Return a tolerance in km² from what somebody typed; Invalid unless it is 0 to 1,000."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1000:
        raise Invalid(
            code="division.tolerance", zh="容差应为0至1000平方公里。", en="Give a tolerance of 0 to 1,000 km².",
            field="tolerance", value=text,
        )  # fmt: skip
    return value
