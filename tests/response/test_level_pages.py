"""The pages of levels: what waits, the decision with the law's fields, one response, bodies that differ, the closing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.response.models import Level, LevelProposal, Mismatch, PurgeClock, Task
from anlan.response.services import level_adopt, level_end
from anlan.territory.models import Post
from tests.response.scene import RED, SCENE, SYSTEM, warn

pytestmark = pytest.mark.django_db


def reader(code: str, *roles: str) -> Client:
    """A signed-in holder of a post, reading Chinese."""
    post = Post.objects.get(code=code)
    account_save(by=SYSTEM, username=code, name=post.name_zh, divisions=[post.division], roles=list(roles),
                 post=post.pk, password="rain-and-flood-1")  # fmt: skip
    client = Client(headers={"Accept": "text/html", "Accept-Language": "zh-hans"})
    client.post("/sign-in", {"username": code, "password": "rain-and-flood-1"})
    return client


@pytest.fixture
def commander(plan: Any) -> Client:
    return reader("4101.commander", "decider", "duty")


def test_the_form_is_filled_from_the_plan_and_shows_what_changes(plan: Any, commander: Client) -> None:
    with clock.at(RED):
        warn("red", RED)
        proposal = LevelProposal.objects.get()
        page = commander.get("/response/decide", {"proposal": str(proposal.pk)})
        text = page.content.decode()
    assert page.status_code == 200
    assert 'value="暴雨洪涝"' in text
    assert proposal.trigger["citation"]["zh"] in text
    assert "停课：全县（区）学校和幼儿园停课" in text
    assert page.context["preview"]["tasks"] > page.context["preview"]["posts"] > 10
    assert page.context["preview"]["previous"] == 0


def test_a_decision_says_what_it_sent_and_leads_to_the_response(plan: Any, commander: Client) -> None:
    with clock.at(RED):
        warn("red", RED)
        proposal = LevelProposal.objects.get()
        form = commander.get("/response/decide", {"proposal": str(proposal.pk)}).context["said"]
        expected = commander.get("/response/decide", {"proposal": str(proposal.pk)}).context["preview"]
        sent = {
            "proposal": str(proposal.pk),
            **form,
            "measures": "\n".join(["停课", "停运地铁"]),
            "expected_duration_h": "12",
        }
        answer = commander.post("/response/decide", sent)
    level = Level.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/response/levels/{level.pk}"
    assert (level.measures, level.expected_duration_h) == (["停课", "停运地铁"], 12.0)
    assert Task.objects.filter(level=level).count() == expected["tasks"]
    page = commander.get(answer["Location"])
    text = page.content.decode()
    assert page.status_code == 200
    assert "停运地铁" in text
    assert level.decided_by_post.name_zh in text
    assert page.context["groups"]


@pytest.mark.parametrize(("field", "value"), [("matter", " "), ("expected_duration_h", "0"), ("measures", "\n"),
                                              ("reason", ""), ("basis", "")])  # fmt: skip
def test_what_the_law_asks_may_not_be_left_out(plan: Any, commander: Client, field: str, value: str) -> None:
    with clock.at(RED):
        warn("red", RED)
        key = str(LevelProposal.objects.get().pk)
        form = commander.get("/response/decide", {"proposal": key}).context["said"]
        sent = {"proposal": key, **form, "measures": "\n".join(form["measures"]), field: value}
        answer = commander.post("/response/decide", sent)
    assert answer.status_code == 422
    assert "突发事件应对法" in answer.content.decode()
    assert not Level.objects.exists()


def test_a_level_by_hand_needs_its_reason_and_the_plans_decider(plan: Any, commander: Client) -> None:
    asked = {"plan": "ZZ-FLOOD", "level": "2"}
    with clock.at(RED):
        page = commander.get("/response/decide", asked)
        form = page.context["said"]
        assert form["reason"] == ""
        sent = {**asked, **form, "measures": "\n".join(form["measures"])}
        assert commander.post("/response/decide", sent).status_code == 422
        deputy = reader("4101.deputy.1", "decider")
        told = deputy.post("/response/decide", {**sent, "reason": "上游泄洪"})
        assert told.status_code == 422
        assert "city_commander" in told.content.decode()
        assert commander.post("/response/decide", {**sent, "reason": "上游泄洪"}).status_code == 302
    assert Level.objects.get().reason == "上游泄洪"


def test_the_end_is_announced_and_the_response_shows_its_closing(plan: Any, commander: Client) -> None:
    with clock.at(RED):
        level_adopt(by=SCENE, plan="ZZ-FLOOD", level=3, at=RED)
    asked = {"plan": "ZZ-FLOOD", "level": "0"}
    with clock.at(RED + timedelta(hours=20)):
        page = commander.get("/response/decide", asked)
        form = page.context["said"]
        sent = {**asked, **form, "stopped": "\n".join(form["stopped"]), "confirmed": ["0", "2"]}
        assert commander.post("/response/decide", sent).status_code == 422  # no grounds
        assert commander.post("/response/decide", {**sent, "reason": "雨停", "watch": " "}).status_code == 422
        answer = commander.post("/response/decide", {**sent, "reason": "雨停"})
        assert answer.status_code == 302
        page = commander.get(answer["Location"])
        front = commander.get("/response").content.decode()
    level = Level.objects.get()
    assert level.ending["confirmed"] == ["雨停且3小时无新增预警", "转移人员安全"]
    assert level.ending["open"] == ["险情排除"]
    kinds = [row["action"] for row in page.context["closing"]]
    assert kinds == ["final_report", "loss_assessment", "lessons", "archive", "audit", "purge"]
    assert "收尾" in front or "善后" in front
    assert str(level.pk) in front


def test_bodies_that_differ_follow_or_refuse_with_a_reason(plan: Any, commander: Client) -> None:
    with clock.at(RED):
        level = level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=RED)
        key = Mismatch.objects.get().pk
        front = commander.get("/response").content.decode()
        assert str(key) in front
        commander.post(f"/response/mismatches/{key}/refuse", {"reason": " "})
        assert Mismatch.objects.get().state == "open"
        commander.post(f"/response/mismatches/{key}/adopt", {"next": f"/response/levels/{level.pk}"})
    assert Mismatch.objects.get().state == "adopted"
    assert Task.objects.get(code="L-follow").state == "done"


def test_personal_data_is_held_from_the_page_after_an_assessment(plan: Any) -> None:
    desk = reader("4101.duty", "duty")
    with clock.at(RED):
        level_adopt(by=SCENE, plan="ZZ-FLOOD", level=3, at=RED)
        level = level_end(by=SCENE, plan="ZZ-FLOOD", reason="雨停", at=RED)
        clock_row = PurgeClock.objects.get()
        held = {"legality": "调查需要", "need": "责任认定", "safety": "专柜专人", "until": "2021-12-31"}
        desk.post(f"/response/purges/{clock_row.pk}/hold", {**held, "need": ""})
        assert PurgeClock.objects.get().state == "running"
        desk.post(f"/response/purges/{clock_row.pk}/hold", held)
        assert PurgeClock.objects.get().state == "held"
        assert "责任认定" in desk.get(f"/response/levels/{level.pk}").content.decode()


def test_a_county_sees_what_the_city_decided_and_decides_nothing(plan: Any) -> None:
    county = reader("410182.duty", "duty")
    with clock.at(RED):
        level = level_adopt(by=SCENE, plan="ZZ-FLOOD", level=2, at=RED)
        page = county.get(f"/response/levels/{level.pk}")
        assert page.status_code == 200
        assert not page.context["may_decide"]
        assert county.get("/response").status_code == 200
        elsewhere = reader("4101.commander", "decider").get("/response/levels/00000000-0000-4000-8000-000000000000")
    assert elsewhere.status_code == 404
