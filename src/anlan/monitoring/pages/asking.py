"""What the address of a list of stations asks: words, filters, order, place in the pages. One reading for every face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from anlan.kernel.clock import BEIJING
from anlan.kernel.problem import Invalid
from anlan.monitoring.choices import Protocol, StationKind, StationState
from anlan.monitoring.selectors.station_sql import ORDERS, StationQuery

HOME = "/monitoring/stations"
COLOURS = ("red", "orange", "yellow", "blue", "none")
#: Filter → the values it may have.
FILTERS: dict[str, tuple[str, ...]] = {
    "state": tuple(StationState.values), "colour": COLOURS, "kind": tuple(StationKind.values),
    "protocol": tuple(Protocol.values),
}  # fmt: skip
MOST_CHARS = 64


@dataclass(frozen=True)
class Asked:
    """One reading of a list's address."""

    q: str = ""
    division: str = ""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sort: str = ""
    after: str = ""

    @classmethod
    def read(cls, params: QueryDict) -> Asked:
        """Read the query string; names and values that mean nothing here are left out."""
        filters = []
        for name, known in FILTERS.items():
            values = {part for value in params.getlist(name) for part in value.split(",")}
            kept = tuple(value for value in known if value in values)
            if kept:
                filters.append((name, kept))
        division, sort = params.get("division", ""), params.get("sort", "")
        return cls(
            q=params.get("q", "").strip()[:MOST_CHARS],
            division=division if division.isdigit() and len(division) <= 12 else "",
            filters=tuple(filters),
            sort=sort if sort.lstrip("-") in ORDERS else "",
            after=params.get("after", "")[:200],
        )

    @property
    def narrowed(self) -> bool:
        """True when words or filters are set."""
        return bool(self.q or self.division or self.filters)

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return the values of one filter."""
        return dict(self.filters).get(name, ())

    def query(self) -> StationQuery:
        """Return what the selector is asked."""
        return StationQuery(
            self.q, self.division, self.chosen("kind"), self.chosen("state"), self.chosen("colour"),
            self.chosen("protocol"), self.sort,
        )  # fmt: skip

    def change(self, **to: str) -> Asked:
        """Return this with other words, division, order or page."""
        return replace(self, **{"after": "", **to})  # type: ignore[arg-type]

    def only(self, name: str, values: Iterable[str]) -> Asked:
        """Return this with one filter set to these values (none: taken off); back on the first page."""
        kept = {**dict(self.filters), name: tuple(values)}
        return replace(self, filters=tuple((key, kept[key]) for key in FILTERS if kept.get(key)), after="")

    def minus(self, name: str, value: str) -> Asked:
        """Return this without one value of a filter."""
        return self.only(name, (item for item in self.chosen(name) if item != value))

    def string(self) -> str:
        """Return the query string, "" when nothing is asked."""
        pairs = [("q", self.q), ("division", self.division)]
        pairs += [(name, value) for name, values in self.filters for value in values]
        pairs += [("sort", self.sort), ("after", self.after)]
        return urlencode([pair for pair in pairs if pair[1]])

    def href(self) -> str:
        """Return the address of the list that asks this."""
        text = self.string()
        return HOME + (f"?{text}" if text else "")


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
