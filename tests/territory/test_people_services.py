"""People, posts and the roster: who may change what, what is refused and why, and that nothing is overwritten."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.territory.models import Appointment, Certificate, Person, Post, Shift, Skill
from anlan.territory.selectors.people import on_duty
from anlan.territory.services.duty import shift_cancel, shift_plan
from anlan.territory.services.people import certificate_save, person_leave, person_save, skill_set
from anlan.territory.services.posts import appoint, appointment_end, post_save
from anlan.territory.services.versions import version_of
from tests.territory.care import DESK, NOW, OTHER, READER, TOWN, ZONE, lay_down

pytestmark = pytest.mark.django_db
CITIZEN = "410182190001010013"


def person(name: str = "值班员丙", **words: object) -> Person:
    return person_save(by=DESK, name=name, phone="10012345678", division=TOWN, at=NOW, **words)  # type: ignore[arg-type]


def test_a_citizen_number_is_never_kept() -> None:
    lay_down()
    row = person(citizen=CITIZEN)
    row.refresh_from_db()
    assert row.citizen_mask == "4101**********0013"
    assert len(row.citizen_hash) == 64
    assert row.contact_checked_on == date(2021, 6, 1)
    stored = [str(v) for v in Person.objects.filter(pk=row.pk).values_list()[0]]
    assert not any(CITIZEN in value for value in stored)
    assert CITIZEN not in str(Entry.objects.get(kind="person.saved").data)
    with pytest.raises(Conflict) as twice:
        person("另一人", citizen=CITIZEN)
    assert twice.value.value == "4101**********0013"
    with pytest.raises(Invalid, match=r"citizen\.date"):
        person("第三人", citizen="37170219000229001X")


def test_a_change_to_what_has_moved_on_is_refused() -> None:
    lay_down()
    row = person()
    before = version_of(row)
    person_save(by=DESK, person=row.pk, seen=before, name="值班员丁", phone=row.phone, division=TOWN, at=NOW)
    with pytest.raises(Conflict) as refusal:
        person_save(by=DESK, person=row.pk, seen=before, name="值班员戊", phone=row.phone, division=TOWN, at=NOW)
    assert refusal.value.code == "territory.moved_on"
    assert Entry.objects.filter(kind="person.saved").last().data["fields"] == ["name"]  # type: ignore[union-attr]


def test_the_same_again_writes_nothing() -> None:
    lay_down()
    row = person()
    count = Entry.objects.count()
    person_save(by=DESK, person=row.pk, name=row.name, phone=row.phone, division=TOWN, at=NOW)
    assert Entry.objects.count() == count


def test_only_a_post_entitled_to_it_and_only_in_its_own_area() -> None:
    lay_down()
    row = person()
    with pytest.raises(Forbidden):
        person_save(by=READER, name="甲", phone="10012345678", division=TOWN)
    with pytest.raises(Forbidden):
        person_save(by=OTHER, name="甲", phone="10012345678", division=TOWN)
    with pytest.raises(NotFound):
        person_leave(by=OTHER, person=row.pk, on=date(2021, 6, 1), reason="调离本单位")
    with pytest.raises(Invalid, match="division_not_in_force"):
        person_save(by=DESK, name="甲", phone="10012345678", division="410181999")
    with pytest.raises(Invalid, match=r"phone\."):
        person_save(by=DESK, name="甲", phone="1234", division=TOWN)


def test_an_appointment_ends_the_one_before_and_keeps_it() -> None:
    lay_down()
    post = Post.objects.get(code=f"{TOWN}.duty")
    old = Appointment.objects.get(post=post, holder="A")
    row = person()
    made = appoint(by=DESK, post=post.pk, person=row.pk, holder="A", on=date(2021, 6, 2), at=NOW)
    old.refresh_from_db()
    assert (old.valid_to, made.valid_to) == (date(2021, 6, 2), None)
    assert Entry.objects.get(kind="post.appointed").data["before"] == str(old.person_id)
    assert appoint(by=DESK, post=post.pk, person=row.pk, holder="A", at=NOW).pk == made.pk
    with pytest.raises(Invalid):  # the same person as A and as B
        appoint(by=DESK, post=post.pk, person=row.pk, holder="B", at=NOW)
    with pytest.raises(Invalid):  # before the one it would end
        appoint(by=DESK, post=post.pk, person=old.person_id, holder="A", on=date(2020, 1, 1), at=NOW)
    appointment_end(by=DESK, post=post.pk, holder="A", reason="岗位调整", on=date(2021, 6, 9), at=NOW)
    with pytest.raises(Conflict):
        appointment_end(by=DESK, post=post.pk, holder="A", reason="岗位调整", at=NOW)


def test_who_leaves_leaves_posts_and_turns_behind() -> None:
    lay_down()
    post = Post.objects.get(code=f"{TOWN}.duty")
    row = person()
    appoint(by=DESK, post=post.pk, person=row.pk, holder="A", at=NOW)
    shift_plan(by=DESK, post=post.pk, person=row.pk, holder="A", starts_at=NOW + timedelta(days=2),
               ends_at=NOW + timedelta(days=2, hours=12), at=NOW)  # fmt: skip
    with pytest.raises(Invalid):
        person_leave(by=DESK, person=row.pk, on=date(2021, 6, 2), reason="走", at=NOW)
    person_leave(by=DESK, person=row.pk, on=date(2021, 6, 2), reason="调离本单位", at=NOW)
    assert Entry.objects.get(kind="person.left").data | {"person": ""} == {
        "person": "", "on": "2021-06-02", "ended": 1, "shifts": 1, "reason": "调离本单位",
    }  # fmt: skip
    with pytest.raises(Conflict):
        appoint(by=DESK, post=post.pk, person=row.pk, holder="A", at=NOW)
    with pytest.raises(Conflict):
        person_save(by=DESK, person=row.pk, name="回来", phone=row.phone, division=TOWN)


def test_the_roster_has_no_overlap_and_leaves_rest() -> None:
    lay_down()
    post = Post.objects.get(code=f"{TOWN}.duty")
    first, second = person(), person("值班员丁")

    def turn(who: Person, start: datetime, hours: int, holder: str = "A") -> Shift:
        return shift_plan(by=DESK, post=post.pk, person=who.pk, holder=holder, starts_at=start,
                          ends_at=start + timedelta(hours=hours), at=NOW)  # fmt: skip

    eight = datetime(2021, 6, 2, 8, tzinfo=ZONE)
    made = turn(first, eight, 12)
    with pytest.raises(Conflict, match="overlap"):
        turn(second, eight + timedelta(hours=11), 12)
    with pytest.raises(Conflict, match="no_rest"):
        turn(first, eight + timedelta(hours=19), 4)
    turn(second, eight + timedelta(hours=12), 12)
    turn(first, eight + timedelta(hours=24), 12)
    with pytest.raises(Invalid):
        turn(second, eight + timedelta(days=5), 25)
    shift_cancel(by=DESK, shift=made.pk, reason="临时调班", at=NOW)
    with pytest.raises(Conflict):
        shift_cancel(by=DESK, shift=made.pk, reason="临时调班", at=NOW)
    assert Shift.objects.filter(cancelled=True).count() == 1


def test_on_duty_is_the_turn_else_the_appointment(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    lay_down()
    post = Post.objects.get(code=f"{TOWN}.duty")
    other = Post.objects.get(code=f"{TOWN}.head")
    stand_in = person()
    start = datetime(2021, 6, 2, 8, tzinfo=ZONE)
    shift_plan(by=DESK, post=post.pk, person=stand_in.pk, holder="A", starts_at=start,
               ends_at=start + timedelta(hours=12), at=NOW)  # fmt: skip
    appointed = Appointment.objects.get(post=post, holder="A").person_id
    with django_assert_num_queries(1):
        during = on_duty([post.pk, other.pk], start + timedelta(hours=1))
    assert (during[post.pk]["A"].person_id, during[post.pk]["A"].shift is not None) == (stand_in.pk, True)
    assert during[other.pk]["A"].shift is None
    after = on_duty([post.pk], start + timedelta(hours=12))
    assert (after[post.pk]["A"].person_id, after[post.pk]["A"].shift) == (appointed, None)


def test_posts_have_a_chain_of_superiors_without_circles() -> None:
    lay_down()
    head, desk = (Post.objects.get(code=f"{TOWN}.{key}") for key in ("head", "duty"))
    words = {"by": DESK, "organisation": head.organisation_id, "division": TOWN, "at": NOW}
    made = post_save(code=f"{TOWN}.patrol", name_zh="巡查岗", role="safety_guide", superior=desk.pk, **words)
    assert made.name_en == "巡查岗"
    with pytest.raises(Invalid, match="superior"):
        post_save(post=head.pk, code=head.code, name_zh=head.name_zh, role=head.role, superior=made.pk, **words)
    with pytest.raises(Conflict):
        post_save(code=f"{TOWN}.patrol", name_zh="巡查岗", role="safety_guide", **words)
    with pytest.raises(Invalid):
        post_save(code=f"{TOWN}.x", name_zh="巡查岗", role="emperor", **words)


def test_certificates_and_skills() -> None:
    lay_down()
    row = person()
    with clock.at(NOW):
        made = certificate_save(by=DESK, person=row.pk, kind="rescue", number="R-1", expires_on=date(2024, 6, 1))
        again = certificate_save(by=DESK, person=row.pk, kind="rescue", number="R-1", expires_on=date(2027, 6, 1))
        assert made.pk == again.pk
        assert Certificate.objects.get(pk=made.pk).expires_on == date(2027, 6, 1)
        with pytest.raises(Invalid):
            certificate_save(by=DESK, person=row.pk, kind="rescue", number="R-2", issued_on=date(2024, 1, 1),
                             expires_on=date(2023, 1, 1))  # fmt: skip
        assert skill_set(by=DESK, person=row.pk, codes=["boat", "drone", "boat"]) == ["boat", "drone"]
        skill_set(by=DESK, person=row.pk, codes=["drone", "dive"])
    assert dict(Skill.objects.values_list("code", "removed")) == {"boat": True, "drone": False, "dive": False}
