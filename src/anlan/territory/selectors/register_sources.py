"""Where the fields of a register lie in the database: table, order, and an SQL expression for each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory.engine.register import Field, Register
from anlan.territory.sources.attributes import place_attributes
from anlan.territory.sources.registers import register

_ORGANISATION = "LEFT JOIN territory_organisation o ON o.id = t."
_HELD = (
    "LEFT JOIN LATERAL (SELECT hp.code, h.holder FROM territory_appointment h JOIN territory_post hp ON hp.id ="
    " h.post_id WHERE h.person_id = t.id AND h.valid_to IS NULL ORDER BY h.holder, hp.code LIMIT 1) held ON true"
)


@dataclass(frozen=True)
class Source:
    """One register in the database. `t` is its table; `joins` are needed for the fields they are named after, `exprs`
    replace a field's own column, `names` give a second pair of columns (zh, en) for the words of a reference.
    `weights` are what is summed over an area; rows whose `working` field has one of these values are there no longer
    and not counted. `state`: the rows hidden unless a filter on that field asks for them; `hidden`: those never
    listed."""

    register: Register
    key: str = "code"
    chain: bool = False
    state: tuple[str, tuple[str, ...]] | None = None
    hidden: str = "false"
    exprs: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    working: tuple[str, tuple[str, ...]] = ("state", ("closed", "merged"))

    @property
    def table(self) -> str:
        """Return the table's name."""
        return self.register.table

    def expr(self, name: str) -> str:
        """Return the SQL expression of a field's value."""
        item = self.field(name)
        return self.exprs.get(name, f't."{item.column or item.name}"')

    def field(self, name: str) -> Field:
        """Return a field of the register; Invalid when it has none of that name."""
        found = self.register.by_name.get(name)
        if found is None:
            raise Invalid(
                code="territory.no_field",
                zh=f"名册“{self.register.zh}”没有字段“{name}”；可用：{'、'.join(self.register.by_name)}。",
                en=f"{self.register.en} have no field “{name}”; take one of: {', '.join(self.register.by_name)}.",
                field="field",
                value=name,
            )
        return found

    def tables(self, names: Sequence[str]) -> str:
        """Return the FROM clause that serves these fields."""
        joins = dict.fromkeys(self.joins[name] for name in names if name in self.joins)
        return " ".join([f"{self.table} t", *joins])


@cache
def source(name: str) -> Source:
    """Return where one register lies; NotFound when there is none of that name."""
    found = register(name)
    if name == "units":
        return Source(
            found,
            key="key",
            hidden="t.merged_into IS NOT NULL",
            exprs={"regulator": "o.code"},
            names={"regulator": "o.name_zh, o.name_en"},
            joins={"regulator": _ORGANISATION + "regulator_id"},
            weights={"staff": "coalesce(t.staff, 0)", "open_dangers": "t.open_dangers"},
            working=("status", ("closed",)),
        )
    if name == "places":
        return Source(
            found,
            state=("state", ("merged",)),
            exprs={"organisation": "o.code"},
            names={"organisation": "o.name_zh, o.name_en"},
            joins={"organisation": _ORGANISATION + "organisation_id"},
            weights={name: _counted(name) for name in place_sums()},
        )
    if name == "persons":
        return Source(
            found,
            state=("state", ("merged", "purged")),
            exprs={"citizen": "t.citizen_mask", "post": "held.code", "holder": "held.holder"},
            joins={"post": _HELD, "holder": _HELD},
        )
    if name == "posts":
        return Source(
            found,
            chain=True,
            exprs={"organisation": "o.code", "superior": "s.code", "place": "pl.code"},
            names={
                "organisation": "o.name_zh, o.name_en",
                "superior": "s.name_zh, s.name_en",
                "place": "pl.name_zh, pl.name_en",
            },
            joins={
                "organisation": _ORGANISATION + "organisation_id",
                "superior": "LEFT JOIN territory_post s ON s.id = t.superior_id",
                "place": "LEFT JOIN territory_place pl ON pl.id = t.place_id",
            },
        )
    if name == "licences":
        return Source(
            found,
            exprs={"unit": "u.key"},
            names={"unit": "u.name, u.name"},
            joins={"unit": "JOIN territory_unit u ON u.id = t.unit_id"},
        )
    return Source(found, chain=True)


def place_sums() -> tuple[str, ...]:
    """Return the attributes of places that are whole numbers of persons, beds or the like, summed over an area."""
    found = (item for items in place_attributes().values() for item in items if item.type == "int")
    return tuple(dict.fromkeys(item.name for item in found if item.sum or item.weight))


def scope_where(scope: Scope, chain: bool, column: str = "t.division") -> tuple[str, list[Any]]:
    """Return the SQL condition of a reader's scope, and its parameters."""
    if "" in scope.prefixes:
        return "true", []
    if not scope.prefixes:
        return "false", []
    parts = [f"{column} LIKE %s" for _ in scope.prefixes]
    values: list[Any] = [f"{prefix}%" for prefix in scope.prefixes]
    if chain:
        parts.append(f"{column} = ANY(%s)")
        values.append(list(scope.ancestors()))
    return f"({' OR '.join(parts)})", values


def _counted(name: str) -> str:
    return f"CASE jsonb_typeof(t.attributes -> '{name}') WHEN 'number' THEN (t.attributes ->> '{name}')::numeric::bigint ELSE 0 END"
