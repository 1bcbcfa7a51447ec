"""Taking in a code list (区划代码版本): compared with the divisions in force, its differences laid before a person."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from shapely.geometry.base import BaseGeometry

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.territory.engine.changes import Change
from anlan.territory.engine.coverage import overlaps_of
from anlan.territory.engine.editions import diff
from anlan.territory.engine.tree import Listed, extent, tree_faults
from anlan.territory.events_divisions import EditionOpened, EditionWithdrawn
from anlan.territory.formats.divisions_csv import DivisionsFile, ListFault, as_dict, read_divisions
from anlan.territory.models import CodeChange, Division, Edition
from anlan.territory.selectors.outlines import outlines_in_force
from anlan.territory.services.reaching import reason_given, text_given

ACT = "divisions.manage"
LOCK = "anlan.divisions"
REVIEWING, APPLIED, WITHDRAWN = "reviewing", "applied", "withdrawn"
SHOWN_FAULTS = 500
FIELDS = ("code", "name_zh", "name_en", "kind", "legal_parent_id", "lon", "lat", "coord_src", "population",
          "population_src")  # fmt: skip


@transaction.atomic
def edition_open(
    *,
    by: Actor,
    name: str,
    valid_from: date,
    source: str,
    rows: Iterable[Listed] | None = None,
    file: bytes | None = None,
    outlines: Mapping[str, BaseGeometry] | None = None,
    at: datetime | None = None,
) -> Edition:
    """Take in a code list, given as `rows` or as a CSV `file`, and propose what has changed since the list in force.

    Its extent is the lowest division that holds all its codes; what lies outside is not touched, and a division whose
    children it does not name keeps them. `outlines` (code → geometry in degrees), where the new list comes with them,
    are evidence only. Invalid with `faults` (row, column, value, zh, en) when the list is no tree, or when it would
    take force before what is in force now; Conflict while another list of the area is under review; Forbidden without
    the act `divisions.manage` for the whole extent.
    """
    lock()
    listed, sha256 = _listed(rows, file)
    area = extent(row.code for row in listed)
    by.must(ACT, area)
    _must_be_alone(area)
    old = in_force(area)
    _must_follow(area, valid_from)
    laps = overlaps_of(outlines_in_force(area), outlines) if outlines else {}
    known = {row.code: row for row in old}
    found = diff(old, [_completed(row, known) for row in listed], laps)
    counts = {"rows": len(listed), **Counter(change.kind for change in found)}
    edition = Edition.objects.create(
        division=area, name=text_given("name", name, "版本名称", "name"), valid_from=valid_from,
        source=text_given("source", source, "来源", "source"), sha256=sha256, state=REVIEWING, counts=counts,
        by=by.as_json(), at=at or clock.now(),
    )  # fmt: skip
    CodeChange.objects.bulk_create([_row(edition, change) for change in found], batch_size=2000)
    event = EditionOpened(edition=edition.pk, name=edition.name, valid_from=valid_from.isoformat(), source=source,
                          sha256=sha256, rows=len(listed), changes=dict(Counter(c.kind for c in found)))  # fmt: skip
    record(event, by=by, about=f"edition:{edition.pk}", division=area, at=at)
    return edition


@transaction.atomic
def edition_withdraw(*, by: Actor, edition: UUID, reason: str, at: datetime | None = None) -> Edition:
    """Take a list under review back; Conflict when it is not under review any more."""
    row = reviewing(by, edition)
    why = reason_given(reason)
    row.state = WITHDRAWN
    row.save(update_fields=["state"])
    event = EditionWithdrawn(edition=row.pk, name=row.name, reason=why)
    record(event, by=by, about=f"edition:{row.pk}", division=row.division, at=at)
    return row


def reviewing(by: Actor, edition: UUID) -> Edition:
    """Return an edition locked and under review; NotFound outside the scope, Forbidden without the act."""
    row = by.scope.filter(Edition.objects.select_for_update().filter(pk=edition)).first()
    if row is None:
        raise NotFound(
            code="division.no_edition", zh="管辖范围内没有此区划代码版本；请核对编号。",
            en="There is no such code list in your area; check its id.", field="edition", value=edition,
        )  # fmt: skip
    found: Edition = row
    by.must(ACT, found.division)
    if found.state != REVIEWING:
        raise Conflict(
            code="division.edition_closed", zh=f"版本“{found.name}”已生效或已撤回，不能再改。",
            en=f"The list “{found.name}” has been applied or withdrawn; it can't be changed any more.",
            field="edition", value=edition,
        )  # fmt: skip
    return found


def lock() -> None:
    """Let one at a time change divisions; kept until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])


def in_force(area: str) -> list[Listed]:
    """Return the divisions in force inside `area`, in code order, as a list."""
    rows = Division.objects.filter(code__startswith=area, valid_to__isnull=True).order_by("code").values_list(*FIELDS)
    return [Listed._make((*row[:4], row[4] or "", *row[5:])) for row in rows]


def change_of(row: CodeChange) -> Change:
    """Return a stored change as the engine's value."""
    written = Listed(**row.new_row) if row.new_row else None
    return Change(row.kind, row.level, row.old, row.new, row.old_name, row.new_name, written, row.group, row.evidence)


def _listed(rows: Iterable[Listed] | None, file: bytes | None) -> tuple[list[Listed], str]:
    read = read_divisions(file) if file is not None else DivisionsFile(tuple(sorted(rows or ())), {}, (), ())
    known = set(Division.objects.filter(valid_to__isnull=True).values_list("code", flat=True))
    wrong = [
        ListFault(read.lines.get(fault.code, 0), "legal_parent" if fault.kind == "legal_orphan" else "code", fault.code,
                  f"{fault.code}的上级{fault.about}既不在表中也不在现行区划中；请补上该行。",
                  f"The parent {fault.about} of {fault.code} is neither in the list nor in force; add its row.")
        for fault in tree_faults(read.rows, known) if fault.about
    ]  # fmt: skip
    faults = [*read.faults, *wrong]
    if faults or not read.rows:
        raise Invalid(
            code="division.list_faults", zh=f"代码表有{len(faults)}处错误；请按行改正后重新上传。",
            en=f"The list has {len(faults)} faults; mend them row by row and send it again.", field="file",
            value=len(faults), faults=[as_dict(fault) for fault in faults[:SHOWN_FAULTS]], count=len(faults),
        )  # fmt: skip
    text = "\n".join("\t".join("" if cell is None else str(cell) for cell in row) for row in read.rows)
    return list(read.rows), hashlib.sha256(text.encode()).hexdigest()


def _completed(row: Listed, known: Mapping[str, Listed]) -> Listed:
    """What the list does not say of a division it names stays as it is known."""
    old = known.get(row.code)
    if old is None:
        return row
    row = row._replace(name_en=row.name_en or (old.name_en if row.name == old.name else ""))
    row = row._replace(legal_parent=row.legal_parent or old.legal_parent)
    if row.lon is None:
        row = row._replace(lon=old.lon, lat=old.lat, coord_src=old.coord_src)
    if row.population is None:
        row = row._replace(population=old.population, population_src=old.population_src)
    return row


def _row(edition: Edition, change: Change) -> CodeChange:
    written = change.row._asdict() if change.row else None
    evidence = {**change.evidence, "confidence": change.confidence}
    return CodeChange(
        edition=edition, division=edition.division, kind=change.kind, group=change.group, level=change.level,
        old=change.old, new=change.new, old_name=change.old_name, new_name=change.new_name,
        new_row=json.loads(json.dumps(written)), evidence=evidence, state="proposed",
    )  # fmt: skip


def _must_be_alone(area: str) -> None:
    for other in Edition.objects.filter(state=REVIEWING):
        if other.division.startswith(area) or area.startswith(other.division):
            raise Conflict(
                code="division.under_review", zh=f"版本“{other.name}”正在审核；请先生效或撤回。",
                en=f"The list “{other.name}” is under review; apply or withdraw it first.",
                field="name", value=other.name, edition=str(other.pk),
            )  # fmt: skip


def _must_follow(area: str, valid_from: date) -> None:
    """A list takes force after everything in force has: history is not rewritten."""
    last: Any = Division.objects.filter(code__startswith=area, valid_to__isnull=True).order_by("-valid_from").first()
    if last is not None and valid_from < last.valid_from:
        raise Invalid(
            code="division.too_early", zh=f"生效日期早于现行区划（{last.valid_from}）；请填写之后的日期。",
            en=f"The list would take force before what is in force ({last.valid_from}); give a later day.",
            field="valid_from", value=valid_from,
        )  # fmt: skip
