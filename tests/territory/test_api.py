"""The routes: scoped, masked, and refusing in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ninja.testing import TestClient

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Problem
from anlan.kernel.scope import Scope
from anlan.territory.models import Person
from anlan.territory.services import generate

pytestmark = pytest.mark.django_db
READER = Actor("person", "巩义值班员", Scope(("410181",)), roles=frozenset({"duty"}))


@pytest.fixture(scope="module")
def client() -> TestClient:
    from anlan.territory.api import router

    return TestClient(router)


@pytest.fixture(autouse=True)
def tiny(db: None) -> None:
    generate("tiny", 7)


def get(client: TestClient, path: str) -> Any:
    return client.get(path, actor=READER)


def test_divisions_places_and_holders(client: TestClient) -> None:
    divisions = get(client, "/divisions?parent=410181").json()
    assert [row["code"] for row in divisions] == ["410181001", "410181003", "410181100", "410181103", "410181110"]
    assert divisions[2]["name"] == {"zh": "米河镇", "en": "Mihe Town"}
    assert divisions[2]["estimated"] is True
    places = get(client, "/places?limit=1000").json()
    assert {row["division"][:6] for row in places} == {"410181"}
    holders = get(client, "/holders?division=410181100&role=township_duty").json()
    assert [row["code"] for row in holders] == ["410181100.duty"]
    assert all("****" in holder["phone"] for holder in holders[0]["holders"])
    assert get(client, "/holders?limit=0").status_code == 422


@pytest.mark.parametrize("path", ["/divisions?parent=41018", "/places?kind=castle", "/holders?role=king"])
def test_what_does_not_fit_is_refused_naming_the_value(client: TestClient, path: str) -> None:
    with pytest.raises(Problem) as refusal:
        get(client, path)
    assert refusal.value.http == 422
    assert refusal.value.value == path.split("=")[1]


def test_unmask(client: TestClient) -> None:
    person = Person.objects.get(code="410181100.duty.A")
    body = json.dumps({"reason": "连续三次未应答"})
    answer = client.post(f"/persons/{person.pk}/unmask", data=body, content_type="application/json", actor=READER)
    assert answer.json() == {"id": str(person.pk), "name": "米河镇防汛值班员甲", "phone": person.phone}
