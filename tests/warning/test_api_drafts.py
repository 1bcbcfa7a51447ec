"""The routes on which warnings are written: the whole way, what is refused, and that nobody sees another county's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from ninja.testing import TestClient

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem
from anlan.kernel.scope import Scope
from anlan.warning.models import Warning, WarningDraft
from anlan.warning.services import warning_propose
from anlan.warning.services.drafts_words import content_filled
from tests.warning.conftest import DUTY, ISSUER, SCENARIO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
OTHER = Actor("person", "荥阳值班", Scope(("410182",)), roles=frozenset({"duty", "issuer"}))
CHECKER = Actor("person", "审核岗", Scope(("410181",)), roles=frozenset({"duty"}))


@pytest.fixture(scope="module")
def client() -> TestClient:
    from anlan.warning.api.drafts import router

    return TestClient(router)


def content() -> dict[str, Any]:
    return content_filled(hazard="11B03", colour="red", area=["410181"]).to_json()


def test_a_draft_goes_the_whole_way(client: TestClient) -> None:
    made = client.post(
        "/drafts", json={"content": content(), "received": "a@b,1,2021-07-19T22:00:00+08:00"}, actor=DUTY
    )
    assert made.status_code == 201
    draft = made.json()
    assert (draft["state"], draft["source"], draft["made_by"]) == ("made", "received", DUTY.name)
    path, seen = f"/drafts/{draft['id']}", {"seen": draft["digest"]}
    assert [row["id"] for row in client.get("/drafts", actor=CHECKER).json()] == [draft["id"]]
    body = {**content(), "headline": {"zh": "巩义暴雨红色预警", "en": "Red rainstorm warning for Gongyi"}}
    seen = {"seen": client.put(path, json={"content": body, **seen}, actor=DUTY).json()["digest"]}
    assert client.post(f"{path}/check", json=seen, actor=CHECKER).json()["state"] == "checked"
    assert client.post(f"{path}/sign", json=seen, actor=ISSUER).json()["signed_by"] == ISSUER.name
    issued = client.post(f"{path}/issue", json=seen, actor=ISSUER).json()
    warning = Warning.objects.get(id=issued["warning"])
    assert warning.headline_zh == "巩义暴雨红色预警"
    assert client.get(path, actor=DUTY).json()["state"] == "issued"


def test_the_urgent_way_leaves_a_red_item(client: TestClient) -> None:
    draft = client.post("/drafts", json={"content": content()}, actor=ISSUER).json()
    body = {"seen": draft["digest"], "reason": "山洪已到村口"}
    done = client.post(f"/drafts/{draft['id']}/issue-urgent", json=body, actor=ISSUER).json()
    assert done["urgent"]
    (item,) = client.get("/drafts/after-checks", actor=DUTY).json()
    assert (item["draft"], item["late"]) == (draft["id"], False)
    superior = Actor("person", "上级", Scope(("4101",)), roles=frozenset({"decider"}),
                     post=WarningDraft.objects.get().after_post_id)  # fmt: skip
    told = client.post(f"/drafts/{draft['id']}/after-check", json={"verdict": "right"}, actor=superior).json()
    assert told["after_verdict"] == "right"
    assert client.get("/drafts/after-checks", actor=DUTY).json() == []


def test_returned_and_dropped_with_reasons(client: TestClient) -> None:
    draft = client.post("/drafts", json={"content": content()}, actor=DUTY).json()
    path = f"/drafts/{draft['id']}"
    assert client.post(f"{path}/return", json={"reason": "重写"}, actor=CHECKER).json()["state"] == "returned"
    assert client.post(f"{path}/drop", json={"reason": "雨停"}, actor=DUTY).json()["state"] == "dropped"


def test_another_county_neither_reads_nor_writes(client: TestClient) -> None:
    draft = client.post("/drafts", json={"content": content()}, actor=DUTY).json()
    assert client.get("/drafts", actor=OTHER).json() == []
    for verb, path, body in (
        ("get", f"/drafts/{draft['id']}", None), ("post", f"/drafts/{draft['id']}/check", {"seen": draft["digest"]}),
        ("post", "/drafts", {"content": content()}), ("post", "/drafts/preview", content()),
        ("get", f"/drafts/filled?signal={uuid4()}", None),
    ):  # fmt: skip
        with pytest.raises(Problem) as refused:
            getattr(client, verb)(path, actor=OTHER, **({"json": body} if body else {}))
        assert refused.value.http in (403, 404), path


def test_filled_preview_and_divisions(client: TestClient) -> None:
    proposal = warning_propose(by=SCENARIO, division="410181", hazard="11B03", colour="red",
                               explanation={"zh": "雨", "en": "rain"})  # fmt: skip
    assert proposal is not None
    body = client.get(f"/drafts/filled?proposal={proposal.id}", actor=ISSUER).json()
    assert body["description"] == {"zh": "雨", "en": "rain"}
    shown = client.post("/drafts/preview", json=body, actor=ISSUER).json()
    assert shown["count"] > 50
    assert "<alert" in shown["cap"]["xml"]
    assert not WarningDraft.objects.exists()
    ring = [[112, 34], [114, 34], [114, 35.5], [112, 35.5], [112, 34]]
    found = client.post("/drafts/divisions", json={"outline": {"type": "Polygon", "coordinates": [ring]}}, actor=ISSUER)
    assert found.json()["area"] == ["410181"]
