"""Code lists under review and applied: their changes in groups, how far the review is, rows that found no home."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.changes import KINDS
from anlan.territory.engine.coverage import TOLERANCE_KM2, Finding, coverage_findings
from anlan.territory.models import CodeChange, Division, Edition
from anlan.territory.selectors.outlines import outlines_in_force

PAGE = 40
UNDER = "under:"
REGISTERS = ("unit", "place", "organisation", "post", "person", "appointment", "duty", "shift", "certificate", "skill",
             "downstream", "licence", "majorhazard")  # fmt: skip


def editions_list(scope: Scope) -> list[Edition]:
    """Return the code lists of the scope and of divisions above it, newest first. One query."""
    return list(scope.filter_chain(Edition.objects.all()).order_by("-at")[:200])


def edition_get(scope: Scope, edition: UUID) -> Edition:
    """Return one code list; NotFound outside the scope too."""
    row = scope.filter_chain(Edition.objects.filter(pk=edition)).first()
    if row is None:
        raise NotFound(
            code="division.no_edition", zh="管辖范围内没有此区划代码版本；请核对编号。",
            en="There is no such code list in your area; check its id.", field="edition", value=edition,
        )  # fmt: skip
    found: Edition = row
    return found


def edition_progress(edition: Edition) -> dict[str, Any]:
    """Return how far the review is: total, decided, accepted, refused, left, percent, and by kind {kind, total,
    proposed, sure (proposed and surer than 0.9)}; changes that only follow are counted, but not by kind. One query."""
    sure = CodeChange.objects.filter(edition=edition).values("kind", "state").annotate(n=Count("id"), own=Count("id", filter=~_under()))  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    states: dict[str, int] = {}
    for row in sure:
        states[row["state"]] = states.get(row["state"], 0) + row["n"]
        kind = found.setdefault(row["kind"], {"total": 0, "proposed": 0})
        kind["total"] += row["own"]
        kind["proposed"] += row["own"] if row["state"] == "proposed" else 0
    total, left = sum(states.values()), states.get("proposed", 0)
    return {
        "total": total, "left": left, "decided": total - left, "states": states,
        "accepted": states.get("accepted", 0) + states.get("applied", 0), "refused": states.get("refused", 0),
        "percent": 100 if not total else (total - left) * 100 // total,
        "kinds": [{"kind": kind, **found[kind]} for kind in KINDS if kind in found and found[kind]["total"]],
    }  # fmt: skip


def edition_changes(
    edition: Edition, kind: str = "", *, undecided: bool = False, after: int = 0
) -> list[dict[str, Any]]:
    """Return a page of PAGE changes that do not merely follow, from the province down, at each level the least sure
    first (there a person is needed; the rest can be accepted together), then in code order; each with `followers`, how
    many changes below only follow from it. Two queries.
    """
    rows: QuerySet[CodeChange] = edition.changes.exclude(_under())
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(state="proposed") if undecided else rows
    page = list(rows.order_by("level", "evidence__confidence", "old", "new")[after : after + PAGE])
    below = _followers(edition, page)
    return [{"row": row, "followers": below.get(f"{UNDER}{row.old}>{row.new}", 0)} for row in page]


def edition_change(edition: Edition, change: UUID) -> dict[str, Any]:
    """Return one change as `edition_changes` does; NotFound when it is of another list. Two queries."""
    row = edition.changes.filter(pk=change).first()
    if row is None:
        raise NotFound(
            code="division.no_change", zh="没有此项代码变更；请刷新页面。", en="There is no such change; reload the page.",
            field="change", value=change,
        )  # fmt: skip
    return {"row": row, "followers": _followers(edition, [row]).get(f"{UNDER}{row.old}>{row.new}", 0)}


def change_followers(edition: Edition, change: UUID) -> list[CodeChange]:
    """Return the first 500 changes that only follow from one, in code order. Two queries."""
    cause = edition.changes.filter(pk=change).first()
    if cause is None:
        return []
    return list(edition.changes.filter(group=f"{UNDER}{cause.old}>{cause.new}").order_by("level", "old")[:500])


def homeless(scope: Scope, *, limit: int = 500) -> list[dict[str, Any]]:
    """Return former divisions that rows of the registers are still at: code, name {zh, en}, valid_to, successor, rows
    {register: count}, heirs (codes it was split into). Rows of the scope only. Two queries."""
    parts = " UNION ALL ".join(
        f"SELECT t.division, '{name}' AS register, count(*) AS n FROM territory_{name} t JOIN territory_division d"
        " ON d.code = t.division AND d.valid_to IS NOT NULL GROUP BY 1"
        for name in REGISTERS
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT division, register, n FROM ({parts}) x ORDER BY 1, 2")
        rows = [row for row in cursor.fetchall() if scope.covers(row[0])]
    counts: dict[str, dict[str, int]] = {}
    for code, register, count in rows:
        counts.setdefault(code, {})[register] = int(count)
    found = Division.objects.filter(pk__in=list(counts)[:limit]).order_by("code")
    return [
        {"code": row.code, "name": {"zh": row.name_zh, "en": row.name_en}, "valid_to": row.valid_to,
         "successor": row.successor_id, "rows": counts[row.code]}
        for row in found
    ]  # fmt: skip


def coverage(scope: Scope, tolerance_km2: float = TOLERANCE_KM2) -> tuple[Finding, ...]:
    """Return what is wrong with the outlines of the divisions in force inside the scope. Two queries a prefix."""
    found: list[Finding] = []
    for prefix in scope.prefixes:
        codes = Division.objects.filter(code__startswith=prefix, valid_to__isnull=True).values_list("code", flat=True)
        found += coverage_findings(codes, outlines_in_force(prefix), tolerance_km2)
    return tuple(found)


def _under() -> Q:
    return Q(group__startswith=UNDER)


def _followers(edition: Edition, page: list[CodeChange]) -> dict[str, int]:
    groups = [f"{UNDER}{row.old}>{row.new}" for row in page]
    rows = edition.changes.filter(group__in=groups).values("group").annotate(n=Count("id"))
    return {row["group"]: row["n"] for row in rows}
