"""Who is to be called for an area (靶向): from its outline to named posts on duty, A and B, with how to reach them.

The area → places inside and divisions touched → posts → people: the shift that covers the moment, else the appointed
holder. Every post comes once, with every reason it is called for. Full telephone numbers: for channels, not for faces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.territory.codes import COUNTY, LENGTHS, LEVELS
from anlan.territory.engine.area import Area
from anlan.territory.engine.holders import NOBODY, OUTLINE, PLACE, POINT, Holders
from anlan.territory.selectors.holder_index import open_duties

HIDDEN = -2  # somebody holds the post, but the reader may not see who
REASONS = {PLACE: "place", POINT: "township", OUTLINE: "division"}


@dataclass(frozen=True)
class Turn:
    """Who sits at a post by the roster at that moment."""

    person: UUID
    name: str
    phone: str
    alt: str


@dataclass(frozen=True)
class Part:
    """Some of the posts to call: rows `posts` i8[k] of `holders` in code order, `reasons` u1[k] (PLACE | POINT |
    OUTLINE), `a` and `b` i4[k] rows of its people, else NOBODY or HIDDEN."""

    holders: Holders
    posts: np.ndarray
    reasons: np.ndarray
    a: np.ndarray
    b: np.ndarray


@dataclass(frozen=True)
class Targets:
    """The posts to call for an area. `turns`: (post id, "A" | "B") → who is on duty instead of the appointed holder."""

    parts: tuple[Part, ...]
    turns: dict[tuple[UUID, str], Turn]
    at: datetime
    as_of: datetime
    behind: bool
    counts: dict[str, Any] = field(default_factory=dict)

    def rows(self, limit: int | None = None) -> Iterator[dict[str, Any]]:
        """Yield posts in code order within each part: post (id), code, role, division, reasons, a and b (None or
        {person, name, phone, phone_alt, channels, on_shift}), vacant (no A; None where the reader may not know)."""
        left = limit
        for part in self.parts:
            for at in range(len(part.posts)):
                if left is not None and left <= 0:
                    return
                yield self._row(part, at)
                left = None if left is None else left - 1

    def _row(self, part: Part, at: int) -> dict[str, Any]:
        arrays, meta, post = part.holders.arrays, part.holders.meta, int(part.posts[at])
        own = UUID(bytes=bytes(arrays["post_ids"][post]))
        return {
            "post": str(own),
            "code": part.holders.texts("codes")[post],
            "role": meta["roles"][arrays["roles"][post]],
            "division": meta["divisions"][arrays["division"][post]],
            "reasons": [word for bit, word in REASONS.items() if part.reasons[at] & bit],
            "a": self._holder(part, own, "A", int(part.a[at])),
            "b": self._holder(part, own, "B", int(part.b[at])),
            "vacant": None if part.a[at] == HIDDEN else bool(part.a[at] == NOBODY) and (own, "A") not in self.turns,
        }

    def _holder(self, part: Part, post: UUID, side: str, person: int) -> dict[str, Any] | None:
        turn = self.turns.get((post, side))
        if turn is not None:
            return _reached(str(turn.person), turn.name, turn.phone, turn.alt, on_shift=True)
        if person < 0:
            return None
        texts, ids = part.holders.texts, part.holders.arrays["person_ids"]
        name, phone, alt = (texts(each)[person] for each in ("names", "phones", "phones_alt"))
        return _reached(str(UUID(bytes=bytes(ids[person]))), name, phone, alt, on_shift=False)


def target(
    scope: Scope, area: Area, *, roles: Sequence[str] | None = None, at: datetime | None = None, up: int = COUNTY
) -> Targets:
    """Return the posts to call for an area, as far as the reader may see them.

    `roles`: only these. `at`: the moment whose roster counts, now by default. `up`: how far up the divisions touched are
    followed (3 county, 2 prefecture, 1 province). `counts`: posts, people (each once), vacant (no A), roles, levels,
    reasons, channels (people with a telephone, with a second one, with none). Two queries, as long as a snapshot is
    there and nothing was written since.
    """
    at = at or clock.now()
    duties = open_duties(scope)
    parts = tuple(_part(scope, holders, kept, area, roles, up) for holders, kept in duties.parts)
    turns = _turns(scope, at)
    found = Targets(parts, turns, at, duties.as_of, duties.behind)
    found.counts.update(_counted(found))
    return found


def _part(
    scope: Scope, holders: Holders, kept: np.ndarray | None, area: Area, roles: Sequence[str] | None, up: int
) -> Part:
    arrays = holders.arrays
    reasons = holders.reasons(area)
    high = holders.lengths < LENGTHS[up]
    reasons[high[arrays["division"]]] &= PLACE | POINT
    if kept is not None:
        reasons[~kept] = 0
    if roles is not None:
        wanted = np.array([role in set(roles) for role in holders.meta["roles"]], dtype=bool)
        reasons[~wanted[arrays["roles"]]] = 0
    a, b = arrays["a"], arrays["b"]
    if "" not in scope.prefixes:
        reasons[~holders.division_mask(scope.prefixes, scope.ancestors())[arrays["division"]]] = 0
        seen = holders.division_mask(scope.prefixes)[arrays["person_division"]]
        seen = np.append(seen, True)  # NOBODY is the last
        a, b = (np.where(seen[side], side, HIDDEN) for side in (a, b))
    posts = np.flatnonzero(reasons)
    return Part(holders, posts, reasons[posts], a[posts], b[posts])


def _turns(scope: Scope, at: datetime) -> dict[tuple[UUID, str], Turn]:
    """Return who sits where by the roster; of two turns at one post the one that began later. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.post_id, s.holder, p.id, p.name, p.phone, p.phone_alt, p.division FROM territory_shift s"
            " JOIN territory_person p ON p.id = s.person_id WHERE NOT s.cancelled AND s.starts_at <= %s"
            " AND s.ends_at > %s ORDER BY s.starts_at, s.id",
            [at, at],
        )
        return {
            (post, side): Turn(person, name, phone, alt)
            for post, side, person, name, phone, alt, division in cursor.fetchall()
            if scope.covers(division)
        }


def _counted(found: Targets) -> dict[str, Any]:
    roles: dict[str, int] = {}
    levels: dict[int, int] = {}
    reasons = dict.fromkeys(REASONS.values(), 0)
    people, vacant, posts = _People(), 0, 0
    for part in found.parts:
        arrays, meta = part.holders.arrays, part.holders.meta
        for at, n in enumerate(np.bincount(arrays["roles"][part.posts], minlength=len(meta["roles"])).tolist()):
            roles[meta["roles"][at]] = roles.get(meta["roles"][at], 0) + n
        lengths = np.bincount(part.holders.lengths[arrays["division"][part.posts]], minlength=13)
        for length, level in LEVELS.items():
            levels[level] = levels.get(level, 0) + int(lengths[length])
        for bit, word in REASONS.items():
            reasons[word] += int(np.count_nonzero(part.reasons & bit))
        a, b, turned = _appointed(part, found.turns)
        vacant += int(np.count_nonzero((a == NOBODY) & ~turned))
        posts += len(part.posts)
        people.add(part.holders, a, b)
    wanted = _called(found)
    people.turns(turn for (post, _), turn in found.turns.items() if post in wanted)
    return {
        "posts": posts, "people": people.n, "vacant": vacant, "roles": {k: n for k, n in roles.items() if n},
        "levels": {k: n for k, n in levels.items() if n}, "reasons": reasons, "channels": people.channels(),
    }  # fmt: skip


def _called(found: Targets) -> set[UUID]:
    """Return which posts of the roster are called at all."""
    if not found.turns:
        return set()
    asked = np.frombuffer(b"".join(sorted({post.bytes for post, _ in found.turns})), dtype="V16")
    hit: set[UUID] = set()
    for part in found.parts:
        ids = np.ascontiguousarray(part.holders.arrays["post_ids"][part.posts]).view("V16").ravel()
        hit |= {UUID(bytes=bytes(each)) for each in asked[np.isin(asked, ids)]}
    return hit


def _appointed(part: Part, turns: dict[tuple[UUID, str], Turn]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a and b without those whom somebody on the roster stands in for, and which posts have such an A."""
    a, b, turned = part.a, part.b, np.zeros(len(part.posts), dtype=bool)
    if turns:
        a, b = a.copy(), b.copy()
        ids = np.ascontiguousarray(part.holders.arrays["post_ids"][part.posts]).view("V16").ravel()
        for side, holders in (("A", a), ("B", b)):
            own = [post.bytes for post, each in turns if each == side]
            hit = np.isin(ids, np.frombuffer(b"".join(own), dtype="V16")) if own else np.zeros(len(ids), dtype=bool)
            holders[hit] = NOBODY
            turned |= hit & (side == "A")
    return a, b, turned


class _People:
    """People counted once each, over a snapshot and what is laid over it."""

    def __init__(self) -> None:
        self.n = self.phone = self.alt = self.none = 0
        self._sets: list[tuple[Holders, np.ndarray]] = []
        self._others: set[bytes] = set()

    def add(self, holders: Holders, a: np.ndarray, b: np.ndarray) -> None:
        """Count the holders of one part. All parts after the first are small."""
        there = np.zeros(len(holders.arrays["person_ids"]), dtype=bool)
        there[a[a >= 0]] = there[b[b >= 0]] = True
        if self._sets:
            for row in np.flatnonzero(there).tolist():
                texts = holders.texts
                self._one(bytes(holders.arrays["person_ids"][row]), texts("phones")[row], texts("phones_alt")[row])
            return
        self._sets.append((holders, there))
        phone, alt = holders.texts("phones").filled[there], holders.texts("phones_alt").filled[there]
        self.n += len(phone)
        self.phone += int(np.count_nonzero(phone))
        self.alt += int(np.count_nonzero(alt))
        self.none += int(np.count_nonzero(~phone & ~alt))

    def turns(self, turns: Iterator[Turn]) -> None:
        """Count people of the roster."""
        for turn in turns:
            self._one(turn.person.bytes, turn.phone, turn.alt)

    def channels(self) -> dict[str, int]:
        """Return how many people have a telephone, a second one, none at all."""
        return {"phone": self.phone, "phone_alt": self.alt, "none": self.none}

    def _one(self, person: bytes, phone: str, alt: str) -> None:
        if person in self._others or self._counted(person):
            return
        self._others.add(person)
        self.n += 1
        self.phone += bool(phone)
        self.alt += bool(alt)
        self.none += not phone and not alt

    def _counted(self, person: bytes) -> bool:
        for holders, there in self._sets:
            row = holders.person_rows.get(person)
            if row is not None and there[row]:
                return True
        return False


def _reached(person: str, name: str, phone: str, alt: str, *, on_shift: bool) -> dict[str, Any]:
    channels = [word for word, number in (("phone", phone), ("phone_alt", alt)) if number]
    return {
        "person": person,
        "name": name,
        "phone": phone,
        "phone_alt": alt,
        "channels": channels,
        "on_shift": on_shift,
    }
