"""The only readers of the relief stage used by faces."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum

from anlan.kernel.scope import Scope
from anlan.relief import choices
from anlan.relief.engine.coverage import Covered, covered
from anlan.relief.models import StockItem
from anlan.relief.sources import norms

MOST = 500


def coverage(scope: Scope, *, division: str = "", season: str = "", on: date | None = None) -> Covered:
    """Return for how many people the available stock suffices: the least over the items of the norms. `on`: lots that
    have expired by that day don't count. One query."""
    rows = _within(scope, division).filter(state="available")
    if on is not None:
        rows = rows.filter(Q(expires_on__isnull=True) | Q(expires_on__gt=on))
    stock = dict(rows.values_list("item").annotate(total=Sum("quantity")).order_by("item"))
    return covered(norms()[1], stock, season)


def stock_list(
    scope: Scope, *, item: str = "", division: str = "", after: str = "", limit: int = 100
) -> list[dict[str, Any]]:
    """Return lots in code order after the code `after`. One query."""
    rows = _within(scope, division).select_related("depot").order_by("code")
    if item:
        rows = rows.filter(item=item)
    if after:
        rows = rows.filter(code__gt=after)
    names = {norm.code: {"zh": norm.zh, "en": norm.en} for norm in norms()[1]}
    return [_lot(row, names) for row in rows[: min(limit, MOST)]]


def _within(scope: Scope, division: str) -> QuerySet[StockItem]:
    rows: QuerySet[StockItem] = scope.filter(StockItem.objects.all())
    return rows.filter(division__startswith=division) if division else rows


def _lot(row: StockItem, names: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "code": row.code,
        "depot": row.depot.code,
        "item": {"code": row.item, **names.get(row.item, {"zh": row.item, "en": row.item})},
        "quantity": row.quantity,
        "unit": row.unit,
        "holding": {"code": row.holding, **choices.name(choices.HOLDINGS, row.holding)},
        "state": {"code": row.state, **choices.name(choices.STOCK_STATES, row.state)},
        "produced_on": row.produced_on,
        "expires_on": row.expires_on,
        "division": row.division,
    }
