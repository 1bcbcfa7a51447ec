"""The division pages answer in both languages: tree, one division, code lists, review, outlines."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account
from anlan.territory.models import CodeChange, Division, Edition, Unit
from tests.territory.division_land import BOXES, DAY, RECODE, SPLIT, edition_apply_all, geojson, lay_land, text

pytestmark = pytest.mark.django_db
LISTS = "/territory/divisions/lists"


@pytest.fixture(autouse=True)
def land(db: None) -> None:
    lay_land()


def client(*divisions: str, roles: tuple[str, ...] = ("admin",), language: str = "en") -> Client:
    account_save(
        by=Actor.system("t"),
        username="who",
        name="区划管理员",
        divisions=list(divisions),
        roles=list(roles),
        password="x",
    )
    one = Client(HTTP_ACCEPT="text/html", HTTP_ACCEPT_LANGUAGE=language)
    one.force_login(Account.objects.get(username="who"))
    one.cookies["anlan_language"] = language
    return one


def upload(file: bytes, **more: str) -> dict[str, Any]:
    from django.core.files.uploadedfile import SimpleUploadedFile

    fields = {"name": "2024版", "valid_from": DAY.isoformat(), "source": "国家统计局", **more}
    return {**fields, "file": SimpleUploadedFile("list.csv", file, "text/csv")}


def body(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:500]
    return str(answer.content.decode())


def test_a_stranger_is_sent_to_the_door() -> None:
    for path in ("/territory/divisions", LISTS, "/territory/divisions/coverage"):
        answer = Client(HTTP_ACCEPT="text/html").get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in")


def test_the_tree_opens_at_ones_own_division_with_counts() -> None:
    page = body(client("410102").get("/territory/divisions"))
    assert "东县" in page or "en 东县" in page
    assert 'href="/territory/divisions/410102100"' in page
    assert 'href="/territory/divisions/410103"' not in page
    assert len(page.encode()) < 60_000
    assert client("410102").get("/territory/divisions/410103").status_code == 404


def test_children_come_as_a_fragment() -> None:
    part = body(client("41").get("/territory/divisions/children?parent=410102"))
    assert part.count('class="node"') + part.count('class="node ') >= 2
    assert "<html" not in part


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", ["/territory/divisions/410102100", "/territory/divisions/410102?tree=legal",
                                  "/territory/divisions/41?on=2023-12-31", "/territory/divisions/4101?former=1&q=%E9%95%87",
                                  LISTS, "/territory/divisions/coverage", "/territory/divisions/coverage?tolerance=5"])  # fmt: skip
def test_every_page_answers(path: str, language: str) -> None:
    edition_apply_all(text(*RECODE), DAY)
    Division.objects.filter(pk="410107").update(population=None, lon=None, lat=None)
    body(client("41", language=language).get(path))


def test_what_is_no_day_or_no_code_is_said_in_words() -> None:
    who = client("41")
    assert "2024-06-30" in body(who.get("/territory/divisions/41?on=yesterday"), 422)
    body(who.get("/territory/divisions/419999"), 404)
    body(who.get("/territory/divisions/children?parent=4"), 422)


def test_a_page_costs_the_same_however_many_children(django_assert_max_num_queries: Any) -> None:
    who = client("41")
    who.get("/territory/divisions/4101")
    with django_assert_max_num_queries(30):
        body(who.get("/territory/divisions/4101"))


def test_a_list_goes_all_the_way_by_hand() -> None:
    who = client("41")
    answer = who.post(f"{LISTS}/take", upload(text(*RECODE)))
    edition = Edition.objects.get()
    assert answer["Location"] == f"{LISTS}/{edition.pk}"
    page = body(who.get(answer["Location"]))
    assert "same name but for the rank" in page
    assert "6 divisions below only follow" in page
    county = CodeChange.objects.get(level=3)
    followers = body(who.get(f"{LISTS}/{edition.pk}/followers/{county.pk}"))
    assert followers.count("<li>") == 6
    row = body(who.post(f"{LISTS}/{edition.pk}/decide", {"change": county.pk, "act": "accept"}))
    assert 'hx-swap-oob="true"' in row
    assert "Accepted" in row
    assert who.post(f"{LISTS}/{edition.pk}/apply").status_code == 302
    page = body(who.get(f"{LISTS}/{edition.pk}"))
    assert "3 units" in page
    assert Unit.objects.filter(division="410107100").exists()
    assert "410107" in body(who.get("/territory/divisions/410102"))


def test_refusing_without_a_reason_says_so_in_the_row() -> None:
    who = client("41")
    who.post(f"{LISTS}/take", upload(text(("柳林镇", "柳林街道"))))
    change = CodeChange.objects.get()
    row = body(
        who.post(f"{LISTS}/{change.edition_id}/decide", {"change": change.pk, "act": "refuse", "reason": ""}), 422
    )
    assert 'role="alert"' in row
    body(
        who.post(
            f"{LISTS}/{change.edition_id}/decide", {"change": change.pk, "act": "refuse", "reason": "省里尚未批复"}
        )
    )
    assert CodeChange.objects.get().state == "refused"


def test_faults_of_a_list_are_shown_by_row() -> None:
    page = body(client("41").post(f"{LISTS}/take", upload(text(("410103100,柳林镇", "41010310,柳林镇")))), 422)
    assert "41010310" in page
    assert '<td class="num"' in page
    assert Edition.objects.count() == 0
    body(client("41").post(f"{LISTS}/take", upload(text(), valid_from="soon")), 422)


def test_many_at_once_then_withdrawn() -> None:
    who = client("41")
    who.post(f"{LISTS}/take", upload(SPLIT))
    edition = Edition.objects.get()
    assert who.post(f"{LISTS}/{edition.pk}/decide", {"act": "accept", "kind": "", "least": "0"}).status_code == 302
    assert not CodeChange.objects.filter(state="proposed").exists()
    who.post(f"{LISTS}/{edition.pk}/withdraw", {"reason": "重复上传"})
    assert Edition.objects.get().state == "withdrawn"


def test_those_without_the_right_see_no_buttons_and_are_refused() -> None:
    who = client("41", roles=("duty",))
    assert "list/take" not in body(who.get(LISTS))
    body(who.post(f"{LISTS}/take", upload(text())), 403)
    assert who.post("/territory/divisions/outlines/check", {"source": "测绘"}).status_code == 302


def test_rows_without_a_home_are_given_one() -> None:
    edition_apply_all(text(drop=("410102101", "410102101201", "410102101202")), DAY)
    who = client("41")
    assert "1 units" in body(who.get(LISTS))
    who.post("/territory/divisions/rehome", {"old": "410102101", "new": "410102100", "reason": "并入河口镇"})
    assert not Unit.objects.filter(division="410102101").exists()


def test_outlines_are_looked_at_before_they_are_laid_down() -> None:
    who = client("41")
    page = body(who.post("/territory/divisions/outlines/check", upload(geojson("410102"), source="测绘")))
    assert "How these outlines would fit" in page
    kept = page.split('name="kept" value="')[1][:64]
    assert not Division.objects.filter(boundary__isnull=False).exists()
    who.post("/territory/divisions/outlines/lay", {"kept": kept, "source": "测绘"})
    assert (
        Division.objects.get(boundary__isnull=False).boundary.geojson["coordinates"] == BOXES["410102"]["coordinates"]
    )
    assert "<svg" in body(who.get("/territory/divisions/410102"))
    assert who.post("/territory/divisions/outlines/lay", {"kept": "../../etc/passwd", "source": "x"}).status_code == 302
