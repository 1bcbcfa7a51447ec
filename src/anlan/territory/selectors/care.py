"""What is doubtful or due in the registers, for pages: gaps, rounds, licences, findings, proposals, holds. All scoped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from anlan.kernel.models import Entry
from anlan.kernel.options import options
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import LEVEL_LENGTHS, Scope
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.models import Appointment, ContactRound, Gap, Licence, Person, Unit

PAGE = 50


def below(code: str) -> int:
    """Return the length of the codes one level below `code`."""
    return next((length for length in LEVEL_LENGTHS if length > len(code)), LEVEL_LENGTHS[-1])


def units_unassigned(scope: Scope, division: str = "", *, why: str = "", limit: int = PAGE) -> list[dict[str, Any]]:
    """Return units without a lead regulator, in order of division and key: _id, key, name, division, industry, rule,
    why ("no_rule", "no_department", "" where the rules have not been asked). One query."""
    rows = scope.filter(
        Unit.objects.filter(regulator__isnull=True, merged_into__isnull=True, division__startswith=division)
    )
    if why == "no_rule":
        rows = rows.filter(regulator_rule="none")
    elif why == "no_department":
        rows = rows.exclude(regulator_rule__in=("", "none"))
    fields = ("pk", "key", "name", "division", "industry", "regulator_rule")
    return [
        {"_id": str(pk), "key": key, "name": name, "division": code, "industry": industry, "rule": rule,
         "why": {"": "", "none": "no_rule"}.get(rule, "no_department")}
        for pk, key, name, code, industry, rule in rows.order_by("division", "key").values_list(*fields)[:limit]
    ]  # fmt: skip


def rounds_list(scope: Scope) -> list[ContactRound]:
    """Return the contact rounds the reader sees, the latest first. One query."""
    return list(scope.filter_chain(ContactRound.objects.all()).order_by("-year", "division")[:200])


def round_progress(scope: Scope, key: UUID) -> dict[str, Any]:
    """Return a round with its progress: round, people, confirmed, parts [{division, people, confirmed}] one level below
    it, those furthest behind first. Two queries; NotFound outside the reader's area."""
    row = scope.filter_chain(ContactRound.objects.filter(pk=key)).first()
    if row is None:
        raise NotFound(
            code="territory.no_contact_round",
            zh="管辖范围内没有此次联系人核对。",
            en="There is no such contact round in your area.",
            field="round",
            value=key,
        )
    since = row.opened_at.astimezone(ZoneInfo(str(options.time_zone))).date()
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, {"length": below(row.division), "since": since, "division": row.division,
                                "reach": list(scope.prefixes)})  # fmt: skip
        parts = [{"division": code, "people": people, "confirmed": done} for code, people, done in cursor.fetchall()]
    return {
        "round": row,
        "people": sum(part["people"] for part in parts),
        "confirmed": sum(part["confirmed"] for part in parts),
        "parts": parts,
    }


_PARTS = """
SELECT left(n.division, %(length)s), count(*), count(*) FILTER (WHERE n.contact_checked_on >= %(since)s)
FROM territory_person n WHERE n.division ^@ %(division)s AND n.division ^@ ANY(%(reach)s) AND n.state = 'active'
  AND EXISTS (SELECT 1 FROM territory_appointment a WHERE a.person_id = n.id AND a.valid_to IS NULL)
GROUP BY 1 ORDER BY count(*) FILTER (WHERE n.contact_checked_on >= %(since)s)::float / count(*), 1
"""


def gap_counts(scope: Scope, division: str = "") -> dict[str, dict[str, Any]]:
    """Return kind → {count, oldest} of the open gaps inside `division`. One query."""
    rows = _open_gaps(scope, division).values("kind").annotate(count=Count("pk"), oldest=Min("opened_at"))
    return {row["kind"]: {"count": row["count"], "oldest": row["oldest"]} for row in rows}


def gap_parts(scope: Scope, division: str, kind: str = "") -> list[tuple[str, int]]:
    """Return (division one level below, open gaps), most first. One query."""
    rows = _open_gaps(scope, division, kind).extra(
        select={"part": "left(division, %s)"}, select_params=[below(division)]
    )
    counted = rows.values("part").annotate(count=Count("pk")).order_by("-count", "part")
    return [(row["part"], row["count"]) for row in counted]


def gaps_page(
    scope: Scope, division: str = "", kind: str = "", *, after: tuple[datetime, UUID] | None = None, limit: int = PAGE
) -> list[Gap]:
    """Return open gaps, the oldest first, with post and person; `after` is the last one's (opened_at, id). One query."""
    rows = _open_gaps(scope, division, kind).select_related("post", "person")
    if after is not None:
        rows = rows.filter(opened_at__gte=after[0]).exclude(opened_at=after[0], pk__lte=after[1])
    return list(rows.order_by("opened_at", "pk")[:limit])


def posts_held(people: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Return person → the name of a post they hold, {"zh", "en"}. One query; none for nobody."""
    if not people:
        return {}
    rows = Appointment.objects.filter(person_id__in=people, valid_to__isnull=True).order_by("-post__code")
    return {pk: {"zh": zh, "en": en} for pk, zh, en in rows.values_list("person_id", "post__name_zh", "post__name_en")}


def _open_gaps(scope: Scope, division: str, kind: str = "") -> QuerySet[Gap]:
    rows = scope.filter(Gap.objects.filter(closed_at__isnull=True, division__startswith=division))
    return rows.filter(kind=kind) if kind else rows


def licence_counts(scope: Scope, day: date) -> dict[str, int]:
    """Return how many licences are reminded at 120, 100 and 90 days, and how many have expired. One query."""
    rows = scope.filter(Licence.objects.filter(state__in=("valid", "expired")))
    found = rows.values("state", "reminded").annotate(count=Count("pk"))
    counts: dict[str, int] = {}
    for row in found:
        key = "expired" if row["state"] == "expired" else str(row["reminded"] or "")
        counts[key] = counts.get(key, 0) + row["count"]
    counts.pop("", None)
    return counts


def licences_due(scope: Scope, step: str = "", division: str = "", *, limit: int = PAGE) -> list[Licence]:
    """Return licences reminded of (`step` "120", "100", "90") or "expired", the soonest end first, with their units. One
    query."""
    rows = scope.filter(Licence.objects.filter(division__startswith=division)).select_related("unit")
    if step == "expired":
        rows = rows.filter(state="expired")
    else:
        rows = rows.filter(state="valid", reminded__isnull=False)
        rows = rows.filter(reminded=int(step)) if step else rows
    return list(rows.order_by("expires_on", "code")[:limit])


def round_people(
    scope: Scope, row: ContactRound, division: str, *, after: str = "", limit: int = PAGE
) -> list[dict[str, Any]]:
    """Return people of a round not yet checked, in order of code: id, code, name and phone (masked), division, posts
    [{zh, en}]. Two queries."""
    since = row.opened_at.astimezone(ZoneInfo(str(options.time_zone))).date()
    rows = scope.filter(Person.objects.filter(state="active", division__startswith=division, code__gt=after))
    rows = rows.filter(Exists(Appointment.objects.filter(person=OuterRef("pk"), valid_to__isnull=True)))
    rows = rows.filter(Q(contact_checked_on__isnull=True) | Q(contact_checked_on__lt=since))
    found = list(rows.order_by("code").values("pk", "code", "name", "phone", "division")[:limit])
    held = Appointment.objects.filter(person__in=[item["pk"] for item in found], valid_to__isnull=True)
    posts: dict[UUID, list[dict[str, str]]] = {}
    for person, zh, en in held.values_list("person_id", "post__name_zh", "post__name_en"):
        posts.setdefault(person, []).append({"zh": zh, "en": en})
    return [
        {
            **item,
            "name": mask_name(item["name"]),
            "phone": mask_phone(item["phone"]),
            "posts": posts.get(item["pk"], []),
        }
        for item in found
    ]


def last_told(kind: str, about: str = "") -> dict[str, Any] | None:
    """Return time and data of the last entry of a kind (about something), None where there is none. One query."""
    rows = Entry.objects.filter(kind=kind)
    found = (rows.filter(about=about) if about else rows).order_by("-id").values("at", "data").first()
    return {"at": found["at"], **found["data"]} if found else None
