"""Findings of the checks, counted and listed, scoped."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.db.models.functions import Left

from anlan.kernel.models import Entry
from anlan.kernel.scope import Scope
from anlan.territory.models import Finding, Person, Place, Unit
from anlan.territory.selectors.care import PAGE, below

MODELS: dict[str, Any] = {"units": Unit, "places": Place, "persons": Person}
KEYS = {"units": ("key", "name"), "places": ("code", "name_zh"), "persons": ("code", "name")}


def quality_counts(scope: Scope, division: str = "") -> dict[str, dict[str, int]]:
    """Return register → check → open findings inside `division`. One query."""
    rows = scope.filter(Finding.objects.filter(cleared_at__isnull=True, division__startswith=division))
    found: dict[str, dict[str, int]] = {}
    for register, check, count in rows.values_list("register", "check_code").annotate(count=Count("pk")):
        found.setdefault(register, {})[check] = count
    return found


def quality_parts(scope: Scope, register: str, division: str = "") -> dict[str, dict[str, int]]:
    """Return division one level below → check → open findings. One query."""
    rows = scope.filter(
        Finding.objects.filter(register=register, cleared_at__isnull=True, division__startswith=division)
    )
    counted = rows.annotate(part=Left("division", below(division))).values_list("part", "check_code")
    found: dict[str, dict[str, int]] = {}
    for part, check, count in counted.annotate(count=Count("pk")).order_by("part"):
        found.setdefault(part, {})[check] = count
    return found


def findings_page(
    scope: Scope, register: str, check: str, division: str = "", *, after: int = 0, limit: int = PAGE
) -> list[dict[str, Any]]:
    """Return open findings in order of their number: _id (row), id, key, name, division, detail, found_at. Two
    queries. A person's name is masked by the face that shows it."""
    rows = scope.filter(
        Finding.objects.filter(
            register=register, check_code=check, cleared_at__isnull=True, division__startswith=division, pk__gt=after
        )
    )
    found = list(rows.order_by("pk").values("pk", "row", "division", "detail", "found_at")[:limit])
    names = _names(scope, register, [item["row"] for item in found])
    return [
        {"id": item["pk"], "_id": str(item["row"]), "key": names.get(item["row"], ("", ""))[0],
         "name": names.get(item["row"], ("", ""))[1], "division": item["division"], "detail": item["detail"],
         "found_at": item["found_at"]}
        for item in found
    ]  # fmt: skip


def _names(scope: Scope, register: str, keys: list[Any]) -> dict[Any, tuple[str, str]]:
    rows = scope.filter(MODELS[register].objects.filter(pk__in=keys)).values_list("pk", *KEYS[register])
    return {pk: (key, name) for pk, key, name in rows}


def remedies_told(scope: Scope, limit: int = 8) -> list[dict[str, Any]]:
    """Return the last remedies as the journal tells of them, the latest first: at, by, register, remedy, rows, batch,
    undone. Two queries."""
    rows = scope.filter_chain(Entry.objects.filter(kind="quality.remedied")).order_by("-id")
    found = [{"at": row["at"], "by": row["actor"].get("name", ""), **row["data"]}
             for row in rows.values("at", "actor", "data")[:limit]]  # fmt: skip
    undone = set(
        Entry.objects.filter(kind="quality.remedy_undone", data__batch__in=[item["batch"] for item in found])
        .values_list("data__batch", flat=True)
    )  # fmt: skip
    return [{**item, "undone": item["batch"] in undone} for item in found]
