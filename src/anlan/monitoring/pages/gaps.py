"""The gap report: what every series should have sent and what came, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.clock import BEIJING
from anlan.kernel.language import say
from anlan.kernel.scope import Scope
from anlan.monitoring.choices import StationKind
from anlan.monitoring.pages.asking import span_names, stretch
from anlan.monitoring.pages.files import local, table_file
from anlan.monitoring.selectors.gaps import Gap, gaps
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.chips import Area, area_of, short_path
from anlan.territory.selectors.register_rows import division_paths

LIMIT, MOST_ROWS, LARGE_PAGE = 40, 100_000, 500
LOW, POOR = 0.95, 0.8
SPANS = ("day", "3d", "week", "month")
COLUMNS = (
    ("station", pa.string()), ("name_zh", pa.string()), ("name_en", pa.string()), ("kind", pa.string()),
    ("division", pa.string()), ("element", pa.string()), ("unit", pa.string()), ("from", pa.string()), ("to", pa.string()),
    ("expected", pa.int64()), ("received", pa.int64()), ("doubtful", pa.int64()), ("availability", pa.float64()),
    ("longest_gap_s", pa.int64()), ("longest_gap_from", pa.string()), ("longest_gap_to", pa.string()),
    ("silent_spells", pa.int64()), ("silent_s", pa.int64()),
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What an address of the report asks."""

    start: datetime
    end: datetime
    span: str
    q: str
    kind: str
    division: str
    after: str

    @classmethod
    def read(cls, request: HttpRequest) -> Wanted:
        """Read the query string; a kind or division that means nothing is left out. Invalid for a bad time."""
        params = request.GET
        start, end, span = stretch(params, clock.now(), "week")
        kind, division = params.get("kind", ""), params.get("division", "")
        return cls(
            start, end, span, params.get("q", "").strip()[:64], kind if kind in StationKind.values else "",
            division if division.isdigit() else "", params.get("after", "")[:300],
        )  # fmt: skip

    @property
    def filters(self) -> dict[str, str]:
        """What the selector narrows by."""
        return {"division": self.division, "kind": self.kind, "words": self.q}

    def string(self, **to: str) -> str:
        """Return the query string, with some of it changed; the page is the first unless given."""
        pairs = {"span": self.span, "q": self.q, "kind": self.kind, "division": self.division, **to}
        if not self.span and "span" not in to:
            pairs |= {"from": _typed(self.start), "to": _typed(self.end)}
        return urlencode({name: value for name, value in pairs.items() if value})


def _typed(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")


@require_GET
@signed_in
def gap_report(request: HttpRequest) -> HttpResponse:
    """One page of the report."""
    who, wanted = actor(request), Wanted.read(request)
    page = gaps(who.scope, wanted.start, wanted.end, after=wanted.after, limit=LIMIT, **wanted.filters)
    area = area_of(who.scope)
    context = {
        "nav": "monitoring", "tab": "gaps", "wanted": wanted, "page": page, "rows": _rows(page.rows, area),
        "kinds": StationKind.choices, "area": area, "now": clock.now(),
        "spans": [(name, span_names()[name], wanted.string(span=name)) for name in SPANS],
        "from": _typed(page.start), "to": _typed(page.end), "string": wanted.string(),
        "next": page.more and wanted.string(after=page.more), "division_name": _division(wanted.division),
    }  # fmt: skip
    return render(request, "monitoring/gaps.html", context)


def _division(code: str) -> str:
    return say(division_paths([code]).get(code)) or code if code else ""


def _rows(found: list[Gap], area: Area) -> list[dict[str, Any]]:
    names = division_paths({row.division for row in found})
    return [
        {
            **row._asdict(), "where": short_path(say(names.get(row.division)), area), "width": round(row.availability * 100, 1),
            "tone": "overdue" if row.availability < POOR else "attention" if row.availability < LOW else "ok",
        }
        for row in found
    ]  # fmt: skip


@require_GET
@signed_in
def gap_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The whole report as CSV or Excel, the worst first."""
    who, wanted = actor(request), Wanted.read(request)
    return table_file(who, form, "missing-data", COLUMNS, list(_lines(who.scope, wanted)))


def _lines(scope: Scope, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    after, given = "", 0
    while given < MOST_ROWS:
        page = gaps(scope, wanted.start, wanted.end, after=after, limit=LARGE_PAGE, **wanted.filters)
        for row in page.rows:
            spell = row.spells
            yield (
                row.station, row.name["zh"], row.name["en"], row.kind, row.division, row.element, row.unit,
                local(page.start), local(page.end), row.expected, row.received, row.doubtful, round(row.availability, 4),
                spell.longest_s, local(spell.longest_from), local(spell.longest_to), spell.silent, spell.silent_s,
            )  # fmt: skip
        given += len(page.rows)
        after = page.more
        if not after:
            return


urlpatterns = [
    path("gaps", gap_report, name="gaps"),
    path("gaps/file.<str:form>", gap_export, name="gaps-export"),
]
