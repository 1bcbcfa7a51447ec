"""One row entered by hand, checked exactly as a row of a file is: the same columns, the same faults, the same remedies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.db.models import Q

from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.territory.engine.columns import CellFault
from anlan.territory.engine.faults import FAULTS, words
from anlan.territory.engine.rows import ATTRIBUTE, Plan, take
from anlan.territory.models import Division
from anlan.territory.services.imports_known import Divisions, known
from anlan.territory.services.imports_target import REFERENCES, Column, target
from anlan.territory.services.reaching import today
from anlan.territory.sources.place_columns import attribute_fields
from anlan.territory.sources.registers import register

DIGITS = (2, 4, 6, 9, 12)


@dataclass(frozen=True)
class Row:
    """A row that passed: natural key, database columns with their values, and what is doubtful but may stand."""

    key: str
    columns: dict[str, Any]
    doubts: list[dict[str, str]]


def row_check(scope: Scope, name: str, texts: Mapping[str, str]) -> Row:
    """Check one row of texts (field or "attributes.NAME" → what was typed). A few queries.

    Invalid names the first field at fault; its `faults` are all of them: field, value, zh, en, mend_zh, mend_en.
    """
    found, offered = register(name), attribute_fields(name)
    fields = [item for item in texts if item in found.by_name or item in offered]
    batch = pa.record_batch({item: pa.array([texts[item]], pa.string()) for item in fields})
    tree = _divisions(texts.get("division", ""), scope)
    plan = Plan(
        found, {item: at for at, item in enumerate(fields)}, {item: offered[item] for item in fields if item in offered},
        tree.points, secret=options.secret_key,
    )  # fmt: skip
    wanted = [(found.by_name[item].kind, {texts[item].strip()}) for item in fields
              if item in found.by_name and found.by_name[item].kind in REFERENCES]  # fmt: skip
    references: dict[str, set[str]] = {}
    for kind, asked in wanted:
        references.setdefault(kind, set()).update(asked)
    taken = take(plan, batch, known(tree, references.items(), tree.today))
    # A change that leaves the key alone need not repeat it.
    faults = [fault for fault in taken.faults if fault.code != "key.missing" or set(found.key) & set(texts)]
    told = [_told(fault, name, texts) for fault in faults]
    fatal = [item for item, fault in zip(told, faults, strict=True) if FAULTS[fault.code].fatal]
    if fatal:
        raise _refusal(fatal)
    columns = {column.name: _value(column, taken.values[_source(column)][0].as_py())
               for column in target(name).columns if _source(column) in taken.values}  # fmt: skip
    return Row(str(taken.keys[0].as_py() or ""), columns, [item for item in told if item not in fatal])


def _divisions(text: str, scope: Scope) -> Divisions:
    """Read of the tree only what can bear on one code: itself, those above it, its successor, the provinces."""
    digits = "".join(sign for sign in text if sign.isdigit())
    codes = [digits[:length] for length in DIGITS if length <= len(digits)]
    rows = Division.objects.filter(Q(pk__in=codes) | Q(predecessors__in=codes) | Q(level=1)).distinct()
    values = rows.values_list("code", "name_zh", "valid_to", "successor_id", "lon", "lat")
    return Divisions(list(values), today(), scope)


def _told(fault: CellFault, name: str, texts: Mapping[str, str]) -> dict[str, str]:
    found, offered = register(name), attribute_fields(name)
    item = found.by_name.get(fault.field) or offered.get(fault.field)
    value = texts.get(fault.field, "")
    said = words(fault.code, column=item.zh if item else fault.field, value=value, detail=fault.detail)
    return {"field": fault.field, "value": value, **said}


def _refusal(faults: list[dict[str, str]]) -> Invalid:
    first = faults[0]
    return Invalid(
        code="territory.row_fault",
        zh=f"“{first['value']}”{first['zh']}；{first['mend_zh']}。"
        + (f"另有{len(faults) - 1}处。" if faults[1:] else ""),
        en=f"“{first['value']}”: {first['en']}. {first['mend_en']}."
        + (f" {len(faults) - 1} more." if faults[1:] else ""),
        field=first["field"],
        value=first["value"],
        faults=faults,
    )


def _source(column: Column) -> str:
    return column.name if column.name.startswith("citizen_") else column.field


def _value(column: Column, value: Any) -> Any:
    """Turn a checked value into what the model's column holds; nothing becomes the column's own nothing."""
    if value is None:
        return {"NULL": None, "''": "", "'{}'": {}}.get(column.blank, 0)
    if column.type == "jsonb":
        return json.loads(value) if isinstance(value, str) else value
    if column.type == "uuid":
        return UUID(str(value))
    return int(value) if column.type in ("smallint", "integer", "bigint") else value


def attribute_name(name: str) -> str:
    """Return how a place's attribute is called among the texts of a form."""
    return ATTRIBUTE + name
