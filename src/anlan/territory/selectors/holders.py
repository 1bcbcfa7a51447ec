"""Who holds which post: what calls and tasks are addressed by. Full telephone numbers: for channels, never for faces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from anlan.kernel.problem import NotFound
from anlan.territory.models import Post


class HolderRow(NamedTuple):
    """A post with its current holders; a person and telephone are None where nobody holds it."""

    post_id: UUID
    post_code: str
    role: str
    division: str
    place_id: UUID | None
    place_kind: str | None
    a_person: UUID | None
    a_phone: str | None
    b_person: UUID | None
    b_phone: str | None
    superior_post_id: UUID | None


_SELECT = """
SELECT p.id, p.code, p.role, p.division, p.place_id, pl.kind, a.person_id, pa.phone, b.person_id, pb.phone,
       p.superior_id
FROM territory_post p
LEFT JOIN territory_place pl ON pl.id = p.place_id
LEFT JOIN territory_appointment a ON a.post_id = p.id AND a.holder = 'A' AND a.valid_to IS NULL
LEFT JOIN territory_person pa ON pa.id = a.person_id
LEFT JOIN territory_appointment b ON b.post_id = p.id AND b.holder = 'B' AND b.valid_to IS NULL
LEFT JOIN territory_person pb ON pb.id = b.person_id
"""


_ON_DUTY = """
SELECT DISTINCT ON (s.post_id, s.holder) s.post_id, s.holder, s.person_id, p.phone
FROM territory_shift s JOIN territory_person p ON p.id = s.person_id
WHERE NOT s.cancelled AND s.starts_at <= %s AND s.ends_at > %s AND s.division ^@ ANY(%s)
ORDER BY s.post_id, s.holder, s.starts_at DESC, s.id DESC
"""


def holders_by_divisions(
    codes: Sequence[str], roles: Sequence[str] | None = None, *, at: datetime | None = None
) -> list[HolderRow]:
    """Return all posts inside any of the divisions `codes`, of the given roles (None: all), in post-code order. With
    `at`, whoever sits at a post by the roster at that moment stands in for its appointed holder.

    One query, whatever the number of codes, two with `at`; a post inside two of the codes comes once.
    """
    where, params = "p.division ^@ ANY(%s)", [list(codes)]
    if roles is not None:
        where += " AND p.role = ANY(%s)"
        params.append(list(roles))
    rows = _holders(where, params)
    return rows if at is None else _on_duty(rows, codes, at)


def holders_of_posts(post_ids: Sequence[UUID]) -> list[HolderRow]:
    """Return the given posts with their holders, in post-code order. One query."""
    return _holders("p.id = ANY(%s)", [list(post_ids)])


def holders_on_duty(post_ids: Sequence[UUID | str], codes: Sequence[str], at: datetime) -> list[HolderRow]:
    """Return the given posts, in post-code order, as `holders_by_divisions` returns them for `codes` and `at`. Two
    queries."""
    return _on_duty(_holders("p.id = ANY(%s::uuid[])", [list(post_ids)]), codes, at)


def holders_at_divisions(codes: Sequence[str], roles: Sequence[str]) -> list[HolderRow]:
    """Return the posts of the divisions `codes` themselves, of the given roles, in post-code order. One query."""
    return _holders("p.division = ANY(%s) AND p.role = ANY(%s)", [list(codes), list(roles)])


def superiors(post_ids: Sequence[UUID]) -> dict[UUID, HolderRow]:
    """Return post → its superior post with holders; posts at the top are left out. Two queries."""
    above = dict(
        Post.objects.filter(pk__in=list(post_ids), superior__isnull=False)
        .order_by("code")
        .values_list("pk", "superior_id")
    )
    rows = {row.post_id: row for row in holders_of_posts(sorted(set(above.values()), key=str))}
    return {post: rows[superior] for post, superior in above.items() if superior in rows}


def post_get(code: str) -> Post:
    """Return the post of that code; NotFound when there is none."""
    found = Post.objects.filter(code=code).first()
    if found is None:
        raise NotFound(
            code="territory.no_post",
            zh=f"没有代码为“{code}”的岗位；请核对岗位代码（如4101.duty）。",
            en=f"There is no post “{code}”; check its code (such as 4101.duty).",
            field="post",
            value=code,
        )
    return found


def _on_duty(rows: list[HolderRow], codes: Sequence[str], at: datetime) -> list[HolderRow]:
    with connection.cursor() as cursor:
        cursor.execute(_ON_DUTY, [at, at, list(codes)])
        turns = {(post, holder): (person, phone) for post, holder, person, phone in cursor.fetchall()}
    if not turns:
        return rows
    found = []
    for row in rows:
        a = turns.get((row.post_id, "A"), (row.a_person, row.a_phone))
        b = turns.get((row.post_id, "B"), (row.b_person, row.b_phone))
        found.append(row._replace(a_person=a[0], a_phone=a[1], b_person=b[0], b_phone=b[1]))
    return found


def _holders(where: str, params: list[Any]) -> list[HolderRow]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {where} ORDER BY p.code", params)
        return [HolderRow(*row) for row in cursor.fetchall()]
