"""Stop orders in force (停运 停课 停工 封闭): started and ended by the response; every warning is checked against them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.warning import choices
from anlan.warning.engine.contradiction import Stop
from anlan.warning.events import StopOrderEnded, StopOrderStarted
from anlan.warning.models import StopOrder


@transaction.atomic
def stop_order_start(
    *, by: Actor, kind: str, division: str, source_zh: str, source_en: str, at: datetime | None = None
) -> StopOrder:
    """Something is stopped in `division`. One order in force a kind and division: a second start returns the first."""
    if kind not in choices.STOP_KINDS:
        raise Invalid(
            code="stop_order.kind",
            zh=f"停止事项“{kind}”未知；可用：{'、'.join(choices.STOP_KINDS)}。",
            en=f"“{kind}” can't be stopped; choose from {', '.join(choices.STOP_KINDS)}.",
            field="kind",
            value=kind,
        )
    moment = at or clock.now()
    standing = StopOrder.objects.select_for_update().filter(kind=kind, division=division, until=None).first()
    if standing is not None:
        return standing
    order = StopOrder.objects.create(
        kind=kind, division=division, source_zh=source_zh, source_en=source_en, since=moment
    )
    record(
        StopOrderStarted(order=str(order.id), stopped=kind, source={"zh": source_zh, "en": source_en}),
        by=by,
        about=f"stop_order:{order.id}",
        division=division,
        at=moment,
    )
    return order


@transaction.atomic
def stop_order_end(*, by: Actor, order: StopOrder, at: datetime | None = None) -> StopOrder:
    """The order ends; ending it twice changes nothing."""
    moment = at or clock.now()
    locked = StopOrder.objects.select_for_update().get(id=order.id)
    if locked.until is None:
        locked.until = moment
        locked.save(update_fields=["until"])
        record(
            StopOrderEnded(order=str(locked.id), stopped=locked.kind),
            by=by,
            about=f"stop_order:{locked.id}",
            division=locked.division,
            at=moment,
        )
    return locked


def stops_in_force(area: Sequence[str]) -> list[Stop]:
    """The stop orders that touch `area`, as values for the contradiction check."""
    touching = Q(pk__in=[])
    for code in area:
        above = [code[:n] for n in (2, 4, 6, 9) if n < len(code)]
        touching |= Q(division__startswith=code) | Q(division__in=above)
    rows = StopOrder.objects.filter(touching, until=None).order_by("since", "id")
    return [Stop(row.kind, row.division, row.source_zh, row.source_en) for row in rows]
