"""The list of stations as a file."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.http.response import HttpResponseBase

from anlan.kernel.actor import Actor
from anlan.monitoring.pages import words
from anlan.monitoring.pages.files import local, table_file
from anlan.monitoring.selectors.station_sql import StationQuery
from anlan.monitoring.selectors.stations import stations_all

MOST = 200_000
COLUMNS = (
    ("station", pa.string()), ("name_zh", pa.string()), ("name_en", pa.string()), ("kind", pa.string()),
    ("division", pa.string()), ("lon", pa.float64()), ("lat", pa.float64()), ("state", pa.string()),
    ("since", pa.string()), ("reason", pa.string()), ("element", pa.string()), ("value", pa.float64()),
    ("unit", pa.string()), ("time", pa.string()), ("rain_1h_mm", pa.float64()), ("rain_3h_mm", pa.float64()),
    ("rain_24h_mm", pa.float64()), ("signal", pa.string()), ("protocol", pa.string()),
)  # fmt: skip


def stations_file(who: Actor, query: StationQuery, form: str) -> HttpResponseBase:
    """Return every station of the query, in its order."""
    rows = [_line(row) for row in stations_all(who.scope, query, MOST)]
    return table_file(who, form, "stations", COLUMNS, rows)


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["code"], row["name_zh"], row["name_en"], row["kind"], row["division"], row["lon"], row["lat"],
        row["state"], local(row["state_at"]), row["state_note"] or words.doubts(row["doubts"]), row["element"],
        row["last_value"], row["unit"], local(row["last_at"]), row["sum_1h"], row["sum_3h"], row["sum_24h"],
        row["colour"], row["protocol"] or "",
    )  # fmt: skip
