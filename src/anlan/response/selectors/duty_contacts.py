"""Whom to call (值班通讯录): who answers at the desk now, the leaders, desks above and below, departments. Numbers masked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.scope import Scope
from anlan.response.selectors.duty_board import DESKS
from anlan.territory.choices import POST_ROLES, name
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.models import Person, Post
from anlan.territory.selectors.people import OnDuty, on_duty

Json = dict[str, Any]
LEADERS = ("city_commander", "city_deputy", "county_commander", "county_deputy", "township_head")
MOST = 200


def duty_contacts(scope: Scope, desk: Post, at: datetime, query: str = "") -> list[Json]:
    """Groups of whom a desk calls: [{code, rows: [{post, role, people: [{holder, person, name, phone, shift}]}]}].

    desk, leaders, above, departments, below (one level down, at most 200). `query` narrows by the post's or a person's
    name. Names outside the scope and all numbers are masked."""
    inside = scope.filter(Post.objects.filter(division=desk.division)).order_by("code")
    above = _above(desk)
    lower = {2: 4, 4: 6, 6: 9, 9: 12}.get(len(desk.division), 0)
    below = Post.objects.filter(role__in=DESKS, division__startswith=desk.division, division__regex=rf"^\d{{{lower}}}$")
    groups: list[tuple[str, list[Post]]] = [
        ("desk", [desk]),
        ("leaders", list(inside.filter(role__in=LEADERS))),
        ("above", above),
        ("departments", list(inside.filter(role="department_duty")[:MOST])),
        ("below", list(below.exclude(role="department_duty").order_by("code")[:MOST]) if lower else []),
    ]
    posts = [post for _, listed in groups for post in listed]
    holders = on_duty([post.pk for post in posts], at)
    homes = dict(Person.objects.filter(pk__in=[one.person_id for each in holders.values() for one in each.values()])
                 .values_list("pk", "division"))  # fmt: skip
    found = []
    for code, listed in groups:
        rows = [_row(scope, post, holders.get(post.pk, {}), homes) for post in listed]
        rows = [row for row in rows if _matches(row, query)]
        found.append({"code": code, "rows": rows})
    return found


def _above(desk: Post) -> list[Post]:
    found: list[Post] = []
    post = desk
    while post.superior_id is not None and len(found) < 4:
        higher = Post.objects.get(pk=post.superior_id)
        found.append(higher)
        post = higher
    return found


def _row(scope: Scope, post: Post, holders: dict[str, OnDuty], homes: dict[Any, str]) -> Json:
    people = [
        {
            "holder": one.holder, "person": one.person_id, "shift": one.shift is not None,
            "name": one.name if scope.covers(homes.get(one.person_id, "?")) else mask_name(one.name),
            "phone": mask_phone(one.phone), "phone_alt": mask_phone(one.phone_alt) if one.phone_alt else "",
            "mine": scope.covers(homes.get(one.person_id, "?")),
        }
        for one in (holders[holder] for holder in sorted(holders))
    ]  # fmt: skip
    return {
        "post": post,
        "name": {"zh": post.name_zh, "en": post.name_en},
        "role": name(POST_ROLES, post.role),
        "people": people,
    }


def _matches(row: Json, query: str) -> bool:
    words = query.strip().lower()
    if not words:
        return True
    texts = [row["name"]["zh"], row["name"]["en"].lower(), *(person["name"] for person in row["people"])]
    return any(words in text for text in texts)
