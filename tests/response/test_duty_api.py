"""The duty desk by REST and as pages without a script: drafted, published, checked, handed over; refused in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.models import Account
from anlan.response.models import PhoneRecord, RosterYear
from anlan.response.selectors.duty_board import sheet_of_call
from anlan.territory.models import Person
from tests.response.duty_scene import NOW, crews, desk, leader, published

pytestmark = pytest.mark.django_db


def client(*roles: str) -> Client:
    account = Account.objects.create_user(
        username="desk", name="市值班室", post=desk().pk, divisions=["4101"], roles=list(roles)
    )
    browser = Client()
    browser.force_login(account, backend="anlan.site.sign_in.AccountBackend")
    return browser


def send(browser: Client, path: str, body: dict[str, Any], status: int) -> Any:
    with clock.at(NOW), transaction.atomic():
        answer = browser.post(
            f"/api/response/duty/{path}", json.dumps(body, default=str), content_type="application/json"
        )
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_roster_and_a_shift_by_rest() -> None:
    web = client("duty", "decider")
    listed = [{"leader": a, "main": b, "second": c} for a, b, c in crews(4)]
    begins = {"begins_at": "2026-11-23T08:00:00+08:00"}
    made = send(web, "rosters", {"post": desk().code, "year": 2026, "crews": listed, **begins}, 201)
    assert (made["state"], made["holes"], made["faults"]) == ("draft", [], [])
    shifts = web.get(f"/api/response/duty/rosters/{made['id']}/shifts").json()
    send(web, f"shifts/{shifts[3]['id']}", {"role": "second", "person": None}, 200)
    refused = send(web, f"rosters/{made['id']}/publish", {}, 409)
    assert refused["code"] == "duty.holes"
    assert len(refused["items"]) == 1
    send(web, f"shifts/{shifts[3]['id']}", {"role": "second", "person": shifts[3]["second"]}, 200)
    assert send(web, f"rosters/{made['id']}/publish", {}, 200)["state"] == "published"
    assert send(web, f"shifts/{shifts[0]['id']}/come", {"role": "main"}, 200)["late_min"] == 60
    check = send(web, f"rosters/{made['id']}/check", {}, 201)
    assert send(web, f"checks/{check['id']}/answer", {"way": "keys"}, 200)["took_s"] == 0
    paper = send(web, "handovers", {"post": desk().code}, 200)
    assert [item["kind"] for item in paper["red"]] == ["duty_absent", "duty_absent"]
    told = send(web, f"handovers/{paper['id']}/sign", {"side": "in", "person": shifts[0]["main"]}, 409)
    assert told["code"] == "duty.red_open"
    send(web, "log", {"post": desk().code, "content": "电台测试正常"}, 201)
    assert [row["content"] for row in web.get(f"/api/response/duty/log?post={desk().code}").json()] == ["电台测试正常"]
    with clock.at(NOW):
        assert len(web.get("/api/response/duty/red").json()["items"]) == 2
    assert Client().get("/api/response/duty/red").status_code == 401
    assert send(web, "rosters", {"post": "none", "year": 2026, "crews": listed}, 404)["code"] == "duty.no_desk"


def test_a_call_fills_the_sheet_of_a_new_incident() -> None:
    web = client("duty")
    body = {
        "post": desk().code,
        "place": "米河镇",
        "course": "进水1米",
        "measures": "转移",
        "result": "无伤亡",
        "caller_unit": "镇政府",
    }
    key = send(web, "calls", body, 201)["id"]
    fields = sheet_of_call(leader().scope, key, f"phonerecord:{key}")
    assert (fields["place"], fields["what"], fields["measures"], fields["door"]) == (
        "米河镇",
        "进水1米",
        "转移；无伤亡",
        "phone",
    )
    assert PhoneRecord.objects.get(pk=key).recorder == "市值班室"


def test_the_pages_stand_and_a_form_makes_publishes_and_takes_away_a_year() -> None:
    web = client("duty", "decider")
    people = {
        row.pk: f"{row.name} · {row.code}" for row in Person.objects.filter(pk__in=[p for c in crews(4) for p in c])
    }
    labels = list(people.values())
    form = {"year": "2027", "pattern": "full_day", "checks_a_week": "2", "off": "01-01 10-01..10-07", "worked": "",
            "leader": labels[0::3], "main": labels[1::3], "second": labels[2::3], "away": [], "begins_at": ""}  # fmt: skip
    with clock.at(NOW):
        empty = web.get("/response/duty/roster?year=2027")
        assert empty.status_code == 200
        wrong = web.post("/response/duty/roster/make", {**form, "leader": ["不存在", *labels[3::3]]})
        assert wrong.status_code == 422
        assert "不在本单位人员名单中" in wrong.content.decode() or "not in the list" in wrong.content.decode()
        made = web.post("/response/duty/roster/make", form)
        assert made.status_code == 302, made.content.decode()[:500]
        row = RosterYear.objects.get(year=2027)
        assert row.holidays == ["2027-01-01", *(f"2027-10-0{n}" for n in range(1, 8))]
        web.post(f"/response/duty/rosters/{row.pk}/publish")
        row.refresh_from_db()
        assert row.state == "published"
        book = web.get(f"/response/duty/rosters/{row.pk}/workbook")
        assert book.content[:2] == b"PK"
        for page in ("", "/roster", "/roster?year=2027&month=2", f"/roster?roster={row.pk}&print=year", "/swaps", "/handover",
                     "/log", "/contacts?q=x", "/call", "/roster/make?year=2031"):  # fmt: skip
            answer = web.get(f"/response/duty{page}")
            assert answer.status_code == 200, page
            assert len(answer.content) < 60_000 or "print=year" in page, (page, len(answer.content))


def test_a_stranger_is_sent_to_sign_in() -> None:
    published()
    for page in ("", "/roster", "/handover", "/contacts"):
        answer = Client().get(f"/response/duty{page}", headers={"accept": "text/html"})
        assert (answer.status_code, answer["Location"][:8]) == (302, "/sign-in")
