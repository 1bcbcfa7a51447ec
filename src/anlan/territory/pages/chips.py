"""The filters in force as chips to take off one by one, and the names they need."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from anlan.kernel.language import chinese, say
from anlan.kernel.scope import Scope
from anlan.territory.pages.asking import MISSING, Asked
from anlan.territory.pages.cells import Cell, missing_word, word
from anlan.territory.selectors.picking import organisation_names
from anlan.territory.selectors.register_rows import division_paths


class Area(NamedTuple):
    """The reader's own area: its code ("" when it is several) and its full name, cut from every longer path."""

    code: str
    zh: str
    en: str


def area_of(scope: Scope) -> Area:
    """Return the reader's own area. One query."""
    if len(scope.prefixes) != 1 or not scope.prefixes[0]:
        return Area("", "", "")
    code = scope.prefixes[0]
    names = division_paths([code])[code]
    return Area(code, names["zh"], names["en"])


def shorter(cell: Cell, area: Area) -> Cell:
    """Return a cell of a division without the part every row of this reader shares."""
    if cell.css != "where":
        return cell
    return cell._replace(text=short_path(cell.text, area) or cell.text)


def short_path(text: str, area: Area) -> str:
    """Return a division's path without the reader's own area."""
    return text.removeprefix(area.zh) if chinese() else text.removesuffix(area.en).rstrip(", ")


def chips(asked: Asked) -> list[dict[str, Any]]:
    """Return one chip per value in force: words, and the address without it. At most two queries."""
    found = []
    if asked.q:
        found.append({"name": _("Words"), "text": asked.q, "href": asked.change(q="").href(), "param": "q"})
    names = _names(asked)
    for name, values in asked.filters.items():
        for value in values:
            found.append({
                "name": _head(asked, name), "text": names.get((name, value)) or _word(asked, name, value),
                "href": asked.minus(name, value).href(), "param": name,
            })  # fmt: skip
    return found


def _head(asked: Asked, name: str) -> str:
    return _("Missing") if name == MISSING else asked.register.by_name[name].heading(chinese())


def _word(asked: Asked, name: str, value: str) -> str:
    return missing_word(value) if name == MISSING else word(asked.register.by_name[name], value)


def _names(asked: Asked) -> dict[tuple[str, str], str]:
    """Return the names of divisions and organisations among the filters."""
    found: dict[tuple[str, str], str] = {}
    for name, values in asked.filters.items():
        kind = "" if name == MISSING else asked.register.by_name[name].kind
        if kind == "division":
            found |= {(name, code): say(path) for code, path in division_paths(values).items() if say(path)}
        elif kind == "organisation":
            found |= {(name, code): say(names) for code, names in organisation_names(values).items()}
    return found
