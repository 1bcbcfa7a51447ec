"""How far the words of a warning have come: handed to the gateways and delivered, by channel, level and role."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any, Final
from uuid import UUID

from anlan.kernel.scope import Scope
from anlan.warning import choices
from anlan.warning.models import ChannelHealth, ChannelUse, Warning
from anlan.warning.selectors.frames import inside, rows

KEPT_S: Final = 1.5
_MOST: Final = 64
_SENT = "('handed', 'delivered')"
_CHANNELS = """
SELECT o.channel AS code, count(*) AS targeted, count(*) FILTER (WHERE o.state IN {sent}) AS sent,
  count(*) FILTER (WHERE o.state = 'delivered') AS delivered,
  count(*) FILTER (WHERE o.state IN ('failed', 'given_up')) AS failed
FROM warning_outbox o WHERE o.warning = %s AND {within} GROUP BY 1 ORDER BY 1
"""
_PEOPLE = """
WITH p AS (SELECT k.call, bool_or(o.state IN {sent}) AS sent, bool_or(o.state = 'delivered') AS delivered
  FROM warning_outbox o CROSS JOIN LATERAL unnest(o.calls) AS k(call) WHERE o.warning = %s AND {within} GROUP BY 1)
SELECT c.level, c.role, count(*) FILTER (WHERE p.sent)::int AS sent, count(*) FILTER (WHERE p.delivered)::int AS delivered
FROM p JOIN warning_call c ON c.id = p.call GROUP BY 1, 2 ORDER BY 1, 2
"""
# The loop-back of a drill hands over at once, to everybody there is anybody to call for.
_PLAYED_CHANNELS = """
SELECT k.code, count(*) AS targeted, count(*) FILTER (WHERE c.attempts <> '[]') AS sent,
  count(*) FILTER (WHERE c.attempts <> '[]') AS delivered, 0 AS failed
FROM warning_call c CROSS JOIN LATERAL jsonb_array_elements_text(c.channels) AS k(code)
WHERE c.warning_id = %s AND {within} GROUP BY 1 ORDER BY 1
"""
_PLAYED_PEOPLE = """
SELECT c.level, c.role, count(*) FILTER (WHERE c.attempts <> '[]')::int AS sent,
  count(*) FILTER (WHERE c.attempts <> '[]')::int AS delivered
FROM warning_call c WHERE c.warning_id = %s AND {within} GROUP BY 1, 2 ORDER BY 1, 2
"""
_kept: OrderedDict[tuple[Any, ...], tuple[float, dict[str, Any]]] = OrderedDict()
_lock = threading.Lock()


def reach(scope: Scope, warning: Warning) -> dict[str, Any]:
    """Messages of a warning inside the scope, at most `KEPT_S` old: many readers of one board cost one look.

    channels: [{code, name, required, missing, down, targeted, sent, delivered, failed}], missing ones first; cells:
    [[level, role, people sent to, people delivered to]]. Several channels to one person count once in `cells`.
    """
    key = (warning.pk, scope.prefixes)
    with _lock:
        known = _kept.get(key)
        if known is not None and time.monotonic() - known[0] < KEPT_S:
            return known[1]
        found = {"channels": _channels(scope, warning), "cells": _cells(scope, warning)}
        _kept[key] = (time.monotonic(), found)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
        return found


def _read(scope: Scope, warning: UUID, sql: str, alias: str) -> list[dict[str, Any]]:
    within, params = inside(scope, alias)
    return rows(sql.format(sent=_SENT, within=within), [warning, *params])


def _channels(scope: Scope, warning: Warning) -> list[dict[str, Any]]:
    sql, alias = (_PLAYED_CHANNELS, "c") if warning.drill else (_CHANNELS, "o")
    counted = {row["code"]: row for row in _read(scope, warning.pk, sql, alias)}
    uses = scope.filter_chain(ChannelUse.objects.filter(warning=warning))
    states = dict(uses.values_list("channel", "state"))
    well = ChannelHealth.objects.values_list("setting__carries", "state")
    up = {code for code, state in well if state != "down"}
    down = {code for code, state in well if state == "down"} - up
    codes = sorted({*states, *counted, *warning.channels_required}, key=list(choices.CHANNELS).index)
    found = []
    for code in codes:
        figures = counted.get(code, {})
        found.append({
            "code": code, "name": choices.name(choices.CHANNELS, code), "required": code in warning.channels_required,
            "missing": states.get(code) == "missing", "down": code in down and not warning.drill,
            **{key: int(figures.get(key, 0)) for key in ("targeted", "sent", "delivered", "failed")},
        })  # fmt: skip
    return sorted(found, key=lambda one: not one["missing"])


def _cells(scope: Scope, warning: Warning) -> list[list[Any]]:
    sql, alias = (_PLAYED_PEOPLE, "c") if warning.drill else (_PEOPLE, "o")
    return [[row["level"], row["role"], row["sent"], row["delivered"]] for row in _read(scope, warning.pk, sql, alias)]
