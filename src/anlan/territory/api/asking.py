"""What a request to the territory's routes asks for: who asks, and which codes, boxes and filters it names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpRequest, QueryDict
from pydantic import Field

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.territory import choices
from anlan.territory.codes import level_of
from anlan.territory.engine.query import Box, Query
from anlan.territory.engine.register import Register
from anlan.territory.sources.registers import registers

MOST_VALUES, MOST_CHARS = 40, 200
MISSING = "missing"
Limit = Annotated[int, Field(ge=1, le=1000)]
Offset = Annotated[int, Field(ge=0, le=10**6)]


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def code_checked(code: str) -> str:
    """Return a division code, "" as it is; Invalid when it is none."""
    if code:
        level_of(code)
    return code


def unknown(field: str, value: str, table: dict[str, choices.Choice]) -> Invalid:
    """Return the refusal of a code that is in no list."""
    known = ", ".join(table)
    return Invalid(
        code="territory.unknown_code",
        zh=f"“{value}”不在代码表中；可用：{known}。",
        en=f"“{value}” is not in the list; take one of: {known}.",
        field=field,
        value=value,
    )


def may_anywhere(who: Actor, act: str) -> bool:
    """May this actor do `act` in any part of its area?"""
    return any(who.may(act, prefix) for prefix in who.scope.prefixes)


def query_read(register: Register, params: QueryDict, own: Sequence[str]) -> Query:
    """Return what a request asks of a register; `own` are parameters with a meaning of their own.

    Invalid for a parameter that is no filter of this register, a value that can't be one, or a box that is none.
    """
    known = [item.name for item in register.fields if item.index in ("filter", "code")] + [MISSING]
    filters: dict[str, tuple[str, ...]] = {}
    for name in params:
        if name in own or name in ("q", "bbox", "sort"):
            continue
        if name not in known:
            raise Invalid(
                code="territory.no_filter",
                zh=f"名册“{register.zh}”没有筛选项“{name[:64]}”；可用：{'、'.join(known)}。",
                en=f"{register.en} have no filter “{name[:64]}”; take one of: {', '.join(known)}.",
                field=name[:64],
                value=params.get(name),
            )
        filters[name] = _values(name, params.getlist(name))
    return Query(
        q=_short("q", params.get("q", "")),
        filters=filters,
        bbox=box_read(params.get("bbox", "")),
        sort=_short("sort", params.get("sort", "")),
    )


def box_read(text: str) -> Box | None:
    """Return west, south, east, north of `bbox` in degrees, None for ""; west > east goes over the antimeridian."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _no_box(text) from None
    inside = all(math.isfinite(v) for v in (west, south, east, north)) and abs(west) <= 180 and abs(east) <= 180
    if not inside or not -90 <= south <= north <= 90:
        raise _no_box(text)
    return west, south, east, north


def filter_parameters() -> list[dict[str, Any]]:
    """Return the OpenAPI parameters of every filter of every register."""
    named: dict[str, list[str]] = {}
    for register in registers():
        for item in register.fields:
            if item.index in ("filter", "code"):
                named.setdefault(item.name, []).append(register.name)
    named[MISSING] = ["fields that must be empty"]
    return [
        {
            "in": "query",
            "name": name,
            "required": False,
            "description": f"Only rows with one of these values, commas between ({', '.join(of)}).",
            "schema": {"type": "string"},
        }
        for name, of in named.items()
    ]


def _values(name: str, given: list[str]) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(part.strip() for text in given for part in text.split(",") if part.strip()))
    if not values or len(values) > MOST_VALUES or any(len(value) > MOST_CHARS for value in values):
        raise Invalid(
            code="territory.filter_values",
            zh=f"筛选项“{name}”应给出1至{MOST_VALUES}个值，用逗号分隔，每个不超过{MOST_CHARS}个字符。",
            en=f"Give “{name}” 1 to {MOST_VALUES} values with commas between, each up to {MOST_CHARS} characters.",
            field=name,
            value=",".join(given),
        )
    return values


def _short(name: str, text: str) -> str:
    if len(text) > MOST_CHARS:
        raise Invalid(
            code="territory.too_long",
            zh=f"“{name}”不能超过{MOST_CHARS}个字符；请缩短。",
            en=f"“{name}” is over {MOST_CHARS} characters; make it shorter.",
            field=name,
            value=text,
        )
    return text


def _no_box(text: str) -> Invalid:
    return Invalid(
        code="territory.bad_box",
        zh="bbox 应为“西,南,东,北”四个数（度），如 113.4,34.6,113.9,34.9。",
        en="bbox is west,south,east,north in degrees, for example 113.4,34.6,113.9,34.9.",
        field="bbox",
        value=text,
    )
