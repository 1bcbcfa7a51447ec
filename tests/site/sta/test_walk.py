"""Every address of the interface, walked as a conformance suite walks it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.site.sta.making import EACH, ROOT, get, ids

Numbers = dict[tuple[str, str], int]


def test_the_root_names_every_set_and_claims_no_more_than_there_is(client: Client) -> None:
    body = get(client, "")
    assert {one["name"] for one in body["value"]} == {
        "Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Observations",
        "FeaturesOfInterest",
    }  # fmt: skip
    claims = " ".join(body["serverSettings"]["conformance"])
    for never in ("batch", "mqtt", "multi-datastream", "delete-entity"):
        assert never not in claims
    for one in body["value"]:
        assert get(client, one["url"].partition(f"{ROOT}/")[2])["value"], one


def test_every_link_of_every_entity_leads_somewhere(client: Client) -> None:
    seen: set[str] = set()
    todo = [one["url"] for one in get(client, "")["value"]]
    while todo and len(seen) < 150:
        address = todo.pop(0)
        seen.add(address)
        body = get(client, address.partition(f"{ROOT}/")[2] + "?$top=2")
        for entity in body.get("value", [body]):
            links = [value for name, value in entity.items() if name.endswith(("navigationLink", "selfLink"))]
            todo += [link for link in links if link not in seen and link not in todo]
    assert len(seen) > 40


def test_entities_have_what_the_standard_asks_for(client: Client, numbers: Numbers) -> None:
    thing = get(client, "Things('57083')")
    assert (thing["name"], thing["properties"]["kind"]) == ("Zhengzhou gauge", "rain")
    stream = get(client, f"Datastreams({numbers['57083', 'rain_mm']})")
    assert stream["unitOfMeasurement"]["symbol"] == "mm"
    assert stream["observedArea"] == {"type": "Point", "coordinates": [113.6, 34.7]}
    assert stream["phenomenonTime"] == "2026-05-01T00:00:00Z/2026-05-01T04:50:00Z"
    for one in ("name", "description", "observationType", "Observations@iot.navigationLink"):
        assert stream[one]
    sensor = get(client, f"Datastreams({numbers['57083', 'rain_mm']})/Sensor")
    assert {"name", "description", "encodingType", "metadata", "@iot.id"} <= set(sensor)
    observed = get(client, f"Datastreams({numbers['57083', 'rain_mm']})/ObservedProperty")
    assert (observed["@iot.id"], observed["definition"]) == ("rain_mm", "urn:anlan:element:rain_mm")
    reading = get(client, f"Observations('{numbers['57083', 'rain_mm']}-1777593600000000')")
    assert (reading["result"], reading["phenomenonTime"]) == (0.0, "2026-05-01T00:00:00Z")
    assert reading["resultQuality"]["code"] == 0
    point = get(client, "FeaturesOfInterest('57083')")
    assert point["feature"]["coordinates"] == [113.6, 34.7]
    moved = get(client, "Things('57083')/HistoricalLocations")["value"]
    assert len(moved) == 1
    assert get(client, f"HistoricalLocations('{moved[0]['@iot.id']}')/Locations")["value"][0]["location"]


def test_navigation_properties_values_and_refs(client: Client, numbers: Numbers) -> None:
    rain = numbers["57083", "rain_mm"]
    assert len(get(client, f"Things('57083')/Datastreams({rain})/Observations")["value"]) == EACH
    assert get(client, f"Observations('{rain}-1777593600000000')/Datastream/Thing")["@iot.id"] == "57083"
    assert get(client, "Things('57083')/name") == {"name": "Zhengzhou gauge"}
    assert get(client, "Things('57083')/name/$value") == "Zhengzhou gauge"
    assert get(client, "Things('57083')/properties/division") == {"division": "410181100"}
    assert get(client, f"Observations('{rain}-1777594200000000')/result/$value") == "1.0"
    refs = get(client, "Things/$ref")["value"]
    assert all(set(ref) == {"@iot.selfLink"} for ref in refs)
    assert len(refs) == 3
    assert get(client, f"Datastreams({rain})/Observations/$ref", top=3)["@iot.nextLink"]
    assert client.get(f"{ROOT}/Observations('{rain}-1777593600000000')/parameters").status_code == 204


def test_what_is_not_there_is_not_found(client: Client, numbers: Numbers) -> None:
    rain = numbers["57083", "rain_mm"]
    for path in ("Nothing", "Things('none')", "Things(5)", "Datastreams(999999)", "Datastreams('a')", "Things('57083')/x",
                 f"Datastreams({rain})/Thing/Datastreams({rain + 1000})", "Things/Datastreams", "Observations('x')",
                 "Observations('1-2')", "Things()", "Things('57083')/name/x", "Things('57083')/Datastreams('1')/y/z"):  # fmt: skip
        body = get(client, path, 404)
        assert body["code"] == 404, path
        assert body["message"], path


def test_pages_are_complete_and_without_doubles(client: Client, numbers: Numbers) -> None:
    rain = numbers["57083", "rain_mm"]
    every = ids(get(client, f"Datastreams({rain})/Observations", top=1000))
    for order in ("", "phenomenonTime desc", "result", "result desc,phenomenonTime", "resultQuality/code",
                  "Datastream/name,result", "result mod 4 desc"):  # fmt: skip
        options: dict[str, Any] = {"top": 7, "count": "true"} | ({"orderby": order} if order else {})
        body = get(client, f"Datastreams({rain})/Observations", **options)
        assert body["@iot.count"] == EACH
        found = ids(body)
        while link := body.get("@iot.nextLink"):
            body = client.get(link.partition("127.0.0.1")[2]).json()
            found += ids(body)
        assert sorted(found) == sorted(every), order
        assert len(found) == EACH, order
    assert (
        ids(get(client, f"Datastreams({rain})/Observations", orderby="result desc", top=2, skip=1)) == every[-2:-4:-1]
    )


def test_all_readings_by_time_come_in_order_from_either_end(client: Client) -> None:
    for order in ("phenomenonTime desc", "phenomenonTime"):
        body = get(client, "Observations", orderby=order, top=9)
        times = [one["phenomenonTime"] for one in body["value"]]
        while link := body.get("@iot.nextLink"):
            body = client.get(link.partition("127.0.0.1")[2]).json()
            times += [one["phenomenonTime"] for one in body["value"]]
        assert times == sorted(times, reverse="desc" in order)
        assert len(times) == EACH * 4


def test_expansions_nest_and_carry_their_options(client: Client, numbers: Numbers) -> None:
    body = get(
        client, "Things", filter="@iot.id eq '57083'", select="name",
        expand="Locations($select=location),Datastreams($select=name;$orderby=name desc;$count=true;"
               "$expand=ObservedProperty($select=@iot.id),Observations($top=2;$orderby=phenomenonTime desc;$count=true)),"
               "Datastreams/Sensor",
    )["value"][0]  # fmt: skip
    assert body["name"] == "Zhengzhou gauge"
    assert body["Locations"][0]["location"]["coordinates"] == [113.6, 34.7]
    assert body["Datastreams@iot.count"] == 2
    for stream in body["Datastreams"]:
        assert {"name", "ObservedProperty", "Observations", "Sensor"} <= set(stream)
        assert stream["Observations@iot.count"] == EACH
        assert [one["result"] for one in stream["Observations"]] == [29.0, 28.0]
        following = client.get(stream["Observations@iot.nextLink"].partition("127.0.0.1")[2]).json()
        assert [one["result"] for one in following["value"]] == [27.0, 26.0]


def test_the_data_array_groups_readings_by_series(client: Client, numbers: Numbers) -> None:
    body = get(client, "Observations", resultFormat="dataArray", top=1000, select="id,phenomenonTime,result")
    assert sum(part["dataArray@iot.count"] for part in body["value"]) == EACH * 4
    for part in body["value"]:
        assert part["components"] == ["id", "phenomenonTime", "result"]
        assert len(part["dataArray"][0]) == 3
        assert part["Datastream@iot.navigationLink"].partition("/Datastreams(")[2]
