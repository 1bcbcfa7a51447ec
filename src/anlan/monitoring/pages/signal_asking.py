"""What the address of the signal board asks: filters, division, page; one reading for the board and its filter panel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from anlan.monitoring.formats.rule_reading import COLOURS
from anlan.monitoring.selectors.signal_board import STATES, Narrow

HOME = "/monitoring/signals"
FILTERS = ("colour", "state", "hazard", "rule", "held")
_KNOWN: dict[str, tuple[str, ...]] = {"colour": COLOURS[::-1], "state": STATES, "held": ("held", "passed")}


@dataclass(frozen=True)
class Asked:
    """One reading of the board's address. view: "" for one by one, "groups" for counties and hazards."""

    division: str = ""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    view: str = ""
    after: str = ""

    @classmethod
    def read(cls, params: QueryDict) -> Asked:
        """Read the query string; what means nothing here is left out."""
        filters = []
        for name in FILTERS:
            given = [part[:32] for value in params.getlist(name) for part in value.split(",") if part]
            kept = tuple(v for v in _KNOWN[name] if v in given) if name in _KNOWN else tuple(dict.fromkeys(given))[:20]
            if kept:
                filters.append((name, kept))
        division = params.get("division", "")
        return cls(
            division if division.isdigit() and len(division) <= 12 else "",
            tuple(filters),
            "groups" if params.get("view") == "groups" else "",
            params.get("after", "")[:120],
        )

    @property
    def narrowed(self) -> bool:
        """True when anything is left out."""
        return bool(self.division or self.filters)

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return the values of one filter."""
        return dict(self.filters).get(name, ())

    def narrow(self) -> Narrow:
        """Return what the selector is asked."""
        return Narrow(self.division, **dict(self.filters))

    def change(self, **to: str) -> Asked:
        """Return this with another division, view or page."""
        kept: dict[str, Any] = {"after": "", **to}
        return replace(self, **kept)

    def only(self, name: str, values: Iterable[str]) -> Asked:
        """Return this with one filter set to these values (none: taken off); back on the first page."""
        kept = {**dict(self.filters), name: tuple(values)}
        return replace(self, filters=tuple((key, kept[key]) for key in FILTERS if kept.get(key)), after="")

    def minus(self, name: str, value: str) -> Asked:
        """Return this without one value of a filter."""
        return self.only(name, (item for item in self.chosen(name) if item != value))

    def string(self) -> str:
        """Return the query string, "" when nothing is asked."""
        pairs = [("division", self.division)]
        pairs += [(name, value) for name, values in self.filters for value in values]
        pairs += [("view", self.view), ("after", self.after)]
        return urlencode([pair for pair in pairs if pair[1]])

    def href(self) -> str:
        """Return the address that asks this."""
        text = self.string()
        return HOME + (f"?{text}" if text else "")
