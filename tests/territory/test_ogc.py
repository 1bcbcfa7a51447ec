"""OGC API – Features: what the standard says, and that GDAL opens it as it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from anlan.kernel.crs import SYSTEMS, box_back
from anlan.kernel.problem import Problem
from anlan.risk.choices import CATEGORIES
from anlan.risk.models import SurveyRecord
from anlan.site.ogc.asking import span_read
from anlan.territory.choices import RISK_FLAGS
from anlan.territory.models import Boundary, Division, Post, Unit
from anlan.territory.services import generate
from tests.site.ogc_territory import account_make, token_of, units_make

EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.fixture
def client(db: None) -> Client:
    generate("tiny", 7)
    units_make(250)
    units_make(20, division="410182100", prefix="B", west=113.5)
    token = token_of(account_make(["410181"]))
    return Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}"})


def items(client: Client, layer: str = "units", **params: Any) -> dict[str, Any]:
    asked = urlencode({"bbox-crs" if name == "bbox_crs" else name: value for name, value in params.items()})
    answer = client.get(f"/ogc/collections/{layer}/items?{asked}")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/geo+json"
    return dict(answer.json())


def test_every_link_leads_somewhere(client: Client) -> None:
    seen, todo = set(), ["http://127.0.0.1/ogc"]
    while todo:
        address = todo.pop()
        answer = client.get(address.removeprefix("http://127.0.0.1"))
        assert answer.status_code == 200, address
        seen.add(address)
        body = answer.json()
        for part in [body, *body.get("collections", [])]:
            links = {link["href"]: link["type"] for link in part.get("links", []) if link["rel"] != "next"}
            todo += [href for href in links if href not in seen and href not in todo]
        own = [link for link in body.get("links", []) if link["rel"] == "self"]
        assert all(answer["Content-Type"] == link["type"] for link in own), address
    assert len(seen) >= 4 + 5 * 3


def test_features_carry_point_properties_and_masked_people(client: Client) -> None:
    body = items(client, limit=5)
    assert (body["numberMatched"], body["numberReturned"], len(body["features"])) == (250, 5, 5)
    first = body["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [113.0, 34.5]}
    assert first["properties"]["phone"] == "138****0000"
    assert first["properties"]["principal"] == "主*"
    assert first["properties"]["flags"] == [next(iter(RISK_FLAGS))]
    one = client.get(f"/ogc/collections/units/items/{first['id']}").json()
    assert one["properties"] == first["properties"]


def test_pages_are_complete_and_without_doubles(client: Client) -> None:
    ids: list[str] = []
    address = "/ogc/collections/units/items?limit=37&industry=C"
    while address:
        body = client.get(address).json()
        ids += [feature["id"] for feature in body["features"]]
        following = [link["href"] for link in body["links"] if link["rel"] == "next"]
        address = following[0].removeprefix("http://127.0.0.1") if following else ""
    assert len(ids) == len(set(ids)) == Unit.objects.filter(division__startswith="410181", industry="C13").count()


def test_boxes(client: Client) -> None:
    count = items(client, bbox="113.0,34,113.00495,35")["numberMatched"]
    assert count == 50
    assert items(client, bbox="113.0,34,-100,113.00495,35,9000")["numberMatched"] == count
    assert items(client, bbox="34,113.0,35,113.00495", bbox_crs=EPSG + "4326")["numberMatched"] == count
    assert items(client, bbox="34,113.0,35,113.00495", bbox_crs=EPSG + "4490")["numberMatched"] == count
    metres = "12579102.4,4028802,12579653.4,4163881"
    assert items(client, bbox=metres, bbox_crs=EPSG + "3857")["numberMatched"] == count
    assert items(client, bbox="113.01,34,112.9,35")["numberMatched"] == 150, "over the antimeridian, round the world"
    assert items(client, bbox="-180,-90,180,90")["numberMatched"] == 250
    assert items(client, bbox="-300,-95,300,95")["numberMatched"] == 250


def test_coordinates_come_in_the_system_asked_for(client: Client) -> None:
    answer = client.get(f"/ogc/collections/units/items?limit=1&crs={EPSG}4326")
    assert answer["Content-Crs"] == f"<{EPSG}4326>"
    assert answer.json()["features"][0]["geometry"]["coordinates"] == [34.5, 113.0]
    assert items(client, limit=1, crs=EPSG + "4490")["features"][0]["geometry"]["coordinates"] == [34.5, 113.0]
    x, y = items(client, limit=1, crs=EPSG + "3857")["features"][0]["geometry"]["coordinates"]
    # by GDAL 3.6: gdaltransform -s_srs EPSG:4326 -t_srs EPSG:3857
    assert (round(x, 1), round(y, 1)) == (12579102.5, 4096139.0)
    plain = client.get("/ogc/collections/units/items?limit=1")
    assert plain["Content-Crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


def test_times(client: Client) -> None:
    assert items(client, datetime="2026-05-01T05:00:00Z")["numberMatched"] == 1
    assert items(client, datetime="2026-05-01T13:00:00+08:00")["numberMatched"] == 1
    assert items(client, datetime="2026-05-02")["numberMatched"] == 24
    assert items(client, datetime="2026-05-02T00:00:00Z/..")["numberMatched"] == 226
    assert items(client, datetime="/2026-05-01T23:00:00Z")["numberMatched"] == 24
    assert items(client, layer="places", datetime="1999-01-01")["numberMatched"] > 0, "no time, no filter"
    assert items(client, layer="divisions", datetime="1900-01-01/1900-02-01")["numberMatched"] == 0


@pytest.mark.parametrize("text", ["", "x", "a/b/c", "../..", "/", "2026-13-01", "2026-05-02/2026-05-01", "99999-01-01",
                                  "0001-01-01T00:00:00+23:00", "2026-05-01T25:00:00Z"])  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refusal:
        span_read(text)
    assert refusal.value.http == 400


def test_spans() -> None:
    assert span_read("2026-05-01T08:00:00+08:00") == (datetime(2026, 5, 1, tzinfo=UTC),) * 2
    assert span_read("../2026-05-01")[0] is None


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=-1", "bbox=1,2,3", "bbox=nan,1,2,3", "bbox=1,5,2,3", "bbox-crs=x", "crs=EPSG:4326",
     "datetime=yesterday", "nothing=1", "f=html", "after=zzz", "flags=nothing", "industry=", "bbox=1,2,3,inf"],
)  # fmt: skip
def test_what_can_not_be_read_is_answered_400_naming_it(client: Client, query: str) -> None:
    answer = client.get(f"/ogc/collections/units/items?{query}")
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["field"] in query


def test_a_limit_above_the_most_is_cut(client: Client) -> None:
    assert items(client, limit=10**12)["numberReturned"] == 250


def test_filters_by_property_are_those_the_queryables_name(client: Client) -> None:
    assert items(client, industry="F51")["numberMatched"] == 125
    assert items(client, industry="F51,C")["numberMatched"] == 250
    assert items(client, flags=next(iter(RISK_FLAGS)))["numberMatched"] == 84
    known = client.get("/ogc/collections/units/queryables").json()["properties"]
    for name in known:
        assert client.get(f"/ogc/collections/units/items?{name}=a&limit=1").status_code in (200, 400), name
    assert items(client, layer="posts", role="township_duty")["numberMatched"] == Post.objects.filter(
        role="township_duty", division__startswith="410181"
    ).count()  # fmt: skip
    assert (
        items(client, layer="divisions", level=3, code="41")["numberMatched"]
        == Division.objects.filter(level=3).count()
    )
    assert items(client, layer="divisions", level="x")["numberMatched"] == 0


def test_survey_records_are_a_layer_too(client: Client) -> None:
    for number in range(30):
        SurveyRecord.objects.create(
            survey_code=f"S{number:03}", category=next(iter(CATEGORIES)), type="", name=f"记录{number}", division="410181100",
            lon=113.0, lat=34.5, hazard_class=number % 5 + 1, surveyed_on=date(2026, 1, 1 + number), quality="",
        )  # fmt: skip
    assert items(client, layer="survey_records", limit=7)["numberMatched"] == 30
    assert items(client, layer="survey_records", hazard_class="1,2")["numberMatched"] == 12
    assert items(client, layer="survey_records", hazard_class="x")["numberMatched"] == 0
    assert items(client, layer="survey_records", datetime="2026-01-10/..")["numberMatched"] == 21
    assert client.get("/ogc/collections/survey_records/items/S003").json()["properties"]["name"] == "记录3"
    assert client.get("/ogc/collections/survey_records/items/S999").status_code == 404


def test_divisions_have_outlines_and_meet_boxes_exactly(client: Client) -> None:
    outline = Boundary.objects.get(division="410181")
    found = client.get("/ogc/collections/divisions/items/410181").json()
    assert found["geometry"]["type"] in ("Polygon", "MultiPolygon")
    corner = f"{outline.west},{outline.south},{outline.west + 1e-6},{outline.south + 1e-6}"
    near = {feature["id"] for feature in items(client, layer="divisions", bbox=corner, limit=1000)["features"]}
    assert "410181" not in near, "the corner of its box lies outside the county"
    whole = f"{outline.west},{outline.south},{outline.east},{outline.north}"
    assert "410181" in {f["id"] for f in items(client, layer="divisions", bbox=whole, limit=1000)["features"]}


def test_a_reader_sees_the_own_area_alone(client: Client) -> None:
    other = Unit.objects.filter(division="410182100").first()
    assert other is not None
    assert client.get(f"/ogc/collections/units/items/{other.pk}").status_code == 404
    assert items(client, division="410182")["numberMatched"] == 0
    assert client.get("/ogc/collections/castles").status_code == 404
    assert client.post("/ogc/collections").status_code == 405


def test_strangers_and_tokens_without_the_right_read_nothing(db: None) -> None:
    stranger = Client(headers={"host": "127.0.0.1"})
    for path in ("", "/api", "/conformance", "/collections", "/collections/units", "/collections/units/items"):
        assert stranger.get("/ogc" + path).status_code == 401
    token = token_of(account_make(["410181"]), ["territory.tiles"])
    assert stranger.get("/ogc", headers={"Authorization": f"Bearer {token}"}).status_code == 403


def test_items_ask_the_database_a_fixed_number_of_times(client: Client, django_assert_max_num_queries: Any) -> None:
    client.get("/ogc/collections/units/items?limit=10")
    for layer in ("units", "places", "posts", "divisions", "survey_records"):
        with django_assert_max_num_queries(12):
            items(client, layer=layer, limit=200)


def test_the_description_is_openapi(client: Client) -> None:
    body = client.get("/ogc/api").json()
    limit = [p for p in body["paths"]["/collections/units/items"]["get"]["parameters"] if p["name"] == "limit"]
    assert limit[0]["schema"]["maximum"] == 1000


def test_systems_turn_there_and_back() -> None:
    import numpy as np

    lon, lat = np.array([-179.0, 0.0, 113.2]), np.array([-84.0, 0.0, 34.7])
    for system in SYSTEMS.values():
        back = system.back(*system.turn(lon, lat))
        assert np.allclose(back[0], lon, atol=1e-6) and np.allclose(back[1], lat, atol=1e-6), system.uri
    assert box_back((170, 0, 190, 1), SYSTEMS["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]) == (170, 0, -170, 1)


# --- GDAL --------------------------------------------------------------------------------------------------------


def ogrinfo() -> str:
    """Return GDAL's ogrinfo, installed where the machine is ours to install on."""
    if shutil.which("ogrinfo") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False, capture_output=True)
        subprocess.run(["apt-get", "install", "-y", "-q", "gdal-bin"], check=False, capture_output=True)
    found = shutil.which("ogrinfo")
    assert found, "this test needs GDAL's ogrinfo: apt-get install gdal-bin"
    return found


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_gdal_lists_the_layers_and_reads_features(live_server: Any) -> None:
    generate("tiny", 7)
    units_make(3210)
    token = token_of(account_make(["410181"]))

    def ask(*words: str, **environment: str) -> str:
        done = subprocess.run(
            [ogrinfo(), "-ro", *words], capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
        )
        assert done.returncode == 0 and "ERROR" not in done.stderr, done.stderr + done.stdout
        return done.stdout

    header, source = {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {token}"}, f"OAPIF:{live_server.url}/ogc"
    layers = ask(source, **header)
    assert all(f": {name}" in layers for name in ("units", "places", "divisions", "posts")), layers
    assert "Feature Count: 3210" in ask("-so", source, "units", **header)
    basic = {"GDAL_HTTP_USERPWD": f"any:{token}", "GDAL_HTTP_AUTH": "BASIC"}
    near = ask("-spat", "113.0", "34", "113.00995", "35", source, "units", **basic)
    assert "Feature Count: 100" in near and near.count("OGRFeature(units)") == 100
    filtered = ask("-so", "-where", "industry = 'C13'", source, "units", **header)
    assert "Feature Count: 1605" in filtered
    every = ask("-al", "-geom=NO", "-fields=NO", source, "units", **header)
    names = [line for line in every.splitlines() if line.startswith("OGRFeature")]
    assert len(names) == len(set(names)) == 3210, "paged through to the end, none twice"
    outline = ask(source, "divisions", "-where", "code = '410181'", "-geom=SUMMARY", **header)
    assert "POLYGON" in outline and json.dumps(token) not in outline
