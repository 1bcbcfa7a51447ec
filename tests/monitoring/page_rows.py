"""Stations with readings, pulses, a signal and raw frames on the tiny territory: for tests of the pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.monitoring.models import Area, AreaMember, Pulse, Series, Signal, Station
from anlan.monitoring.services.stations import SeriesSpec, StationSpec, stations_register

SYSTEM = Actor.system("test")
TOWNS = ("410181001", "410181002", "410183108")
SL651 = (
    "7E7E05001122334403E832002B020034170718110016F1F1001122334448F0F0170718110020190000402619000040"
    "3923000104903812109903A421"
)


def stations_made(count: int = 120, now: datetime | None = None) -> list[Station]:
    """Register gauges G000… (every fifth a river gauge with limits), three days of readings for the first two."""
    now = now or clock.now()
    now = now.replace(minute=now.minute // 10 * 10, second=0, microsecond=0)
    specs = [
        StationSpec(
            code=f"G{n:03d}", name_zh=f"河口{n:03d}水位站" if n % 5 == 1 else f"东山{n:03d}雨量站",
            name_en=f"River {n:03d}" if n % 5 == 1 else f"Gauge {n:03d}", kind="level" if n % 5 == 1 else "rain",
            metric="level_m" if n % 5 == 1 else "rain_mm", lon=113.0 + n * 1e-3, lat=34.7 + n * 1e-3,
            division=TOWNS[n % 3], limits={"alert_m": 90.0, "warning_m": 91.0} if n % 5 == 1 else {},
            series=(SeriesSpec("battery_v"),) if n < 2 else (),
        )
        for n in range(count)
    ]  # fmt: skip
    stations_register(by=SYSTEM, stations=specs, at=now - timedelta(days=3))
    found = list(Station.objects.filter(code__startswith="G").order_by("code"))
    for n, station in enumerate(found):
        _stand(n, station, now)
    _read(now)
    _told(found[0], now)
    return found


def _stand(n: int, station: Station, now: datetime) -> None:
    state = "silent" if n % 20 == 7 else "suspect" if n == 11 else "normal"
    Station.objects.filter(pk=station.pk).update(state=state, state_at=now - timedelta(hours=2))
    last = now - timedelta(hours=30 if state == "silent" else 0, minutes=n % 10)
    rain = {"sum_1h": n / 2, "sum_3h": n * 1.0, "sum_24h": n * 2.0} if station.kind == "rain" else {}
    Pulse.objects.filter(station=station, main=True).update(
        last_at=last, last_value=float(n), last_quality=5 if state == "suspect" else 0, **rain
    )


def _read(now: datetime) -> None:
    """Ten-minute readings over three days, one of them doubtful, a hole of two hours, for G000 and G001."""
    rows = []
    for number, element in Series.objects.filter(station__code__in=("G000", "G001")).values_list("number", "element"):
        for k in range(3 * 144):
            if 200 <= k < 212:
                continue
            doubt = 8 if element == "rain_mm" and k == 100 else 0
            value = 100.0 if doubt else {"rain_mm": 1.0, "level_m": 89.0 + k / 400}.get(element, 12.5)
            rows.append((number, now - timedelta(minutes=10 * (3 * 144 - 1 - k)), value, doubt))
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO monitoring_reading (series, at, value, quality) VALUES (%s, %s, %s, %s)", rows)


def _told(station: Station, now: datetime) -> None:
    """A signal that fires at G000, a raw frame, and an area of two gauges."""
    series = Series.objects.get(station=station, main=True)
    Signal.objects.create(
        id=ids.new_id(), division=station.division, rule="rainstorm", rule_version="16-2007", place=f"s:{series.number}",
        station=station, series=series, level="orange", state="firing", opened_at=now - timedelta(hours=5),
        level_at=now - timedelta(hours=4), value=60.0, window_h=3,
        explanation={"zh": "3小时降雨60毫米", "en": "60 mm in 3 h"},
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO monitoring_frame (received_at, division, protocol, peer, station, body, packed, readings, error)"
            " VALUES (%s, %s, 'sl651', '10.0.0.1:5000', %s, %s, false, 4, '')",
            [now, station.division, station.code, bytes.fromhex(SL651)],
        )
    area = Area.objects.create(division="410181", code="A1", name_zh="贾鲁河上游", name_en="Upper Jialu")
    for code, weight in (("G000", 1.0), ("G003", 3.0)):
        member = Series.objects.get(station__code=code, main=True)
        AreaMember.objects.create(division="410181", area=area, series=member, weight=weight)
