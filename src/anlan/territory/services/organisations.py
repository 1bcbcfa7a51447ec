"""Organisations by hand: entering, changing, and taking back one's own last change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.territory.engine.keys import stable_id
from anlan.territory.events_hand import OrganisationSaved
from anlan.territory.models import Organisation
from anlan.territory.services.by_hand import row_check
from anlan.territory.services.reaching import locked
from anlan.territory.services.taking_back import take_back
from anlan.territory.services.versions import changed, must_be_seen

ACT = "organisations.write"


@transaction.atomic
def organisation_save(
    *, by: Actor, texts: Mapping[str, str], organisation: UUID | None = None, seen: str | None = None,
    at: datetime | None = None,
) -> tuple[Organisation, list[dict[str, str]]]:  # fmt: skip
    """Enter an organisation (`organisation` None) or change one, from what was typed per field; returns it and the
    doubts that may stand. Raises as `unit_save` does."""
    row = None
    if organisation is not None:
        row = locked(by, Organisation, organisation)
        by.must(ACT, row.division)
        must_be_seen(row, seen)
    checked = row_check(by.scope, "organisations", texts)
    values = dict(checked.columns)
    by.must(ACT, values.get("division") or (row.division if row else ""))
    new = row is None
    if row is None:
        if Organisation.objects.filter(code=checked.key).exists():
            raise Conflict(
                code="organisations.code_taken",
                zh=f"机构编号“{checked.key}”已被使用；请换一个，或打开该机构修改。",
                en=f"The code “{checked.key}” is taken; choose another, or open that organisation.",
                field="code",
                value=checked.key,
            )
        row = Organisation(id=stable_id("organisation", checked.key), code=checked.key)
    values["name_en"] = values.get("name_en") or row.name_en or values.get("name_zh", row.name_zh)
    fields = changed(row, values)
    if new or fields:
        row.save(force_insert=new)
        event = OrganisationSaved(organisation=row.pk, code=row.code, new=new, fields=sorted(fields))
        record(event, by=by, about=f"organisation:{row.pk}", division=row.division, at=at)
    return row, checked.doubts


@transaction.atomic
def organisation_undo(*, by: Actor, organisation: UUID, at: datetime | None = None) -> Organisation:
    """Take back the last change; only its maker may, and only while nothing was written since (Conflict)."""
    row = locked(by, Organisation, organisation)
    by.must(ACT, row.division)
    take_back(by, "organisations", row, at)
    return row
