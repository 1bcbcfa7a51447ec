"""Small helpers of the monitoring tests: stations and readings."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.monitoring.services import StationSpec, TakeReport, readings_take, stations_register

BEIJING = ZoneInfo("Asia/Shanghai")
T0 = datetime(2021, 7, 20, 8, tzinfo=BEIJING)
BY = Actor.scenario("test")


def gauge(code: str, division: str = "410183108", **more: object) -> StationSpec:
    whole = {"kind": "rain", "metric": "rain_mm", "lon": 113.5, "lat": 34.6, **more}
    return StationSpec(code=code, name_zh=code + "站", name_en=code + " gauge", division=division, **whole)  # type: ignore[arg-type]


def registered(*stations: StationSpec) -> None:
    stations_register(by=BY, stations=stations, at=T0)


def step(number: int) -> datetime:
    """The end of the n-th ten minutes after T0."""
    return T0 + timedelta(minutes=10 * number)


def fed(code: str, values: list[float], first: int = 1) -> list[tuple[str, datetime, float]]:
    return [(code, step(first + n), value) for n, value in enumerate(values)]


def take(rows: list[tuple[str, datetime, float]], now: datetime | None = None) -> TakeReport:
    return readings_take(by=BY, rows=rows, source="test", at=now or max((at for _, at, _ in rows), default=T0))


def told(*kinds: str) -> list[tuple[str, datetime, str]]:
    """Journal entries of these kinds: kind, time in Beijing, and level or station."""
    entries = Entry.objects.filter(kind__in=kinds).order_by("id")
    return [(e.kind, e.at.astimezone(BEIJING), e.data.get("level", e.data.get("station"))) for e in entries]


SIGNALS = ("signal.opened", "signal.raised", "signal.lowered", "signal.cleared")
