"""Vector tiles: exact, in scope, fresh, and not sent twice."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from anlan.kernel.node import node_state
from anlan.territory.models import Unit, current_act
from anlan.territory.selectors import tiles as selector
from anlan.territory.services.snapshots import snapshot_build
from tests.site.ogc_territory import account_make, token_of, units_make
from tests.territory.tile_reading import decode

COUNT = 300


@pytest.fixture
def reader(db: None) -> Client:
    units_make(COUNT)
    units_make(10, division="410182100", prefix="B", west=113.001)
    token = token_of(account_make(["410181"]), ["territory.tiles"])
    return Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})


@pytest.fixture
def indexed(transactional_db: None) -> Client:
    """The same over an index, which is built outside a transaction."""
    node_state()
    units_make(COUNT)
    units_make(10, division="410182100", prefix="B", west=113.001)
    assert snapshot_build("units") is not None
    token = token_of(account_make(["410181"]), ["territory.tiles"])
    return Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})


def layers(client: Client, path: str) -> dict[str, Any]:
    answer = client.get(f"/tiles/{path}")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    return {name: [own for *_, own in rows] for name, rows in decode(answer.content).items()}


def keys(client: Client, path: str) -> set[str]:
    return {own["key"] for own in layers(client, path).get("points", [])}


@pytest.mark.parametrize("client", ["reader", "indexed"])
@pytest.mark.django_db(transaction=True)
def test_a_tile_holds_the_points_of_the_readers_area_that_are_asked_for(
    client: str, request: pytest.FixtureRequest
) -> None:
    browser: Client = request.getfixturevalue(client)
    own = set(Unit.objects.filter(division__startswith="410181").values_list("key", flat=True))
    assert keys(browser, "units/0/0/0.mvt") == own
    some = set(Unit.objects.filter(division__startswith="410181", industry="C13").values_list("key", flat=True))
    assert keys(browser, "units/0/0/0.mvt?industry=C") == some
    named = {f"L:A{number:06}" for number in (29, *range(290, 300))}
    assert keys(browser, "units/0/0/0.mvt?q=加工厂A29") == named
    assert layers(browser, "units/10/0/0.mvt") == {}
    assert layers(browser, "places/3/0/0.mvt") == {}


@pytest.mark.django_db(transaction=True)
def test_what_was_written_since_is_in_the_tile_at_once(indexed: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    before = indexed.get("/tiles/units/0/0/0.mvt")
    again = indexed.get("/tiles/units/0/0/0.mvt", headers={"If-None-Match": before["ETag"]})
    assert again.status_code == 304 and again["ETag"] == before["ETag"] and not again.content
    moved = Unit.objects.get(key="L:A000007")
    Unit.objects.filter(pk=moved.pk).update(lon=-70.0, lat=-30.0, act=current_act(), updated_at=timezone.now())
    units_make(1, prefix="N", west=10.0)
    Unit.objects.filter(key="L:A000008").update(merged_into=moved.pk, act=current_act(), updated_at=timezone.now())
    fresh = indexed.get("/tiles/units/0/0/0.mvt", headers={"If-None-Match": before["ETag"]})
    assert fresh.status_code == 200 and fresh["ETag"] != before["ETag"]
    assert keys(indexed, "units/2/1/2.mvt") == {"L:A000007"}
    assert "L:A000007" not in keys(indexed, "units/2/3/1.mvt")
    assert keys(indexed, "units/2/2/1.mvt") >= {"L:N000000"}
    assert "L:A000008" not in keys(indexed, "units/0/0/0.mvt")
    monkeypatch.setattr(selector, "LIMIT", 50)
    both = layers(indexed, "units/0/0/0.mvt")
    total = sum(own["count"] for own in both.get("clusters", []))
    assert total + len(both["points"]) == COUNT


@pytest.mark.parametrize(
    ("path", "status"),
    [("castles/0/0/0.mvt", 404), ("persons/0/0/0.mvt", 404), ("units/0/1/0.mvt", 404), ("units/23/0/0.mvt", 404),
     ("units/99999999999999999999/0/0.mvt", 404), ("units/0/0/0.mvt?bbox=1,2,3,4", 422),
     ("units/0/0/0.mvt?colour=red", 422), ("units/0/0/0.mvt?flags=x", 422), ("castles.json", 404)],
)  # fmt: skip
def test_what_is_no_tile_is_refused_in_words(reader: Client, path: str, status: int) -> None:
    answer = reader.get(f"/tiles/{path}")
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_tile_json_leads_to_the_tiles_and_strangers_get_none(reader: Client) -> None:
    body = reader.get("/tiles/units.json?industry=C").json()
    assert body["tiles"] == ["http://127.0.0.1/tiles/units/{z}/{x}/{y}.mvt?industry=C"]
    assert Client(headers={"host": "127.0.0.1"}).get("/tiles/units/0/0/0.mvt").status_code == 401
    token = token_of(account_make(["410181"], "other"), ["territory.read"])
    assert reader.get("/tiles/units.json", headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_a_tile_is_packed_for_those_who_take_it(reader: Client) -> None:
    plain = reader.get("/tiles/units/0/0/0.mvt")
    packed = reader.get("/tiles/units/0/0/0.mvt", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert decode(gzip.decompress(packed.content)) == decode(plain.content)
    assert "private" in packed["Cache-Control"]
