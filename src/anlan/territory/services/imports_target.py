"""Where the rows of each register go: table, columns and their types, and the SQL that compares, inserts and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection, models

from anlan.territory.engine.register import Field, Register
from anlan.territory.models import Licence, Organisation, Person, Place, Post, Unit
from anlan.territory.sources.registers import register

REFERENCES = ("organisation", "post", "place", "unit")
# Emptied by no file: what only rules, or the row's being there at all, give.
KEPT_WHEN_BLANK = frozenset({"division", "regulator_id", "coord_src"})


@dataclass(frozen=True)
class Column:
    """One column a file can fill: the field it comes from and its type; `blank`: SQL of what stands for nothing."""

    name: str
    field: str
    type: str
    blank: str = "NULL"


@dataclass(frozen=True)
class Target:
    """The table of one register. `made`: further columns a new row is given, as SQL over `s` (the staged row);
    `written`: those every write sets; `side`: staged, but no columns of the table (a person's post)."""

    register: Register
    model: type[models.Model]
    entity: str
    key: str
    columns: tuple[Column, ...]
    made: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    tracked: bool = True
    side: tuple[Column, ...] = ()

    @property
    def table(self) -> str:
        """Return the table's name."""
        return str(self.model._meta.db_table)

    def given(self, fields: Sequence[str]) -> list[Column]:
        """Return the columns that a file with these fields fills."""
        return [column for column in self.columns if column.field in fields]

    def value(self, column: Column, *, clear: bool) -> str:
        """Return SQL for what a column of a row that is there already becomes: an empty cell leaves it, or clears it;
        attributes that the file does not name stay."""
        if column.type == "jsonb":
            return f't."{column.name}" || coalesce(s."{column.name}", \'{{}}\')'
        if clear and column.name not in KEPT_WHEN_BLANK:
            return f'coalesce(s."{column.name}", {column.blank})' if column.blank != "NULL" else f's."{column.name}"'
        return f'coalesce(s."{column.name}", t."{column.name}")'

    def differs(self, fields: Sequence[str], *, clear: bool) -> str:
        """Return SQL that is true where a staged row `s` would change the row `t`."""
        columns = self.given(fields)
        new = ", ".join(self.value(column, clear=clear) for column in columns)
        old = ", ".join(f't."{column.name}"' for column in columns)
        return f"ROW({new}) IS DISTINCT FROM ROW({old})"


@cache
def target(name: str) -> Target:
    """Return where one register's rows go."""
    found = register(name)
    if name == "units":
        return Target(
            found, Unit, "unit", "key", (*_columns(found, Unit), _EXTRA), tracked=False,
            made={"key": "s.key", "origin": "%(batch)s"},
            written={"updated_at": "%(at)s", "act": "pg_current_xact_id()::text::bigint"},
        )  # fmt: skip
    if name == "persons":
        columns = _columns(found, Person, leave=_ASIDE) + _CITIZEN
        return Target(found, Person, "person", "code", columns, side=_HELD)
    if name == "licences":
        made = {
            "code": "s.key",
            "division": "(SELECT u.division FROM territory_unit u WHERE u.id = s.unit_id)",
            "state": "'valid'",
        }
        return Target(found, Licence, "licence", "code", _columns(found, Licence), made=made)
    model: dict[str, type[models.Model]] = {"places": Place, "posts": Post, "organisations": Organisation}
    made = {"name_en": "coalesce(s.name_en, s.name_zh)"} | ({"attributes": "coalesce(s.attributes, '{}')"} if name == "places" else {})  # fmt: skip
    return Target(found, model[name], name.removesuffix("s"), "code", _columns(found, model[name]), made=made)


_EXTRA = Column("extra", "extra", "jsonb", "'{}'")
_ASIDE = ("citizen", "post", "holder")
_HELD = (Column("post_id", "post", "uuid"), Column("holder", "holder", "text"))
_CITIZEN = (Column("citizen_hash", "citizen", "text", "''"), Column("citizen_mask", "citizen", "text", "''"))


def _columns(found: Register, model: type[models.Model], *, leave: Sequence[str] = ()) -> tuple[Column, ...]:
    return tuple(_column(item, model) for item in found.importable() if item.name not in leave)


def _column(item: Field, model: type[models.Model]) -> Column:
    """Take name and type from the model, so that what is staged fits without a cast."""
    there: Any = model._meta.get_field(item.column or item.name)
    kind = str(there.db_type(connection))
    blank = "NULL" if there.null or kind in ("uuid", "date") else "''" if kind.startswith(("varchar", "text")) else "0"
    if kind == "jsonb":
        blank = "'{}'"
    return Column(str(there.column), item.name, kind, blank)
