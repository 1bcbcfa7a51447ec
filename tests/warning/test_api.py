"""The routes: scoped, refusing in words, and an answer stored before it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from ninja.testing import TestClient

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem
from anlan.kernel.scope import Scope
from anlan.warning.formats import cap
from anlan.warning.models import Call, WarningProposal
from anlan.warning.services import warning_propose
from tests.warning.conftest import DUTY, ISSUER, SCENARIO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
OTHER = Actor("person", "荥阳值班", Scope(("410182",)), roles=frozenset({"duty", "issuer"}))
RED = {"hazard": "11B03", "colour": "red", "area": ["410181"]}


@pytest.fixture(scope="module")
def client() -> TestClient:
    from anlan.warning.api import router

    return TestClient(router)


def refusal(act: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(Problem) as problem:
        act()
    return problem.value.http, problem.value.code


def test_issue_read_answer_cancel(client: TestClient) -> None:
    made = client.post("/warnings", json=RED, actor=ISSUER)
    assert made.status_code == 201
    warning = made.json()
    assert warning["instruction"]["zh"]
    ident = warning["id"]
    assert [w["id"] for w in client.get("/warnings", actor=DUTY).json()] == [ident]
    raw = client.get(f"/warnings/{ident}/cap.xml", actor=DUTY).content
    assert cap.read(raw).alert.identifier == warning["number"]
    board = client.get(f"/warnings/{ident}/board", actor=DUTY).json()
    rows = client.get("/unanswered?limit=500", actor=DUTY).json()
    assert board["total"]["targeted"] == board["total"]["waiting"] == len(rows)
    call = rows[0]["id"]
    assert client.post(f"/calls/{call}/answer", json={"content": "acting"}, actor=DUTY).json()["repeated"] is False
    assert client.post(f"/calls/{call}/answer", json={"content": "acting"}, actor=DUTY).json()["repeated"] is True
    assert Call.objects.get(id=call).answer == "acting"
    feed = etree.fromstring(client.get("/feed.xml", actor=DUTY).content)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    over = client.post(f"/warnings/{ident}/cancel", json={"reason": "雨停"}, actor=ISSUER).json()
    assert over["state"] == "cancelled"
    assert cap.read(client.get(f"/warnings/{ident}/cap.xml", actor=DUTY).content).alert.msg_type == "Cancel"


def test_another_county_gets_nothing(client: TestClient) -> None:
    ident = client.post("/warnings", json=RED, actor=ISSUER).json()["id"]
    call = Call.objects.first()
    assert call is not None
    assert client.get("/warnings", actor=OTHER).json() == []
    assert client.get("/unanswered", actor=OTHER).json() == []
    for path in (f"/warnings/{ident}", f"/warnings/{ident}/cap.xml", f"/warnings/{ident}/board"):
        assert refusal(lambda path=path: client.get(path, actor=OTHER)) == (404, "warning.not_found")
    body = {"content": "received"}
    assert refusal(lambda: client.post(f"/calls/{call.id}/answer", json=body, actor=OTHER)) == (404, "call.not_found")
    assert refusal(lambda: client.post(f"/warnings/{ident}/cancel", json={"reason": "x"}, actor=OTHER))[0] == 404
    assert refusal(lambda: client.get("/preview?area=410181&colour=red", actor=OTHER)) == (404, "warning.area")
    assert refusal(lambda: client.post("/warnings", json=RED, actor=OTHER)) == (403, "actor.may_not")


def test_proposals_are_issued_and_declined(client: TestClient) -> None:
    def propose() -> WarningProposal:
        made = warning_propose(by=SCENARIO, division="410181", hazard="11B03", colour="red",
                               explanation={"zh": "三小时一百毫米", "en": "100 mm in 3 h"})  # fmt: skip
        assert made is not None
        return made

    first = propose()
    assert list(client.get("/proposals", actor=DUTY).json()) == [str(first.id)]
    assert client.get("/proposals", actor=OTHER).json() == {}
    declined = client.post(f"/proposals/{first.id}/decline", json={"reason": "误报"}, actor=DUTY).json()
    assert declined["state"] == "declined"
    second = propose()
    issued = client.post(f"/proposals/{second.id}/issue", json={}, actor=ISSUER).json()
    assert issued["description"]["zh"] == "三小时一百毫米"
    again = refusal(lambda: client.post(f"/proposals/{second.id}/issue", json={}, actor=ISSUER))
    assert again == (409, "proposal.closed")


def test_words_without_instruction_are_refused(client: TestClient) -> None:
    texts = dict.fromkeys(("headline_zh", "headline_en", "description_zh", "description_en"), "x")
    body = {**RED, "texts": {**texts, "instruction_zh": "", "instruction_en": ""}}
    assert refusal(lambda: client.post("/warnings", json=body, actor=ISSUER)) == (422, "warning.no_instruction")


def test_the_preview_shows_counts_and_words(client: TestClient) -> None:
    shown = client.get("/preview?area=410181&colour=red", actor=ISSUER).json()
    assert shown["count"] == sum(shown["levels"].values()) == sum(shown["roles"].values())
    assert shown["texts"]["instruction_en"]
    assert client.get("/preview?colour=red", actor=ISSUER).status_code == 422
    naive = refusal(lambda: client.get("/proposals?at=2021-07-20T08:00:00", actor=DUTY))
    assert naive == (422, "time.no_zone")
