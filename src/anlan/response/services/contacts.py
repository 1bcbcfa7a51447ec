"""Contact with villages under red rain: heard, watched, lost, found again (失联). Set-based: signs come in thousands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record, record_many
from anlan.response.engine.silence import by_township, due_at
from anlan.response.events import ContactFound, ContactLost, ContactWatched
from anlan.response.formats.packs import ContactRule, contact_rule
from anlan.response.models import Contact, Incident
from anlan.response.services.incidents import desk_task, incident_close, incident_open
from anlan.response.services.proposals import minutes
from anlan.response.services.writing import rows_update
from anlan.territory.models import Division
from anlan.warning.models import Call
from anlan.warning.services.moment import pinned

# A sign of life writes when, not until when: `due_at` moves when it is reached (_POSTPONE), so that thousands of beats
# touch no index.
_HEARD = """
UPDATE response_contact c SET last_at = greatest(c.last_at, %(at)s), source = %(source)s, beats = c.beats OR %(beats)s,
  watch_since = CASE WHEN c.beats OR %(beats)s THEN c.watch_since END,
  due_at = CASE WHEN c.beats OR %(beats)s THEN c.due_at END
FROM jsonb_array_elements_text(%(codes)s::jsonb) code WHERE c.division = code
AND (c.watch_since IS NOT NULL OR c.lost_at IS NOT NULL OR NOT c.beats OR c.last_at < %(at)s - interval '1 hour')
"""

_NEW = """
INSERT INTO response_contact (division, last_at, source, beats)
SELECT code, %(at)s, %(source)s, %(beats)s FROM jsonb_array_elements_text(%(codes)s::jsonb) code
WHERE NOT EXISTS (SELECT 1 FROM response_contact c WHERE c.division = code) ORDER BY code
ON CONFLICT (division) DO NOTHING
"""

_POSTPONE = """
UPDATE response_contact SET due_at = last_at + make_interval(mins => %(limit)s)
WHERE due_at <= %(at)s AND lost_at IS NULL AND beats AND last_at + make_interval(mins => %(limit)s) > %(at)s
"""

_WATCH = """
INSERT INTO response_contact (division, source, beats, watch_since, due_at)
SELECT code, '', false, %(at)s, %(due)s FROM territory_division
WHERE level = 5 AND code ^@ ANY(%(area)s) AND valid_to IS NULL ORDER BY code
ON CONFLICT (division) DO UPDATE SET watch_since = excluded.watch_since, due_at = excluded.due_at
WHERE response_contact.watch_since IS NULL AND response_contact.lost_at IS NULL
"""

_WATCH_BEATING = """
UPDATE response_contact SET watch_since = %(at)s, due_at = %(due)s
WHERE beats AND division ^@ ANY(%(area)s) AND watch_since IS NULL AND lost_at IS NULL
"""

_RELEASE = """
UPDATE response_contact SET watch_since = NULL, due_at = NULL
WHERE watch_since IS NOT NULL AND lost_at IS NULL AND division ^@ ANY(%s) AND NOT division ^@ ANY(%s)
"""


def contacts_heard(
    *, by: Actor, places: Sequence[str], source: str, beats: bool = True, at: datetime | None = None
) -> int:
    """Villages or townships (division codes) showed a sign of life at `at`; return how many were lost and are found.

    `beats`: they send signs by themselves at intervals, so that silence is watched on; False for a single contact
    (an answered call, a visitor), which settles the watch. Not journalled one by one; found places are. Where nothing is
    watched the last sign is kept to within an hour.
    """
    if not places:
        return 0
    at = at or clock.now()
    codes = sorted(set(places))
    for code in codes if by.kind == "person" else ():
        by.must("contact.heard", code)
    with pinned(at):
        lost = _rows(lost_at__isnull=False, division__in=codes)
        values: dict[str, str | datetime | bool] = {
            "codes": json.dumps(codes),
            "at": at,
            "source": source,
            "beats": beats,
        }
        with connection.cursor() as cursor:
            cursor.execute(_HEARD, values)
            cursor.execute(_NEW, values)
        if lost:
            _found(by, lost, source, at)
    return len(lost)


def _rows(*, leaving: bool = False, **where: Any) -> list[Contact]:
    """Contacts in order, locked; `leaving` to others those that are locked. Who was heard waits: no sign of life is lost."""
    rows = Contact.objects.select_for_update(of=("self",), skip_locked=leaving).select_related("incident")
    return list(rows.filter(**where).order_by("division"))


def contacts_watch(*, by: Actor, area: Sequence[str], beating: bool = False, at: datetime | None = None) -> int:
    """Red rain falls on `area` (division prefixes): every village there must show a sign of life from now on. Return
    how many came under watch. `beating`: only places that send signs of life by themselves, as under a red warning
    for a whole city, where asking everybody else is what the calls are for."""
    at = at or clock.now()
    due = due_at(at, None, contact_rule().silence_min)
    with pinned(at):
        with connection.cursor() as cursor:
            sql = _WATCH_BEATING if beating else _WATCH
            cursor.execute(sql, {"at": at, "due": due, "area": list(area)})
            count = int(cursor.rowcount)
        if count:
            event = ContactWatched(count=count, area=list(area), due_at=due)
            record(event, by=by, about=f"contact:{area[0]}", division=area[0], at=at)
    return count


def contacts_release(*, area: Sequence[str], still: Sequence[str], at: datetime | None = None) -> int:
    """Over `area` a red signal or warning has ended: the watch ends there, except inside `still` (prefixes that are
    red all the same) and for places that are lost. Return for how many."""
    with pinned(at or clock.now()), connection.cursor() as cursor:
        cursor.execute(_RELEASE, [list(area), list(still)])
        return int(cursor.rowcount)


def contacts_sweep(*, by: Actor, at: datetime) -> int:
    """At exactly `at`: watched places whose time is up are lost, unless somebody there has answered a call; lost ones
    are looked at again. Return how many rows were looked at."""
    with pinned(at):
        rule = contact_rule()
        with connection.cursor() as cursor:
            cursor.execute(_POSTPONE, {"at": at, "limit": rule.silence_min})
            postponed = int(cursor.rowcount)
        rows = _rows(leaving=True, due_at__lte=at)
        if not rows:
            return postponed
        answered = _answered([row.division for row in rows], at)
        lost: list[Contact] = []
        found: list[Contact] = []
        for row in rows:
            called = answered.get(row.division)
            start = row.lost_at or (row.due_at or at) - timedelta(minutes=rule.silence_min)
            if called is not None and called > start:
                _settle(row, called, rule, found)
            elif row.lost_at is None:
                row.lost_at = at
                lost.append(row)
            _again(row, rule, at)
        if lost:
            _lost(by, lost, rule, at)
        rows_update(rows, ["last_at", "source", "watch_since", "due_at", "lost_at", "incident"])
        if found:
            _found(by, found, "call", at)
    return len(rows) + postponed


def _answered(codes: Sequence[str], at: datetime) -> dict[str, datetime]:
    """Return place → when somebody of the place itself last answered a call; a superior's answer proves nothing."""
    found: dict[str, datetime] = {}
    calls = Call.objects.filter(division__in=codes, answered_at__lte=at, answered_holder__in=("A", "B"))
    for division, answered in calls.order_by("answered_at").values_list("division", "answered_at"):
        if answered is not None:
            found[division] = answered
    return found


def _settle(row: Contact, called: datetime, rule: ContactRule, found: list[Contact]) -> None:
    row.last_at, row.source = called, "call"
    if row.lost_at is not None:
        found.append(row)
    elif row.beats:
        row.due_at = called + timedelta(minutes=rule.silence_min)
    else:
        row.watch_since = row.due_at = None


def _again(row: Contact, rule: ContactRule, at: datetime) -> None:
    """A lost place is looked at again until it is found, or a person has closed its incident."""
    if row.lost_at is None:
        return
    closed = row.incident is not None and row.incident.state == "closed"
    row.due_at = None if closed else at + timedelta(minutes=rule.again_min)


def _lost(by: Actor, rows: list[Contact], rule: ContactRule, at: datetime) -> None:
    """Open one incident and one reconnaissance task a township, and tell each lost place."""
    held = {row.division: row for row in rows}
    groups = by_township(held)
    divisions = {d.code: d for d in Division.objects.filter(code__in=[*held, *groups]).order_by("code")}
    items: list[tuple[Any, dict[str, Any]]] = []
    for township, codes in groups.items():
        incident = _incident(by, township, codes, divisions, rule, at)
        zh, en = incident.title_zh, incident.title_en
        task = desk_task(
            by=by, division=_seeker(township, codes), code="R-recon", about=f"incident:{incident.pk}", at=at,
            text={"zh": f"{zh}：立即派人到现场查明，用一切手段取得联系", "en": f"{en}: send somebody there now, use every means"},
            receipt=rule.recon_receipt_min, within=rule.recon_within_min,
        )  # fmt: skip
        for code in codes:
            row = held[code]
            row.incident = incident
            since = max(filter(None, (row.last_at, row.watch_since)), default=at)
            event = ContactLost(
                place=code, name=_name(divisions, code), last_at=row.last_at, silent_min=int(minutes(since, at)),
                incident=str(incident.pk), task=str(task.pk), rule=f"contact v{rule.version}",
            )  # fmt: skip
            items.append((event, {"by": by, "about": f"contact:{code}", "division": code, "at": at}))
    record_many(items)


def _seeker(township: str, lost: Sequence[str]) -> str:
    """Return the division whose desk sends somebody: the township's, or the county's where half a township is silent,
    for then its own desk is likely cut off too."""
    known = Contact.objects.filter(division__startswith=township).count()
    return township[:6] if len(lost) * 2 >= known > 1 else township


def _incident(
    by: Actor, township: str, codes: Sequence[str], divisions: dict[str, Division], rule: ContactRule, at: datetime
) -> Incident:
    names = [_name(divisions, code) for code in codes]
    place = _name(divisions, township)
    more = len(names) - 3
    zh = place["zh"] + "、".join(n["zh"] for n in names[:3]) + (f"等{len(names)}村" if more > 0 else "") + "失联"
    en = (
        f"{place['en']}: no contact with "
        + ", ".join(n["en"] for n in names[:3])
        + (f" and {more} more" if more > 0 else "")
    )
    spot = next((divisions[c] for c in (*codes, township) if c in divisions and divisions[c].lon is not None), None)
    return incident_open(
        by=by, kind="contact_lost", title={"zh": zh[:200], "en": en[:300]}, division=township, source="失联监测",
        confidence="medium", lon=spot.lon if spot else None, lat=spot.lat if spot else None,
        details={"places": list(codes), "silence_min": rule.silence_min, "mark": rule.mark}, at=at,
    )  # fmt: skip


def _name(divisions: dict[str, Division], code: str) -> dict[str, str]:
    found = divisions.get(code)
    return {"zh": found.name_zh, "en": found.name_en} if found else {"zh": code, "en": code}


def _found(by: Actor, rows: list[Contact], source: str, at: datetime) -> None:
    """Tell what was found; an incident ends when none of its places is lost any more."""
    events = [
        (ContactFound(place=row.division, source=source, minutes=minutes(row.lost_at or at, at)),
         {"by": by, "about": f"contact:{row.division}", "division": row.division, "at": at}) for row in rows]  # fmt: skip
    record_many(events)
    Contact.objects.filter(pk__in=[row.pk for row in rows]).update(
        lost_at=None, watch_since=None, due_at=None, incident=None
    )
    for incident in {row.incident_id: row.incident for row in rows if row.incident}.values():
        if incident.state == "open" and not Contact.objects.filter(incident=incident).exists():
            incident_close(by=Actor.system("response"), incident=incident.pk, reason=f"contact: {source}", at=at)
