"""What a tired hand gets wrong: no slip breaks a page, every one is named, and nothing that was typed is lost."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.scope import Scope
from anlan.response.models import DutyLogEntry, Incident, Intake, Mismatch, Order, PurgeClock
from anlan.response.selectors.command_page import post_tasks
from anlan.response.services import command_post_set_up, incident_open, order_draft
from anlan.response.services.duty_log import LogSpec, PhoneSpec, log_write, phone_take_down
from anlan.response.services.papers import paper_change
from anlan.territory.models import Post
from tests.response.accidents import accident
from tests.response.duty_scene import NOW, desk, officer
from tests.response.ordering import content, hands, issued, key
from tests.response.papers.test_services import bodies, drafted
from tests.response.reporting import flood
from tests.response.scene import SCENE, SYSTEM, person

pytestmark = pytest.mark.django_db
ODD = "²"  # a digit to str.isdigit, no number to int


def reader(code: str = "4101.duty", *roles: str, language: str = "en") -> Client:
    post = Post.objects.get(code=code)
    account = account_save(by=SYSTEM, username=code, name=post.name_zh, divisions=[post.division], post=post.pk,
                           roles=list(roles or ("duty", "decider")))  # fmt: skip
    browser = Client(headers={"Accept": "text/html", "Accept-Language": language})
    browser.force_login(account)
    return browser


def sent(browser: Client, address: str, form: dict[str, Any]) -> tuple[int, str]:
    """Send a form; what came, and what the reader then reads: the page, or the page one is led to."""
    with transaction.atomic():
        answer = browser.post(address, form, follow=True)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(("address", "status"), [
    (f"/response/incidents?after={ODD}", 200), ("/response/incidents?after=99999999999999999999", 200),
    (f"/response/papers?page={ODD}", 200), (f"/response/duty/roster?month={ODD}&year={ODD}", 200),
    ("/response/duty/log?before=2026-11-23T08:00:00+08:00", 200), ("/response/duty/handover?of=x", 200),
    ("/response/incidents/new/point?lon=nan&lat=inf", 422), ("/response/duty/call?corrects=x", 200),
    ("/response/incidents/new?about=phonerecord:x", 200), ("/response/plans/manual?plan=NONE", 404),
    ("/response/incidents.pdf", 404),
])  # fmt: skip
def test_an_address_with_a_slip_in_it_breaks_nothing(address: str, status: int) -> None:
    assert reader().get(address).status_code == status


@pytest.mark.parametrize("address", [
    f"/response/mismatches/{uuid4()}/abopt", f"/response/purges/{uuid4()}/relaese",
    f"/response/reports/disasters/{uuid4()}/reopen", f"/response/orders/{uuid4()}/burn",
])  # fmt: skip
def test_an_act_that_is_none_is_refused_and_does_nothing(address: str) -> None:
    status, text = sent(reader(), address, {"reason": "wrong button"})
    assert (status, "There is no act" in text) == (404, True)
    assert not Mismatch.objects.exists() and not PurgeClock.objects.exists()


def test_a_form_leads_nobody_away() -> None:
    row = accident()
    for away in ("/\\evil.example", "//evil.example", "https://evil.example/", "javascript:alert(1)"):
        for address in (f"/response/incidents/{row.pk}/close", f"/response/mismatches/{uuid4()}/adopt",
                        f"/response/tasks/{uuid4()}/verify", f"/response/duty/shifts/{uuid4()}/come"):  # fmt: skip
            with transaction.atomic():
                answer = reader().post(address, {"next": away})
            assert "evil" not in answer["Location"], (address, away)


@pytest.mark.parametrize(("field", "typed"), [
    ("limit_at", "tomorrow noon"), ("given_at", "0021-07-20T08:00"), ("within_min", "an hour"), ("receipt_min", ODD),
    ("supersedes", "the last one"), ("incident", "the flood"),
])  # fmt: skip
def test_an_order_with_a_slip_is_not_sent_with_another_limit_than_was_meant(field: str, typed: str) -> None:
    form = {"kind": "order", "title_zh": "封闭下穿隧道", "text_zh": "立即封闭，派人守口。", "receivers": str(key("410181.duty")),
            "lead": str(key("410181.duty")), "issuer": str(key("4101.commander")), "within_min": "60", field: typed}  # fmt: skip
    status, text = sent(reader(), "/response/orders/new", form)
    assert (status, Order.objects.count()) == (422, 0)
    assert 'role="alert"' in text
    assert "立即封闭，派人守口。" in text
    assert f'value="{key("410181.duty")}"' in text


def test_an_order_changed_meanwhile_is_not_written_over_by_a_second_press() -> None:
    maker, _checker, _signer = hands()
    row = order_draft(by=maker, content=content())
    form = {"kind": "order", "title_zh": "甲", "text_zh": "乙", "receivers": str(key("410181.duty")), "seen": "0" * 64,
            "lead": str(key("410181.duty")), "issuer": str(key("4101.commander")), "within_min": "60"}  # fmt: skip
    status, text = sent(reader(), f"/response/orders/{row.pk}/edit", form)
    assert (status, f'name="seen" value="{"0" * 64}"' in text) == (409, True)


def test_a_paper_changed_meanwhile_is_not_written_over_by_a_second_press() -> None:
    maker = person("4101.duty", "duty")
    row = drafted(maker)
    before = row.digest
    paper_change(by=maker, paper=row.pk, bodies=bodies(title="另一人的改动"), seen=before)
    form = {"seen": before, "word": "郑防指新", "title_zh": "我的改动", "title_en": "Mine"}
    for _press in range(2):
        status, text = sent(reader(), f"/response/papers/{row.pk}/edit", form)
        assert status == 409
        assert all(word in text for word in (f'value="{before}"', "我的改动", "郑防指新"))
    row.refresh_from_db()
    assert row.title_zh == "另一人的改动"


def test_a_new_paper_that_is_refused_keeps_what_it_replaces() -> None:
    browser = reader()
    level = incident_open(
        by=SCENE, kind="flash_flood", title={"zh": "汛情", "en": "Flood"}, division="4101", source="110"
    )
    page = browser.get("/response/papers/new", {"kind": "duty_flash", "incident": str(level.pk)})
    carried = page.context["carried"]
    status, text = sent(browser, "/response/papers/new", {"carried": carried, "replaces": "no id", "word": "郑值班"})
    assert (status, 'name="replaces" value="no id"' in text, "郑值班" in text) == (422, True, True)


def test_a_decision_whose_hours_are_no_number_says_so(plan: Any) -> None:
    form = {"plan": plan.code, "level": "4", "matter": "防汛", "expected_duration_h": "two days", "reason": "雨大",
            "basis": "预案", "measures": "巡堤"}  # fmt: skip
    status, text = sent(reader("4101.commander"), "/response/decide", form)
    assert (status, "from 0 to 8760" in text, "雨大" in text) == (422, True, True)


def test_every_box_of_the_sheet_says_what_is_wrong_with_it() -> None:
    form = {"what": "工厂起火", "deaths": "three", "threatened_people": "many", "division": "410182", "join": "x" * 36}
    status, text = sent(reader(), "/response/incidents/new", form)
    assert (status, Incident.objects.count()) == (422, 0)
    assert 'id="e-deaths"' in text and 'id="e-threatened_people"' in text
    status, text = sent(reader(), "/response/incidents/new", {"what": "起火", "lon": "east", "lat": "34.6"})
    assert (status, 'role="alert"' in text) == (422, True)
    status, text = sent(reader(), "/response/incidents/new", form | {"deaths": "3", "threatened_people": ""})
    assert (status, "Choose one from the list" in text, "工厂起火" in text) == (422, True, True)


def test_a_callers_number_goes_over_without_being_shown() -> None:
    with clock.at(NOW):
        call = PhoneSpec(place="米河镇", course="进水1米", caller_phone="10012345678")
        about = f"phonerecord:{phone_take_down(by=officer(), post=desk().pk, spec=call).pk}"
        page = reader().get("/response/incidents/new", {"about": about}).content.decode()
        assert ("10012345678" in page, "100****5678" in page) == (False, True)
        form = {"about": about, "what": "进水1米", "place": "米河镇", "division": "410181", "door": "phone"}
        assert sent(reader(), "/response/incidents/new", form)[0] == 200
    assert Intake.objects.get().caller["phone"] == "10012345678"


def test_a_refused_merge_stays_with_the_incident_it_was_asked_of() -> None:
    row, other = accident(), accident(1)
    with transaction.atomic():
        answer = reader().post(f"/response/incidents/{row.pk}/merge", {"into": str(other.pk), "reason": ""})
    assert answer["Location"] == f"/response/incidents/{row.pk}"


def test_the_form_of_a_report_tells_nothing_of_another_county() -> None:
    disaster = flood()
    browser = reader("410181.duty")
    asked = {"disaster": str(disaster.pk), "division": "410182"}
    assert browser.get("/response/reports/new", asked).status_code == 404
    assert browser.get("/response/reports/new", asked | {"division": "410181"}).status_code == 200


def test_a_desks_log_is_walked_whole_and_once_though_entries_were_written_late() -> None:
    for number in range(120):
        with clock.at(NOW + timedelta(minutes=number)):
            late = timedelta(hours=number % 7)
            log_write(by=officer(), post=desk().pk, spec=LogSpec(content=f"第{number}条"), at=clock.now() - late)
    browser, seen, before = reader(), [], ""
    while before is not None:
        page = browser.get("/response/duty/log", {"post": desk().code, "before": before}).context
        seen += [row["id"] for row in page["log"]]
        before = page["more"] or None
    assert len(seen) == 120
    assert set(seen) == set(DutyLogEntry.objects.values_list("pk", flat=True))


def test_the_list_as_a_file_is_what_the_page_shows_and_runs_nothing() -> None:
    accident(title={"zh": "=HYPERLINK(1)", "en": "=1+1"})
    closed = accident(1)
    Incident.objects.filter(pk=closed.pk).update(state="closed")
    taken = b"".join(reader().get("/response/incidents.csv")).decode("utf-8-sig")
    assert ("'=HYPERLINK(1)" in taken, str(closed.pk) in taken) == (True, False)
    assert str(closed.pk) in b"".join(reader().get("/response/incidents.csv?state=closed")).decode()


def test_an_upper_desk_finds_its_own_levels_among_those_of_others(plan: Any) -> None:
    from anlan.response.models import Level

    made = {"plan": plan, "track": "main", "expected_duration_h": 12, "matter": "防汛", "measures": [], "basis": "预案"}
    for number in range(61):
        Level.objects.create(**made, level=4, area="410181", division="410181", since=NOW - timedelta(hours=number),
                             until=NOW)  # fmt: skip
    own = Level.objects.create(
        **made, level=3, area="410182", division="410182", since=NOW - timedelta(days=30), until=NOW
    )
    page = reader("410182.duty").get("/response/papers/new", {"kind": "level_start"})
    assert [row["key"] for row in page.context["rows"]] == [str(own.pk)]


def test_a_county_sees_of_the_citys_post_its_own_tasks_alone() -> None:
    city = incident_open(
        by=SCENE, kind="flash_flood", title={"zh": "汛情", "en": "Flood"}, division="4101", source="110"
    )
    row = command_post_set_up(by=SCENE, incident=city.pk, place="市防指")
    issued(incident=city.pk)
    seen = {where: [one["owner"]["en"] for one in post_tasks(Scope((where,)), row)] for where in ("4101", "410181")}
    assert (len(seen["4101"]), len(seen["410181"])) == (2, 1)


def api(browser: Client, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    with transaction.atomic():
        answer = browser.post(f"/api/response{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


def test_a_time_without_its_zone_is_refused_by_name() -> None:
    row, browser = accident(), reader("410182.duty")
    figure = {"metric": "deaths", "value": 1, "source": "119", "as_of": "2026-07-20T08:00:00"}
    status, told = api(browser, f"/incidents/{row.pk}/figures", figure)
    assert (status, told["errors"][0]["field"]) == (422, "body.as_of")
    handed = {
        "source_system": "119",
        "source_ref": "A1",
        "division": "410182",
        "what": "起火",
        "happened_at": figure["as_of"],
    }
    assert api(browser, "/intakes", handed)[0] == 422


def test_lists_by_the_interface_come_by_page_and_in_codes() -> None:
    rows, browser = [accident(n) for n in range(3)], reader("410182.duty")
    first = browser.get("/api/response/incidents?limit=2").json()
    rest = browser.get(f"/api/response/incidents?limit=2&after={first['next']}").json()
    assert (len(first["items"]), rest["next"]) == (2, None)
    assert {one["id"] for one in first["items"] + rest["items"]} == {str(row.pk) for row in rows}
    city = reader()
    entry = {"post": desk().code, "content": "请示", "way": "phone"}
    status, made = api(city, "/duty/log", entry)
    listed = city.get("/api/response/duty/log", {"post": desk().code}).json()
    assert (status, made["way"], listed[0]["way"]) == (201, "phone", "phone")
