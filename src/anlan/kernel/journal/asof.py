"""Reading a table as it stood at a moment, from the kept row versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from anlan.kernel.models import Tracked


def source_sql(model: type[Tracked], at: datetime | None) -> tuple[str, list[Any]]:
    """Return a FROM item (and its parameters) giving the rows of `model` as they stood at `at` (None: as they are).

    Use as `SELECT … FROM <item> AS t`; its columns are the table's own, so one query serves now and then.
    """
    table = model._meta.db_table
    if at is None:
        return f'"{table}"', []
    sql = (
        f'(SELECT (jsonb_populate_record(null::"{table}", v.row)).* FROM (SELECT DISTINCT ON (key) op, row FROM'
        " kernel_change WHERE tbl = %s AND at <= %s ORDER BY key, id DESC) v WHERE v.op <> 'D')"
    )
    return sql, [table, at]


def rows_at(
    model: type[Tracked], at: datetime | None, where: str = "", params: Sequence[Any] = (), order: str = ""
) -> list[dict[str, Any]]:
    """Return rows as dicts, as they stood at `at`. `where` is SQL over alias `t`; row-level security applies."""
    item, values = source_sql(model, at)
    sql = f"SELECT t.* FROM {item} AS t" + (f" WHERE {where}" if where else "")
    pk = _pk(model)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY {order or 't.' + pk}", [*values, *params])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _pk(model: type[models.Model]) -> str:
    return str(model._meta.pk.column) if model._meta.pk else "id"
