"""Stations, series and readings made by SensorThings clients, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from anlan.monitoring.formats.packed import unpack
from anlan.monitoring.models import LogEntry, Series, Station
from tests.site.ogc_territory import PASSWORD, account_make
from tests.site.sta.making import MINE, ROOT, client_of, get

Numbers = dict[tuple[str, str], int]
THING: dict[str, Any] = {
    "name": "测试测站", "description": "A gauge for tests", "properties": {"division": MINE, "owner": "示例单位"},
    "Locations": [{"name": "河口", "description": "at the mouth", "encodingType": "application/geo+json",
                   "location": {"type": "Point", "coordinates": [113.1, 34.4]}}],
    "Datastreams": [{
        "name": "雨", "description": "rain", "observationType":
        "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": "millimetre", "symbol": "mm", "definition": "urn:x"},
        "ObservedProperty": {"name": "Precipitation", "definition": "urn:x:rain", "description": "rain"},
        "Sensor": {"name": "翻斗式雨量计", "description": "0.2 mm", "encodingType": "text/html", "metadata": "http://x"},
    }, {
        "name": "浊度", "description": "turbidity", "unitOfMeasurement": {"name": "NTU", "symbol": "NTU", "definition": ""},
        "ObservedProperty": {"name": "Turbidity", "definition": "urn:x:turb", "description": "of water"},
        "Sensor": {"name": "浊度计", "description": "", "encodingType": "text/html", "metadata": {"a": [1]}},
    }],
}  # fmt: skip


def send(client: Client, method: str, path: str, body: Any, status: int, kind: str = "application/json") -> Any:
    answer = client.generic(method, f"{ROOT}/{path}", json.dumps(body), content_type=kind)
    assert answer.status_code == status, (method, path, answer.status_code, answer.content[:500])
    return answer


def logged() -> list[tuple[int, int, float, int]]:
    """Every reading in the log: series, µs, value, quality."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    found = [unpack(bytes(body)).columns for body in LogEntry.objects.order_by("number").values_list("body", flat=True)]
    return [tuple(map(float, row)) for part in found for row in zip(*part, strict=True)]  # type: ignore[misc]


def test_a_thing_with_everything_in_it_becomes_a_station(client: Client) -> None:
    answer = send(client, "POST", "Things", THING, 201)
    code = answer.json()["@iot.id"]
    assert answer["Location"] == f"http://127.0.0.1{ROOT}/Things('{code}')"
    body = get(client, f"Things('{code}')", expand="Locations,Datastreams($expand=Sensor,ObservedProperty;$orderby=id)")
    assert (body["name"], body["description"]) == ("测试测站", "A gauge for tests")
    assert body["properties"]["owner"] == "示例单位"
    assert (body["properties"]["kind"], body["properties"]["division"]) == ("rain", MINE)
    assert (body["Locations"][0]["name"], body["Locations"][0]["location"]["coordinates"]) == ("河口", [113.1, 34.4])
    rain, other = body["Datastreams"]
    assert (rain["name"], rain["ObservedProperty"]["@iot.id"], rain["Sensor"]["name"]) == (
        "雨",
        "rain_mm",
        "翻斗式雨量计",
    )
    assert (other["unitOfMeasurement"]["symbol"], other["ObservedProperty"]["name"]) == ("NTU", "Turbidity")
    assert other["Sensor"]["metadata"] == {"a": [1]}
    assert Series.objects.get(number=rain["@iot.id"]).kind == "increment"
    moved = send(client, "POST", f"Things('{code}')/Locations", {**THING["Locations"][0], "location": {
        "type": "Point", "coordinates": [113.2, 34.4]}}, 201)  # fmt: skip
    assert moved["Location"].endswith(f"/Locations('{code}')")
    assert len(get(client, f"Things('{code}')/HistoricalLocations")["value"]) == 2
    assert get(client, f"Locations('{code}')/location")["location"]["coordinates"] == [113.2, 34.4]
    send(client, "POST", "Things", {**THING, "properties": {"division": MINE, "code": code}}, 409)


def test_parts_are_linked_and_added(client: Client, numbers: Numbers) -> None:
    sensor = send(client, "POST", "Sensors", THING["Datastreams"][1]["Sensor"], 201).json()["@iot.id"]
    assert send(client, "POST", "Sensors", THING["Datastreams"][1]["Sensor"], 201).json()["@iot.id"] == sensor
    element = send(client, "POST", "ObservedProperties", {"name": "Soil tension", "definition": "urn:t",
                   "description": "d"}, 201).json()["@iot.id"]  # fmt: skip
    stream = {"name": "s", "description": "", "unitOfMeasurement": {"symbol": "kPa"}, "Thing": {"@iot.id": "57083"},
              "Sensor": {"@iot.id": sensor}, "ObservedProperty": {"@iot.id": element}}  # fmt: skip
    made = send(client, "POST", "Datastreams", stream, 201)
    assert isinstance(made.json()["@iot.id"], int)
    again = send(client, "POST", "Datastreams", stream, 409).json()
    assert "already" in again["message"]
    stream["ObservedProperty"] = {"@iot.id": "temp_c"}
    send(client, "POST", "Things('57083')/Datastreams", {k: v for k, v in stream.items() if k != "Thing"}, 201)
    found = get(client, "Things('57083')/Datastreams", orderby="id")["value"]
    assert len(found) == 4
    kept = Series.objects.get(number=numbers["57083", "rain_mm"])
    assert (kept.kind, kept.main, kept.unit, kept.interval_s) == ("increment", True, "mm", 600)


def test_words_change_and_the_rest_stays(client: Client, numbers: Numbers) -> None:
    rain = numbers["57083", "rain_mm"]
    send(client, "PATCH", "Things('57083')", {"name": "New name", "properties": {"floor": 3}}, 200)
    body = get(client, "Things('57083')")
    assert (body["name"], body["properties"]["floor"], body["properties"]["kind"]) == ("New name", 3, "rain")
    patch = [
        {"op": "replace", "path": "/description", "value": "d2"},
        {"op": "add", "path": "/properties/a", "value": 1},
    ]
    send(client, "PATCH", "Things('57083')", patch, 200, "application/json-patch+json")
    body = get(client, "Things('57083')")
    assert (body["description"], body["properties"]["a"], body["properties"]["floor"]) == ("d2", 1, 3)
    send(client, "PUT", "Things('57083')", {key: body[key] for key in ("name", "description")}, 200)
    assert "floor" not in get(client, "Things('57083')")["properties"]
    send(
        client,
        "PATCH",
        f"Datastreams({rain})",
        {"description": "x", "unitOfMeasurement": {"name": "n", "symbol": "mm"}},
        200,
    )
    assert get(client, f"Datastreams({rain})/unitOfMeasurement/name") == {"name": "n"}
    send(client, "PATCH", "Locations('57083')", {"location": {"type": "Point", "coordinates": [113.0, 34.0]}}, 200)
    assert Station.objects.get(code="57083").lon == 113.0
    send(client, "PATCH", "ObservedProperties('rain_mm')", {"description": "what falls"}, 200)
    assert get(client, "ObservedProperties('rain_mm')")["description"] == "what falls"
    send(client, "PATCH", "Sensors('rain')", {"description": "all gauges"}, 200)
    assert get(client, "Sensors('rain')")["description"] == "all gauges"
    for path, change in (
        ("Things('57083')", {"properties": {"division": "410182"}}), (f"Datastreams({rain})", {"unitOfMeasurement": {"symbol": "m"}}),
        ("Things('57083')", {"name": ""}), ("Things('57083')", [{"op": "move", "path": "/name"}]), ("Things('57083')", 5),
        (f"Datastreams({rain})", {"Thing": {"@iot.id": "x"}}), ("Locations('57083')", {"location": {"type": "Polygon"}}),
    ):  # fmt: skip
        assert send(client, "PATCH", path, change, 400).json()["message"], change


def test_readings_are_in_the_log_when_they_are_answered(client: Client, numbers: Numbers) -> None:
    rain, level = numbers["57083", "rain_mm"], numbers["61005500", "level_m"]
    one = send(client, "POST", "Observations", {"phenomenonTime": "2026-05-02T08:00:00+08:00", "result": 1.5,
               "Datastream": {"@iot.id": rain}}, 201)  # fmt: skip
    assert one["Location"].endswith(f"/Observations('{rain}-1777680000000000')")
    send(client, "POST", f"Datastreams({level})/Observations", {"result": 7, "resultQuality": {"code": 9},
         "phenomenonTime": "2026-05-01T23:00:00Z/2026-05-02T00:00:00Z"}, 201)  # fmt: skip
    arrays = [
        {"Datastream": {"@iot.id": rain}, "components": ["phenomenonTime", "result", "FeatureOfInterest/id"],
         "dataArray": [["2026-05-02T01:00:00Z", 2, "57083"], ["2026-05-02T02:00:00Z", "x", "57083"]]},
        {"Datastream": {"@iot.id": 999999}, "components": ["phenomenonTime", "result"],
         "dataArray": [["2026-05-02T01:00:00Z", 2]]},
    ]  # fmt: skip
    told = send(client, "POST", "CreateObservations", arrays, 201).json()
    assert told[0].endswith(f"Observations('{rain}-1777683600000000')")
    assert told[1].startswith("error")
    assert told[2].startswith("error")
    assert send(client, "POST", "Observations", arrays[:1], 201).json()[0] == told[0]
    second = 1_000_000
    assert logged() == [
        (rain, 1777680000 * second, 1.5, 0), (level, 1777680000 * second, 7.0, 9), (rain, 1777683600 * second, 2.0, 0),
        (rain, 1777683600 * second, 2.0, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Observations", {"result": 1}),
        ("Observations", {"result": "a", "Datastream": {"@iot.id": 0}}),
        ("Observations", {"result": 1, "Datastream": {"@iot.id": "x"}}),
        ("Observations", {"result": 1, "Datastream": {"@iot.id": 10**30}}),
        ("Observations", []),
        ("Observations", None),
        ("CreateObservations", {"components": ["result"]}),
        ("CreateObservations", [{"Datastream": {"@iot.id": 1}, "components": ["x"], "dataArray": [[1]]}]),
        ("CreateObservations", [{"Datastream": {"@iot.id": 1}, "components": ["result"], "dataArray": [[1, 2]]}]),
        ("Things", {"name": "x"}),
        ("Things", {**THING, "Locations": []}),
        ("Things", {**THING, "Datastreams": []}),
        ("Things", {**THING, "name": "x" * 500}),
        ("Things", {**THING, "properties": {"division": "no"}}),
        ("Things", {**THING, "properties": {"kind": "no"}}),
        ("Things", {**THING, "properties": {"code": "a b"}}),
        ("Things", {**THING, "properties": {"a": "\0"}}),
        ("Things", {**THING, "Datastreams": [THING["Datastreams"][0]] * 2}),
        ("Things", {**THING, "Locations": [{"location": {"type": "Point", "coordinates": [1e9, 0]}}]}),
        ("Datastreams", {"name": "x"}),
        ("Locations", {"location": {"type": "Point", "coordinates": [1, 1]}}),
        ("Sensors", {"description": "x"}),
        ("ObservedProperties", {"name": 5}),
    ],
)
def test_what_can_not_be_taken_is_refused_by_name(client: Client, path: str, body: Any) -> None:
    answer = client.generic("POST", f"{ROOT}/{path}", json.dumps(body), content_type="application/json")
    assert answer.status_code in (400, 404, 422), (path, body, answer.status_code, answer.content[:300])
    told = answer.json()
    assert told["message"]
    assert told["field"]


def test_nothing_is_deleted_and_readings_never_change(client: Client, numbers: Numbers) -> None:
    rain = numbers["57083", "rain_mm"]
    for path in ("Things('57083')", f"Observations('{rain}-1777593600000000')", "Things"):
        answer = send(client, "DELETE", path, None, 405)
        assert "evidence" in answer.json()["message"]
        assert answer["Allow"]
    send(client, "PATCH", f"Observations('{rain}-1777593600000000')", {"result": 5}, 405)
    send(client, "POST", "FeaturesOfInterest", {}, 405)
    send(client, "POST", "HistoricalLocations", {}, 405)
    send(client, "POST", "Things('57083')", {}, 405)
    send(client, "PATCH", "Things", {}, 405)


def test_another_countys_stations_are_not_there(client: Client, numbers: Numbers) -> None:
    other = numbers["99001", "rain_mm"]
    for path in ("Things('99001')", f"Datastreams({other})", "Locations('99001')", "FeaturesOfInterest('99001')",
                 f"Observations('{other}-1777593600000000')", f"Datastreams({other})/Observations"):  # fmt: skip
        get(client, path, 404)
    for path in ("Things", "Locations", "FeaturesOfInterest", "HistoricalLocations", "Datastreams", "Observations"):
        text = json.dumps(get(client, path, top=1000), ensure_ascii=False)
        assert "99001" not in text, path
        assert "Neighbour" not in text
        assert f"Datastreams({other})" not in text
    streams = get(client, "ObservedProperties('rain_mm')/Datastreams")["value"]
    assert [one["@iot.id"] for one in streams] == [numbers["57083", "rain_mm"]]
    send(client, "POST", "Observations", {"result": 1, "Datastream": {"@iot.id": other}}, 400)
    send(client, "PATCH", "Things('99001')", {"name": "x"}, 404)
    send(client, "POST", "Things", {**THING, "properties": {"division": "410182100"}}, 403)
    send(client, "POST", "Things", {**THING, "properties": {"division": MINE, "code": "99001"}}, 409)


def test_rights_are_asked_for(numbers: Numbers) -> None:
    reader = client_of(["410181"], "watcher", roles=("duty",))
    send(reader, "POST", "Things", THING, 403)
    send(reader, "POST", "Observations", {"result": 1, "Datastream": {"@iot.id": numbers["57083", "rain_mm"]}}, 201)
    nobody = client_of(["410181"], "responder", roles=("responder",))
    send(nobody, "POST", "Observations", {"result": 1, "Datastream": {"@iot.id": numbers["57083", "rain_mm"]}}, 403)
    assert Client(headers={"host": "127.0.0.1"}).get(f"{ROOT}/Things").status_code == 401


def test_people_write_with_their_pages_csrf_token_only(numbers: Numbers) -> None:
    account_make(["410181"], "person", ("gateway",))
    browser = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    assert browser.login(username="person", password=PASSWORD)
    body = json.dumps({"result": 1, "Datastream": {"@iot.id": numbers["57083", "rain_mm"]}})
    refused = browser.post(f"{ROOT}/Observations", body, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["message"]
    token = "a" * 32
    browser.cookies["csrftoken"] = token
    sent = browser.post(f"{ROOT}/Observations", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert sent.status_code == 201
    assert browser.get(f"{ROOT}/Things").status_code == 200


def test_a_nul_in_a_body_is_refused(client: Client) -> None:
    stream = {**THING["Datastreams"][0], "Thing": {"@iot.id": "\0"}}
    send(client, "POST", "Datastreams", stream, 400)
    send(client, "POST", "Things", {**THING, "name": "a\0"}, 400)
