"""Rows of a register by their ids, as faces show them: codes, names of what they refer to, personal data masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from anlan.kernel.scope import Scope
from anlan.territory import choices
from anlan.territory.codes import LEVELS
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.engine.register import Field
from anlan.territory.models import Division
from anlan.territory.selectors.register_sources import Source, scope_where
from anlan.territory.selectors.register_where import CODES


def rows_by_ids(
    scope: Scope, source: Source, ids: Sequence[UUID], columns: Sequence[str] | None = None, *, masked: bool = True
) -> list[dict[str, Any]]:
    """Return the rows of these ids that the scope holds, in the order of the ids. Two queries.

    Each: "_id", the fields in `columns` (None: all), "_division" {zh, en} the path of names, "_<field>" {zh, en} the
    name of what a reference field names. With `masked`, telephones and names of persons are hidden in part.
    """
    names = [item.name for item in source.register.fields] if columns is None else list(columns)
    fields = [source.field(name) for name in names]
    found = _read(scope, source, ids, fields)
    rows = [_row(source, fields, values, masked) for values in found]
    paths = division_paths({str(row["division"]) for row in rows if "division" in row})
    for row in rows:
        if "division" in row:
            row["_division"] = paths.get(str(row["division"]), {"zh": "", "en": ""})
    return rows


def division_paths(codes: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return code → the names of the division and all above it, {"zh": largest first, "en": smallest first}. One
    query."""
    wanted = sorted(set(codes))
    above = {code[:length] for code in wanted for length in LEVELS if length <= len(code)}
    rows = Division.objects.filter(pk__in=above).values_list("code", "name_zh", "name_en")
    known = {code: (zh, en) for code, zh, en in rows}
    found: dict[str, dict[str, str]] = {}
    for code in wanted:
        path = [known[code[:length]] for length in LEVELS if code[:length] in known and length <= len(code)]
        found[code] = {"zh": "".join(zh for zh, _ in path), "en": ", ".join(en for _, en in reversed(path))}
    return found


def _read(scope: Scope, source: Source, ids: Sequence[UUID], fields: Sequence[Field]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    names = [item.name for item in fields]
    parts = ["t.id", *(source.expr(name) for name in names), *(source.names[n] for n in names if n in source.names)]
    inside, values = scope_where(scope, source.chain)
    sql = (
        f"SELECT {', '.join(parts)} FROM {source.tables(names)}"
        f" WHERE t.id = ANY(%s) AND {inside} ORDER BY array_position(%s::uuid[], t.id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(ids), *values, list(ids)])
        return list(cursor.fetchall())


def _row(source: Source, fields: Sequence[Field], values: tuple[Any, ...], masked: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"_id": str(values[0])}
    for item, value in zip(fields, values[1:], strict=False):
        row[item.name] = _value(item, value, masked)
    rest = iter(values[1 + len(fields) :])
    for item in fields:
        if item.name in source.names:
            row[f"_{item.name}"] = {"zh": next(rest) or "", "en": next(rest) or ""}
    return row


def _value(item: Field, value: Any, masked: bool) -> Any:
    if item.kind == "flags":
        return [code for at, code in enumerate(getattr(choices, item.choices)) if (value or 0) >> at & 1]
    if item.kind == "attributes":
        return _json(value)
    if item.name in CODES:
        return "" if value is None else str(value)
    if item.kind in ("organisation", "post", "place", "unit", "choice"):
        return value or ""
    if masked and item.sensitive and value:
        if item.kind == "phone":
            return mask_phone(value)
        return mask_name(value) if item.kind == "person" else value
    return value


def _json(value: Any) -> Any:
    import json

    return json.loads(value) if isinstance(value, str) else value or {}
