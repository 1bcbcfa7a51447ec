"""A few stations with readings for the SensorThings tests, in two counties, and a client that reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.db import connection
from django.test import Client

from anlan.kernel.actor import Actor
from anlan.monitoring.models import Series
from anlan.monitoring.services.stations import SeriesSpec, StationSpec, stations_register
from tests.site.ogc_territory import account_make, token_of

T0 = datetime(2026, 5, 1, tzinfo=UTC)
BY = Actor.system("test")
ROOT = "/sta/v1.1"
MINE, OTHER = "410181100", "410182100"
EACH = 30


def stations_make() -> dict[tuple[str, str], int]:
    """Register four stations, one of them in another county; return series numbers by station and element."""
    specs = [
        StationSpec("57083", "郑州雨量站", "Zhengzhou gauge", "rain", "rain_mm", 113.6, 34.7, MINE, interval_s=600,
                    series=(SeriesSpec("battery_v"),)),
        StationSpec("61005500", "陆浑水库", "Luhun reservoir", "level", "level_m", 112.2, 34.2, MINE, interval_s=3600),
        StationSpec("G-7", "甲烷探头", "Methane probe", "gas", "gas_pct", 113.0, 34.5, MINE, interval_s=60),
        StationSpec("99001", "邻县雨量站", "Neighbour gauge", "rain", "rain_mm", 114.0, 34.9, OTHER, interval_s=600),
    ]  # fmt: skip
    stations_register(by=BY, stations=specs, at=T0)
    return {(s.station.code, s.element): s.number for s in Series.objects.select_related("station")}


def readings_make(numbers: dict[tuple[str, str], int], each: int = EACH) -> None:
    """Put `each` readings into every series, ten minutes apart from T0: values 0, 1, 2…; every seventh is doubtful."""
    rows = [
        (number, T0 + timedelta(minutes=10 * at), float(at), 4 if at % 7 == 6 else 0)
        for number in numbers.values()
        for at in range(each)
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO monitoring_reading (series, at, value, quality) VALUES (%s, %s, %s, %s)", rows)
        cursor.execute("UPDATE monitoring_pulse SET last_at = %s", [T0 + timedelta(minutes=10 * (each - 1))])


def client_of(
    divisions: list[str], name: str = "reader", roles: tuple[str, ...] = ("duty", "gateway", "admin")
) -> Client:
    """Return a client with a token of an account in these divisions."""
    token = token_of(account_make(divisions, name, roles))
    return Client(headers={"host": "127.0.0.1", "Authorization": f"Bearer {token}", "Accept-Language": "en"})


def get(client: Client, path: str, status: int = 200, **options: Any) -> Any:
    """Read an address; options without their dollar sign."""
    query = "&".join(f"${name}={quote(str(value))}" for name, value in options.items())
    answer = client.get(f"{ROOT}/{path}" + (f"?{query}" if query else ""))
    assert answer.status_code == status, (path, options, answer.status_code, answer.content[:600])
    return answer.json() if "json" in answer.get("Content-Type", "") else answer.content.decode()


def ids(body: Any) -> list[Any]:
    """Return the ids of a list."""
    return [entity["@iot.id"] for entity in body["value"]]
