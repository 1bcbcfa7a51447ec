"""What the address of a list asks for: words, filters, order, columns, place in the pages. One reading for all faces.

Everything is in the query string, so that a list can be sent to a colleague, saved and printed as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from anlan.territory.engine.register import Field, Register
from anlan.territory.selectors.finding import Query

MISSING = "missing"
MOST_VALUES, MOST_CHARS = 40, 64

#: The field that names a row, where it is not `name_zh`.
TITLES = {"units": "name", "persons": "name", "licences": "number"}

#: What may be asked to be empty, per register.
EMPTY = {
    "units": ("point", "phone", "regulator", "industry", "principal"),
    "places": ("organisation", "address"),
    "persons": ("contact_checked_on",),
    "posts": (),
    "organisations": (),
    "licences": (),
}


@dataclass(frozen=True)
class Asked:
    """One reading of a list's address."""

    register: Register
    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    columns: tuple[str, ...] = ()
    after: str = ""

    @classmethod
    def read(cls, register: Register, params: QueryDict) -> Asked:
        """Read the query string; names and values that mean nothing here are left out."""
        known = [item.name for item in filters_of(register)] + [MISSING]
        filters = {}
        for name in known:
            values = [part.strip()[:MOST_CHARS] for value in params.getlist(name) for part in value.split(",")]
            kept = tuple(dict.fromkeys(value for value in values if value))[:MOST_VALUES]
            if kept:
                filters[name] = kept
        columns = tuple(name for name in params.get("cols", "").split(",") if name in listable(register))
        return cls(
            register=register,
            q=params.get("q", "").strip()[:MOST_CHARS],
            filters=filters,
            sort=params.get("sort", "") if params.get("sort", "").lstrip("-") in register.by_name else "",
            columns=columns,
            after=params.get("after", "")[:400],
        )

    @property
    def shown(self) -> list[Field]:
        """The columns in their order: those asked for, else those the register shows by itself."""
        if self.columns:
            return [self.register.by_name[name] for name in self.columns]
        found = [item for item in self.register.fields if item.shown]
        return sorted(found, key=lambda item: item.name != title_of(self.register))  # the name leads

    @property
    def narrowed(self) -> bool:
        """True when words or filters are set."""
        return bool(self.q or self.filters)

    def query(self) -> Query:
        """Return what the finder is asked."""
        return Query(q=self.q, filters=dict(self.filters), sort=self.sort)

    def minus(self, name: str, value: str | None = None) -> Asked:
        """Return this without one filter, or without one of its values; back on the first page."""
        left = dict(self.filters)
        kept = () if value is None else tuple(item for item in left.get(name, ()) if item != value)
        left.pop(name, None)
        return replace(self, filters={**left, **({name: kept} if kept else {})}, after="")

    def plus(self, name: str, *values: str) -> Asked:
        """Return this with one filter set to `values`."""
        return replace(self, filters={**self.filters, name: values}, after="")

    def change(self, **to: object) -> Asked:
        """Return this with other words, order, columns or page."""
        return replace(self, **{"after": "", **to})  # type: ignore[arg-type]

    def string(self) -> str:
        """Return the query string, "" when nothing is asked."""
        pairs: list[tuple[str, str]] = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("cols", ",".join(self.columns))] if self.columns else []
        pairs += [("after", self.after)] if self.after else []
        return urlencode(pairs, safe=",:")

    def href(self) -> str:
        """Return the address of the list that asks this."""
        text = self.string()
        return f"/territory/{self.register.name}" + (f"?{text}" if text else "")


def title_of(register: Register) -> str:
    """Return the field that names a row of the register."""
    return TITLES.get(register.name, "name_zh")


def filters_of(register: Register) -> list[Field]:
    """Return the fields a list of this register can be narrowed by."""
    return [item for item in register.fields if item.index == "filter"]


def listable(register: Register) -> list[str]:
    """Return the names of the fields that can stand as columns."""
    return [item.name for item in register.fields if item.kind not in ("attributes", "citizen") and item.name != "key"]
