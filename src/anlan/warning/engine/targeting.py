"""From an area to the people to call. Pure: post holders in, one target per person out, special sites first.

Each target says why the person is called: which post, what the post answers for, and the place if there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from anlan.warning.engine.ladder import Contact, HolderKind

# People who cannot leave by themselves, or who are below ground or below water, hear first.
SITE_ORDER: Final = ("care_home", "school", "chemical_plant", "tunnel", "reservoir", "metro_station", "hospital")
LEVELS: Final = ("city", "county", "township", "village", "site")
_LEVEL_BY_LENGTH: Final = {0: "city", 2: "city", 4: "city", 6: "county", 9: "township", 12: "village"}
STAND_IN_LENGTHS: Final = (12, 9, 6, 4)  # divisions in which somebody stands in for another, the nearest first
Words = Mapping[str, tuple[str, str]]
"""Code → (Chinese, English)."""


class Holder(Protocol):
    """A post with its holders, as territory's selector gives it."""

    @property
    def post_id(self) -> UUID:
        """Id of the post."""

    @property
    def post_code(self) -> str:
        """Code of the post."""

    @property
    def role(self) -> str:
        """Role of the post."""

    @property
    def division(self) -> str:
        """Division the post belongs to."""

    @property
    def place_id(self) -> UUID | None:
        """Place the post answers for."""

    @property
    def place_kind(self) -> str | None:
        """Kind of that place."""

    @property
    def a_person(self) -> UUID | None:
        """Who holds the post first."""

    @property
    def b_person(self) -> UUID | None:
        """Who holds it second."""

    @property
    def superior_post_id(self) -> UUID | None:
        """Where a silent call climbs to."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is called: the post, its role, the division or place it answers for, in words."""

    post: UUID
    post_code: str
    role: str
    division: str
    place: UUID | None
    place_kind: str | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Target:
    """One person to call. `lead` is the weightiest of the reasons; `posts` are all posts the person is called for."""

    person: UUID | None
    lead: Reason
    reasons: tuple[Reason, ...]
    contacts: Mapping[HolderKind, tuple[Contact, ...]]

    @property
    def level(self) -> str:
        """city, county, township, village or site."""
        return level_of(self.lead.division, self.lead.place_kind)


@dataclass(frozen=True, slots=True)
class Desk:
    """The duty posts of one division, and who is called there: the same people for every call below it."""

    posts: tuple[Holder, ...] = ()
    contacts: tuple[Contact, ...] = ()


NO_DESK: Final = Desk()


class StandIns:
    """The posts that stand in for another (副职) or go there in person (上门), by division and role."""

    def __init__(self, rules: Mapping[str, Mapping[str, Sequence[str]]], posts: Iterable[Holder]) -> None:
        """`rules`: step → role called → roles that stand in, the best first ("" for any other role); `posts`: theirs."""
        self.rules = rules
        self.by_role: dict[tuple[str, str], list[Holder]] = {}
        for post in sorted(posts, key=lambda p: p.post_code):
            self.by_role.setdefault((post.division, post.role), []).append(post)

    def nearest(self, lead: Holder, step: str) -> Sequence[Holder]:
        """The posts of the nearest division at or above the lead's that has one of the roles, itself left out."""
        table = self.rules.get(step, {})
        roles = table.get(lead.role, table.get("", ()))
        for length in STAND_IN_LENGTHS:
            if length <= len(lead.division):
                for role in roles:
                    found = [p for p in self.by_role.get((lead.division[:length], role), ()) if _other(p, lead)]
                    if found:
                        return found
        return ()


def _other(post: Holder, lead: Holder) -> bool:
    """Another post than the lead's, with another person at it."""
    return post.post_id != lead.post_id and post.a_person is not None and post.a_person != lead.a_person


def level_of(division: str, place_kind: str | None) -> str:
    """The level a called post belongs to."""
    return "site" if place_kind in SITE_ORDER else _LEVEL_BY_LENGTH.get(len(division), "village")


def targets(
    area: Collection[str],
    holders: Iterable[Holder],
    roles: Collection[str],
    *,
    superiors: Mapping[UUID, Holder],
    desks: Sequence[Holder],
    words: Words,
    others: StandIns | None = None,
) -> tuple[Target, ...]:
    """Whom to call for `area` (division prefixes), one target per person, special sites first.

    `superiors` maps a post to the holder of its superior post; `desks` are the county (else city) duty posts, the
    step after it. `words` names roles and kinds of place. `others` are the posts that stand in or go there, for
    ladders that have such steps.
    """
    grouped: dict[object, list[Holder]] = {}
    prefixes, wanted = tuple(area), frozenset(roles)
    for holder in sorted(holders, key=_weight):
        if holder.role in wanted and holder.division.startswith(prefixes):
            key = holder.a_person or holder.b_person or ("vacant", holder.post_id)
            grouped.setdefault(key, []).append(holder)
    by_county: dict[str, list[Holder]] = {}
    for desk in sorted(desks, key=lambda d: d.post_code):
        by_county.setdefault(desk.division, []).append(desk)
    told = {division: Desk(tuple(found), _first_holders(found, "a_person")) for division, found in by_county.items()}
    return tuple(_target(group, superiors, told, words, others) for group in grouped.values())


def _weight(holder: Holder) -> tuple[int, int, str]:
    site = SITE_ORDER.index(holder.place_kind) if holder.place_kind in SITE_ORDER else len(SITE_ORDER)
    return site, -len(holder.division), holder.post_code


def _target(
    group: Sequence[Holder],
    superiors: Mapping[UUID, Holder],
    desks: Mapping[str, Desk],
    words: Words,
    others: StandIns | None,
) -> Target:
    lead = group[0]
    above = [
        superiors[h.superior_post_id]
        for h in group
        if h.superior_post_id is not None and h.superior_post_id in superiors
    ]
    reasons = tuple([_reason(holder, words) for holder in group])
    contacts: dict[HolderKind, tuple[Contact, ...]] = {
        "A": _first_holders(group, "a_person")[:1],
        "B": _first_holders(group, "b_person"),
        "superior": _first_holders(above, "a_person"),
        "duty": _desk(lead, desks).contacts,
    }
    if others is not None:
        contacts["deputy"] = _first_holders(others.nearest(lead, "deputy"), "a_person")
        contacts["visit"] = _first_holders(others.nearest(lead, "visit"), "a_person")[:1]
    return Target(
        lead.a_person or lead.b_person,
        reasons[0],
        reasons,
        contacts,
    )


def _desk(lead: Holder, desks: Mapping[str, Desk]) -> Desk:
    """The duty desk of the county; of a desk that is itself called, and of the city's posts, the city's."""
    county = desks.get(lead.division[:6], NO_DESK)
    if len(lead.division) < 6 or any(desk.post_id == lead.post_id for desk in county.posts) or not county.posts:
        return desks.get(lead.division[:4], NO_DESK)
    return county


def _first_holders(holders: Sequence[Holder], field: str) -> tuple[Contact, ...]:
    if len(holders) == 1:  # nearly always: nobody to tell apart from
        only: UUID | None = getattr(holders[0], field)
        return () if only is None else (Contact(holders[0].post_id, holders[0].post_code, holders[0].role, only),)
    found: dict[UUID, Contact] = {}
    for holder in holders:
        person: UUID | None = getattr(holder, field)
        if person is not None:
            found.setdefault(person, Contact(holder.post_id, holder.post_code, holder.role, person))
    return tuple(found.values())


def _reason(holder: Holder, words: Words) -> Reason:
    role_zh, role_en = words.get(holder.role, (holder.role, holder.role))
    zh, en = role_zh, role_en
    if holder.place_kind:
        kind_zh, kind_en = words.get(holder.place_kind, (holder.place_kind, holder.place_kind))
        zh, en = f"{role_zh}（{kind_zh}）", f"{role_en} ({kind_en})"
    return Reason(
        holder.post_id, holder.post_code, holder.role, holder.division, holder.place_id, holder.place_kind, zh, en
    )


def counts(found: Iterable[Target]) -> dict[str, dict[str, int]]:
    """How many would be called, by level and by role."""
    all_found = tuple(found)
    levels = Counter(target.level for target in all_found)
    roles = Counter(target.lead.role for target in all_found)
    return {
        "levels": {level: levels[level] for level in LEVELS if levels[level]},
        "roles": {role: roles[role] for role in sorted(roles)},
    }
