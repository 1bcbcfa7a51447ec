"""What the address of a list of stations asks: words, filters, order, place in the pages. One reading for every face."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.kernel.clock import BEIJING
from anlan.kernel.problem import Invalid
from anlan.monitoring.choices import Protocol, StationKind, StationState
from anlan.monitoring.pages.filtered import Filtered, division_asked
from anlan.monitoring.selectors.station_sql import ORDERS, StationQuery

COLOURS = ("red", "orange", "yellow", "blue", "none")
#: Filter → the values it may have.
FILTERS: dict[str, tuple[str, ...]] = {
    "state": tuple(StationState.values), "colour": COLOURS, "kind": tuple(StationKind.values),
    "protocol": tuple(Protocol.values),
}  # fmt: skip
MOST_CHARS = 64


@dataclass(frozen=True, kw_only=True)
class Asked(Filtered):
    """One reading of a list's address."""

    home: ClassVar[str] = "/monitoring/stations"
    known: ClassVar[tuple[str, ...]] = tuple(FILTERS)
    order: ClassVar[tuple[str, ...]] = ("q", "division", "filters", "sort", "after")

    q: str = ""
    sort: str = ""

    @classmethod
    def read(cls, params: QueryDict) -> Asked:
        """Read the query string; names and values that mean nothing here are left out."""
        filters = []
        for name, known in FILTERS.items():
            values = {part for value in params.getlist(name) for part in value.split(",")}
            kept = tuple(value for value in known if value in values)
            if kept:
                filters.append((name, kept))
        sort = params.get("sort", "")
        return cls(
            q=params.get("q", "").strip()[:MOST_CHARS],
            division=division_asked(params.get("division", "")),
            filters=tuple(filters),
            sort=sort if sort.lstrip("-") in ORDERS else "",
            after=params.get("after", "")[:200],
        )

    @property
    def narrowed(self) -> bool:
        """True when words or filters are set."""
        return bool(self.q or self.division or self.filters)

    def query(self) -> StationQuery:
        """Return what the selector is asked."""
        return StationQuery(
            self.q, self.division, self.chosen("kind"), self.chosen("state"), self.chosen("colour"),
            self.chosen("protocol"), self.sort,
        )  # fmt: skip


#: Span → hours.
SPANS = {"day": 24, "3d": 72, "week": 168, "month": 744, "year": 8784}


def span_names() -> dict[str, str]:
    """Return the names of the spans that can be chosen."""
    return {
        "day": pgettext("span", "Day"), "3d": _("3 days"), "week": pgettext("span", "Week"),
        "month": pgettext("span", "Month"), "year": pgettext("span", "Year"),
    }  # fmt: skip


def moment(text: str | None, field: str) -> datetime | None:
    """Read a time of an address, Beijing time when it names no zone; None for none. Invalid when it is no time."""
    if not text:
        return None
    try:
        found = parse_datetime(text.replace(" ", "+"))  # a "+" of the offset comes as a blank
    except ValueError:
        found = None
    if found is None:
        raise Invalid(
            code="time.unreadable",
            zh="看不懂这个时间；请写成 2026-11-22T08:00 这样的形式。",
            en="This time can't be read; write it like 2026-11-22T08:00.",
            field=field,
            value=text[:40],
        )
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def stretch(params: QueryDict, now: datetime, usual: str = "3d") -> tuple[datetime, datetime, str]:
    """Return (start, end, span name) an address asks: `span` up to `to` (now if not given), or `from` and `to` with
    the name "". Invalid when the end isn't after the start, or more than 10 years lie between."""
    end = moment(params.get("to"), "to") or now
    start = moment(params.get("from"), "from")
    name = "" if start else params.get("span", usual)
    name = name if not name or name in SPANS else usual
    start = start or end - timedelta(hours=SPANS[name])
    if not start < end or end - start > timedelta(days=3660):
        raise Invalid(
            code="time.span",
            zh="起止时间有误：止须晚于起，且不超过十年。",
            en="The end must come after the start, at most ten years later.",
            field="to",
            value=end.isoformat(),
        )
    return start, end, name
