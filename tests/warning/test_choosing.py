"""Choosing people in parts, in the database: all parts together are what choosing everybody at once finds, in its order."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.territory.models import Appointment, Person, Place, Post, Shift
from anlan.warning.services import audience
from tests.warning.conftest import T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
AREAS = (["410181"], ["4101"], ["41"], ["410181100", "410182"], ["410181100"])


def upset(chance: Random) -> None:
    """Vacate posts, give some to people who hold others, set rosters, turn superiors about."""
    persons = list(Person.objects.order_by("code").values_list("id", flat=True))[:40]
    posts = list(Post.objects.filter(division__startswith="41").order_by("code"))
    for post in chance.sample(posts, min(60, len(posts))):
        held = Appointment.objects.filter(post=post, valid_to=None)
        match chance.randrange(5):
            case 0:
                held.update(valid_to="2021-07-01")
            case 1:
                held.filter(holder="A").update(valid_to="2021-07-01")
            case 2:
                held.filter(holder="A").update(person=chance.choice(persons))
            case 3:
                start = T0 + timedelta(hours=chance.choice((-1, -1, 1)))
                Shift.objects.create(division=post.division, post=post, holder=chance.choice("AB"), starts_at=start,
                                     person_id=chance.choice(persons), ends_at=start + timedelta(hours=2))  # fmt: skip
            case 4:
                Post.objects.filter(id=post.id).update(superior=chance.choice([p for p in posts if p.id != post.id]))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.integers(1, 40))
def test_the_parts_are_the_whole(chance: Random, size: int) -> None:
    from django.db import transaction

    with transaction.atomic():
        upset(chance)
        for area in AREAS:
            for hazard, colour in (("11B03", "red"), ("11B03", "orange"), ("12D00", "yellow")):
                rule = audience.ladder_rule(hazard, colour, T0)
                whole = audience.targets(area, rule, T0)
                choice = audience.Choice(area, rule, T0)
                counties = choice.counties()
                total, posts = choice.gravest(size)
                assert total == len(whole)
                assert choice.of(posts, counties) == whole[:size]
                gone = {t.person or t.lead.post for t in whole[:size]}
                blocks = choice.blocks(sorted(gone, key=str), size)
                assert [b.people for b in blocks] == [len(whole[n : n + size]) for n in range(size, len(whole), size)]
                rest = [one for block in blocks for one in choice.of(block.posts, counties)]
                assert tuple(rest) == whole[size:]
        transaction.set_rollback(True)


def test_what_was_upset_is_there() -> None:
    """The cases that make choosing in parts hard do come up: several posts a person, posts by the roster, vacant posts,
    superiors who are called themselves, special sites, deputies and visits."""
    upset(Random(3))
    rule = audience.ladder_rule("11B03", "red", T0)
    found = audience.targets(["4101"], rule, T0)
    assert any(len(one.reasons) > 1 for one in found)
    assert any(one.person is None for one in found)
    assert any(one.contacts.get("deputy") for one in found) and any(one.contacts.get("visit") for one in found)
    assert found[0].level == "site" and Place.objects.exists()
    called = {post for one in found for post in (reason.post for reason in one.reasons)}
    assert any(contact.post in called for one in found for contact in one.contacts["superior"])
    turned = set(Shift.objects.filter(starts_at__lte=T0).values_list("person", flat=True))
    assert any(one.person in turned for one in found)
