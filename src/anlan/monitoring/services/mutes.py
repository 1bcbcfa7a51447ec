"""Mutes (静默): a person orders that signals are not passed on for a while, with a reason and an end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.monitoring.choices import SignalState
from anlan.monitoring.engine.passing import MATCHES
from anlan.monitoring.events_rules import MuteEnded, MuteSet
from anlan.monitoring.models import Mute, Signal
from anlan.monitoring.services.passing import passing_apply

ACT = "mute.set"
LONGEST = timedelta(days=31)
SYSTEM = Actor.system("monitoring")
MOST_AT_ONCE = 20_000
_DUE = """
SELECT EXISTS (SELECT 1 FROM monitoring_signal b WHERE b.state = 'firing' AND b.muted ^@ 'inhibited:' AND NOT EXISTS (
    SELECT 1 FROM monitoring_signal a WHERE a.id = substr(b.muted, 11)::uuid AND a.state = 'firing' AND a.muted = '')),
  (SELECT min(until_at) FROM monitoring_mute WHERE ended_at IS NULL)
"""


@transaction.atomic
def mute_set(
    *,
    by: Actor,
    match: Mapping[str, str],
    division: str,
    reason: str,
    until_at: datetime,
    from_at: datetime | None = None,
    all_levels: bool = False,
) -> Mute:
    """Hold back the signals that fit from now (or `from_at`) until `until_at`; those that stand already too.

    The highest levels are passed on all the same unless `all_levels`. A mute that begins later holds for signals that
    open or change after it began. Raises Invalid, Forbidden.
    """
    moment = clock.now()
    start = from_at or moment
    kept = {name: value for name, value in match.items() if value}
    _check(kept, reason, moment, start, until_at)
    by.must(ACT, division)
    mute = Mute.objects.create(
        match=kept, division=division, all_levels=all_levels, reason=reason.strip()[:400], made_by=by.name[:120],
        from_at=start, until_at=until_at,
    )  # fmt: skip
    event = MuteSet(
        mute=str(mute.id), match=kept, all_levels=all_levels, reason=mute.reason, from_at=start.isoformat(),
        until_at=until_at.isoformat(),
    )  # fmt: skip
    record(event, by=by, about=f"mute:{mute.id}", division=division, at=moment)
    standing = Signal.objects.filter(state=SignalState.FIRING, division__startswith=division)
    passing_apply(by=SYSTEM, signals=standing.values_list("id", flat=True)[:MOST_AT_ONCE], at=moment)
    return mute


@transaction.atomic
def mute_end(*, by: Actor, mute: UUID) -> Mute:
    """End a mute before its time; what it held back and still fires is passed on. Raises NotFound, Conflict."""
    moment = clock.now()
    row = Mute.objects.select_for_update().filter(id=mute).first()
    if row is None:
        raise NotFound(
            code="mute.none", zh="没有这项静默；请刷新页面。", en="There is no such mute; reload the page.", field="mute", value=mute
        )  # fmt: skip
    by.must(ACT, row.division)
    if row.ended_at is not None:
        raise Conflict(
            code="mute.ended", zh="这项静默已经结束。", en="This mute has ended already.", field="mute", value=mute
        )
    _end(row, moment, by, early=True)
    passing_apply(by=SYSTEM, at=moment)
    return row


@transaction.atomic
def mutes_sweep(*, at: datetime) -> int:
    """End every mute whose time is up, and look again at what is held back; return how many things changed."""
    ended = list(Mute.objects.select_for_update(skip_locked=True).filter(ended_at=None, until_at__lte=at))
    for row in ended:
        _end(row, at, SYSTEM, early=False)
    return len(ended) + passing_apply(by=SYSTEM, at=at)


def mutes_due() -> datetime | None:
    """Return when the next mute ends; now, when something is held back by a signal that is not passed on any more."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        orphaned, ends = cursor.fetchone()
    return clock.now() if orphaned else ends


def _end(row: Mute, moment: datetime, by: Actor, *, early: bool) -> None:
    row.ended_at = moment
    row.save(update_fields=["ended_at"])
    event = MuteEnded(mute=str(row.id), early=early, reason=row.reason)
    record(event, by=by, about=f"mute:{row.id}", division=row.division, at=moment)


def _check(match: Mapping[str, str], reason: str, now: datetime, start: datetime, until: datetime) -> None:
    unknown = next((name for name in match if name not in MATCHES), None)
    if unknown is not None or not match:
        raise _wrong("match", unknown or "", f"至少写明 {MATCHES} 之一", f"needs one of {MATCHES}")
    if not reason.strip():
        raise _wrong("reason", reason, "请写明理由", "give the reason")
    if until <= max(start, now) or until - start > LONGEST:
        raise _wrong(
            "until_at", until.isoformat(), "结束时间应在以后，且不超过 31 天", "must end later, within 31 days"
        )


def _wrong(field: str, value: str, zh: str, en: str) -> Invalid:
    return Invalid(
        code="mute.invalid", zh=f"静默的 {field} 有误：{zh}。", en=f"Mute, {field}: {en}.", field=field, value=value
    )
