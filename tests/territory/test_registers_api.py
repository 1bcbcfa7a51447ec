"""Registers over REST: rows, filters, pages, masks, refusals."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from anlan.kernel.models import Entry
from anlan.territory.models import Person, Unit
from anlan.territory.services import generate
from anlan.territory.services.imports import import_run
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
    with django_assert_max_num_queries(16):
        browser.get(ROOT + "/registers/units/rows?limit=200")


# --- inside, nearest, target ---------------------------------------------------------------------------------------

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[112.9, 34.4], [113.00495, 34.4], [113.00495, 34.6], [112.9, 34.6], [112.9, 34.4]]],
}


def post(client: Client, path: str, body: Any, status: int = 200, method: str = "post") -> Any:
    answer = getattr(client, method)(ROOT + path, data=body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_what_is_inside_an_area_is_counted_summed_and_listed(client: Client) -> None:
    found = post(client, "/inside", {"area": SQUARE})
    assert sum(found["counts"]["units"].values()) == 50
    assert found["counts"]["units"] == {"C": 25, "F": 25}
    page = post(client, "/inside/rows", {"area": SQUARE, "limit": 20})
    assert (page["total"], len(page["rows"])) == (50, 20)
    assert get(client, "/inside?bbox=112.9,34.4,113.00495,34.6")["counts"]["units"] == found["counts"]["units"]
    circle = get(client, "/inside?lon=113.0&lat=34.5&radius_km=0.05")["counts"]["units"]
    assert sum(circle.values()) == 6  # 0.0001° of longitude are 9.16 m here
    assert get(client, "/inside?division=410181")["counts"]["places"]
    near = get(client, "/nearest?lon=113.0&lat=34.5&name=units&limit=3")["rows"]
    assert [row["name"] for row in near] == ["示例加工厂A0", "示例加工厂A1", "示例加工厂A2"]
    assert 0.008 < near[1]["_km"] < 0.010


@pytest.mark.parametrize(
    ("path", "field"),
    [("/inside", "area"), ("/inside?bbox=1,2,3,4&division=410181", "area"), ("/inside?lon=1&lat=2", "area"),
     ("/inside?lon=nan&lat=2&radius_km=1", "lon"), ("/inside?division=410181100", "division"),
     ("/nearest?lon=1&lat=91", "lat"), ("/nearest?lon=1&lat=9&kind=castle", "kind")],
)  # fmt: skip
def test_what_is_no_area_is_refused(client: Client, path: str, field: str) -> None:
    body = get(client, path, 422)
    assert body.get("field", body.get("errors", [{}])[0].get("field")) == field


@pytest.mark.parametrize(
    "area",
    [{}, {"type": "Polygon"}, {"type": "Point", "coordinates": [1, 2]}, {"type": "Polygon", "coordinates": [[[0, 0]]]},
     {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
     {"type": "Polygon", "coordinates": [[[0, 0], [1e400, 1], [0, 1], [0, 0]]]},
     {"type": "Feature", "geometry": {"type": "Point", "coordinates": [113, 34]}, "properties": {"radius_km": -1}}],
)  # fmt: skip
def test_a_geometry_that_can_not_be_is_refused_with_a_remedy(client: Client, area: Any) -> None:
    for path in ("/inside", "/inside/rows", "/target"):
        answer = client.post(ROOT + path, data=json.dumps({"area": area}), content_type="application/json")
        assert answer.status_code in (400, 422), answer.content
        assert answer.json()["zh"]


def test_the_posts_to_call_are_masked_unless_a_reason_is_given(client: Client) -> None:
    whole = {"type": "Polygon", "coordinates": [[[112, 33], [115, 33], [115, 36], [112, 36], [112, 33]]]}
    found = post(client, "/target", {"area": whole, "limit": 500})
    holders = [row["a"] for row in found["rows"] if row["a"]]
    assert found["counts"]["posts"] >= len(holders) > 0
    assert all("****" in holder["phone"] and holder["name"].endswith("*") for holder in holders)
    assert not found["unmasked"]
    post(client, "/target", {"area": whole, "reason": "转移通知"}, 403)
    token = token_of(account_make(["410181"], "caller", ("duty",)))
    caller = Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})
    own = post(caller, "/target", {"area": whole, "reason": "转移通知", "roles": ["township_duty"]})
    assert own["unmasked"] and "****" not in own["rows"][0]["a"]["phone"]
    assert Entry.objects.filter(kind__contains="target").count() == 1
    post(client, "/target", {"area": whole, "roles": ["king"]}, 422)
    post(client, "/target", {"area": whole, "at": "2026-05-01T00:00:00"}, 422)


def test_a_division_says_what_is_known_of_it(client: Client) -> None:
    found = get(client, "/divisions/410181")
    assert [step["code"] for step in found["path"]] == ["41", "4101", "410181"]
    assert {row["code"] for row in get(client, "/divisions/410181/children")} >= {"410181100"}
    assert get(client, "/divisions/410181/now") == ["410181"]
    assert get(client, "/locate?lon=113.02&lat=34.75")["code"] == "410181"
    assert get(client, "/divisions/999999", 404)["zh"]
    assert get(client, "/divisions/41018", 422)["value"] == "41018"


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_row_is_entered_changed_closed_and_put_back(client: Client) -> None:
    token = token_of(
        account_make(["410181"], "writer", ("duty", "registrar", "admin")), ["territory.read", "territory.write"]
    )
    writer = Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})
    values = {"name": "示例新厂", "legacy_id": "X1", "division": "410181100", "industry": "C13"}
    made = post(writer, "/registers/units/rows", {"values": values}, 201)
    post(writer, "/registers/units/rows", {"values": values}, 409)
    faults = post(writer, "/registers/units/rows", {"values": {**values, "legacy_id": "X2", "phone": "12"}}, 422)
    assert faults["faults"][0]["field"] == "phone"
    saved = post(
        writer,
        f"/registers/units/rows/{made['id']}",
        {"values": {"staff": "12"}, "seen": made["version"]},
        200,
        "patch",
    )
    assert saved["version"] != made["version"]
    post(
        writer,
        f"/registers/units/rows/{made['id']}",
        {"values": {"staff": "13"}, "seen": made["version"]},
        409,
        "patch",
    )
    assert get(writer, f"/registers/units/rows/{made['id']}")["row"]["staff"] == 12
    post(writer, f"/registers/units/rows/{made['id']}/close", {"reason": "停产关闭"})
    post(writer, f"/registers/units/rows/{made['id']}/close", {"reason": "停产关闭"}, 409)
    post(writer, f"/registers/units/rows/{made['id']}/fly", {"reason": "停产关闭"}, 404)
    post(client, "/registers/units/rows", {"values": values}, 403)
    post(writer, "/registers/licences/rows", {"values": {"number": "1"}}, 404)
    outside = {**values, "legacy_id": "X3", "division": "410182100"}
    post(writer, "/registers/units/rows", {"values": outside}, 422)
    person = {"name": "劝导员甲", "phone": "13800000001", "division": "410181100"}
    key = post(writer, "/registers/persons/rows", {"values": person}, 201)["id"]
    post(writer, f"/registers/persons/rows/{key}", {"values": {"phone": "13800000002"}}, 200, "patch")
    assert Person.objects.get(pk=key).name == "劝导员甲"
    assert Person.objects.get(pk=key).phone == "13800000002"


@pytest.mark.django_db(transaction=True)
def test_a_file_is_sent_mapped_checked_and_its_faults_told(client: Client, tmp_path: Any) -> None:
    token = token_of(account_make(["410181"], "sender", ("registrar", "duty", "admin")))
    sender = Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})
    assert sender.get(ROOT + "/registers/units/template.xlsx").content[:2] == b"PK"
    text = "单位名称,原注册号,行政区划代码,联系电话\n示例甲厂,Z1,410181100,\n示例乙厂,Z2,410181100,99\n"
    file = SimpleUploadedFile("units.csv", text.encode(), "text/csv")
    answer = sender.post(ROOT + "/registers/units/imports", {"file": file})
    assert answer.status_code == 201, answer.content
    batch = answer.json()["id"]
    guess = get(sender, f"/imports/{batch}/preview")
    post(sender, f"/imports/{batch}/mapping", {"mapping": guess["mapping"]}, 200, "put")
    assert post(sender, f"/imports/{batch}/check", {}, 202)["state"] == "reading"
    import_run(UUID(batch))
    assert get(sender, f"/imports/{batch}")["counts"]["bad"] == 1
    told = get(sender, f"/imports/{batch}/issues")["rows"]
    assert (told[0]["row"], told[0]["field"]) == (3, "phone")
    assert get(sender, f"/imports/{batch}/issues/counts")["counts"][0]["count"] == 1
    assert b"".join(sender.get(ROOT + f"/imports/{batch}/bad-rows.xlsx").streaming_content)[:2] == b"PK"  # type: ignore[arg-type]
    assert [row["id"] for row in get(sender, "/imports")] == [batch]
    post(sender, f"/imports/{batch}/undo", {"reason": "试一试撤销"}, 409)
    assert post(sender, f"/imports/{batch}/cancel", {})["state"] == "cancelled"
    get(client, f"/imports/{UUID(int=1)}", 404)
    refused = sender.post(ROOT + "/registers/units/imports", {"file": SimpleUploadedFile("a.exe", b"x")})
    assert (refused.status_code, refused.json()["field"]) == (422, "file")
