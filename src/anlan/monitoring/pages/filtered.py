"""What the address of any list of monitoring asks: a division, filters with their values, a place in the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self
from urllib.parse import urlencode


@dataclass(frozen=True, kw_only=True)
class Filtered:
    """One reading of a list's address. home: where the list is; known: its filters; order: of the query string."""

    home: ClassVar[str]
    known: ClassVar[tuple[str, ...]]
    order: ClassVar[tuple[str, ...]]

    division: str = ""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    after: str = ""

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return the values of one filter."""
        return dict(self.filters).get(name, ())

    def change(self, **to: str) -> Self:
        """Return this with something else asked; back on the first page unless a page is given."""
        changed: dict[str, Any] = {"after": "", **to}
        return replace(self, **changed)

    def only(self, name: str, values: Iterable[str]) -> Self:
        """Return this with one filter set to these values (none: taken off); back on the first page."""
        kept = {**dict(self.filters), name: tuple(values)}
        return replace(self, filters=tuple((key, kept[key]) for key in self.known if kept.get(key)), after="")

    def minus(self, name: str, value: str) -> Self:
        """Return this without one value of a filter."""
        return self.only(name, (item for item in self.chosen(name) if item != value))

    def string(self) -> str:
        """Return the query string, "" when nothing is asked."""
        pairs: list[tuple[str, str]] = []
        for name in self.order:
            if name == "filters":
                pairs += [(key, value) for key, values in self.filters for value in values]
            else:
                pairs.append((name, getattr(self, name)))
        return urlencode([pair for pair in pairs if pair[1]])

    def href(self) -> str:
        """Return the address of the list that asks this."""
        text = self.string()
        return self.home + (f"?{text}" if text else "")


def division_asked(text: str) -> str:
    """Return a division's code as an address gives it, "" for what is none."""
    return text if text.isdigit() and len(text) <= 12 else ""
