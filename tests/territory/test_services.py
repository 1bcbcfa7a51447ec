"""Laying down a territory in PostgreSQL, once; and unmasking a telephone."""

from __future__ import annotations

import pytest
from django.db import connection

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory.models import Appointment, Boundary, Division, Duty, Organisation, Person, Place, Post
from anlan.territory.services import generate, person_unmask, profile_summary

pytestmark = pytest.mark.django_db


def in_tables() -> dict[str, int]:
    models = {"divisions": Division, "boundaries": Boundary, "organisations": Organisation, "places": Place,
              "posts": Post, "persons": Person, "appointments": Appointment, "duties": Duty}  # fmt: skip
    return {name: model._default_manager.count() for name, model in models.items()}


def test_a_second_run_changes_nothing_and_says_so() -> None:
    assert profile_summary() is None
    first = generate("tiny", 7)
    assert first.changed
    assert in_tables() == first.counts
    again = generate("tiny", 7)
    assert (again.changed, again.counts, again.sha256) == (False, first.counts, first.sha256)
    assert in_tables() == first.counts
    entries = list(Entry.objects.filter(kind="territory.generated"))
    assert [entry.data["sha256"] for entry in entries] == [first.sha256]
    assert entries[0].data["counts"] == first.counts
    summary = profile_summary()
    assert summary is not None
    assert (summary["profile"], summary["seed"], summary["sha256"]) == ("tiny", 7, first.sha256)


def test_another_seed_or_profile_is_refused() -> None:
    generate("tiny", 7)
    for profile, seed in (("tiny", 8), ("zhengzhou", 7)):
        with pytest.raises(Conflict):
            generate(profile, seed)
    with pytest.raises(NotFound):
        generate("atlantis", 7)


def test_tables_that_are_not_empty_are_refused() -> None:
    Division.objects.create(
        code="41", name_zh="河南省", name_en="Henan", level=1, kind="province", valid_from="2023-06-30"
    )
    with pytest.raises(Conflict) as refusal:
        generate("tiny", 7)
    assert refusal.value.value == "territory_division"


def test_a_person_without_the_right_may_not_generate() -> None:
    with pytest.raises(Forbidden):
        generate("tiny", 7, by=Actor("person", "值班员", Scope(("4101",)), roles=frozenset({"duty"})))


@pytest.mark.slow
def test_the_whole_city_loads_with_kept_row_versions() -> None:
    done = generate("zhengzhou", 7)
    assert in_tables() == done.counts
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT count(*) FROM kernel_change WHERE tbl LIKE 'territory\\_%'")
        assert cursor.fetchone()[0] == sum(done.counts.values()) + 1  # and the row that says it was done


def test_unmasking_needs_scope_right_and_reason_and_is_journalled() -> None:
    generate("tiny", 7)
    person = Person.objects.get(code="410181100.duty.A")
    duty = Actor("person", "巩义值班员", Scope(("410181",)), roles=frozenset({"duty"}))
    assert person_unmask(by=duty, person=person.pk, reason="连续三次未应答").phone == person.phone
    entry = Entry.objects.get(kind="person.unmasked")
    assert (entry.about, entry.division) == (f"person:{person.pk}", "410181100")
    assert entry.data == {"person": str(person.pk), "reason": "连续三次未应答"}
    assert person.phone not in str(entry.data)
    with pytest.raises(Invalid):
        person_unmask(by=duty, person=person.pk, reason="  看 ")
    with pytest.raises(Forbidden):
        person_unmask(by=Actor("person", "村干部", Scope(("410181",))), person=person.pk, reason="连续三次未应答")
    stranger = Actor("person", "荥阳值班员", Scope(("410182",)), roles=frozenset({"duty"}))
    with pytest.raises(NotFound):
        person_unmask(by=stranger, person=person.pk, reason="连续三次未应答")
    assert Entry.objects.filter(kind="person.unmasked").count() == 1
