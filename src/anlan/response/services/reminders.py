"""Reminding a lower level that stands under a grave warning and has started no response (提醒督促), by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response.events import ReminderSettled, ResponseReminded
from anlan.response.formats.packs import ReminderRule, reminder_rule
from anlan.response.models import BodyLevel, Level, Reminder
from anlan.response.services.incidents import desk_of, desk_task
from anlan.response.services.proposals import minutes
from anlan.territory.models import Division
from anlan.territory.selectors import division_names
from anlan.warning.models import Warning
from anlan.warning.services.moment import pinned

COUNTY, CITY = 6, 4


def reminders_watch(*, warning: str, area: Sequence[str], colour: str, at: datetime) -> int:
    """A warning was issued: look at every county under it when the rule's minutes are up. Return how many are new.

    Watching one twice changes nothing.
    """
    rule = reminder_rule()
    if colour not in rule.colours:
        return 0
    known = set(Reminder.objects.filter(warning_id=warning).values_list("division", flat=True))
    rows = [
        Reminder(division=code, warning_id=warning, since=at, next_at=at + timedelta(minutes=rule.minutes))
        for code in counties_under(area, wider=rule.wider)
        if code not in known
    ]
    with pinned(at):
        Reminder.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def counties_under(area: Sequence[str], *, wider: bool) -> list[str]:
    """The counties the area lies in; with `wider` also those that lie in it."""
    found = {code[:COUNTY] for code in area if len(code) >= COUNTY}
    above = [code for code in area if len(code) < COUNTY]
    if wider and above:
        under = Q()
        for code in above:
            under |= Q(code__startswith=code)
        found |= set(Division.objects.filter(under, level=3, valid_to=None).values_list("code", flat=True))
    return sorted(found)


def reminders_sweep(*, by: Actor, at: datetime) -> int:
    """At exactly `at`: settle or remind every county that has fallen due. Return how many were looked at."""
    with pinned(at):
        due = Reminder.objects.select_for_update(of=("self",), skip_locked=True).filter(next_at__lte=at)
        rows = list(due.select_related("warning").order_by("next_at", "id"))
        for row in rows:
            _look(by, row, reminder_rule(), at)
    return len(rows)


def _look(by: Actor, row: Reminder, rule: ReminderRule, at: datetime) -> None:
    warning: Warning = row.warning
    if warning.state != "in_force" or warning.expires <= at:
        _settle(by, row, "over", at)
    elif _started(row.division, at):
        _settle(by, row, "started", at)
    else:
        _remind(by, row, warning, rule, at)


def _settle(by: Actor, row: Reminder, why: str, at: datetime) -> None:
    row.next_at, row.settled, row.settled_at = None, why, at
    row.save(update_fields=["next_at", "settled", "settled_at", "times"])
    event = ReminderSettled(warning=str(row.warning_id), times=row.times, why=why)
    record(event, by=by, about=f"warning:{row.warning_id}", division=row.division, at=at)


def _started(county: str, at: datetime) -> bool:
    """Is a level in force that covers the county, or has a command body of the county's own taken one?"""
    levels = Level.objects.filter(Q(until__isnull=True) | Q(until__gt=at), track="main", since__lte=at)
    if any(county.startswith(area) or area.startswith(county) for area in levels.values_list("area", flat=True)):
        return True
    own = BodyLevel.objects.filter(Q(until__isnull=True) | Q(until__gt=at), track="main", since__lte=at, level__gt=0)
    return own.filter(body__division__startswith=county).exists()


def _remind(by: Actor, row: Reminder, warning: Warning, rule: ReminderRule, at: datetime) -> None:
    """Remind the county and tell the desk above it. Who lacks a desk on this node gets no task; the journal says so."""
    row.times += 1
    since = int(minutes(row.since, at))
    names = division_names([row.division])[row.division]
    about = f"warning:{warning.pk}"

    def task(division: str, code: str, text: dict[str, str]) -> str:
        if desk_of(division) is None:
            return ""
        made = desk_task(by=by, division=division, code=code, text=text, about=about, at=at, receipt=rule.receipt_min,
                         within=rule.within_min)  # fmt: skip
        return str(made.pk)

    own = task(
        row.division, "R-remind",
        {
            "zh": f"{warning.headline_zh}已发布{since}分钟，{names['zh']}尚未启动应急响应：请立即研判启动，或报告不启动的理由",
            "en": f"{warning.headline_en}, issued {since} minutes ago: {names['en']} has started no response. Decide now, or report why not",
        },
    )  # fmt: skip
    told = task(
        row.division[:CITY], "R-supervise",
        {
            "zh": f"{names['zh']}处于{warning.headline_zh}之下，{since}分钟未启动响应（第{row.times}次提醒）：请督促",
            "en": f"{names['en']} stands under: {warning.headline_en}; no response for {since} minutes (reminder {row.times}): see to it",
        },
    )  # fmt: skip
    event = ResponseReminded(
        warning=str(warning.pk), number=warning.number, colour=warning.colour, times=row.times, minutes=since,
        task=own, told=told, rule=f"reminders v{rule.version}",
    )  # fmt: skip
    record(event, by=by, about=about, division=row.division, at=at)
    if row.times >= rule.most:
        _settle(by, row, "most", at)
        return
    row.next_at = at + timedelta(minutes=rule.again_min)
    row.save(update_fields=["next_at", "times"])
