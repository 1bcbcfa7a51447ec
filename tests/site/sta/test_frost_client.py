"""frost-sta-client, the Python client of the reference implementation, against a live server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import frost_sta_client as fsc
import pytest
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from frost_sta_client.model.ext.unitofmeasurement import UnitOfMeasurement
from frost_sta_client.service.auth_handler import AuthHandler
from requests import HTTPError

from anlan.kernel import clock
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.models import Station
from anlan.monitoring.services.stepping import shard_step
from anlan.monitoring.sources.log import log_open
from tests.site.ogc_territory import account_make, token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
START = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def service(live_server: Any) -> Iterator[Any]:
    account = account_make(["410181"], roles=("admin", "gateway"))
    yield fsc.SensorThingsService(f"{live_server.url}/sta/v1.1", AuthHandler("", token_of(account)))


def judged() -> None:
    """Do what the worker does: judge and store what is in the log."""
    while shard_step(0, now=microseconds(clock.now()), source=log_open()).entries:
        pass


def thing_made(service: Any) -> Any:
    """Make a thing the way the client's own documentation does: everything nested."""
    location = fsc.Location(
        name="河口", description="at the mouth", encoding_type="application/geo+json",
        location={"type": "Point", "coordinates": [113.1, 34.4]},
    )  # fmt: skip
    stream = fsc.Datastream(
        name="rain", description="ten-minute rain", unit_of_measurement=UnitOfMeasurement("millimetre", "mm", "urn:mm"),
        observation_type="http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        sensor=fsc.Sensor(name="tipping bucket", description="0.2 mm", encoding_type="text/html", metadata="x"),
        observed_property=fsc.ObservedProperty(name="Precipitation", definition="urn:rain", description="rain"),
    )  # fmt: skip
    thing = fsc.Thing(name="test gauge", description="made by a client", properties={"division": "410181100"})
    thing.locations = [location]
    thing.datastreams = [stream]
    service.create(thing)
    return service.things().find(thing.id)


def test_the_client_makes_a_thing_feeds_it_and_asks_for_it(service: Any) -> None:
    thing = thing_made(service)
    assert thing.name == "test gauge"
    assert Station.objects.get(code=thing.id).division == "410181100"
    stream = thing.get_datastreams().query().list().get(0)
    assert stream.unit_of_measurement.symbol == "mm"

    for at in range(5):
        seen = fsc.Observation(phenomenon_time=START + timedelta(minutes=10 * at), result=float(at), datastream=stream)
        service.create(seen)
        assert str(seen.id).startswith(f"{stream.id}-")
    parts, array = DataArrayValue.Property, DataArrayValue()
    array.datastream = stream
    array.components = {parts.PHENOMENON_TIME, parts.RESULT}
    for at in range(5, 30):
        array.add_observation(fsc.Observation(phenomenon_time=START + timedelta(minutes=10 * at), result=float(at)))
    document = DataArrayDocument()
    document.add_data_array_value(array)
    made = service.observations().create(document)
    assert len(made) == 25
    judged()

    found = stream.get_observations().query().filter("result gt 9 and phenomenonTime lt 2026-05-01T03:00:00Z")
    page = found.orderby("phenomenonTime", "desc").top(3).count().list()
    assert page.count == 8
    assert [one.result for one in page] == [17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0]  # follows the pages
    one = service.observations().find(seen.id)
    assert (one.result, one.phenomenon_time) == (4.0, "2026-05-01T00:40:00Z")

    expanded = service.things().query().filter(f"@iot.id eq '{thing.id}'").expand(
        "Locations,Datastreams($expand=Sensor,ObservedProperty,Observations($top=2;$orderby=result desc))"
    ).list().get(0)  # fmt: skip
    inner = expanded.datastreams.get(0)
    assert (inner.sensor.name, inner.observed_property.id) == ("tipping bucket", "rain_mm")
    assert [one.result for one in inner.observations.entities] == [29.0, 28.0]
    assert expanded.locations.get(0).location["coordinates"] == [113.1, 34.4]


def test_the_client_changes_and_is_refused_in_words(service: Any) -> None:
    thing = thing_made(service)
    thing.name = "another name"
    service.update(thing)
    service.patch(thing, [{"op": "replace", "path": "/description", "value": "patched"}])
    again = service.things().find(thing.id)
    assert (again.name, again.description) == ("another name", "patched")
    with pytest.raises(HTTPError) as refused:
        service.delete(thing)
    assert refused.value.response.status_code == 405
    with pytest.raises(HTTPError) as missing:
        service.things().find("nobody")
    assert missing.value.response.status_code == 404
    assert missing.value.response.json()["message"]
    with pytest.raises(HTTPError) as wrong:
        service.things().query().filter("name foo 'x'").list()
    assert wrong.value.response.status_code == 400
