"""Views of a list that were saved under a name."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from anlan.kernel.scope import Scope
from anlan.territory.models import SavedView


def views_list(scope: Scope, account: int | None, register: str) -> list[dict[str, Any]]:
    """Return the account's own views of a register and those shared in its area, own first: id, name, query (a query
    string), shared, own. One query."""
    rows = scope.filter(SavedView.objects.filter(register=register, removed=False))
    rows = rows.filter(Q(account=account or 0) | Q(shared=True))
    found = [
        {"id": row.pk, "name": row.name, "query": row.query.get("string", ""), "shared": row.shared,
         "own": row.account == account}
        for row in rows.order_by("name")[:60]
    ]  # fmt: skip
    return sorted(found, key=lambda row: not row["own"])
