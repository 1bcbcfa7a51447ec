"""Rules by REST: what holds with its marks and citations, a version checked, drafted, read, approved and ended."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from anlan.response.models import LocalRule
from tests.response.reporting import T0, DrillClock
from tests.response.scene import kinds
from tests.response.test_local_rules import drafted, floods, quicker
from tests.response.test_scope_and_feed import client, send

pytestmark = pytest.mark.django_db
HERE = "/api/response/rules"
DAY = T0.date().isoformat()
VERSION = {"kind": "clock", "code": "authority_first", "division": "4101", "body": quicker(), "valid_from": DAY}
TEXTS = {"document": "郑应急〔2021〕9号", "note": "从严"}


def got(who: Client, path: str = "", status: int = 200) -> Any:
    answer = who.get(HERE + path)
    assert answer.status_code == status, answer.content
    return answer.json()


def sent(who: Client, path: str, body: dict[str, Any], status: int) -> Any:
    answer = send(who, f"rules/{path}", body)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_what_holds_is_listed_with_marks_and_citations_and_can_be_started_from(drill: DrillClock) -> None:
    city = client("4101.duty", "duty")
    found = got(city)
    assert (found["division"], found["day"]) == ("4101", DAY)
    tables = {one["code"]: one for one in found["tables"]}
    assert (tables["work_safety"]["mark"], tables["natural_hazard"]["mark"]) == ("S", "G")
    assert "第493号" in tables["work_safety"]["citation"]["zh"]
    assert tables["geological"]["rows"][0]["name"] == {"zh": "特大型", "en": "Extra-large"}
    marks = {one["mark"] for row in tables["chemical"]["rows"] for one in row["bounds"]}
    assert marks == {"S", "G"}
    topics = {one["code"]: one for one in found["topics"]}
    phone = next(one for one in topics["authority_first"]["clocks"] if one["code"] == "henan_phone")
    assert (phone["limit"], phone["mark"]) == ({"zh": "15分钟", "en": "15 min"}, "S")
    assert "河南省应急厅" in phone["basis"]["zh"]
    for kind, one in (("grade", tables["work_safety"]), ("clock", topics["authority_first"])):
        body = {**VERSION, "kind": kind, "code": one["code"], "body": one["body"]}
        assert sent(city, "check", body, 200)
    straight = got(city, "?division=370102", 404)
    assert straight["code"] == "local_rule.not_found"
    assert got(client("410182.duty", "duty"), "?division=4101")["division"] == "4101"  # what lies above binds below


def test_a_version_is_checked_drafted_approved_and_ended(drill: DrillClock) -> None:
    desk, commander = client("4101.duty", "duty"), client("4101.commander", "decider")
    told = sent(desk, "check", VERSION, 200)
    assert [one["limit"]["en"] for one in told["clocks"]] == ["10 min", "30 min"]
    assert not LocalRule.objects.exists()
    longer = {**VERSION, "body": quicker(20)}
    for path, body in (("check", longer), ("versions", {**longer, **TEXTS})):
        refused = sent(desk, path, body, 422)
        assert (refused["code"], refused["field"], refused["binds"]) == (
            "local_rule.looser",
            "rules[0].limit",
            "henan_phone",
        )
    made = sent(desk, "versions", {**VERSION, **TEXTS}, 201)
    assert (made["state"], made["version"], made["decided_by"]) == ("draft", "4101-1", None)
    key = f"versions/{made['id']}"
    whole = got(desk, f"/{key}")
    assert whole["body"] == VERSION["body"]
    assert whole["told"]["clocks"][0]["mark"] == "L"
    assert sent(desk, f"{key}/approve", {}, 403)["code"] == "actor.may_not"
    assert sent(commander, f"{key}/approve", {}, 200)["state"] == "in_force"
    assert sent(commander, f"{key}/approve", {}, 409)["code"] == "local_rule.ended"
    topics = {one["code"]: one for one in got(desk)["topics"]}
    assert {one["mark"] for one in topics["authority_first"]["clocks"]} == {"L"}
    assert sent(commander, f"{key}/end", {"reason": " "}, 422)["field"] == "reason"
    ended = sent(commander, f"{key}/end", {"reason": "与省一致"}, 200)
    assert (ended["state"], ended["reason"], ended["valid_to"]) == ("withdrawn", "与省一致", DAY)
    assert [kind for kind, _at in kinds("local_rule.drafted", "local_rule.approved", "local_rule.ended")] == [
        "local_rule.drafted", "local_rule.approved", "local_rule.ended"]  # fmt: skip


def test_a_version_overtaken_from_above_says_why_and_from_which_day(drill: DrillClock) -> None:
    county, head = client("410182.duty", "duty"), client("410182.commander", "decider")
    made = sent(county, "versions", {**VERSION, **TEXTS, "division": "410182", "body": quicker(12)}, 201)
    assert sent(head, f"versions/{made['id']}/approve", {}, 200)["overtaken"] is None
    above = sent(client("4101.duty", "duty"), "versions", {**VERSION, **TEXTS}, 201)
    sent(client("4101.commander", "decider"), f"versions/{above['id']}/approve", {}, 200)
    for found in (got(county, f"/versions/{made['id']}"), *got(county, "/versions")["items"]):
        mine = found["id"] == made["id"]
        assert (found["overtaken"] is not None) == mine
        assert not mine or ("10分钟" in found["overtaken"]["zh"] and "12 min" in found["overtaken"]["en"])


def test_a_maker_does_not_approve_and_others_see_nothing_of_it(drill: DrillClock) -> None:
    both, other = client("4101.duty", "duty", "decider"), client("410182.duty", "duty", "decider")
    made = sent(
        both, "versions", {**VERSION, **TEXTS, "kind": "grade", "code": "natural_hazard", "body": floods()}, 201
    )
    assert sent(both, f"versions/{made['id']}/approve", {}, 409)["code"] == "local_rule.same_hand"
    mine = drafted(division="410182", body=floods())
    beside = client("410181.duty", "duty", "decider")
    for path in (f"versions/{mine.pk}/approve", f"versions/{mine.pk}/end"):
        assert sent(beside, path, {"reason": "x"}, 404)["code"] == "local_rule.not_found"
    assert got(beside, f"/versions/{mine.pk}", 404)["code"] == "local_rule.not_found"
    assert [one["id"] for one in got(beside, "/versions")["items"]] == [
        made["id"]
    ]  # the city's concerns it, the neighbour's not
    assert [one["id"] for one in got(other, "/versions?state=draft&kind=grade&limit=1")["items"]]
    assert got(other, "/versions?state=in_force")["items"] == []
    assert sent(other, "check", VERSION, 403)["code"] == "actor.may_not"
    assert got(other, "/versions?kind=plan", 422)
    assert Client().get(f"{HERE}/versions", headers={"host": "127.0.0.1"}).status_code == 401


@pytest.mark.parametrize(
    ("how", "field"),
    [({"body": {}}, "rules"), ({"body": {"rules": [1]}}, "rows"), ({"code": "gossip"}, "topic"),
     ({"body": {"rules": [{"code": "x" * 2_000_000}]}}, "body"), ({"valid_from": "2020-01-01"}, "valid_from"),
     ({"kind": "grade", "code": "work_safety", "body": {"code": "work_safety", "rows": [{"code": "serious", "any_of": [1]}]}}, "rows"),
     ({"kind": "grade", "code": "natural_hazard", "body": floods(types=["11A"] * 99)}, "rows"),
     ({"division": "410182109201"}, "division")],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_by_its_field(drill: DrillClock, how: dict[str, Any], field: str) -> None:
    refused = sent(client("4101.duty", "duty"), "check", {**VERSION, **how}, 422)
    assert refused["field"] == field
    assert field in refused["zh"]
    assert field in refused["en"]
