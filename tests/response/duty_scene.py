"""A desk with people, crews and a roster, for the tests of duty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem
from anlan.kernel.scope import Scope
from tests.response.scene import BEIJING, SYSTEM, person

NOW = datetime(2026, 11, 23, 9, tzinfo=BEIJING)
DESK = "4101.duty"


def people(number: int, division: str = "4101") -> list[UUID]:
    """New officers of a division, by id."""
    from anlan.territory.services.people import person_save

    return [
        person_save(by=SYSTEM, name=f"值班员{n}", phone=f"1001234{n:04d}", division=division, at=NOW).pk
        for n in range(number)
    ]


def crews(number: int) -> list[tuple[UUID, UUID, UUID]]:
    """Crews of three."""
    listed = people(3 * number)
    return [(listed[3 * n], listed[3 * n + 1], listed[3 * n + 2]) for n in range(number)]


def desk() -> Any:
    """The city's duty desk."""
    from anlan.territory.models import Post

    return Post.objects.get(role="city_duty", division="4101")


def officer() -> Actor:
    """Who sits at the city's desk."""
    return person(desk().code, "duty")


def leader() -> Actor:
    """Who leads the city's desk."""
    return person("4101.commander", "decider")


def stranger() -> Actor:
    """A desk of another county."""
    return Actor("person", "巩义值班员", Scope(("410181",)), roles=frozenset({"duty", "decider"}))


def drafted(year: int = 2027, number: int = 5, pattern: str = "day_night", at: datetime = NOW, **words: Any) -> Any:
    """A drafted roster."""
    from anlan.response.services.rosters import RosterSpec, roster_draft

    spec = RosterSpec(pattern=pattern, crews=words.pop("crews", None) or crews(number), **words)
    return roster_draft(by=officer(), post=desk().pk, year=year, spec=spec, at=at)


def published(**words: Any) -> Any:
    """A published one, from this morning on."""
    from anlan.response.services.rosters_publish import roster_publish

    words = {"year": 2026, "begins_at": NOW - timedelta(hours=1), **words}
    return roster_publish(by=officer(), roster=drafted(**words).pk, at=words.get("at", NOW))


def shift_now(row: Any, at: datetime = NOW) -> Any:
    """The shift of a roster that runs at `at`."""
    return row.shifts.get(starts_at__lte=at, ends_at__gt=at)


@contextmanager
def refused(kind: type[Problem], code: str = "") -> Iterator[Any]:
    """What the block does is refused, with this code; the transaction it was in is rolled back."""
    with pytest.raises(kind) as found, transaction.atomic():
        yield found
    assert code in ("", found.value.code)
