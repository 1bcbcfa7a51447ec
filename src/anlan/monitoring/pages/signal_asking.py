"""What the address of the signal board asks: filters, division, page; one reading for the board and its filter panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.http import QueryDict

from anlan.monitoring.formats.rule_reading import COLOURS
from anlan.monitoring.pages.filtered import Filtered, division_asked
from anlan.monitoring.selectors.signal_board import STATES, Narrow

FILTERS = ("colour", "state", "hazard", "rule", "held")
_KNOWN: dict[str, tuple[str, ...]] = {"colour": COLOURS[::-1], "state": STATES, "held": ("held", "passed")}


@dataclass(frozen=True, kw_only=True)
class Asked(Filtered):
    """One reading of the board's address. view: "" for one by one, "groups" for counties and hazards."""

    home: ClassVar[str] = "/monitoring/signals"
    known: ClassVar[tuple[str, ...]] = FILTERS
    order: ClassVar[tuple[str, ...]] = ("division", "filters", "view", "after")

    view: str = ""

    @classmethod
    def read(cls, params: QueryDict) -> Asked:
        """Read the query string; what means nothing here is left out."""
        filters = []
        for name in FILTERS:
            given = [part[:32] for value in params.getlist(name) for part in value.split(",") if part]
            kept = tuple(v for v in _KNOWN[name] if v in given) if name in _KNOWN else tuple(dict.fromkeys(given))[:20]
            if kept:
                filters.append((name, kept))
        return cls(
            division=division_asked(params.get("division", "")),
            filters=tuple(filters),
            view="groups" if params.get("view") == "groups" else "",
            after=params.get("after", "")[:120],
        )

    @property
    def narrowed(self) -> bool:
        """True when anything is left out."""
        return bool(self.division or self.filters)

    def narrow(self) -> Narrow:
        """Return what the selector is asked."""
        return Narrow(self.division, **dict(self.filters))
