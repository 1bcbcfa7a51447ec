"""A small real territory, simulated people, and a look into the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.scope import Scope

T0 = datetime(2021, 7, 19, 13, 59, tzinfo=UTC)
SCENARIO = Actor.scenario("drill")
ISSUER = Actor("person", "巩义气象台值班", Scope(("410181",)), roles=frozenset({"issuer"}))
DUTY = Actor("person", "巩义防指值班", Scope(("410181",)), roles=frozenset({"duty"}))


@pytest.fixture
def tiny(db: None) -> None:
    """The tiny territory, a loop-back channel with nobody in it."""
    from anlan.territory.services import generate
    from anlan.warning.services import loopback_configure

    generate("tiny", 7)
    loopback_configure(by=SCENARIO, seed=1, people={"default": {"answer": 0.0}})


@pytest.fixture
def people() -> Callable[..., None]:
    """Give the loop-back channel people with these habits."""
    from anlan.warning.services import loopback_configure

    def configure(**habits: Any) -> None:
        loopback_configure(by=SCENARIO, seed=1, people=habits)

    return configure


@pytest.fixture
def entries() -> Callable[..., list[tuple[str, str, datetime, dict[str, Any]]]]:
    """The journal so far: (kind, about, at, data), in the order recorded."""
    from anlan.kernel.models import Entry

    def read(*kinds: str) -> list[tuple[str, str, datetime, dict[str, Any]]]:
        found = Entry.objects.filter(kind__in=kinds) if kinds else Entry.objects.all()
        return list(found.order_by("id").values_list("kind", "about", "at", "data"))

    return read
