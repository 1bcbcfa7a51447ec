"""What the call board's pages and files are made of: the figures with their names, and the words of one telephone call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.kernel.actor import Actor
from anlan.kernel.clock import BEIJING
from anlan.kernel.journal import head
from anlan.kernel.scope import Scope
from anlan.territory import choices as territory_choices
from anlan.territory.selectors import division_names
from anlan.warning import choices
from anlan.warning.engine import targeting
from anlan.warning.engine.board import figures
from anlan.warning.engine.script import Line, script
from anlan.warning.models import Warning
from anlan.warning.selectors.board_live import tally_of
from anlan.warning.selectors.reach import reach
from anlan.warning.services.sending import call_action

_ASK = {
    "zh": "请复述一遍，然后告诉我：收到、正在处置、需要支援，还是无法执行？",
    "en": "Please say it back to me, then tell me: received, acting, need help, or cannot?",
}


def board(scope: Scope, row: Warning, at: datetime | None) -> dict[str, Any]:
    """Figures of one warning now or at a moment, named and in order; `data` is what the page goes on from, with `seq`.

    Everything of now is read in one snapshot. `channels` and the figures sent and delivered are of now only.
    """
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        seq, items = head()[0], tally_of(scope, row.pk, at)
    went = reach(scope, row) if at is None else {"channels": [], "cells": []}
    found = figures(items.values(), went["cells"])
    towns = sorted(found["townships"], key=lambda town: (-town["silent"], town["code"]))
    return {
        "total": found["total"],
        "levels": [
            {"code": code, "name": choices.name(choices.LEVELS, code), **found["levels"][code]}
            for code in targeting.LEVELS
            if code in found["levels"]
        ],
        "roles": [
            {"code": code, "name": territory_choices.name(territory_choices.POST_ROLES, code), **figure}
            for code, figure in sorted(found["roles"].items(), key=lambda pair: (-pair[1]["silent"], pair[0]))
        ],
        "channels": [{**one, "answered": found["via"].get(one["code"], 0)} for one in went["channels"]],
        "others": [
            {"code": code, "name": choices.name(choices.CHANNELS_ANSWERED, code), "answered": found["via"].get(code, 0)}
            for code in sorted({*choices.CHANNELS_ANSWERED, *found["via"]} - {one["code"] for one in went["channels"]})
        ],
        "townships": towns,
        "data": {"seq": seq, "warning": str(row.pk), "items": items, "reach": went},
    }


def said(who: Actor, row: Warning, call: dict[str, Any]) -> tuple[Line, ...]:
    """What the operator says to the person this call rings, in both languages."""
    own = who.scope.prefixes[0] if who.scope.prefixes else ""
    place = division_names([own]).get(own, {"zh": "", "en": ""}) if own else {"zh": "", "en": ""}
    zh, en = call_action(row, call["role"]["code"])
    return script(
        caller={
            "zh": f"{place['zh']}应急值班室，我是{who.name}",
            "en": f"the emergency duty desk of {place['en'] or 'this node'}, {who.name} speaking",
        },
        headline={"zh": row.headline_zh, "en": row.headline_en},
        where=call["place"] or call["division_name"],
        until=row.expires.astimezone(BEIJING),
        action={"zh": zh, "en": en},
        exercise=row.drill,
        steps=_ASK,
    )
