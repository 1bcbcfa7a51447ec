"""Registers over REST: rows, filters, pages, masks, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from anlan.territory.models import Unit
from anlan.territory.services import generate
from anlan.territory.sources.registers import NAMES
from tests.site.ogc_territory import PASSWORD, account_make, token_of, units_make

pytestmark = pytest.mark.django_db
ROOT = "/api/territory"


@pytest.fixture
def client(db: None) -> Client:
    generate("tiny", 7)
    units_make(120)
    units_make(10, division="410182100", prefix="B", west=113.5)
    token = token_of(account_make(["410181"]), ["territory.read"])
    return Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})


def get(client: Client, path: str, status: int = 200) -> Any:
    answer = client.get(ROOT + path)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_each_register_tells_its_fields_and_gives_its_rows(client: Client) -> None:
    assert [found["name"] for found in get(client, "/registers")] == list(NAMES)
    for name in NAMES:
        known = {item["name"] for item in get(client, f"/registers/{name}")["fields"]}
        page = get(client, f"/registers/{name}/rows?limit=3")
        for row in page["rows"]:
            assert {key for key in row if not key.startswith("_")} <= known
            again = get(client, f"/registers/{name}/rows/{row['_id']}")["row"]
            assert again["_id"] == row["_id"]


def test_rows_are_paged_filtered_sorted_and_masked(client: Client) -> None:
    seen: list[str] = []
    after = ""
    while True:
        page = get(client, f"/registers/units/rows?limit=50&industry=C&after={after}")
        seen += [row["_id"] for row in page["rows"]]
        assert page["total"] == 60
        if not (after := page["next"] or ""):
            break
    assert len(seen) == len(set(seen)) == 60
    first = get(client, "/registers/units/rows?limit=1&sort=-name&columns=name,phone,principal")["rows"][0]
    assert set(first) == {"_id", "name", "phone", "principal"}
    assert first["principal"] == "主*" and "****" in first["phone"]
    assert get(client, "/registers/units/rows?bbox=113.0,34,113.00095,35")["total"] == 10
    assert get(client, "/registers/units/rows?missing=regulator&flags=dust,none", 422)["field"] == "flags"
    assert get(client, "/registers/units/facets?field=industry&industry=C")["counts"]
    assert get(client, "/registers/units/rows?q=加工厂A11")["total"] == 11


def test_a_telephone_is_found_by_its_last_digits_only_by_those_who_may_see_it(client: Client) -> None:
    assert get(client, "/registers/units/rows?q=00000003")["total"] == 0
    token = token_of(account_make(["410181"], "auditor", ("auditor",)))
    auditor = Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})
    assert get(auditor, "/registers/units/rows?q=00000003")["total"] == 1


def test_another_area_is_not_there(client: Client) -> None:
    other = Unit.objects.filter(division="410182100").first()
    assert other is not None
    assert get(client, f"/registers/units/rows/{other.pk}", 404)["code"] == "territory.no_row"
    assert get(client, "/registers/units/rows?division=410182")["total"] == 0


@pytest.mark.parametrize(
    "path",
    ["/registers/castles", "/registers/castles/rows", "/registers/units/rows/none"],
)
def test_what_is_not_there_is_404(client: Client, path: str) -> None:
    assert get(client, path, 404)["zh"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("colour=red", "colour"), ("bbox=1,2,3", "bbox"), ("bbox=nan,0,1,1", "bbox"), ("bbox=0,5,1,1", "bbox"),
     ("sort=colour", "field"), ("sort=phone", "sort"), ("columns=colour", "field"), ("after=zz", "after"),
     ("limit=0", "limit"), ("limit=99999999999999999999999", "limit"), ("flags=x", "flags"), ("industry=,", "industry"),
     ("q=" + "x" * 201, "q"), ("q=%00", "address")],
)  # fmt: skip
def test_what_can_not_be_asked_is_refused_naming_the_field(client: Client, query: str, field: str) -> None:
    body = get(client, f"/registers/units/rows?{query}", 422)
    assert body.get("field", body.get("errors", [{}])[0].get("field")) == field
    assert body["zh"] and body["en"]


def test_a_session_reads_the_same(client: Client, django_assert_max_num_queries: Any) -> None:
    browser = Client(headers={"host": "127.0.0.1"})
    assert browser.login(username="reader", password=PASSWORD)
    assert browser.get(ROOT + "/registers/units/rows").json()["total"] == 120
    with django_assert_max_num_queries(9):
        browser.get(ROOT + "/registers/units/rows?limit=200")
