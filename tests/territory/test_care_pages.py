"""The pages of care: what is open, where, since when; and that a form does what its service does, inside one's area."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.territory import tasks
from anlan.territory.choices_care import GAP_KINDS
from anlan.territory.models import ContactRound, Division, Finding, Gap, Hold, MergeProposal, Person, Post, Unit
from anlan.territory.services.contacts import contact_round_open
from anlan.territory.services.licences import licence_save, licences_look
from anlan.territory.services.merging import duplicates_find
from anlan.territory.services.posts import appointment_end
from anlan.territory.services.quality import quality_check
from anlan.territory.services.reaching import today
from anlan.territory.services.regulators import regulators_assign
from tests.territory.care import COUNTY, DESK, TOWN, VILLAGE, lay_down
from tests.territory.mass import department, unit
from tests.territory.page_rows import reader

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
HTML = {"HTTP_ACCEPT": "text/html"}
PAGES = ("", "/rounds", "/licences", "/quality", "/duplicates", "/unassigned", "/privacy")


@pytest.fixture
def client() -> Any:
    lay_down()
    return reader(COUNTY)


def page(client: Any, path: str, status: int = 200) -> str:
    answer = client.get(f"/territory/care{path}", **HTML)
    assert answer.status_code == status, answer.content[:2000]
    assert len(answer.content) <= 60_000
    return str(answer.content.decode())


def post(client: Any, path: str, **words: Any) -> Any:
    answer = client.post(f"/territory/care{path}", words, **HTML)
    assert answer.status_code == 302, answer.content[:2000]
    return answer


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_empty_too(client: Any, path: str) -> None:
    assert "<h1>" in page(client, path)


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_sent_to_the_door(path: str) -> None:
    from django.test import Client

    answer = Client().get(f"/territory/care{path}", **HTML)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/sign-in")


def test_gaps_are_counted_found_by_division_and_linked(client: Any) -> None:
    post_row = Post.objects.get(code=f"{VILLAGE}.officer")
    appointment_end(by=DESK, post=post_row.pk, holder="A", reason="岗位调整")
    tasks.look()
    text = page(client, "?kind=no_a")
    assert f"/territory/posts/{post_row.code}" in text
    assert f"division={TOWN}" in text
    assert page(client, f"?kind=no_a&division={TOWN}").count("/territory/posts/") >= 1
    assert "/territory/posts/" not in page(client, "?kind=phone_bad")
    other = reader("410182", name="other")
    assert post_row.code not in page(other, "?kind=no_a")
    assert set(Gap.objects.values_list("kind", flat=True)) <= set(GAP_KINDS)


def test_gaps_page_through(client: Any) -> None:
    for number in range(60):
        Gap.objects.create(kind="no_post", division=TOWN, detail={"role": "village_head", "place": f"R{number}"},
                           opened_at=clock.now())  # fmt: skip
    text = page(client, "")
    following = text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert page(client, following).count('<li><div class="main">') == 10


def test_a_round_is_opened_shown_and_confirmed(client: Any) -> None:
    day = today()
    post(client, "/rounds/open", division=COUNTY, year=day.year, due_on=(day + timedelta(days=20)).isoformat())
    row = ContactRound.objects.get()
    text = page(client, f"/rounds/{row.pk}")
    person = Person.objects.get(code=f"{TOWN}.duty.A")
    assert person.phone not in text  # masked
    post(client, f"/rounds/{row.pk}/confirm", person=str(person.pk), **{f"phone-{person.pk}": "100 5555 5555"})
    person.refresh_from_db()
    assert (person.phone, person.contact_checked_on) == ("10055555555", clock.now().astimezone().date())
    answer = client.post(
        f"/territory/care/rounds/{row.pk}/confirm",
        {"person": str(person.pk), f"phone-{person.pk}": "12"},
        follow=True,
        **HTML,
    )
    assert "s-overdue" in answer.content.decode()
    assert "410181" in page(client, "/rounds")


def test_licences_that_end_are_listed(client: Any) -> None:
    owner = unit(1)
    soon = today() + timedelta(days=95)
    licence = licence_save(by=DESK, unit=owner.pk, kind="work_safety", number="A1", expires_on=soon)
    licences_look()
    assert str(licence.pk) in page(client, "/licences?step=100")
    assert str(licence.pk) not in page(client, "/licences?step=expired")


def test_doubts_are_counted_drilled_into_mended_and_undone(client: Any) -> None:
    Division.objects.create(code="410181098", name_zh="旧镇", name_en="Old", level=4, kind="town", valid_from="2000-01-01",
                            valid_to="2020-01-01", successor_id=TOWN)  # fmt: skip
    row = unit(1, division="410181098")
    quality_check(by=SYSTEM, register="units")
    assert "/territory/care/quality/units/division_old" in page(client, "/quality")
    text = page(client, "/quality/units/division_old")
    assert row.key in text and "/mend" in text
    post(client, "/quality/units/division_old/mend", division="")
    assert Unit.objects.get(pk=row.pk).division == TOWN
    assert not Finding.objects.filter(check_code="division_old", cleared_at__isnull=True).exists()
    text = page(client, "/quality")
    batch = text.split("/territory/care/quality/undo/")[1][:36]
    post(client, f"/quality/undo/{batch}")
    assert Unit.objects.get(pk=row.pk).division == "410181098"
    page(client, "/quality/units/nonsense", status=404)
    assert "/mend" not in page(client, "/quality/units/phone_missing")


def test_pairs_are_decided_side_by_side(client: Any) -> None:
    one, two = unit(1, name="示例饭店", phone="10000000001"), unit(2, name="示例饭店", phone="10000000001", uscc="")
    duplicates_find(by=SYSTEM, register="units")
    row = MergeProposal.objects.get()
    assert f"/territory/care/duplicates/{row.pk}" in page(client, "/duplicates")
    text = page(client, f"/duplicates/{row.pk}")
    assert "10000000001" not in text and "100****0001" in text
    assert [text.count(f'data-key="{key}"') for key in "123"] == [1, 1, 1]
    other = reader("410182", name="other")
    page(other, f"/duplicates/{row.pk}", status=404)
    post(client, f"/duplicates/{row.pk}/decide", choice="left")
    row.refresh_from_db()
    assert (row.state, row.kept) == ("merged", row.left)
    assert Unit.objects.get(pk=row.right).merged_into == row.left
    assert {row.left, row.right} == {one.pk, two.pk}
    post(client, f"/duplicates/{row.pk}/undo", reason="合并有误")
    assert not Unit.objects.exclude(merged_into=None).exists()


def test_a_unit_is_given_its_regulator_by_hand(client: Any) -> None:
    row = unit(1, industry="S9110")
    water = department(COUNTY, "water")
    regulators_assign(by=DESK)
    text = page(client, "/unassigned")
    assert row.key in text and str(water.pk) not in text
    assert str(water.pk) in page(client, f"/unassigned?unit={row.pk}")
    post(client, f"/unassigned/{row.pk}", organisation=str(water.pk), reason="业务相近原则")
    assert Unit.objects.get(pk=row.pk).regulator_id == water.pk
    assert row.key not in page(client, "/unassigned")


def test_holds_are_placed_and_lifted(client: Any) -> None:
    person = Person.objects.get(code=f"{TOWN}.duty.A")
    Person.objects.filter(pk=person.pk).update(state="left", left_on=date(2021, 1, 1))
    assert f"/territory/persons/{person.code}" in page(client, "/privacy")
    post(client, "/privacy/hold", person=person.code, reason="事故调查取证")
    hold = Hold.objects.get()
    assert "事故调查取证" in page(client, "/privacy")
    post(client, f"/privacy/hold/{hold.pk}/release", reason="调查已结束")
    hold.refresh_from_db()
    assert hold.released_at is not None


def test_who_may_only_look_sees_no_forms(client: Any) -> None:
    contact_round_open(by=DESK, division=COUNTY, year=clock.now().year + 1)
    onlooker = reader(COUNTY, roles=("decider",), name="onlooker")
    for path in PAGES:
        assert "<form" not in page(onlooker, path).split("<main")[1].split("</main>")[0], path


def test_the_gaps_page_asks_few_questions(client: Any, django_assert_max_num_queries: Any) -> None:
    tasks.look()
    with django_assert_max_num_queries(14):
        page(client, "")
