"""Who is rung about a report: the desk that owes it shortly before its limit, the desk it is owed to when it was not sent.

What is owed once rings, of the kinds the rule names; what is owed daily stands on pages alone (docs/adr/0021).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.response.choices_report import REPORT_FORMS
from anlan.response.choices_rings import REPORT, REPORTS
from anlan.response.engine.report_rules import TIERS
from anlan.response.formats.ring_rules import ring_rule
from anlan.response.models import ReportDuty
from anlan.response.selectors.posts import desks_of
from anlan.response.selectors.report_subjects import limit_of
from anlan.response.selectors.reports import about_name, division_names, kind_name
from anlan.response.services.rings import hour, one_call, ring_spec, sit_at, some_named
from anlan.warning.services.moment import pinned, whole_reach
from anlan.warning.services.ringing import RingSpec, ringings_end, rings, rings_out

TITLE = {"zh": "信息报告", "en": "Report"}
Words = dict[str, str]


def ring_moments(duties: Sequence[ReportDuty], at: datetime) -> None:
    """Set when desks are to be rung about what they owe, as things stand at `at`; None where nothing rings. What a unit owes
    rings no desk before its limit. The caller saves. One query, whatever their number."""
    out, before = rings_out(), timedelta(minutes=ring_rule().report_before_min)
    for duty in duties:
        rung = out and duty.by != "unit" and _rings(duty)
        duty.ring_at = max(at, duty.next_due_at - before) if rung and duty.next_due_at is not None else None


def reports_ring(*, by: Actor, at: datetime) -> int:
    """At exactly `at`: desks whose limit is near and who have sent nothing are rung. Return how many. Rows another sweeper
    holds are left to it."""
    with pinned(at):
        due = ReportDuty.objects.select_for_update(skip_locked=True).filter(ring_at__lte=at)
        rows = _whole(list(due.order_by("ring_at", "division", "id").values_list("pk", flat=True)))
        ReportDuty.objects.filter(pk__in=[row.pk for row in rows]).update(ring_at=None)
        sits, names = sit_at([row.post_id for row in rows if row.post_id], at), _names(rows)
        minutes = ring_rule().report_min
        specs = [
            ring_spec(f"{REPORT}{row.pk}", 0, row.division, sits.get(row.post_id) if row.post_id else None, TITLE,
                      _owing(row, names), at, minutes)
            for row in rows
        ]  # fmt: skip
        rings(by=by, specs=specs, at=at)
    return len(rows)


def missed_ring(*, by: Actor, duties: Sequence[ReportDuty], at: datetime) -> None:
    """Reports that were not sent by their limit, at `at`, ring the desks of the levels they are owed to: one call to each,
    whatever the number of reports. Call in the act that wrote the breaches."""
    wanted = [duty.pk for duty in duties if _rings(duty)]
    if not wanted or not rings_out():
        return
    rows = sorted((row for row in _whole(wanted) if _receiver(row)), key=_receiver)
    with whole_reach():
        desks = desks_of(map(_receiver, rows))
    sits, names = sit_at([post.pk for post in desks.values()], at), _names(rows)
    minutes, specs = ring_rule().report_min, list[RingSpec]()
    for level, group in groupby(rows, key=_receiver):
        found, desk = list(group), desks.get(level)
        person = sits.get(desk.pk) if desk else None
        each = [
            ring_spec(f"{REPORT}{row.pk}", 1, row.division, person, TITLE, _missed([row], names, at), at, minutes)
            for row in found
        ]  # fmt: skip
        whole = ring_spec(f"{REPORTS}{found[0].pk}", 0, level, person, TITLE, _missed(found, names, at), at, minutes)
        specs += one_call(each, whole)
    rings(by=by, specs=specs, at=at)


def reports_settled(*, by: Actor, duties: Sequence[ReportDuty], at: datetime) -> None:
    """Reports were sent, or are owed no more: nobody is rung about them any more."""
    ringings_end(by=by, about=[f"{REPORT}{duty.pk}" for duty in duties if _rings(duty)], at=at)


def _rings(duty: ReportDuty) -> bool:
    return not limit_of(duty).recurs and (bool(duty.asked) or duty.kind in ring_rule().report_kinds)


def _receiver(duty: ReportDuty) -> str:
    """The nearest level it is owed to: "" for none inside the territory. What a unit owes may be owed to its own county."""
    most = len(duty.division) - (duty.by != "unit")
    lengths = [TIERS[tier] for tier in duty.to if 0 < TIERS[tier] <= most]
    return duty.division[: max(lengths, default=0)]


def _whole(keys: Sequence[UUID]) -> list[ReportDuty]:
    """The rows with what their words need. One query."""
    rows = ReportDuty.objects.select_related("incident", "disaster").filter(pk__in=keys)
    return list(rows.order_by("division", "id"))


def _names(rows: Sequence[ReportDuty]) -> dict[str, Words]:
    with whole_reach():
        return division_names(row.division for row in rows)


def _what(row: ReportDuty) -> Words:
    """What is owed, in words: kind, form, and what it is about."""
    kind, about = kind_name(row.kind, disaster=row.disaster_id is not None), about_name(row.incident or row.disaster)
    form = REPORT_FORMS[row.form] if row.form != "any" else None
    zh, en = f"{form.zh if form else ''}{kind['zh']}", f"{kind['en']}{f' ({form.en.lower()})' if form else ''}"
    return {"zh": f"“{about['zh']}”{zh}", "en": f"{en} on “{about['en']}”"} if about else {"zh": zh, "en": en}


def _owing(row: ReportDuty, names: dict[str, Words]) -> Words:
    """Words to the desk that owes it."""
    what, name = _what(row), names.get(row.division, {"zh": row.division, "en": row.division})
    until = hour(row.next_due_at) if row.next_due_at else ""
    return {
        "zh": f"【信息报告】{what['zh']}，{name['zh']}应于{until}前报送，尚未报送。请立即报送。按1或回复1表示收到。",
        "en": f"[Report] {what['en']}: {name['en']} owes it by {until} and has not sent it. Send it now."
              " Press or reply 1: received.",
    }  # fmt: skip


def _missed(rows: Sequence[ReportDuty], names: dict[str, Words], at: datetime) -> Words:
    """Words to the level above: who has not reported what by when."""
    what = _what(rows[0])
    if len(rows) > 1:
        what = {"zh": f"共{len(rows)}份报告", "en": f"{len(rows)} reports"}
    divisions = dict.fromkeys(row.division for row in rows)
    told = some_named([names.get(one, {"zh": one, "en": one}) for one in divisions], "地")
    zh, en = told["zh"], told["en"]
    if len(rows) == 1 and rows[0].by == "unit":
        zh, en = f"{zh}的事发单位", f"the unit concerned in {en}"
    return {
        "zh": f"【信息报告】{what['zh']}，{zh}应于{hour(at)}前报送，逾时未报。请立即核实催报。按1或回复1表示收到。",
        "en": f"[Report] {what['en']}: owed by {hour(at)} and not sent by {en}. Find out and ask for it now."
              " Press or reply 1: received.",
    }  # fmt: skip
