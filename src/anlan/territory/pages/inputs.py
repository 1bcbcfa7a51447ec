"""The inputs of a form, from the register's description: groups, words, hints, choices; and reading them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from anlan.kernel.language import chinese
from anlan.territory.engine.register import Field
from anlan.territory.pages.cells import table_of
from anlan.territory.pages.facts import GROUPS, heads
from anlan.territory.services.by_hand import attribute_name
from anlan.territory.sources.attributes import Attribute, attributes_of
from anlan.territory.sources.registers import register

Faults = Mapping[str, Mapping[str, str]]
LONG_LIST = 12
FIRST = {"units": ("name",), "places": ("name_zh", "name_en"), "persons": ("name", "phone", "phone_alt", "citizen"),
         "posts": ("name_zh", "name_en"), "organisations": ("name_zh", "name_en")}  # fmt: skip
LAST = {"units": ("principal", "phone", "regulator")}
NEVER = {"key", "attributes", "post", "holder", "contact_checked_on", "open_dangers", "major_hazard", "updated_at"}
NARROW = {"int", "float", "date", "lon", "lat", "choice", "code", "uscc", "industry", "phone", "citizen"}


def form_groups(name: str, texts: Mapping[str, str], faults: Faults, theirs: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the groups of a form: head and inputs (name, label, kind, text, choices, hint, fault, theirs)."""
    found = register(name)
    layout = [
        (heads()[group], (*FIRST.get(name, ()), *fields) if group == "who" else fields)
        for group, fields in GROUPS[name].items()
    ]
    layout += [(_("Contact and regulator"), LAST[name])] if name in LAST else []
    groups = []
    for head, names in layout:
        items = [found.by_name[field] for field in names if field in found.by_name and field not in NEVER]
        inputs = [_input(item, texts, faults, theirs) for item in items if item.importable]
        if inputs:
            groups.append({"head": head, "inputs": inputs})
    kind = texts.get("kind", "")
    if name == "places" and attributes_of(kind):
        inputs = [_attribute(item, texts, faults, theirs) for item in attributes_of(kind)]
        groups.append({"head": _("Particulars of its kind"), "inputs": inputs})
    return groups


def texts_of(name: str, params: QueryDict) -> dict[str, str]:
    """Return what was typed, per field of the register ("attributes.NAME" for a place's own)."""
    found = register(name)
    typed: dict[str, str] = {}
    for item in found.importable():
        if item.name in params and item.name not in NEVER:
            several = item.kind == "flags"
            typed[item.name] = ";".join(map(str, params.getlist(item.name))) if several else str(params[item.name])
        elif item.kind == "flags" and f"{item.name}-asked" in params:
            typed[item.name] = ""
    typed |= {key: str(params[key]) for key in params if key.startswith("attributes.")}
    return typed


def _input(item: Field, texts: Mapping[str, str], faults: Faults, theirs: Mapping[str, str]) -> dict[str, Any]:
    table = table_of(item)
    text = texts.get(item.name, "")
    chosen = set(text.split(";")) if item.kind == "flags" else {text}
    return {
        "name": item.name, "id": f"f-{item.name}", "label": item.heading(chinese()), "required": item.required,
        "kind": "flags" if item.kind == "flags" else "choice" if table else "number" if item.kind in ("int", "float") else item.kind,
        "text": text, "hint": "" if item.kind == "flags" else item.hint_zh if chinese() else item.hint_en, "example": item.example, "unit": item.unit,
        "choices": [(code, c.zh if chinese() else c.en, code in chosen) for code, c in table.items()],
        "most": item.most_chars or "", "fault": faults.get(item.name), "theirs": theirs.get(item.name),
        "masked": item.sensitive, "wide": item.kind not in NARROW,
    }  # fmt: skip


def _attribute(item: Attribute, texts: Mapping[str, str], faults: Faults, theirs: Mapping[str, str]) -> dict[str, Any]:
    name = attribute_name(item.name)
    text = texts.get(name, "")
    pairs = {"true": (_("yes"), _("yes")), "false": (_("no"), _("no"))} if item.type == "bool" else item.choices
    return {
        "name": name, "id": f"f-{item.name}", "label": item.zh if chinese() else item.en, "required": False,
        "kind": "choice" if pairs else "text", "text": text, "hint": "", "example": "",
        "unit": item.unit if chinese() else item.unit_en,
        "choices": [(code, words[0 if chinese() else 1], code == text) for code, words in pairs.items()],
        "most": item.most_chars or "", "fault": faults.get(name), "theirs": theirs.get(name), "masked": False,
        "wide": item.type in ("text", "texts"),
    }  # fmt: skip
