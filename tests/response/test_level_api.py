"""Levels by REST: what would change, decided by hand, one response, bodies that differ, the closing."""

from __future__ import annotations

import pytest

from anlan.kernel import clock
from anlan.response.models import Mismatch, PurgeClock
from anlan.response.services import level_adopt, level_end
from tests.response.scene import RED, SCENE
from tests.response.test_scope_and_feed import client, send

pytestmark = pytest.mark.django_db


def test_a_level_by_hand_with_its_preview_and_its_page(plan) -> None:
    with clock.at(RED):
        city = client("4101.commander", "decider")
        shown = city.get("/api/response/levels/preview?plan=ZZ-FLOOD&level=2").json()
        assert shown["tasks"] > shown["posts"] > 5
        assert city.get("/api/response/levels/preview?plan=NOPE&level=2").status_code == 404
        assert send(city, "levels", {"plan": "ZZ-FLOOD", "level": 2, "reason": " "}).status_code == 422
        assert (
            send(client("4101.duty", "duty"), "levels", {"plan": "ZZ-FLOOD", "level": 2, "reason": "x"}).status_code
            == 403
        )
        made = send(city, "levels", {"plan": "ZZ-FLOOD", "level": 2, "reason": "上游泄洪"}).json()
        page = city.get(f"/api/response/levels/{made['id']}").json()
        assert (page["level"], page["in_force"], sum(page["tasks"].values())) == (2, True, shown["tasks"])
        assert page["steps"][0]["reason"] == "上游泄洪"
        ended = {"plan": "ZZ-FLOOD", "level": 0, "reason": "雨停", "ending": {"watch": " "}}
        assert send(city, "levels", ended).json()["field"] == "watch"
        assert send(city, "levels", {**ended, "ending": {"confirmed": [0]}}).status_code == 200
        page = city.get(f"/api/response/levels/{made['id']}").json()
        assert [step["kind"] for step in page["steps"]] == ["start", "end"]
        assert len(page["closing"]) == 6
        assert city.get("/api/response/closings").json()["items"][0]["id"] == made["id"]


def test_bodies_follow_or_refuse_and_data_is_held(plan) -> None:
    with clock.at(RED):
        level_adopt(by=SCENE, plan="ZZ-FLOOD", level=3, at=RED)
        deputy = client("4101.deputy.3", "decider")
        (row,) = deputy.get("/api/response/mismatches").json()["items"]
        assert send(deputy, f"mismatches/{row['id']}/refuse", {"reason": ""}).status_code == 422
        assert send(deputy, f"mismatches/{row['id']}/adopt", {}).json()["state"] == "adopted"
        assert send(deputy, f"mismatches/{row['id']}/adopt", {}).status_code == 409
        level_end(by=SCENE, plan="ZZ-FLOOD", reason="雨停", at=RED)
        assert Mismatch.objects.filter(state="open").count() == 1
        key, desk = PurgeClock.objects.get().pk, client("4101.duty", "duty")
        held = {"until": "2021-12-31T00:00:00+08:00", "legality": "调查", "need": "追责", "safety": "专柜"}
        assert send(desk, f"purges/{key}/hold", {**held, "safety": ""}).json()["field"] == "safety"
        assert send(desk, f"purges/{key}/hold", held).json()["state"] == "held"
        assert send(desk, f"purges/{key}/release", {"reason": "调查结束"}).json()["state"] == "running"
