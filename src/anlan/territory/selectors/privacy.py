"""Holds and purging for pages: what is kept back and why, and what is forgotten when. Names masked."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from anlan.kernel.models import Entry
from anlan.kernel.scope import Scope
from anlan.territory.engine.mask import mask_name
from anlan.territory.models import Hold, Person
from anlan.territory.sources.care_rules import pack


def holds_list(scope: Scope, *, standing: bool = True, limit: int = 100) -> list[dict[str, Any]]:
    """Return holds, the latest first: id, code and name (masked) of the person, reason, until, at, by, released_at. Two
    queries."""
    rows = scope.filter(Hold.objects.filter(register="persons", released_at__isnull=standing))
    found = list(rows.order_by("-at")[:limit])
    people = {pk: (code, name) for pk, code, name in
              Person.objects.filter(pk__in=[row.row for row in found]).values_list("pk", "code", "name")}  # fmt: skip
    return [
        {"id": row.pk, "code": people.get(row.row, ("", ""))[0], "name": mask_name(people.get(row.row, ("", ""))[1]),
         "division": row.division, "reason": row.reason, "until": row.until, "at": row.at,
         "by": (row.by or {}).get("name", ""), "released_at": row.released_at}
        for row in found
    ]  # fmt: skip


def purge_outlook(scope: Scope, day: date, *, limit: int = 50) -> dict[str, Any]:
    """Return who left and when they are forgotten: days, left (how many wait), due (how many are due by `day`), held,
    rows [{code, name (masked), division, left_on, purge_on, held}], the soonest first. Three queries."""
    days = pack("duty_cover")["purge_days"]
    waiting = scope.filter(Person.objects.filter(state="left", left_on__isnull=False))
    standing = scope.filter(Hold.objects.filter(register="persons", released_at__isnull=True))
    held = set(standing.filter(Q(until__isnull=True) | Q(until__gte=day)).values_list("row", flat=True))
    rows = list(waiting.order_by("left_on", "code").values("pk", "code", "name", "division", "left_on")[:limit])
    return {
        "days": days,
        "left": waiting.count(),
        "held": len(held),
        "rows": [
            {**row, "name": mask_name(row["name"]), "purge_on": row["left_on"] + timedelta(days=days + 1),
             "held": row["pk"] in held}
            for row in rows
        ],
    }  # fmt: skip


def purges_told(limit: int = 12) -> list[dict[str, Any]]:
    """Return the last purges as the journal tells of them: at, people, versions, held. One query."""
    rows = Entry.objects.filter(kind="people.purged").order_by("-id").values("at", "data")[:limit]
    return [{"at": row["at"], **row["data"]} for row in rows]
