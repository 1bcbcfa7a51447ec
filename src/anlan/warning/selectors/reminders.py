"""Who was reminded that a warning stands over them and no response was started: what the response's journal tells of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from anlan.kernel.models import Entry
from anlan.kernel.scope import Scope
from anlan.territory.selectors import division_names

KIND = "response.reminded"


def reminders_of(scope: Scope, warning: UUID) -> list[dict[str, Any]]:
    """The reminders about one warning inside the scope, the newest first: [{at, division, name, times, minutes, told}].

    One for each division, its last; `told`: whether its superior had a desk here to be told. Two queries.
    """
    entries = Entry.objects.filter(about=f"warning:{warning}", kind=KIND).order_by("-id")
    last: dict[str, dict[str, Any]] = {}
    for at, division, data in entries.values_list("at", "division", "data"):
        if scope.sees(division):
            last.setdefault(division, {"at": at, "division": division, **data})
    names = division_names(list(last))
    return [
        {"at": one["at"], "division": code, "name": names.get(code, {"zh": code, "en": code}), "times": one["times"],
         "minutes": one["minutes"], "told": bool(one["told"])}
        for code, one in last.items()
    ]  # fmt: skip
