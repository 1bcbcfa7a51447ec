"""How each register stands: rows, last change, open gaps and doubts."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max

from anlan.kernel.scope import Scope
from anlan.territory.models import Finding, Gap, Import, Unit
from anlan.territory.selectors.finding import Query, register_page
from anlan.territory.sources.registers import NAMES


def registers_overview(scope: Scope) -> dict[str, dict[str, Any]]:
    """Return register → {rows, changed (time of the last import or change, None), findings, gaps, imported}."""
    changed = dict(
        scope.filter(Import.objects.filter(applied_at__isnull=False), "division")
        .values_list("register")
        .annotate(at=Max("applied_at"))
    )
    doubts = dict(
        scope.filter(Finding.objects.filter(cleared_at__isnull=True)).values_list("register").annotate(n=Count("id"))
    )
    gaps = scope.filter(Gap.objects.filter(closed_at__isnull=True)).aggregate(
        posts=Count("id", filter=~_none("post")), persons=Count("id", filter=~_none("person"))
    )
    changed["units"] = _latest(changed.get("units"), scope)
    return {
        name: {
            "rows": register_page(scope, name, Query(), limit=1, columns=["division"]).total,
            "changed": changed.get(name), "findings": doubts.get(name, 0), "gaps": gaps.get(name, 0),
        }
        for name in NAMES
    }  # fmt: skip


def _none(field: str) -> Any:
    from django.db.models import Q

    return Q(**{f"{field}__isnull": True})


def _latest(at: Any, scope: Scope) -> Any:
    """Return the later of the last import and the last unit written: asked by the transaction, which is indexed."""
    last = scope.filter(Unit.objects.order_by("-act")).values_list("updated_at", flat=True).first()
    return max((value for value in (at, last) if value is not None), default=None)
