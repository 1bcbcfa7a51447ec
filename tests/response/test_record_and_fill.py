"""The record of a response to take along, a report's form filled from what is known, what is red before it is decided, and
the way from a signal or a warning to the call sheet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.scope import Scope
from anlan.response.models import Incident, Level, LevelProposal, ReportDuty
from anlan.response.selectors import red_items
from anlan.response.selectors.sources import sheet_from
from anlan.response.services import (
    Said,
    Told,
    figure_set,
    incident_merge,
    incident_receive,
    intake_dismiss,
    intake_open,
    level_adopt,
    report_acknowledge,
    report_file,
    team_decide,
    team_register,
)
from anlan.territory.models import Post
from anlan.warning.models import Warning
from tests.response.reporting import T0, DrillClock
from tests.response.scene import RED, SCENE, SYSTEM, warn

pytestmark = pytest.mark.django_db
COUNTY, CITY = Scope(("410182",)), Scope(("4101",))


def desk(code: str, *roles: str, language: str = "zh-hans") -> Client:
    """A signed-in duty officer of a post."""
    post = Post.objects.get(code=code)
    account_save(by=SYSTEM, username=code, name=post.name_zh, divisions=[post.division], roles=list(roles), post=post.pk,
                 password="rain-and-flood-1")  # fmt: skip
    client = Client(headers={"Accept": "text/html", "Accept-Language": language})
    client.post("/sign-in", {"username": code, "password": "rain-and-flood-1"})
    return client


def works(what: str, minute: int, **counts: Any) -> Incident:
    """An accident told by telephone."""
    at = T0 + timedelta(minutes=minute)
    said = Said(what, "12D00", happened_at=at - timedelta(minutes=5), place_words="崔庙镇某厂", casualties=counts,
                measures="已疏散周边群众")  # fmt: skip
    intake = incident_receive(by=SCENE, door="phone", division="410182109", said=said, at=at)
    row = intake_open(by=SCENE, intake=intake.pk, at=at)
    run_until_quiet(strict=True)
    return row


def shown(client: Client, query: str) -> dict[str, Any]:
    """What a report's form begins with: {figure or item: value}, the duty it answers under "duty"."""
    page = client.get(f"/response/reports/new?{query}")
    assert page.status_code == 200
    figures = {f["one"].code: f["value"] for group in page.context["groups"] for f in (*group[1], *group[2])}
    items = {item.field: value for item, value in page.context["content"]}
    return {**figures, **items, "duty": page.context["draft"].duty, "incident": page.context["draft"].incident}


def test_a_first_report_begins_with_what_the_record_knows(plan: Any, drill: DrillClock) -> None:
    row = works("冷库氨气泄漏", 0, deaths=3, injured=None)
    figure_set(by=SCENE, incident=row.pk, metric="missing", value=1, source="119", at=T0 + timedelta(minutes=3))
    drill.to(T0 + timedelta(minutes=4))
    form = shown(desk("410182.duty", "duty"), f"incident={row.pk}")
    assert (form["dead"], form["missing"]) == (3, 1)
    assert form["injured"] == ""  # nobody knows: never zero
    assert "2021-07-20 09:55" in form["where_when"]
    assert "崔庙镇某厂" in form["where_when"]
    assert form["course"] == "冷库氨气泄漏"
    assert form["casualties"] == "死亡3人，失踪（下落不明）1人，受伤人数不明"
    assert form["measures"] == "已疏散周边群众"
    assert form["duty"].rule == "henan_written_relative"


def test_after_a_merge_the_form_tells_of_both_and_is_about_the_one_they_go_on_in(plan: Any, drill: DrillClock) -> None:
    first, second = works("冷库氨气泄漏", 0, deaths=3), works("厂区有人晕倒", 5, injured=12)
    drill.to(T0 + timedelta(minutes=10))
    incident_merge(by=SCENE, incident=first.pk, into=second.pk, reason="同一起")
    run_until_quiet(strict=True)
    county = desk("410182.duty", "duty")
    for asked in (first, second):
        form = shown(county, f"incident={asked.pk}")
        assert (form["dead"], form["injured"], form["incident"]) == (3, 12, second.pk)
        assert form["course"] == "冷库氨气泄漏\n厂区有人晕倒"
    listed = county.get(f"/response/reports?incident={first.pk}")
    assert listed.context["about"].pk == second.pk
    assert {row["incident"] for row in listed.context["own"]} == {str(second.pk)}


def test_a_later_report_begins_with_what_was_told_and_what_is_newer(plan: Any, drill: DrillClock) -> None:
    row = works("冷库氨气泄漏", 0, deaths=3, injured=12)
    drill.to(T0 + timedelta(minutes=10))
    county = desk("410182.duty", "duty")
    sent = county.post("/response/reports/new", {"incident": str(row.pk), "kind": "first", "form": "written",
                                                 "f.dead": "3", "f.injured": "14", "c.course": "氨气泄漏"})  # fmt: skip
    assert sent.status_code == 302
    assert not ReportDuty.objects.filter(incident=row, rule="henan_written_relative", ended_at=None).exists()
    figure_set(by=SCENE, incident=row.pk, metric="deaths", value=4, source="医院", at=T0 + timedelta(minutes=20))
    drill.to(T0 + timedelta(minutes=21))
    form = shown(county, f"incident={row.pk}&kind=first")
    assert (form["dead"], form["injured"]) == (4, 14)  # newer than the report; older than it
    assert form["course"] == "氨气泄漏"
    page = county.get(f"/response/incidents/{row.pk}").content.decode()
    assert "续报" in page
    assert f"/response/reports/new?incident={row.pk}" in page


def test_the_record_goes_out_as_table_and_page(plan: Any, drill: DrillClock) -> None:
    row = works("冷库氨气泄漏", 0, deaths=3)
    report_file(
        by=SCENE,
        division="410182",
        figures={"dead": 3},
        kind="first",
        incident=row.pk,
        told=Told(),
        at=T0 + timedelta(minutes=9),
    )
    drill.to(T0 + timedelta(minutes=10))
    city = desk("4101.duty", "duty")
    page = city.get(f"/response/incidents/{row.pk}/record")
    assert page.status_code == 200
    assert len(page.context["r"]["course"]) >= 4
    assert [one["kind"] for one in page.context["r"]["reports"]] == ["first"]
    answer = city.get(f"/response/incidents/{row.pk}/record.csv")
    table = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert "死亡" in "".join(table)
    assert sum("报告 report" in line for line in table) == 1
    assert city.get(f"/response/incidents/{row.pk}/record.pdf").status_code == 404
    assert desk("410181.duty", "duty").get(f"/response/incidents/{row.pk}/record").status_code == 404


def test_the_record_of_a_response_holds_its_decision_and_its_tasks(plan: Any) -> None:
    warn("red", RED)
    level_adopt(by=SCENE, proposal=LevelProposal.objects.get().pk, at=RED + timedelta(minutes=5))
    level = Level.objects.get()
    with clock.at(RED + timedelta(minutes=6)):
        city = desk("4101.duty", "duty")
        record = city.get(f"/response/levels/{level.pk}/record").context["r"]
        answer = city.get(f"/response/levels/{level.pk}/record.csv")
    assert {entry["kind"] for entry in record["course"]} >= {"level.proposed", "level.started"}
    table = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert table.count("任务 task") == len(record["tasks"]) > 20


def test_what_nobody_has_decided_or_read_is_red(plan: Any, post: Any) -> None:
    at = RED + timedelta(minutes=30)

    def red(scope: Scope, kind: str, when: Any = at) -> list[str]:
        return [item["id"] for item in red_items(scope, when) if item["kind"] == kind]

    said = Said("厂区浓烟", "12G00", place_words="崔庙镇")
    intake = incident_receive(by=SCENE, door="transfer", division="410182109", said=said, source_system="119",
                              source_ref="7", at=at)  # fmt: skip
    team = team_register(by=SCENE, command_post=post.pk, name="蓝天救援队", leader="领队", people=12, at=at)
    assert red(COUNTY, "intakes") == [str(intake.pk)]
    assert red(COUNTY, "teams_waiting") == [str(team.pk)]
    assert red(Scope(("410181",)), "intakes") == []
    intake_dismiss(by=SCENE, intake=intake.pk, reason="演练", at=at)
    team_decide(by=SCENE, team=team.pk, decision="decline", reason="力量已足", at=at)
    assert red(COUNTY, "intakes") == red(COUNTY, "teams_waiting") == []
    told = report_file(by=SCENE, division="410182", figures={}, at=at)
    assert red(CITY, "unread", at + timedelta(minutes=14)) == []
    assert red(CITY, "unread", at + timedelta(minutes=15)) == ["4101"]
    assert red(Scope(("41",)), "unread", at + timedelta(minutes=15)) == []  # the city's to read, not the province's
    report_acknowledge(by=SCENE, reports=[told.pk], level="4101", at=at)
    assert red(CITY, "unread", at + timedelta(hours=1)) == []


def test_a_county_takes_its_own_part_of_a_warning_onto_the_sheet(plan: Any) -> None:
    with clock.at(RED):
        warn("red", RED)
        row = Warning.objects.get()
        assert row.area == ["4101"]
        sheet = sheet_from(COUNTY, f"warning:{row.pk}")
        assert (sheet["division"], sheet["door"], sheet["type"]) == ("410182", "warning", row.hazard)
        assert sheet_from(Scope(("410",)), f"warning:{row.pk}")["division"] == "4101"
        link = f"/response/incidents/new?about=warning:{row.pk}"
        assert link in desk("410182.duty", "duty").get(f"/warnings/{row.pk}").content.decode()
        assert link not in desk("410182.commander", "viewer").get(f"/warnings/{row.pk}").content.decode()
