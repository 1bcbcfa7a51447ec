"""How much one request may cost, and that no request whatever is answered with a server error."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.site.sta.entities import ENTITIES, SETS
from tests.site.sta.making import MINE, ROOT, get

Numbers = dict[tuple[str, str], int]
AROUND = 6  # token, scope, begin and end of the read, time limit


def queries(client: Client, path: str, **options: Any) -> int:
    with CaptureQueriesContext(connection) as caught:
        get(client, path, **options)
    return len(caught)


def test_the_number_of_queries_does_not_grow_with_the_rows(client: Client, numbers: Numbers) -> None:
    rain = numbers["57083", "rain_mm"]
    assert queries(client, "Things") == AROUND
    assert queries(client, "Things('57083')") == AROUND
    assert queries(client, "Things", count="true", filter="Datastreams/Observations/result gt 3") == AROUND + 1
    deep = "Datastreams($expand=Observations($top=2;$count=true),Sensor,ObservedProperty),Locations,HistoricalLocations"
    assert queries(client, "Things", expand=deep) == AROUND + 8
    assert queries(client, "Things('57083')", expand=deep) == AROUND + 8
    assert (
        queries(client, f"Datastreams({rain})/Observations", top=5, expand="Datastream/Thing,FeatureOfInterest")
        == AROUND + 5
    )
    assert queries(client, f"Things('57083')/Datastreams({rain})/Observations") == AROUND + 3
    within = "geo.intersects(location,geography'POLYGON((113 34,114 34,114 35,113 35,113 34))')"
    assert queries(client, "Locations", filter=within) == AROUND + 1


def test_filters_reach_through_relations(client: Client) -> None:
    def found(path: str, text: str) -> list[Any]:
        return sorted(str(one["@iot.id"]) for one in get(client, path, filter=text)["value"])

    assert found("Things", "Datastreams/ObservedProperty/@iot.id eq 'battery_v'") == ["57083"]
    assert found("Things", "Datastreams/unitOfMeasurement/symbol eq 'm'") == ["61005500"]
    assert found("Things", "properties/kind eq 'gas' or Datastreams/Observations/result gt 1000") == ["G-7"]
    assert found("Things", "not (properties/interval_s gt 60)") == ["G-7"]
    polygon = "geography'POLYGON((113.5 34.6,113.7 34.6,113.7 34.8,113.5 34.8,113.5 34.6))'"
    assert found("Things", f"st_within(Locations/location,{polygon})") == ["57083"]
    assert found("Things", f"not st_within(Locations/location,{polygon})") == ["61005500", "G-7"]
    assert found("Locations", "startswith(name,'Luhun')") == ["61005500"]
    assert len(found("Observations", "Datastream/Thing/name eq 'Methane probe' and resultQuality/code ne 0")) == 4
    assert (
        len(found("Observations", "phenomenonTime ge 2026-05-01T01:00:00Z and phenomenonTime lt 2026-05-01T01:10:00Z"))
        == 4
    )
    assert found("Datastreams", "phenomenonTime lt 2026-05-01T00:00:00Z") == []
    assert len(found("Datastreams", "overlaps(phenomenonTime,2026-05-01T00:00:00Z/2026-05-01T01:00:00Z)")) == 4
    some = get(client, "Observations", top=1)["value"][0]["@iot.id"]
    assert found("Observations", f"@iot.id eq '{some}'") == [some]
    assert len(found("Observations", f"id ne '{some}' and result eq 0")) == 3
    assert found("Observations", "id eq 'x'") == []
    assert found("HistoricalLocations", "Thing/@iot.id eq 'G-7' and time gt 2000-01-01T00:00:00Z")[0].startswith("G-7@")


def test_one_answer_is_bounded(client: Client) -> None:
    assert len(get(client, "Observations", top=10**30)["value"]) == 120
    assert get(client, "Things", top=0)["value"] == []
    assert get(client, "Things", top=0, count="true")["@iot.count"] == 3
    for options in (
        {"expand": "/".join(["Datastreams", "Thing"] * 4)}, {"expand": ",".join(f"Datastreams($expand={x})" for x in "ab")},
        {"top": -1}, {"top": "x"}, {"skip": 10**9}, {"count": "maybe"}, {"select": "nothing"}, {"expand": "Nothing"},
        {"resultFormat": "csv"}, {"format": "xml"}, {"orderby": "Datastreams/name"}, {"orderby": ",".join(["name"] * 9)},
        {"skiptoken": "x"}, {"skiptoken": "W10"}, {"skiptoken": "WzFd"}, {"filter": "name eq"}, {"unknown": 1},
        {"filter": "1 div 0 gt 1e300 mul 1e300"}, {"filter": "phenomenonTime eq 5"}, {"orderby": "location"},
        {"expand": "Datastreams($skiptoken=x)"}, {"expand": "Datastreams($top=1"}, {"filter": "length(name) add 1e308 mul 1e308 gt 1"},
    ):  # fmt: skip
        body = get(client, "Locations" if "location" in options.values() else "Things", 400, **options)
        assert body["message"], options
        assert body["field"], options
    assert client.get(f"{ROOT}/Things?$top=1&$top=2").status_code == 400
    assert client.get(f"{ROOT}/Things?filter=name").status_code == 400


def test_refusals_are_told_in_the_callers_language(client: Client) -> None:
    url = f"{ROOT}/Things?$top=x"
    assert "整数" in client.get(url, headers={"accept-language": "zh"}).json()["message"]
    assert "whole number" in client.get(url, headers={"accept-language": "en"}).json()["message"]


NAMES = sorted({name for e in ENTITIES.values() for name in [*e.fields, *e.links, "@iot.id", "id"]} | set(SETS))
PIECES = [*NAMES, "eq", "ne", "gt", "and", "or", "not", "add", "div", "mod", "(", ")", ",", ";", "/", "$top=", "$filter=", "$expand=",
          "$orderby=", "1", "0", "1e308", "-1", "'x'", "''", "null", "true", "now()", "2026-05-01T00:00:00Z", "duration'P1D'",
          "year(", "substring(", "geo.distance(", "st_within(", "geography'POINT(113 34)'", "desc", "=", " ", "properties/x",
          "resultQuality/code", "9999-12-31T23:59:59Z", "add duration'P999999D'", "\x7f", "河", "%", "\\", "'"]  # fmt: skip
words = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join) | st.lists(st.sampled_from(PIECES), max_size=6).map(
    "".join
)
options = st.dictionaries(
    st.sampled_from(["$filter", "$expand", "$orderby", "$select", "$top", "$skip", "$count", "$skiptoken", "$resultFormat", "x"]),
    words | st.text(max_size=20) | st.integers(-5, 10**20).map(str), max_size=3,
)  # fmt: skip
paths = st.lists(
    st.sampled_from([*NAMES, "Things('57083')", "Datastreams(1)", "Datastreams(2)", "Locations('57083')", "Sensors('rain')",
                     "Observations('1-1777593600000000')", "ObservedProperties('rain_mm')", "$ref", "$value", "x", "('a')", "Things(')"]),
    min_size=1, max_size=5,
).map("/".join) | st.text(max_size=20)  # fmt: skip


@settings(max_examples=400, suppress_health_check=list(HealthCheck))
@given(path=paths, asked=options)
def test_no_address_and_no_option_brings_a_server_error(client: Client, path: str, asked: dict[str, str]) -> None:
    query = "&".join(
        f"{quote(name)}={quote(value.encode('utf-8', 'replace').decode())}" for name, value in asked.items()
    )
    with transaction.atomic():
        answer = client.get(f"{ROOT}/{quote(path.encode('utf-8', 'replace').decode())}?{query}")
        transaction.set_rollback(True)
    assert answer.status_code in (200, 204, 400, 404, 413, 422), (path, asked, answer.status_code)
    if answer.status_code >= 400:
        assert answer.json()["zh"], answer.content


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**18) | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["57083", "rain_mm", "2026-05-01T00:00:00Z", "application/geo+json", "Point", MINE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "code", "kind", "division", "type",
        "coordinates", "components", "dataArray", "symbol", "op", "path", "value", "metadata", "@iot.id"]), inner, max_size=6),
    max_leaves=25,
)  # fmt: skip
PLACES = ["Things", "Datastreams", "Locations", "Sensors", "ObservedProperties", "Observations", "CreateObservations",
          "Things('57083')", "Datastreams(1)", "Locations('57083')", "Sensors('rain')", "ObservedProperties('rain_mm')",
          "Things('57083')/Datastreams", "Things('57083')/Locations", "Datastreams(1)/Observations", "x"]  # fmt: skip


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(place=st.sampled_from(PLACES), method=st.sampled_from(["POST", "PATCH", "PUT", "DELETE"]), body=VALUES)
def test_no_body_brings_a_server_error(client: Client, place: str, method: str, body: Any) -> None:
    with transaction.atomic():
        answer = client.generic(method, f"{ROOT}/{place}", json.dumps(body), content_type="application/json")
        transaction.set_rollback(True)
    assert answer.status_code in (200, 201, 400, 403, 404, 405, 409, 413, 422), (
        place,
        method,
        body,
        answer.content[:300],
    )
