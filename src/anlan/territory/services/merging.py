"""Rows that may be one and the same: proposed to a person, merged or left apart by that person, and undone again."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.engine.duplicates import Pairs, find
from anlan.territory.engine.keys import stable_id
from anlan.territory.events_quality import DuplicatesFound, MergeDecided, MergeUndone
from anlan.territory.models import MergeProposal
from anlan.territory.services.merging_rows import MERGES
from anlan.territory.services.reaching import locked, reason_given
from anlan.territory.services.register_reading import columns_read
from anlan.territory.sources.care_rules import pack

ACT = "merge.decide"
_COLUMNS = {
    "units": (
        "id::text AS id, division, name, uscc, legacy_id AS legacy, phone, address, lon, lat",
        "territory_unit WHERE merged_into IS NULL AND status <> 'closed' ORDER BY key",
    ),
    "places": (
        "id::text AS id, division, name_zh AS name, kind, lon, lat",
        "territory_place WHERE state = 'active' ORDER BY code",
    ),
    "persons": (
        "id::text AS id, division, name, phone, citizen_hash AS citizen",
        "territory_person WHERE state = 'active' ORDER BY code",
    ),
}
_PROPOSE = """
WITH fresh AS (
  INSERT INTO territory_mergeproposal (id, division, register, "left", "right", score, reasons, state, moved, reason)
  SELECT id, division, %s, "left", "right", score, reasons, 'open', '{}', '' FROM json_to_recordset(%s::json)
    AS x(id uuid, division text, "left" uuid, "right" uuid, score float8, reasons jsonb)
  ON CONFLICT (register, "left", "right") DO NOTHING RETURNING 1)
SELECT count(*) FROM fresh
"""


@transaction.atomic
def duplicates_find(*, by: Actor, register: str, at: datetime | None = None) -> DuplicatesFound:
    """Look through a whole register ("units", "places", "persons") and propose pairs that may be one and the same.

    A pair once proposed or decided is not proposed again. The whole register is looked at, so it is a job of the
    platform, or of somebody with the act over everything.
    """
    by.must(ACT, "")
    rules = pack("likeness")
    table = columns_read(*_COLUMNS[register])
    pairs = find(table, rules["registers"][register], window=rules["window"], most_block=rules["most_block"],
                 threshold=rules["threshold"])  # fmt: skip
    rows = _rows(register, table, pairs, rules["most_pairs"])
    with connection.cursor() as cursor:
        cursor.execute(_PROPOSE, [register, json.dumps(rows)])
        proposed = cursor.fetchone()[0]
    names = "\n".join(f"{row['left']}|{row['right']}" for row in rows)
    event = DuplicatesFound(register=register, rows=table.num_rows, pairs=len(pairs.left), proposed=proposed,
                            sha256=hashlib.sha256(names.encode()).hexdigest())  # fmt: skip
    record(event, by=by, about=f"register:{register}", division="", at=at)
    return event


@transaction.atomic
def merge_decide(
    *,
    by: Actor,
    proposal: UUID,
    decision: str,
    reason: str,
    keep: UUID | None = None,
    at: datetime | None = None,
) -> MergeProposal:
    """Decide on a proposal: "merged" into the row `keep`, or "apart". Licences, hazards, appointments, duties and posts
    of the row that goes over to the other come along; both rows keep their versions, and it can be undone.

    Conflict when it was decided before; Invalid when `keep` is neither row.
    """
    row = locked(by, MergeProposal, proposal)
    by.must(ACT, row.division)
    why = reason_given(reason)
    if row.state not in ("open", "undone"):
        raise Conflict(
            code="merge.decided",
            zh="此项疑似重复已裁定；请刷新。",
            en="This proposal was decided already; load the page again.",
            field="proposal",
            value=proposal,
        )
    gone = _gone(row, decision, keep)
    moment = at or clock.now()
    moved: dict[str, list[Any]] = {}
    if gone is not None and keep is not None:
        moved = MERGES[row.register].merge(by, keep, gone, moment)
    row.state, row.kept, row.moved, row.reason = decision, keep if gone else None, moved, why
    row.decided_by, row.decided_at = by.as_json(), moment
    row.save()
    event = MergeDecided(
        proposal=row.pk, register=row.register, decision=decision, kept=row.kept, gone=gone,
        moved={name: len(ids) for name, ids in moved.items()}, reason=why,
    )  # fmt: skip
    record(event, by=by, about=f"merge:{row.pk}", division=row.division, at=at)
    return row


@transaction.atomic
def merge_undo(*, by: Actor, proposal: UUID, reason: str, at: datetime | None = None) -> MergeProposal:
    """Undo a merger: the row that went stands by itself again and what came along goes back, except what was changed
    since. The proposal is open to be decided anew. Conflict when it is no merger."""
    row = locked(by, MergeProposal, proposal)
    by.must(ACT, row.division)
    why = reason_given(reason)
    if row.state != "merged" or row.kept is None:
        raise Conflict(
            code="merge.not_merged",
            zh="此项未合并，无可撤销。",
            en="This pair was not merged; there is nothing to undo.",
            field="proposal",
            value=proposal,
        )
    gone = row.right if row.kept == row.left else row.left
    moment = at or clock.now()
    moved = MERGES[row.register].undo(by, row.kept, gone, row.moved, moment)
    row.state, row.kept, row.moved = "undone", None, {}
    row.decided_by, row.decided_at, row.reason = by.as_json(), moment, why
    row.save()
    event = MergeUndone(proposal=row.pk, register=row.register, gone=gone, moved=moved, reason=why)
    record(event, by=by, about=f"merge:{row.pk}", division=row.division, at=at)
    return row


def _gone(row: MergeProposal, decision: str, keep: UUID | None) -> UUID | None:
    """Return the row that goes over to `keep`, None where they stay apart."""
    if decision == "apart":
        return None
    if decision != "merged" or keep not in (row.left, row.right):
        raise Invalid(
            code="merge.keep",
            zh="请选定保留其中一行，或裁定为不同对象。",
            en="Choose which of the two rows is kept, or say that they are two.",
            field="keep",
            value=keep,
        )
    return row.right if keep == row.left else row.left


def _rows(register: str, table: Any, pairs: Pairs, most: int) -> list[dict[str, Any]]:
    """Return the likeliest pairs as proposals. A pair belongs to the lowest division that holds both rows."""
    ids, divisions = table["id"].to_pylist(), table["division"].to_pylist()
    rows = []
    for a, b, score, reasons in list(zip(pairs.left, pairs.right, pairs.score, pairs.reasons, strict=True))[:most]:
        left, right = sorted((ids[a], ids[b]))
        rows.append(
            {
                "id": str(stable_id("merge", f"{register}|{left}|{right}")),
                "division": _common(divisions[a], divisions[b]),
                "left": left,
                "right": right,
                "score": float(score),
                "reasons": list(reasons),
            }
        )
    return rows


def _common(one: str, two: str) -> str:
    return next((one[:n] for n in (12, 9, 6, 4, 2) if len(one) >= n and one[:n] == two[:n]), "")
