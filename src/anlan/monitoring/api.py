"""REST routes of monitoring: readings in; stations, signals and series out. Every read is within the reader's scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from anlan.kernel.problem import Invalid
from anlan.monitoring import selectors
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.readings_csv import Parsed, parse_csv, parse_rows
from anlan.monitoring.selectors import charts
from anlan.monitoring.selectors.charts import MOST_POINTS
from anlan.monitoring.services.intake import intake_append
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["monitoring"])
_ROW = {
    "type": "object",
    "required": ["station", "at", "value"],
    "properties": {
        "station": {"type": "string", "minLength": 1, "maxLength": 32},
        "at": {"type": "string", "format": "date-time"},
        "value": {"type": "number"},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["readings"],
                    "properties": {"readings": {"type": "array", "items": _ROW}, "source": {"type": "string"}},
                }
            },
            "text/csv": {
                "schema": {"type": "string", "example": "station,at,value\n57083,2021-07-20T17:00+08:00,33.6\n"}
            },
        },
    }
}


class RowProblem(Schema):
    """What is wrong with one row of a batch, and how to mend it."""

    row: int
    field: str
    value: str
    zh: str
    en: str


class UnknownSeries(Schema):
    """A station, or an element of one ("" its main one), that nobody registered, or not within your scope."""

    station: str
    element: str


class Taken(Schema):
    """What became of a batch: `accepted` readings are kept for good and will be judged in the order they came, within
    seconds; `wrong` rows could not be read, `errors` name them."""

    accepted: int
    unknown: list[UnknownSeries]
    wrong: int
    errors: list[RowProblem]


class ProblemBody(Schema):
    """A refusal (RFC 9457) in both languages."""

    type: str
    title: str
    status: int
    code: str
    zh: str
    en: str


class ById(Schema):
    """Things by id, as the live feed gives them."""

    items: dict[str, dict[str, Any]]


class Point(Schema):
    """One reading: `quality` 0 is good, others are doubtful."""

    at: datetime
    value: float
    quality: int


_REFUSED = {401: ProblemBody, 403: ProblemBody, 422: ProblemBody}


@router.post("/readings", response={200: Taken, **_REFUSED}, openapi_extra=_BODY, summary="Take a batch of readings")
def take(request: HttpRequest) -> dict[str, Any]:
    """Take readings of stations' main elements as JSON or CSV. Safe to repeat: the first value of a station and time
    stands.

    Good rows are taken even when others are wrong; with no good row at all the answer is 422.
    """
    source, parsed = _parsed(request)
    if parsed.errors and not parsed.rows:
        first = parsed.errors[0]
        raise Invalid(
            code="readings.none_good", zh=first.zh, en=first.en, field=first.field, value=first.value,
            errors=[error._asdict() for error in parsed.errors],
        )  # fmt: skip
    rows = [(station, "", microseconds(at), value, 0) for station, at, value in parsed.rows]
    accepted = intake_append(by=_actor(request), rows=rows, source=source)
    unknown = [{"station": station, "element": element} for station, element in accepted.unknown]
    errors = [error._asdict() for error in parsed.errors]
    return {"accepted": accepted.count, "unknown": unknown, "wrong": parsed.wrong, "errors": errors}


def _parsed(request: HttpRequest) -> tuple[str, Parsed]:
    if (request.content_type or "").startswith("text/csv"):
        return "http:csv", parse_csv(request.body)
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _shape(str(error)) from error
    rows = body.get("readings") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _shape("readings")
    return f"http:{body.get('source') or 'json'}"[:128], parse_rows(rows)


def _shape(value: str) -> Invalid:
    return Invalid(
        code="readings.shape",
        zh='请求体应为 {"readings": [{"station", "at", "value"}, …]} 或 text/csv；请按此修改后重发。',
        en='Send {"readings": [{"station", "at", "value"}, …]} or text/csv.',
        field="body",
        value=value,
    )


@router.get("/stations", response={200: ById, 401: ProblemBody}, summary="Stations and how they stand")
def stations(request: HttpRequest, at: datetime | None = None) -> dict[str, Any]:
    """Return the stations in the reader's scope by id, now or as they stood at `at`."""
    return {"items": selectors.stations_state(_actor(request).scope, at and _aware(at, "at"))}


@router.get("/signals", response={200: ById, 401: ProblemBody}, summary="Firing signals")
def signals(request: HttpRequest, at: datetime | None = None) -> dict[str, Any]:
    """Return the firing signals in the reader's scope by id, now or as they stood at `at`."""
    return {"items": selectors.signals_active(_actor(request).scope, at and _aware(at, "at"))}


@router.get(
    "/stations/{code}/series", response={200: list[Point], 404: ProblemBody, **_REFUSED}, summary="Series of a station"
)
def series(request: HttpRequest, code: str, start: datetime, end: datetime, element: str = "") -> list[dict[str, Any]]:
    """Return a station's readings in (start, end], oldest first; without `element` of its main one."""
    return selectors.series(_actor(request).scope, code, _aware(start, "start"), _aware(end, "end"), element)


class Chart(Schema):
    """A series over a span, as arrays of one length: a point is a reading (step raw) or a span that ends at `t`.

    step: raw, ten (ten minutes), hour or day (UTC+8); step_s: its seconds, 0 for raw. t, start, end, final: ms since
    1970; points later than `final` are of spans that aren't over. value: mean of states, sum of amounts, increase of
    counters, null where nothing was good; low, high, last: lowest, highest and last good value (null for raw).
    quality: code of each reading (raw, 0 is good), else how many readings of the span were doubtful. thresholds: the
    series' own limits by name, in `unit`.
    """

    station: str
    element: str
    unit: str
    kind: str
    step: str
    step_s: int
    interval_s: int
    max_silence_s: int
    thresholds: dict[str, float]
    start: int
    end: int
    final: int
    t: list[int]
    value: list[float | None]
    low: list[float | None]
    high: list[float | None]
    last: list[float | None]
    quality: list[int]


@router.get(
    "/stations/{code}/chart", response={200: Chart, 404: ProblemBody, **_REFUSED}, summary="Chart of a station's series"
)
def chart(
    request: HttpRequest, code: str, start: datetime, end: datetime, element: str = "", points: int = MOST_POINTS
) -> HttpResponse:
    """Return a series of a station in (start, end] for a chart; without `element` the station's main one.

    Readings up to 2 days, ten minutes up to 20 days, hours up to 400 days, days beyond; coarser where that would be
    more than `points`. Archived days are in it.
    """
    most = max(1, min(points, MOST_POINTS))
    found = charts.chart(_actor(request).scope, code, element, _aware(start, "start"), _aware(end, "end"), points=most)
    return HttpResponse(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY), content_type="application/json")


def _aware(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        raise Invalid(
            code="time.no_zone", zh="时间须写明时区，如 +08:00。", en="Give the time's offset, such as +08:00.",
            field=field, value=moment.isoformat(),
        )  # fmt: skip
    return moment
