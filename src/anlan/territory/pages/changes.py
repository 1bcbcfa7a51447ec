"""The history of a row in words: which field went from what to what, who did it, by hand or by which file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from anlan.kernel.language import chinese
from anlan.territory import choices
from anlan.territory.engine.mask import mask_name, mask_phone
from anlan.territory.engine.register import Field, Register
from anlan.territory.pages.cells import table_of, word

LONG = 60


def told(register: Register, history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the history with its changes as {name, old, new} in the reader's words."""
    return [{**item, "changes": [_change(register, change) for change in item["changes"]]} for item in history]


def _change(register: Register, change: dict[str, Any]) -> dict[str, str]:
    name = change["field"].removesuffix("_id")
    item = register.by_name.get(name)
    if item is None:
        return {"name": _NAMES.get(name, name), "old": _short(change["old"]), "new": _short(change["new"])}
    if change["field"].endswith("_id"):
        return {"name": item.heading(chinese()), "old": "…", "new": _("another")}
    old, new = (_value(item, change[side]) for side in ("old", "new"))
    return {"name": item.heading(chinese()), "old": old, "new": new}


_NAMES = {"regulator_rule": "GB/T"}


def _value(item: Field, value: Any) -> str:
    if value in (None, ""):
        return "–"
    if item.kind == "flags":
        names = [word(item, code) for at, code in enumerate(choices.RISK_FLAGS) if int(value) >> at & 1]
        return ("、" if chinese() else ", ").join(names) or "–"
    if table_of(item):
        return word(item, value)
    if item.kind == "phone":
        return mask_phone(str(value))
    return mask_name(str(value)) if item.kind == "person" else _short(value)


def _short(value: Any) -> str:
    text = "–" if value in (None, "") else str(value)
    return text if len(text) <= LONG else text[: LONG - 1] + "…"
