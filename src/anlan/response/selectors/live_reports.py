"""What live pages see of reporting: how much each division owes, left out, has not acknowledged and has not explained."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from anlan.kernel.journal import EntryRow
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.live import Items, Projection
from anlan.kernel.models import Row
from anlan.kernel.scope import Scope
from anlan.response.models import ReportBreach, ReportDuty, ReportReceipt, ReturnDifference
from anlan.warning.selectors.frames import rows

COUNTS: tuple[tuple[str, type[Row], str, str], ...] = (
    ("owed", ReportDuty, "division", "t.ended_at IS NULL AND t.next_due_at IS NOT NULL"),
    ("late", ReportBreach, "division", "t.made_good_at IS NULL"),
    ("unread", ReportReceipt, "level", "t.acknowledged_at IS NULL"),
    ("differs", ReturnDifference, "division", "t.state = 'open'"),
)


def reporting_items(scope: Scope, ids: list[str] | None, at: datetime | None) -> Items:
    """Divisions inside the scope with something open, by code: {owed, late, unread, differs}. One query.

    Counts and no lists: a page that shows the lists asks for them again when a count it sees has changed.
    """
    parts, params = [], []
    for name, model, column, open_now in COUNTS:
        source, values = source_sql(model, at)
        only, wanted = (f" AND t.{column} = ANY(%s)", [ids]) if ids is not None else ("", [])
        parts.append(
            f"SELECT t.{column} AS code, '{name}' AS what FROM {source} AS t"
            f" WHERE {open_now} AND t.{column} ^@ ANY(%s){only}"
        )
        params += [*values, list(scope.prefixes), *wanted]
    counted = ", ".join(f"count(*) FILTER (WHERE what = '{name}')::int AS {name}" for name, *_ in COUNTS)
    sql = f"SELECT code, {counted} FROM ({' UNION ALL '.join(parts)}) s GROUP BY code ORDER BY code"
    return {row["code"]: {name: row[name] for name, *_ in COUNTS} for row in rows(sql, params)}


def _touches(entry: EntryRow) -> Iterable[str]:
    kind, _, what = entry.kind.partition(".")
    if kind == "returns":
        return [entry.division]
    if kind != "report":
        return []
    data: dict[str, Any] = entry.data
    if what == "acknowledged":
        return [data["level"]]
    return dict.fromkeys([entry.division, *data.get("divisions", []), *(data.get("to", []) if what == "filed" else [])])


LIVE_REPORTS: dict[str, Projection] = {"reporting": Projection(reporting_items, _touches)}
