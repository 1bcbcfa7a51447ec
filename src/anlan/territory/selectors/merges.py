"""Proposals of duplicates for pages: the list, and two rows side by side. Personal fields masked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.engine.sphere import great_circle_km
from anlan.territory.models import Appointment, Licence, MajorHazard, MergeProposal, Post
from anlan.territory.selectors.quality import KEYS, MODELS

SIDES = {
    "units": ("key", "name", "division", "address", "industry", "size", "staff", "status", "principal", "phone",
              "legacy_id", "established"),
    "places": ("code", "name_zh", "kind", "division", "address", "state"),
    "persons": ("code", "name", "division", "phone", "phone_alt", "citizen_mask", "contact_checked_on", "state"),
}  # fmt: skip
MASKS = {"principal": mask_name, "phone": mask_phone, "phone_alt": mask_phone}


def proposal_counts(scope: Scope) -> dict[str, int]:
    """Return register → open proposals. One query."""
    rows = scope.filter(MergeProposal.objects.filter(state__in=("open", "undone")))
    return dict(rows.values_list("register").annotate(n=Count("pk")))


def proposals_page(scope: Scope, register: str, division: str = "", *, limit: int = 50) -> list[dict[str, Any]]:
    """Return open proposals, the likeliest first: id, score, reasons, division, names (left, right). Two queries."""
    rows = scope.filter(
        MergeProposal.objects.filter(register=register, state__in=("open", "undone"), division__startswith=division)
    )
    found = list(rows.order_by("-score", "pk")[:limit])
    keys = {row.left for row in found} | {row.right for row in found}
    model, (code, name) = MODELS[register], KEYS[register]
    shown = {pk: (key, word) for pk, key, word in model.objects.filter(pk__in=keys).values_list("pk", code, name)}
    return [
        {"id": row.pk, "score": round(row.score * 100), "reasons": row.reasons, "division": row.division,
         "sides": [_named(register, shown.get(side, ("", ""))) for side in (row.left, row.right)]}
        for row in found
    ]  # fmt: skip


def proposal_get(scope: Scope, key: UUID) -> dict[str, Any]:
    """Return a proposal with both rows side by side: proposal, sides [{id, key, name, lon, lat, belongs}], fields
    [{name, left, right, same}], metres (None without points). Personal fields are masked, and compared unmasked.
    NotFound outside the reader's area."""
    row = scope.filter(MergeProposal.objects.filter(pk=key)).first()
    if row is None:
        raise NotFound(
            code="territory.no_proposal",
            zh="管辖范围内没有此项疑似重复。",
            en="There is no such proposal in your area.",
            field="proposal",
            value=key,
        )
    rows = {found.pk: found for found in MODELS[row.register].objects.filter(pk__in=(row.left, row.right))}
    left, right = rows[row.left], rows[row.right]
    fields = []
    for name in SIDES[row.register]:
        one, two = getattr(left, name), getattr(right, name)
        mask = MASKS.get(name) or (mask_name if (row.register, name) == ("persons", "name") else None)
        fields.append(
            {"name": name, "left": mask(one) if mask else one, "right": mask(two) if mask else two, "same": one == two}
        )
    return {
        "proposal": row,
        "sides": [_side(row.register, side) for side in (left, right)],
        "fields": fields,
        "metres": _metres(left, right),
    }


def next_proposal(scope: Scope, row: MergeProposal) -> UUID | None:
    """Return the next open proposal of the same register, the likeliest first. One query."""
    rows = scope.filter(MergeProposal.objects.filter(register=row.register, state__in=("open", "undone")))
    found: UUID | None = rows.exclude(pk=row.pk).order_by("-score", "pk").values_list("pk", flat=True).first()
    return found


def _side(register: str, row: Any) -> dict[str, Any]:
    code, name = KEYS[register]
    found = _named(register, (getattr(row, code), getattr(row, name)))
    return {**found, "id": row.pk, "belongs": _belongs(register, row.pk)}


def _named(register: str, pair: tuple[str, str]) -> dict[str, Any]:
    key, name = pair
    return {"key": key, "name": mask_name(name) if register == "persons" else name}


def _belongs(register: str, key: UUID) -> dict[str, int]:
    """What goes over with a row: how many of each."""
    counted = {
        "units": (("licences", Licence, "unit"), ("hazards", MajorHazard, "unit")),
        "places": (("posts", Post, "place"),),
        "persons": (("appointments", Appointment, "person"),),
    }[register]
    return {name: model.objects.filter(**{column: key}).count() for name, model, column in counted}


def _metres(left: Any, right: Any) -> int | None:
    points: list[Any] = [getattr(row, name, None) for row in (left, right) for name in ("lon", "lat")]
    if any(value is None for value in points):
        return None
    return round(float(great_circle_km(*points)) * 1000)
