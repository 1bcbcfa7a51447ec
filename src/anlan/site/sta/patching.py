"""Changes to what is there: a part of an entity (PATCH), a JSON Patch (RFC 6902), or the whole of it (PUT)."""

from __future__ import annotations

import copy
from typing import Any

from anlan.monitoring.models import Description
from anlan.site.sta import given
from anlan.site.sta.bodies import value_of
from anlan.site.sta.entities import DATASTREAM, Entity
from anlan.site.sta.errors import unreadable
from anlan.site.sta.given import Given
from anlan.site.sta.pages import Row

MOST_OPERATIONS = 100


def changes(entity: Entity, row: Row, body: Any, whole: bool, names: tuple[str, ...]) -> Given:
    """Return the properties that are to be changed, with their new values.

    Raises Unreadable for a property that can't be changed: what is sent back unchanged is no change.
    """
    old = shown(entity, row)
    new = _patched(old, body) if isinstance(body, list) else given.thing(body, "body")
    found = {}
    for name, value in new.items():
        if name.startswith("@iot.") or "@iot." in name or old.get(name) == value:
            continue
        if name not in names:
            raise unreadable(name[:64], str(value)[:80], f"此项不能改动；可改：{'、'.join(names)}。",
                             f"This can't be changed; what can: {', '.join(names)}.")  # fmt: skip
        found[name] = value
    if whole or isinstance(body, list):
        found |= {
            name: None for name in old if name in names and name not in new and name in ("description", "properties")
        }
    return found


def shown(entity: Entity, row: Row) -> Given:
    """Return an entity's properties as a client sees them."""
    return {name: value for name, found in entity.fields.items() if (value := value_of(found, row)) is not None}


def refuse_own(entity: Entity, row: Row, new: Given, own: frozenset[str]) -> None:
    """Refuse to change those properties that are our columns by way of `properties`."""
    if not isinstance(new.get("properties"), dict):
        return
    old = shown(entity, row).get("properties", {})
    for name in own & set(new["properties"]):
        if new["properties"][name] != old.get(name):
            raise unreadable(f"properties.{name}", str(new["properties"][name])[:80], "此项由平台登记，不能在此改动。",
                             "The platform's register says this; it can't be changed here.")  # fmt: skip


def same_unit(row: Row, value: Any) -> Given:
    """Return a unit's words; Unreadable where its symbol would change, for the readings would then mean something else."""
    unit = given.thing(value, "unitOfMeasurement")
    old = value_of(DATASTREAM.fields["unitOfMeasurement"], row) or {}
    if unit.get("symbol") != old.get("symbol"):
        raise unreadable("unitOfMeasurement.symbol", str(unit.get("symbol"))[:40], "已有读数的单位不能改；请另建数据流。",
                         "The unit of readings that are there can't change; make another Datastream.")  # fmt: skip
    return {name: unit.get(name) for name in ("name", "symbol", "definition")}


def kept(kind: str, code: str, division: str) -> Given:
    """Return the words that are kept of something."""
    found = Description.objects.filter(kind=kind, code=code, division=division).values_list("body", flat=True).first()
    return dict(found or {})


def _patched(old: Given, operations: list[Any]) -> Given:
    """Return the entity after the operations of a JSON Patch: add, replace, remove, test."""
    new = copy.deepcopy(old)
    if len(operations) > MOST_OPERATIONS:
        raise unreadable(
            "body", len(operations), f"最多 {MOST_OPERATIONS} 步。", f"At most {MOST_OPERATIONS} operations."
        )
    for at, operation in enumerate(operations):
        step, field = given.thing(operation, f"[{at}]"), f"[{at}].path"
        word, path = step.get("op"), step.get("path")
        if word not in ("add", "replace", "remove", "test") or not isinstance(path, str) or not path.startswith("/"):
            raise unreadable(field, str(operation)[:80], "操作为 add、replace、remove、test，path 以 / 开头。",
                             "An operation is add, replace, remove or test, its path begins with a slash.")  # fmt: skip
        *above, last = [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]
        here: Any = new
        for part in above:
            here = here.get(part) if isinstance(here, dict) else None
        if not isinstance(here, dict) or (word != "add" and last not in here):
            raise unreadable(field, path[:80], "没有此项。", "There is nothing at this path.")
        if word == "test":
            if here[last] != step.get("value"):
                raise unreadable(
                    field, path[:80], "现值与 test 不符。", "The value there is another than the test says."
                )
        elif word == "remove":
            del here[last]
        else:
            here[last] = step.get("value")
    return new
