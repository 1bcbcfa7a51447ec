"""The yearly renewal of contacts: opened, reminded at each step, confirmed, closed; who is missing is a gap."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.territory import tasks
from anlan.territory.models import Appointment, ContactRound, Gap, Person, Post
from anlan.territory.selectors.care import round_progress
from anlan.territory.services.contacts import contact_confirm, contact_round_open, rounds_look
from tests.territory.care import COUNTY, DESK, OTHER, READER, ZONE, lay_down

pytestmark = pytest.mark.django_db
OPENED = datetime(2022, 3, 1, 9, tzinfo=ZONE)


def serving() -> list[Any]:
    rows = Appointment.objects.filter(person__division__startswith=COUNTY, valid_to__isnull=True)
    return sorted(set(rows.values_list("person_id", flat=True)), key=str)


def opened() -> ContactRound:
    lay_down()
    return contact_round_open(by=DESK, division=COUNTY, year=2022, at=OPENED)


def test_due_on_the_day_of_the_rules_and_only_once() -> None:
    row = opened()
    assert (row.due_on, row.counts["people"]) == (date(2022, 4, 20), len(serving()))
    with pytest.raises(Conflict):
        contact_round_open(by=DESK, division=COUNTY, year=2022, at=OPENED)
    with pytest.raises(Invalid):
        contact_round_open(by=DESK, division=COUNTY, year=2021, at=OPENED)
    with pytest.raises(Forbidden):
        contact_round_open(by=READER, division=COUNTY, year=2023, at=OPENED)


def test_the_desk_is_reminded_once_at_each_step() -> None:
    opened()
    due = datetime(2022, 4, 20, 0, 10, tzinfo=ZONE)
    for before in (31, 30, 29, 14, 13, 7, 6, 2, 1, 0):
        rounds_look(due - timedelta(days=before))
    told = [entry.data for entry in Entry.objects.filter(kind="contacts.reminded").order_by("id")]
    assert [entry["days"] for entry in told] == [30, 14, 7, 1]
    assert {entry["post"] for entry in told} == {str(Post.objects.get(code=f"{COUNTY}.duty").pk)}
    assert {entry["missing"] for entry in told} == {len(serving())}


def test_confirming_counts_and_a_new_number_is_taken() -> None:
    row = opened()
    first, second = serving()[:2]
    assert contact_confirm(by=DESK, people={first: "", second: "100-8888 8888"}, at=OPENED) == 2
    assert Person.objects.get(pk=second).phone == "10088888888"
    told = Entry.objects.get(kind="contacts.confirmed").data
    assert (told["people"], told["changed"], "10088888888" in str(told)) == (2, 1, False)
    progress = round_progress(DESK.scope, row.pk)
    assert (progress["people"], progress["confirmed"]) == (len(serving()), 2)
    assert sum(part["people"] for part in progress["parts"]) == len(serving())
    assert sum(part["confirmed"] for part in progress["parts"]) == 2


def test_all_or_none() -> None:
    opened()
    first, second = serving()[:2]
    with pytest.raises(Invalid):
        contact_confirm(by=DESK, people={first: "", second: "123"}, at=OPENED)
    with pytest.raises(NotFound):
        contact_confirm(by=OTHER, people={first: ""}, at=OPENED)
    Person.objects.filter(pk=second).update(state="left")
    with pytest.raises(Conflict):
        contact_confirm(by=DESK, people={first: "", second: ""}, at=OPENED)
    assert Person.objects.get(pk=first).contact_checked_on is None


def test_who_is_missing_at_the_end_is_a_gap_until_confirmed() -> None:
    row = opened()
    everybody = serving()
    contact_confirm(by=DESK, people=dict.fromkeys(everybody[:-2], ""), at=OPENED)
    with clock.at(datetime(2022, 4, 21, 0, 10, tzinfo=ZONE)):
        tasks.look()
    row.refresh_from_db()
    assert row.closed_at is not None
    assert (row.counts["people"], row.counts["confirmed"]) == (len(everybody), len(everybody) - 2)
    assert Entry.objects.get(kind="contacts.round_closed").data["missing"] == 2
    gaps = Gap.objects.filter(kind="contact_unconfirmed", closed_at__isnull=True)
    assert set(gaps.values_list("person_id", flat=True)) == set(everybody[-2:])
    contact_confirm(by=DESK, people={everybody[-1]: ""}, at=datetime(2022, 4, 21, 9, tzinfo=ZONE))
    with clock.at(datetime(2022, 4, 22, 0, 10, tzinfo=ZONE)):
        tasks.look()
    assert list(gaps.values_list("person_id", flat=True)) == [everybody[-2]]
