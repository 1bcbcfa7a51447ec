"""The figures of a call board from the small items it is kept in (selectors.board_live). Pure; the page does the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

KEYS: Final = ("targeted", "answered", "acting", "need_help", "waiting", "escalated", "exhausted")
Row = dict[str, Any]


def figures(items: Iterable[Mapping[str, Any]], reached: Iterable[tuple[str, str, int, int]] = ()) -> dict[str, Any]:
    """{"total", "levels": {code: row}, "roles": {code: row}, "townships": [row], "via": {channel: answers}}.

    A row holds KEYS, `silent` (called and not answered), `sent` and `delivered`; one of a township also code, name and
    oldest. `reached` gives level, role, people sent to and people delivered to.
    """
    total = _zero()
    levels: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    towns: list[Row] = []
    via: dict[str, int] = {}
    for item in items:
        town = {**_zero(), "code": item["code"], "name": item["name"], "oldest": item["oldest"]}
        for level, role, *counts in item["cells"]:
            for row in (total, town, levels.setdefault(level, _zero()), roles.setdefault(role, _zero())):
                for key, count in zip(KEYS, counts, strict=True):
                    row[key] += count
        towns.append(town)
        for channel, count in item["via"].items():
            via[channel] = via.get(channel, 0) + count
    for level, role, sent, delivered in reached:
        for row in (total, levels.setdefault(level, _zero()), roles.setdefault(role, _zero())):
            row["sent"] += sent
            row["delivered"] += delivered
    for row in (total, *levels.values(), *roles.values(), *towns):
        row["silent"] = row["targeted"] - row["answered"]
    return {"total": total, "levels": levels, "roles": roles, "townships": towns, "via": via}


def _zero() -> Row:
    return dict.fromkeys((*KEYS, "silent", "sent", "delivered"), 0)
