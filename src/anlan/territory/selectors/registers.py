"""Registers for pages and the API: places and posts within the reader's scope, telephones masked."""

from __future__ import annotations

from typing import Any

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory import choices
from anlan.territory.engine.mask import mask_phone
from anlan.territory.models import Appointment, Duty, Person, Place, Post

PAGE = 200


def places_list(
    scope: Scope, kind: str = "", *, division: str = "", limit: int = PAGE, offset: int = 0
) -> list[dict[str, Any]]:
    """Return the places in scope, of one kind ("": all) and inside `division`, in code order. One query.

    Each: id, code, kind, name {zh, en}, lon, lat, estimated, division, organisation {zh, en} or None, attributes.
    """
    rows = scope.filter(Place.objects.filter(division__startswith=division)).select_related("organisation")
    if kind:
        rows = rows.filter(kind=kind)
    return [_place(row) for row in rows.order_by("code")[offset : offset + limit]]


def place_get(scope: Scope, code: str) -> dict[str, Any]:
    """Return one place as `places_list` does; NotFound outside the scope too."""
    row = scope.filter(Place.objects.filter(code=code)).select_related("organisation").first()
    if row is None:
        raise NotFound(
            code="territory.no_place",
            zh=f"管辖范围内没有代码为“{code}”的重点部位；请核对代码。",
            en=f"There is no place “{code}” in your area; check its code.",
            field="place",
            value=code,
        )
    return _place(row)


def posts_list(
    scope: Scope,
    *,
    division: str = "",
    role: str = "",
    vacant: bool | None = None,
    limit: int = PAGE,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """Return posts in scope (those above it too) with their holders, telephones masked, in code order. Three queries.

    Each: id, code, name, role {zh, en}, division, place (code or None), superior (code or None), holders
    [{holder, person, name, phone}], vacant (no A holder; None where the post is above the reader's scope, whose
    people are not shown). `vacant=True` keeps only posts that nobody holds as A.
    """
    rows = scope.filter_chain(Post.objects.filter(division__startswith=division))
    if role:
        rows = rows.filter(role=role)
    if vacant is not None:
        held = Appointment.objects.filter(holder="A", valid_to__isnull=True).values("post_id")
        rows = scope.filter(rows.exclude(pk__in=held) if vacant else rows.filter(pk__in=held))
    posts = list(rows.select_related("place", "superior").order_by("code")[offset : offset + limit])
    return posts_described(scope, posts)


def posts_described(scope: Scope, posts: list[Post]) -> list[dict[str, Any]]:
    """Return posts (with place and superior read) as `posts_list` does, in the order given. Two queries."""
    holders = _holders(scope, [post.pk for post in posts])
    return [_post(scope, post, holders.get(post.pk, [])) for post in posts]


def duties_list(
    scope: Scope, *, division: str = "", place: str = "", limit: int = PAGE, offset: int = 0
) -> list[dict[str, Any]]:
    """Return who answers for what inside `division` and the scope, in order of division and post code. One query.

    `place`: code of one place. Each: division, kind {code, zh, en}, place (code or None), post {code, zh, en}.
    """
    rows = scope.filter(Duty.objects.filter(division__startswith=division)).select_related("post", "place")
    if place:
        rows = rows.filter(place__code=place)
    return [
        {
            "division": row.division,
            "kind": {"code": row.kind, **choices.name(choices.DUTY_KINDS, row.kind)},
            "place": row.place.code if row.place else None,
            "post": {"code": row.post.code, "zh": row.post.name_zh, "en": row.post.name_en},
        }
        for row in rows.order_by("division", "post__code", "kind")[offset : offset + limit]
    ]


def _holders(scope: Scope, posts: list[Any]) -> dict[Any, list[dict[str, Any]]]:
    """Return post → current holders. One who belongs above the reader's scope (a city's deputy who answers for a
    reservoir in the county) holds the post all the same, but without name and telephone."""
    rows = scope.filter(Appointment.objects.filter(post_id__in=posts, valid_to__isnull=True))
    held = list(rows.order_by("post__code", "holder").values_list("post_id", "holder", "person_id"))
    people = scope.filter(Person.objects.filter(pk__in=[person for _, _, person in held]))
    shown = {pk: (name, mask_phone(phone)) for pk, name, phone in people.values_list("pk", "name", "phone")}
    found: dict[Any, list[dict[str, Any]]] = {}
    for post, holder, person in held:
        name, phone = shown.get(person, ("", ""))
        found.setdefault(post, []).append({"holder": holder, "person": str(person), "name": name, "phone": phone})
    return found


def _post(scope: Scope, post: Post, holders: list[dict[str, Any]]) -> dict[str, Any]:
    shown = scope.covers(post.division)
    return {
        "id": str(post.pk),
        "code": post.code,
        "name": {"zh": post.name_zh, "en": post.name_en},
        "role": {"code": post.role, **choices.name(choices.POST_ROLES, post.role)},
        "division": post.division,
        "place": post.place.code if post.place else None,
        "superior": post.superior.code if post.superior else None,
        "holders": holders,
        "vacant": not any(item["holder"] == "A" for item in holders) if shown else None,
    }


def _place(row: Place) -> dict[str, Any]:
    organisation = row.organisation
    return {
        "id": str(row.pk),
        "code": row.code,
        "kind": {"code": row.kind, **choices.name(choices.PLACE_KINDS, row.kind)},
        "name": {"zh": row.name_zh, "en": row.name_en},
        "lon": row.lon,
        "lat": row.lat,
        "estimated": str(row.attributes.get("coord_src", "")).startswith("est_"),
        "division": row.division,
        "organisation": {"zh": organisation.name_zh, "en": organisation.name_en} if organisation else None,
        "attributes": row.attributes,
    }
