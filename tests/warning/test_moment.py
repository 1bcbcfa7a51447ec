"""A moment and a reach are held for a transaction, never for the connection that goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.warning.services.moment import pinned, whole_reach

pytestmark = pytest.mark.django_db(transaction=True)


def held(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [name])
        return cursor.fetchone()[0] or ""


def test_a_moment_inside_a_moment_leaves_nothing_behind() -> None:
    outer = clock.now() - timedelta(hours=2)
    inner = outer + timedelta(hours=1)
    before = held("anlan.now"), held("anlan.scope")
    with pinned(outer):
        assert held("anlan.now") == outer.isoformat()
        with pinned(inner), whole_reach():
            assert held("anlan.now") == inner.isoformat()
            assert held("anlan.scope") != before[1]
        assert (held("anlan.now"), held("anlan.scope")) == (outer.isoformat(), before[1])
    assert (held("anlan.now"), held("anlan.scope")) == before


def test_what_fails_takes_its_moment_back() -> None:
    before = held("anlan.now"), held("anlan.scope")
    with pytest.raises(ZeroDivisionError), pinned(clock.now() - timedelta(hours=2)), whole_reach():
        raise ZeroDivisionError
    assert (held("anlan.now"), held("anlan.scope")) == before
    with transaction.atomic(), whole_reach():
        assert held("anlan.scope") != before[1]
    assert held("anlan.scope") == before[1]
