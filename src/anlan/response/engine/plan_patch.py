"""Changing a plan being written by fields of a form: `levels.0.tasks.2.within` = "20". Pure: a new body comes back."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

NUMBERS = ("level", "within", "receipt", "areas", "expected_duration_h", "at_least", "below", "metres", "quantity",
           "limit", "quiet_h", "again")  # fmt: skip
WHOLE = ("level", "within", "receipt", "areas", "expected_duration_h", "again")
LISTS = ("deciders", "announce_to", "replaces", "hazards", "leaders", "law", "members", "linked", "sources", "climb",
         "task_climb", "who")  # fmt: skip
BLANK: dict[str, dict[str, Any]] = {
    "tasks": {"code": "", "text": {"zh": "", "en": ""}, "owner": {"role": "department_duty", "department": "", "tier": ""},
              "within": 60, "receipt": 15, "evidence": {"zh": "", "en": ""}, "law": [], "mark": "G", "working_group": ""},
    "triggers": {"id": "", "text": {"zh": "", "en": ""}, "any_of": [{"metric": ""}], "mark": "G", "law": []},
    "groups": {"code": "", "name": {"zh": "", "en": ""}, "lead": "", "members": []},
    "resources": {"kind": "", "name": {"zh": "", "en": ""}, "quantity": 1, "unit": {"zh": "", "en": ""}, "level": 4,
                  "mark": "G"},
    "conditions": {"zh": "", "en": ""},
}  # fmt: skip


def patched(body: Mapping[str, Any], changes: Mapping[str, str]) -> dict[str, Any]:
    """Return the body with each path set to what was typed. Paths that lead nowhere are passed over: a row another hand
    removed meanwhile. What can't be read as the number it should be stays as typed, for the check to name it."""
    found: dict[str, Any] = copy.deepcopy(dict(body))
    for path, text in changes.items():
        *way, last = path.split(".")
        place = _walk(found, way)
        if isinstance(place, dict):
            place[last] = read(last, text)
        elif isinstance(place, list) and last.isdigit() and int(last) < len(place):
            place[int(last)] = read(last, text)
    return found


def added(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the body with a blank row at the end of the list at `path`; unchanged when there is no such list."""
    found: dict[str, Any] = copy.deepcopy(dict(body))
    name = path.rpartition(".")[2]
    place = _walk(found, path.split("."))
    if isinstance(place, list) and name in BLANK:
        place.append(copy.deepcopy(BLANK[name]))
    return found


def removed(body: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the body without the row at `path` (its last part is the row's place)."""
    found: dict[str, Any] = copy.deepcopy(dict(body))
    *way, last = path.split(".")
    place = _walk(found, way)
    if isinstance(place, list) and last.isdigit() and int(last) < len(place):
        del place[int(last)]
    return found


def read(name: str, text: str) -> Any:
    """Return what a typed text means in a field of this name: numbers, lists parted by commas, or the text itself."""
    text = text.strip()
    if name in LISTS:
        return [_number(part) if name in ("climb", "task_climb") else part for part in _parts(text)]
    if name in NUMBERS:
        return None if text == "" else _number(text, whole=name in WHOLE)
    if name in ("next_review", "drill_due", "issued", "valid_to"):
        return text or None
    return text


def _parts(text: str) -> list[str]:
    for mark in "，、;；\n":
        text = text.replace(mark, ",")
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: str, *, whole: bool = True) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if not isinstance(value, int | float) or isinstance(value, bool):
        return text
    return value if not whole or isinstance(value, int) else text


def _walk(place: Any, way: list[str]) -> Any:
    for part in way:
        if isinstance(place, list):
            place = place[int(part)] if part.isdigit() and int(part) < len(place) else None
        elif isinstance(place, dict):
            place = place.get(part)
        else:
            return None
    return place
