"""kill -9 of the senders: nobody is forgotten, nobody is called twice, and sending goes on within five seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from anlan.kernel import ids
from anlan.territory.models import Person
from tests.faults.senders_kill import play


def people(count: int) -> list[object]:
    rows = [
        Person(id=ids.new_id(), division="410181100201", code=f"P{n:06d}", name="值班员", phone=f"139{n:08d}")
        for n in range(count)
    ]
    Person.objects.bulk_create(rows)
    return [row.id for row in rows]


@pytest.mark.faults
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_four_kills_forget_nobody_and_call_nobody_twice(tmp_path: Path) -> None:
    outcome = play(tmp_path / "home", people(1500), kills=4, rate=200.0)  # slower than a busy machine starts senders
    print(outcome.repeats, [round(seconds, 2) for seconds in (*outcome.resumed, *outcome.kept)])
    assert outcome.faults() == [], outcome.states
    assert len(outcome.resumed) == len(outcome.kept) == 2
