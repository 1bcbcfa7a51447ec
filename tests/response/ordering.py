"""Hands and orders for the tests of orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.engine.order import Receiver
from anlan.response.models import Order, Task
from anlan.response.services import OrderContent, order_check, order_draft, order_issue, order_sign
from anlan.territory.models import Post
from tests.response.scene import RED, person

NOON = RED + timedelta(hours=3)
MINUTE = timedelta(minutes=1)
GONGYI, XINGYANG = "410181.duty", "410182.duty"


def hands() -> tuple[Actor, Actor, Actor]:
    """A maker, a checker and a signer of the city."""
    desk = person("4101.duty", "duty")
    return desk, replace(desk, name="核稿岗"), person("4101.commander", "decider")


def key(code: str) -> UUID:
    """The id of a post."""
    return Post.objects.values_list("pk", flat=True).get(code=code)


def content(**changes: Any) -> OrderContent:
    """An order of the city to a leading county and one that co-operates."""
    lead, helper = Receiver(str(key(GONGYI)), True), Receiver(str(key(XINGYANG)), False)
    whole = OrderContent(
        kind="order", title={"zh": "封闭下穿隧道", "en": "Close underpasses"}, issuer=key("4101.commander"),
        text={"zh": "立即封闭辖区下穿隧道，派人守口。", "en": "Close all underpasses now and man their mouths."},
        receivers=(lead, helper), law=("73(2)",), within_min=60, working_group="traffic",
    )  # fmt: skip
    return replace(whole, **changes)


def issued(at: datetime = NOON, **changes: Any) -> Order:
    """An order drafted, checked, signed and issued by three hands."""
    maker, checker, signer = hands()
    row = order_draft(by=maker, content=content(**changes), at=at)
    order_check(by=checker, order=row.pk, seen=row.digest, at=at)
    order_sign(by=signer, order=row.pk, seen=row.digest, at=at)
    return order_issue(by=signer, order=row.pk, seen=row.digest, at=at)


def of(order: Order, code: str) -> Task:
    """The task one receiver has from an order."""
    return Task.objects.get(order=order, owner_post__code=code, receipt_only=False)


def refused(code: str, act: Callable[[], Any]) -> str:
    """The act is refused with this code, leaves nothing behind, and says why in both languages."""
    with pytest.raises((Invalid, Conflict, Forbidden, NotFound)) as caught, transaction.atomic():
        act()
    assert caught.value.code == code
    assert caught.value.zh and caught.value.en
    return caught.value.zh


def desk_of(code: str) -> Actor:
    return person(code, "duty")
