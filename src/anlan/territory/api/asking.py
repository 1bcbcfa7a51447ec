"""What a request to the territory's routes asks for: who asks, and which codes, boxes and filters it names."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from pydantic import Field

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.territory import choices
from anlan.territory.codes import level_of

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
