"""Pages of the registers: what they show and to whom, how few questions they ask, what a form refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.territory.models import Kept, Place, Post, SavedView, Unit
from anlan.territory.services import generate
from anlan.territory.services.units import unit_save
from tests.territory.page_rows import SYSTEM, reader, units_made

pytestmark = pytest.mark.django_db
LISTS = ("units", "places", "persons", "posts", "organisations", "licences")
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def rows(db: None) -> list[Unit]:
    generate("tiny", 7)
    return units_made()


@pytest.fixture
def page(rows: list[Unit]) -> Any:
    return reader("410181")


def text_of(response: Any) -> str:
    return str(response.content.decode())


@pytest.mark.parametrize("name", LISTS)
def test_every_register_has_its_list_light_and_with_few_questions(
    page: Any, name: str, django_assert_max_num_queries: Any
) -> None:
    page.get(f"/territory/{name}")
    with django_assert_max_num_queries(14):
        answer = page.get(f"/territory/{name}")
    assert answer.status_code == 200
    assert len(answer.content) <= 60_000
    with django_assert_max_num_queries(60):  # one or two a facet, whether its index stands or is behind
        counted = page.get(f"/territory/{name}/facets")
    assert counted.status_code == 200
    assert len(counted.content) <= 60_000


def test_a_list_pages_by_key_both_ways_and_says_how_many(page: Any) -> None:
    first = text_of(page.get("/territory/units"))
    assert re.search(r'class="total">120<', first)
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after is not None
    second = text_of(page.get(after[1].replace("&amp;", "&")))
    names = [set(re.findall(r"示例食品厂\d{3}", part)) for part in (first, second)]
    assert len(names[0]) == len(names[1]) == 50
    assert not names[0] & names[1]
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back is not None
    again = text_of(page.get(back[1].replace("&amp;", "&")))
    assert set(re.findall(r"示例食品厂\d{3}", again)) == names[0]


def test_filters_stand_as_chips_that_come_off_one_by_one(page: Any) -> None:
    body = text_of(page.get("/territory/units?size=small&size=large&q=食品&sort=-staff"))
    chips = re.findall(r'<li><a href="([^"]+)" title', body)
    assert len(chips) == 3
    assert any("size=large" in chip and "size=small" not in chip and "sort=-staff" in chip for chip in chips)
    assert 'aria-sort="descending"' in body
    part = text_of(page.get("/territory/units?size=small", HTTP_HX_REQUEST="true"))
    assert part.lstrip().startswith("<section")
    assert "<html" not in part


def test_what_means_nothing_in_an_address_is_left_out(page: Any) -> None:
    answer = page.get("/territory/units?nonsense=1&sort=nonsense&cols=nonsense,name&size=")
    assert answer.status_code == 200
    assert page.get("/territory/units?after=nonsense").status_code in (200, 422)
    assert page.get("/territory/nonsense").status_code == 404


def test_a_reader_of_another_county_sees_none_of_it(rows: list[Unit]) -> None:
    other = reader("410182", name="other")
    assert 'class="total">0<' in text_of(other.get("/territory/units"))
    assert other.get(f"/territory/units/{rows[0].key}").status_code == 404
    assert other.get(f"/territory/units/{rows[0].key}/edit").status_code == 404
    assert other.get(f"/territory/units/{rows[0].key}/label").status_code == 404


def test_a_stranger_is_sent_to_the_door(rows: list[Unit], client: Any) -> None:
    answer = client.get("/territory/units", HTTP_ACCEPT="text/html")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=")
    assert client.get("/territory/units", HTTP_ACCEPT="text/html", HTTP_HX_REQUEST="true").status_code == 401
    assert client.get(f"/q/units/{rows[0].key}")["Location"] == f"/territory/units/{rows[0].key}"


def test_the_unit_page_shows_what_hangs_on_it_and_masks_the_person(
    page: Any, rows: list[Unit], django_assert_max_num_queries: Any
) -> None:
    page.get(f"/territory/units/{rows[1].key}")
    with django_assert_max_num_queries(32):
        answer = page.get(f"/territory/units/{rows[0].key}")
    body = text_of(answer)
    assert len(answer.content) <= 60_000
    assert "S1" in body
    assert "95 days left" in body
    assert "next reminder 90 days before" in body
    assert "液氨" in body
    assert "20.0" in body
    assert "no regulator yet" in body
    assert "主要负责人" not in body
    second = text_of(page.get(f"/territory/units/{rows[1].key}"))
    assert "139****0001" in second
    assert "13900000001" not in second


def test_unmasking_asks_for_a_reason_and_goes_on_record(page: Any, rows: list[Unit]) -> None:
    address = f"/territory/units/{rows[1].key}/unmask"
    refused = text_of(page.post(address, {"reason": "x"}))
    assert "13900000001" not in refused
    assert 'role="alert"' in refused
    shown = text_of(page.post(address, {"reason": "核实停产整改情况"}))
    assert "13900000001" in shown
    assert Entry.objects.filter(kind="unit.unmasked").count() == 1


@pytest.mark.parametrize("name", LISTS)
def test_every_register_has_its_row_page(page: Any, name: str) -> None:
    body = text_of(page.get(f"/territory/{name}"))
    link = re.search(rf'href="(/territory/{name}/[^"/]+)">', body.split('id="rows"')[1])
    assert link is not None
    answer = page.get(link[1])
    assert answer.status_code == 200, link[1]
    assert len(answer.content) <= 60_000


def test_a_reservoir_names_its_three_people_and_who_lies_below(rows: list[Unit]) -> None:
    place = Place.objects.filter(kind="reservoir").order_by("code")[0]
    body = text_of(reader(place.division[:6], name="water").get(f"/territory/places/{place.code}"))
    assert body.count("防汛责任人") + body.count("技术责任人") + body.count("巡查责任人") >= 3
    assert re.search(r"\d+ min</b>", body)


def test_a_vacant_post_says_so(rows: list[Unit]) -> None:
    held = set(Post.objects.filter(appointments__holder="A", appointments__valid_to=None).values_list("pk", flat=True))
    vacant = Post.objects.exclude(pk__in=held).order_by("code")[0]
    body = text_of(reader(vacant.division[:6], name="gap").get(f"/territory/posts/{vacant.code}"))
    assert "vacant" in body


def test_a_form_names_every_fault_with_its_remedy_and_keeps_what_was_typed(page: Any, rows: list[Unit]) -> None:
    typed = {"save": "1", "uscc": "91410181MA00000000", "name": "", "division": "999999999999", "staff": "many",
             "lon": "34.7", "lat": "113.1"}  # fmt: skip
    answer = page.post("/territory/units/new", typed)
    body = text_of(answer)
    assert answer.status_code == 422
    for field in ("uscc", "name", "division", "staff"):
        assert f'id="f-{field}-fault"' in body, field
    assert 'value="many"' in body
    assert Unit.objects.count() == 120


def test_a_unit_is_entered_and_changed_and_put_back(page: Any, rows: list[Unit]) -> None:
    address = f"/territory/units/{rows[1].key}/edit"
    form = text_of(page.get(address))
    seen = re.search(r'name="seen" value="(\w+)"', form)
    assert seen is not None
    assert "13900000001" not in form
    typed = {
        "seen": seen[1],
        "uscc": rows[1].uscc,
        "name": "示例食品厂新名",
        "division": rows[1].division,
        "staff": "77",
    }
    assert page.post(address, typed).status_code == 302
    row = Unit.objects.get(pk=rows[1].pk)
    assert (row.name, row.staff, row.phone) == ("示例食品厂新名", 77, "13900000001")
    kept = Kept.objects.get(row=row.pk)
    assert kept.before["name"] == "示例食品厂001"
    body = text_of(page.get(f"/territory/units/{row.key}"))
    assert "<s>示例食品厂001</s>" in body
    assert page.post(f"/territory/units/{row.key}/undo").status_code == 302
    assert Unit.objects.get(pk=row.pk).name == "示例食品厂001"
    assert Entry.objects.filter(kind__in=("unit.saved", "register.row_restored")).count() == 2


def test_two_who_change_the_same_unit_see_each_other(page: Any, rows: list[Unit]) -> None:
    address = f"/territory/units/{rows[2].key}/edit"
    seen = re.search(r'name="seen" value="(\w+)"', text_of(page.get(address)))
    assert seen is not None
    unit_save(by=SYSTEM, unit=rows[2].pk, texts={"name": "别人改的名"}, at=clock.now())
    mine = {"seen": seen[1], "uscc": rows[2].uscc, "name": "我改的名", "division": rows[2].division}
    answer = page.post(address, mine)
    body = text_of(answer)
    assert answer.status_code == 422
    assert 'value="我改的名"' in body
    assert 'data-text="别人改的名"' in body
    again = re.search(r'name="seen" value="(\w+)"', body)
    assert again is not None
    assert page.post(address, {**mine, "seen": again[1]}).status_code == 302
    assert Unit.objects.get(pk=rows[2].pk).name == "我改的名"


def test_a_place_is_entered_with_the_fields_of_its_kind(page: Any, rows: list[Unit]) -> None:
    town = rows[0].division[:9]
    form = text_of(page.post("/territory/places/new", {"kind": "care_home"}))
    assert 'name="attributes.bedridden"' in form
    typed = {"save": "1", "code": "C-NEW", "kind": "care_home", "name_zh": "示例养老院", "division": town, "lon": "113.0",
             "lat": "34.7", "attributes.residents": "40", "attributes.bedridden": "9"}  # fmt: skip
    assert page.post("/territory/places/new", typed).status_code == 302
    row = Place.objects.get(code="C-NEW")
    assert (row.attributes["residents"], row.attributes["bedridden"]) == (40, 9)
    page.post(f"/territory/places/{row.code}/close", {"reason": "机构已经停办"})
    assert Place.objects.get(pk=row.pk).state == "closed"
    page.post(f"/territory/places/{row.code}/undo")
    assert Place.objects.get(pk=row.pk).state == "active"


def test_who_may_not_write_is_told(rows: list[Unit]) -> None:
    looker = reader("410181", roles=("auditor",), name="looker")
    assert "/edit" not in text_of(looker.get(f"/territory/units/{rows[1].key}"))
    seen = {"name": "x", "division": rows[1].division, "uscc": rows[1].uscc}
    assert looker.post(f"/territory/units/{rows[1].key}/edit", seen).status_code == 422
    assert Unit.objects.get(pk=rows[1].pk).name == "示例食品厂001"


def test_a_view_is_kept_shared_and_taken_away(page: Any, rows: list[Unit]) -> None:
    kept = page.post("/territory/units/views", {"name": "小企业", "query": "size=small", "shared": "1"})
    assert "小企业" in text_of(kept)
    neighbour = reader("410181", name="neighbour")
    assert "小企业" in text_of(neighbour.get("/territory/units"))
    view = SavedView.objects.get()
    assert neighbour.post(f"/territory/units/views/{view.pk}/remove").status_code == 404
    assert page.post(f"/territory/units/views/{view.pk}/remove").status_code == 200
    assert "小企业" not in text_of(page.get("/territory/units"))


def test_the_home_counts_and_searches_everything(page: Any, django_assert_max_num_queries: Any) -> None:
    page.get("/territory/")
    with django_assert_max_num_queries(40):  # four or five a register; never one a row
        body = text_of(page.get("/territory/"))
    assert "<b>120</b>" in body
    found = text_of(page.get("/territory/find?q=食品"))
    assert found.count("/territory/units/") == 6
    assert "/territory/units?q=" in found


def test_an_area_says_who_is_inside_and_whom_to_call(page: Any) -> None:
    import json

    box = [[[112.5, 34.3], [113.5, 34.3], [113.5, 35.0], [112.5, 35.0], [112.5, 34.3]]]
    area = json.dumps({"type": "Polygon", "coordinates": box})
    body = text_of(page.post("/territory/inside/count", {"area": area}))
    assert "<b>120</b>" in body
    assert "To call" in body
    assert re.search(r"\d{3}\*{4}\d{4}", body)
    crossed = json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]})
    assert 'role="alert"' in text_of(page.post("/territory/inside/count", {"area": crossed}))
    assert 'role="alert"' in text_of(page.post("/territory/inside/count", {"area": "{"}))


def test_the_frame_of_the_lists_speaks_english_alone(page: Any) -> None:
    body = text_of(page.get("/territory/units?q=zzzz"))
    visible = re.sub(r"<script.*?</script>|<[^>]+>|中文", " ", body, flags=re.S).replace("登记员", "")
    assert not HAN.search(visible), HAN.findall(visible)[:20]
