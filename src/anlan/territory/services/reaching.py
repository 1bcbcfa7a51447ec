"""Finding the row somebody wants to change: inside the actor's scope, locked; what is outside isn't there."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import models

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, NotFound
from anlan.territory.models import Division

Model = TypeVar("Model", bound=models.Model)
SHORTEST_REASON = 4
NAMES = {
    "Person": ("人员", "person"),
    "Post": ("岗位", "post"),
    "Unit": ("生产经营单位", "unit"),
    "Organisation": ("机构", "organisation"),
    "Place": ("重点部位", "place"),
    "Licence": ("许可证", "licence"),
    "MajorHazard": ("重大危险源", "major hazard"),
    "Shift": ("班次", "turn of duty"),
    "ContactRound": ("联系人核对", "contact round"),
    "MergeProposal": ("疑似重复", "proposal"),
    "Hold": ("留存", "hold"),
}


def locked(by: Actor, model: type[Model], key: UUID | str) -> Model:
    """Return the row inside the actor's scope, locked until the transaction ends; NotFound otherwise."""
    return _found(by, model, model._default_manager.select_for_update(), key)


def seen(by: Actor, model: type[Model], key: UUID | str) -> Model:
    """Return the row inside the actor's scope, not locked; NotFound otherwise."""
    return _found(by, model, model._default_manager.all(), key)


def _found(by: Actor, model: type[Model], rows: Any, key: UUID | str) -> Model:
    found: Model | None = by.scope.filter(rows.filter(pk=key)).first()
    if found is None:
        zh, en = NAMES[model.__name__]
        raise NotFound(
            code=f"territory.no_{en.replace(' ', '_')}",
            zh=f"管辖范围内没有此{zh}；请核对编号。",
            en=f"There is no such {en} in your area; check its id.",
            field=en.replace(" ", "_"),
            value=key,
        )
    return found


def division_known(code: str) -> str:
    """Return the code when it is a division in force; Invalid otherwise."""
    row = Division.objects.filter(pk=code).values("valid_to", "successor_id").first()
    if row is None or row["valid_to"] is not None:
        later = row["successor_id"] if row else None
        raise Invalid(
            code="territory.division_not_in_force",
            zh=f"区划代码“{code}”不存在或已停用" + (f"，现为{later}。" if later else "；请核对代码。"),
            en=f"There is no division “{code}” in force" + (f"; it is {later} now." if later else "; check the code."),
            field="division",
            value=code,
        )
    return code


def reason_given(reason: str) -> str:
    """Return the reason without blanks round it; Invalid when it is too short to be one."""
    text = reason.strip()
    if len(text) < SHORTEST_REASON:
        raise Invalid(
            code="territory.no_reason",
            zh=f"请写明理由（不少于{SHORTEST_REASON}个字）。",
            en=f"Give a reason (at least {SHORTEST_REASON} characters).",
            field="reason",
            value=reason,
        )
    return text


def text_given(field: str, value: str, zh: str, en: str) -> str:
    """Return a text that must not be empty; Invalid when it is."""
    plain = " ".join(value.split())
    if not plain:
        raise Invalid(
            code=f"territory.no_{field}", zh=f"请填写{zh}。", en=f"Fill in the {en}.", field=field, value=value
        )
    return plain


def today(at: datetime | None = None) -> date:
    """Return the local date of `at` (default: now) in the node's time zone."""
    return (at or clock.now()).astimezone(ZoneInfo(str(options.time_zone))).date()
