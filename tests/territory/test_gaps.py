"""The daily look: what is missing is a gap within a day, what is mended closes, and a drill is not disturbed."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from anlan.kernel import clock, sweep
from anlan.kernel.drill import drill_create
from anlan.kernel.journal import digest, seal, verify
from anlan.kernel.models import Entry
from anlan.territory import tasks
from anlan.territory.engine.identifiers import phone_fault
from anlan.territory.models import Appointment, Gap, Person, Place, Post
from anlan.territory.services.gaps import gaps_look
from anlan.territory.services.people import person_leave, person_save
from anlan.territory.services.posts import appoint, appointment_end
from anlan.territory.sources.care_rules import pack
from tests.territory.care import DESK, NOW, TOWN, VILLAGE, ZONE, lay_down

pytestmark = pytest.mark.django_db
NIGHT = datetime(2021, 6, 2, 0, 10, tzinfo=ZONE)


def test_vacant_posts_are_found_exactly_and_once() -> None:
    lay_down()
    found = gaps_look(NOW)
    held = set(Appointment.objects.filter(holder="A", valid_to__isnull=True).values_list("post_id", flat=True))
    vacant = set(Post.objects.exclude(pk__in=held).values_list("pk", flat=True))
    assert set(Gap.objects.filter(kind="no_a").values_list("post_id", flat=True)) == vacant
    assert found.opened == dict(sorted(Counter(Gap.objects.values_list("kind", flat=True)).items())) == found.open
    again = gaps_look(NIGHT)
    assert (again.opened, again.closed, again.open, again.left) == ({}, {}, found.open, 0)
    assert again.sha256 != found.sha256


def test_a_second_holder_is_missed_only_where_the_rules_want_one() -> None:
    lay_down()
    gaps_look(NOW)
    alone = set(Gap.objects.filter(kind="no_b").values_list("post__role", flat=True))
    wanted = {role for group in pack("duty_cover")["second"] for role in group["roles"]}
    assert alone <= wanted
    risky = {*Place.objects.filter(kind="reservoir").values_list("division", flat=True)}
    officers = set(Gap.objects.filter(kind="no_b", post__role="village_officer").values_list("division", flat=True))
    assert officers <= risky
    post = Post.objects.get(code=f"{TOWN}.duty")
    appointment_end(by=DESK, post=post.pk, holder="B", reason="岗位调整", at=NOW)
    assert gaps_look(NIGHT).opened == {"no_b": 1}


def test_mended_at_once_by_the_service_and_otherwise_by_the_next_look() -> None:
    lay_down()
    vacated = Post.objects.get(code=f"{VILLAGE}.officer")
    appointment_end(by=DESK, post=vacated.pk, holder="A", reason="岗位调整", on=date(2021, 5, 1), at=NOW)
    gaps_look(NOW)
    gap = Gap.objects.select_related("post").get(kind="no_a", post=vacated)
    assert gap.post is not None
    who = person_save(by=DESK, name="灾害信息员", phone="10012345678", division=gap.division, at=NOW)
    appoint(by=DESK, post=gap.post.pk, person=who.pk, holder="A", at=NOW)
    gap.refresh_from_db()
    assert gap.closed_at == NOW
    Person.objects.filter(pk=who.pk).update(phone="12")
    assert gaps_look(NIGHT).opened == {"phone_bad": 1}
    Person.objects.filter(pk=who.pk).update(phone="")
    later = gaps_look(NIGHT + timedelta(days=1))
    assert (later.opened, later.closed) == ({"phone_missing": 1}, {"phone_bad": 1})
    person_save(by=DESK, person=who.pk, name="灾害信息员", phone="10012345678", division=gap.division, at=NOW)
    assert gaps_look(NIGHT + timedelta(days=2)).closed == {"phone_missing": 1}
    person_leave(by=DESK, person=who.pk, on=date(2021, 6, 5), reason="调离本单位", at=NOW)
    assert gaps_look(NIGHT + timedelta(days=3)).opened["no_a"] == 1


def test_a_holder_who_left_another_way_is_found() -> None:
    lay_down()
    gaps_look(NOW)
    held = Appointment.objects.filter(division=TOWN, valid_to__isnull=True).first()
    assert held is not None
    Person.objects.filter(pk=held.person_id).update(state="merged")
    posts = Appointment.objects.filter(person=held.person_id, valid_to__isnull=True).count()
    assert gaps_look(NIGHT).opened == {"holder_left": posts}


def test_contacts_grow_stale_after_the_days_of_the_rules() -> None:
    lay_down()
    gaps_look(NOW)  # appointed on 2021-04-20: that day counts where nobody has checked since
    days = pack("duty_cover")["contact_days"]
    edge = datetime(2021, 4, 20, 12, tzinfo=ZONE) + timedelta(days=days)
    assert "contact_stale" not in gaps_look(edge).opened
    people = Appointment.objects.filter(valid_to__isnull=True).values("person_id").distinct().count()
    assert gaps_look(edge + timedelta(days=1)).opened == {"contact_stale": people}


def test_places_and_divisions_without_the_posts_they_must_have() -> None:
    lay_down()
    before = gaps_look(NOW).open.get("no_post", 0)
    reservoir = Post.objects.filter(role="reservoir_patrol").select_related("place").first()
    assert reservoir is not None and reservoir.place is not None
    Post.objects.filter(pk=reservoir.pk).update(role="safety_guide")
    Post.objects.filter(code=f"{VILLAGE}.head").update(role="safety_guide")
    assert gaps_look(NIGHT).opened["no_post"] == 2
    gaps = Gap.objects.filter(kind="no_post", opened_at=NIGHT)
    assert sorted(gap.detail["role"] for gap in gaps) == ["reservoir_patrol", "village_head"]
    assert {gap.detail.get("place") for gap in gaps} == {None, reservoir.place.code}
    assert before == Gap.objects.filter(kind="no_post").count() - 2


def test_the_look_is_bounded_and_says_what_it_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lay_down()
    old = NOW + timedelta(days=800)
    whole = sum(gaps_look(old).opened.values())
    Gap.objects.all().delete()
    monkeypatch.setitem(pack("duty_cover"), "most_new", 3)
    first = gaps_look(old)
    assert (sum(first.opened.values()), first.left) == (3, whole - 3)
    assert gaps_look(old + timedelta(days=1)).left == whole - 6


def test_the_database_and_the_engine_agree_on_what_a_telephone_is() -> None:
    import re

    form = re.compile(pack("duty_cover")["phone_form"])
    for number in ("13800000000", "+8613800000000", "10012345678", "0530-5612345", "05305612345", "110", "12379",
                   "1380000000", "138000000001", "", "abc", "0530", "12", "4008001234", "010-12345678"):  # fmt: skip
        assert bool(form.fullmatch(number)) == (number != "" and phone_fault(number) == ""), number


def test_the_sweep_falls_due_once_a_day_and_makes_up_with_one_look() -> None:
    assert tasks.next_due() is None
    lay_down()
    assert tasks.next_due() is not None  # the journal has begun
    with clock.at(NOW):
        tasks.look()
    assert tasks.next_due() == NIGHT
    assert tasks.sweep(NIGHT - timedelta(seconds=1)) == 0
    assert tasks.sweep(NIGHT) == 1
    assert sweep.run(NIGHT + timedelta(days=4, hours=5)) == 1
    looks = list(Entry.objects.filter(kind="territory.looked").order_by("id").values_list("at", flat=True))
    assert looks == [NOW, NIGHT, NIGHT + timedelta(days=4)]
    assert tasks.next_due() == NIGHT + timedelta(days=5)
    seal()
    assert verify() is None


def test_in_a_drill_it_comes_at_midnight_of_the_drill_and_is_the_same_every_time() -> None:
    from django.db import connection, transaction

    from anlan.kernel import ids
    from anlan.kernel.actor import Actor

    def play() -> str:
        start = datetime(2021, 7, 19, 20, tzinfo=ZONE)
        with transaction.atomic(), clock.at(start), ids.drill(7, 0):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('anlan.now', %s, true)", [start.isoformat()])
            drill_create(by=Actor.system("drill"), scenario="s", seed=7, profile="tiny", starts_at=start,
                         ends_at=start + timedelta(days=2), tick_s=30, settings={})  # fmt: skip
            lay_down()
            midnight = datetime(2021, 7, 20, 0, 10, tzinfo=ZONE)
            assert tasks.next_due() == midnight
            assert sweep.run(midnight - timedelta(minutes=1)) == 0
            sweep.run(midnight)
            seal()
            found = digest()
            transaction.set_rollback(True)
        return found

    assert play() == play()
