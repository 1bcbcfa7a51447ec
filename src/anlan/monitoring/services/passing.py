"""Which signals are passed on: decides when they open or change, and again when a mute ends or what muted them clears."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import Event, record
from anlan.kernel.options import options
from anlan.monitoring.engine.columns import SECOND, microseconds
from anlan.monitoring.engine.passing import COUNTY, Order, Standing, Storm, decide, fits, group_of
from anlan.monitoring.events_rules import SignalMuted, SignalUnmuted
from anlan.monitoring.formats.rule_reading import RuleWords
from anlan.monitoring.models import Mute
from anlan.monitoring.rules import rule_words, rules_in_force

Recorded = tuple[Event, dict[str, Any]]
MOST_RECENT = 5000  # of a storm, how many of the newest are looked at: far over any sensible limit
_COLUMNS = """
SELECT g.id::text, g.rule, g.rule_version, g.place, g.hazard, g.division, g.level, g.level_at, g.muted, g.state,
  coalesce(t.code, ''), coalesce(s.element, t.metric, ''), coalesce(a.code, ''), coalesce(t.kind, ''),
  coalesce(t.name_zh, a.name_zh, ''), coalesce(t.name_en, a.name_en, ''), g.explanation::text,
  ARRAY(SELECT aa.code FROM monitoring_areamember m JOIN monitoring_area aa ON aa.id = m.area_id
        WHERE m.series_id = g.series_id)
FROM monitoring_signal g LEFT JOIN monitoring_station t ON t.id = g.station_id
  LEFT JOIN monitoring_series s ON s.id = g.series_id LEFT JOIN monitoring_area a ON a.id = g.area_id
"""
_CHANGED = _COLUMNS + " WHERE g.id = ANY(%s::uuid[])"
_RELATED = (
    _COLUMNS
    + """
WHERE g.state = 'firing' AND g.rule = ANY(%s) AND (g.division ^@ ANY(%s) OR g.division = ANY(%s))
  AND NOT g.id = ANY(%s::uuid[])
"""
)
_RECENT = (
    _COLUMNS
    + """
WHERE g.state = 'firing' AND g.level_at > %s AND g.division ^@ ANY(%s) AND NOT g.id = ANY(%s::uuid[])
ORDER BY g.level_at DESC LIMIT %s
"""
)
_HELD = _COLUMNS + " WHERE g.state = 'firing' AND g.muted <> '' AND NOT g.muted ^@ 'storm:'"
_UPDATE = """
UPDATE monitoring_signal g SET muted = x.muted FROM unnest(%s::uuid[], %s::text[]) x(id, muted) WHERE g.id = x.id
"""


class Seen(NamedTuple):
    """A signal's row with what is told of it."""

    standing: Standing
    firing: bool
    version: str
    level: str
    kind: str
    name: dict[str, str]
    explanation: dict[str, Any]


def passing_decide(*, by: Actor, changed: Sequence[UUID], at: datetime) -> list[Recorded]:
    """Decide for signals that have just opened or changed, and for those they mute or muted; in the caller's transaction,
    after their rows are written. Sets `Signal.muted`; returns the events to record."""
    if not changed:
        return []
    keys = [str(key) for key in changed]
    own = _rows(_CHANGED, [keys], fresh=frozenset(keys))
    if not own:
        return []
    counties = sorted({seen.standing.division[:COUNTY] for seen in own})
    above = sorted({county[:length] for county in counties for length in (0, 2, 4)})
    lesser = {rule for seen in own for rule in seen.standing.inhibits}
    related = sorted(lesser | _inhibitors({seen.standing.rule for seen in own}))
    others = _rows(_RELATED, [related, counties, above, keys]) if related else []
    recent = _rows(_RECENT, [at - _storm_span() * 2, counties, keys, MOST_RECENT])
    known = {seen.standing.id: seen for seen in (*recent, *others, *own)}
    return _apply(by, known, {*keys, *(seen.standing.id for seen in others)}, set(keys), at)


def passing_review(*, by: Actor, at: datetime) -> list[Recorded]:
    """Decide again for everything that is held back by a mute or another signal; returns the events to record."""
    held = _rows(_HELD, [])
    if not held:
        return []
    counties = sorted({seen.standing.division[:COUNTY] for seen in held})
    above = sorted({county[:length] for county in counties for length in (0, 2, 4)})
    keys = [seen.standing.id for seen in held]
    muting = sorted(_inhibitors({seen.standing.rule for seen in held}))
    others = _rows(_RELATED, [muting, counties, above, keys]) if muting else []
    known = {seen.standing.id: seen for seen in (*others, *held)}
    return _apply(by, known, set(keys), set(), at)


@transaction.atomic
def passing_apply(*, by: Actor, signals: Iterable[UUID] = (), at: datetime | None = None) -> int:
    """Decide again by itself, for what is held back and for `signals`, and record what changes; return how many."""
    moment = at or clock.now()
    keys = list(signals)
    found = passing_review(by=by, at=moment)
    if keys:
        found += _again(by, keys, moment)
    for event, details in found:
        record(event, **details)
    return len(found)


def mutes_active(at: datetime) -> list[Order]:
    """Return the orders that hold at a moment or later."""
    return [
        Order(str(mute.id), mute.match, mute.division, mute.all_levels, microseconds(mute.from_at), microseconds(mute.until_at))
        for mute in Mute.objects.filter(ended_at=None, until_at__gt=at)
    ]  # fmt: skip


def _again(by: Actor, signals: Sequence[UUID], at: datetime) -> list[Recorded]:
    """Hold back those of these signals that a mute fits now; nothing else is decided anew."""
    own = _rows(_CHANGED, [[str(key) for key in signals]])
    active = [order for order in mutes_active(at) if order.start <= microseconds(at)]
    asked = {seen.standing.id for seen in own if any(fits(order, seen.standing) for order in active)}
    return _apply(by, {seen.standing.id: seen for seen in own}, asked, set(), at)


def _apply(by: Actor, known: dict[str, Seen], asked: set[str], ours: set[str], at: datetime) -> list[Recorded]:
    """Decide over all that is known, and write what changes of those asked for. Rows of others that somebody holds are
    left to the next look."""
    standings = [seen.standing for seen in known.values() if seen.firing]
    storm = Storm(int(options.storm_signals), int(_storm_span().total_seconds()) * SECOND)
    reasons = decide(standings, mutes_active(at), storm, microseconds(at))
    groups = group_of(standings, storm.span_us)
    turned = {key: reason for key, reason in reasons.items() if key in asked and reason != known[key].standing.muted}
    free = _locked([key for key in turned if key not in ours])
    turned = {key: reason for key, reason in turned.items() if key in ours or key in free}
    if turned:
        with connection.cursor() as cursor:
            cursor.execute(_UPDATE, [list(turned), list(turned.values())])
    order = sorted(turned, key=lambda key: (known[key].standing.at, key))
    found = (_told(by, known[key], turned[key], groups[key], at) for key in order)
    return [event for event in found if event is not None]


def _locked(keys: Sequence[str]) -> set[str]:
    if not keys:
        return set()
    sql = (
        "SELECT id::text FROM monitoring_signal WHERE id = ANY(%s::uuid[]) AND state = 'firing' FOR UPDATE SKIP LOCKED"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(keys)])
        return {row[0] for row in cursor.fetchall()}


def _told(by: Actor, seen: Seen, reason: str, group: str, at: datetime) -> Recorded | None:
    before = seen.standing.muted
    if reason and before:
        return None  # held back for another reason now: nothing new to anybody
    event = (SignalMuted if reason else SignalUnmuted)(
        signal=seen.standing.id,
        station=seen.standing.station,
        name=seen.name,
        station_kind=seen.kind,
        rule=seen.standing.rule,
        rule_version=seen.version,
        level=seen.level,
        hazard=seen.standing.hazard,
        reason=reason or before,
        group=group,
        explanation=seen.explanation,
    )
    return event, {"by": by, "about": f"signal:{seen.standing.id}", "division": seen.standing.division, "at": at}


def _rows(sql: str, params: list[Any], fresh: frozenset[str] = frozenset()) -> list[Seen]:
    words: dict[tuple[str, str], RuleWords] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [_seen(row, words, fresh) for row in cursor.fetchall()]


def _seen(row: tuple[Any, ...], words: dict[tuple[str, str], RuleWords], fresh: frozenset[str]) -> Seen:

    key, rule, version, place, hazard, division, level, level_at, muted, state, station, element, area, kind = row[:14]
    if (rule, version) not in words:
        words[rule, version] = rule_words(rule, version)
    told = words[rule, version]
    found = told.level(level)
    standing = Standing(
        id=key, rule=rule, place=place, station=station, element=element, hazard=hazard or told.hazard,
        division=division, grade=found.grade if found else 2, highest=told.highest(level), at=microseconds(level_at),
        fresh=key in fresh, area=area, areas=frozenset(row[17]), inhibits=frozenset(told.inhibits), within=told.within,
        muted=muted,
    )  # fmt: skip
    return Seen(standing, state == "firing", version, level, kind, {"zh": row[14], "en": row[15]}, json.loads(row[16]))


def _inhibitors(rules: set[str]) -> set[str]:
    """Return the codes of the rules that mute any of these."""
    return {one.rule.code for one in rules_in_force() if rules & set(one.rule.inhibits)}


def _storm_span() -> timedelta:
    return timedelta(minutes=int(options.storm_minutes))
