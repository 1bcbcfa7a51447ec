"""Reports as they are sent: checked, numbered, never changed, and received level by level so that it can be shown who
knew when (F8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_report import REPORT_CHANNELS, REPORT_FORMS, REPORT_KINDS
from anlan.response.engine.casualty import frozen
from anlan.response.engine.indicators import Change, changes, fallen, standing
from anlan.response.engine.numerals import plain, signed
from anlan.response.engine.report_rules import TIERS
from anlan.response.engine.return_checks import (
    Finding,
    ledger_checked,
    logic_checked,
    times_checked,
    values_checked,
)
from anlan.response.engine.rollup import differences
from anlan.response.events import ReportAcknowledged, ReportFiled
from anlan.response.formats.report_packs import indicators
from anlan.response.models import Disaster, Incident, Report, ReportDuty, ReportReceipt
from anlan.response.services.in_turn import in_turn
from anlan.response.services.report_again import late_made_good
from anlan.response.services.report_duties import duties_meet, filed_owed, sets_going
from anlan.response.services.report_ground import Ground, ground_read
from anlan.warning.services.moment import pinned, whole_reach

SYSTEM = Actor.system("response")
LAST = ("final", "verified")
UP = {12: 9, 9: 6, 6: 4, 4: 2, 2: 0}


@dataclass(frozen=True)
class Told:
    """How a report was given, and what it says beside its figures. form: written or phone; by: "unit" when the unit
    itself told it; content: items of the first report by field; explains: {figure: why it differs from the sum below};
    ref: the sender's own key, with which a repeat is taken once."""

    form: str = "written"
    channel: str = "platform"
    by: str = ""
    signer: str = ""
    text: str = ""
    content: Mapping[str, str] = field(default_factory=dict)
    explains: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[str] = ()
    ref: str = ""


def report_file(
    *,
    by: Actor,
    division: str,
    figures: Mapping[str, float],
    as_of: datetime | None = None,
    kind: str = "zero",
    reason: str = "",
    at: datetime | None = None,
    incident: UUID | None = None,
    disaster: UUID | None = None,
    told: Told = Told(),
) -> Report:
    """Send a division's report about an incident, a disaster, or neither. `figures`: indicator → value; what is not told
    stands as it was told before; nothing new is a report too. Never changed afterwards: a later one follows it.

    Raises Forbidden; NotFound (subject out of sight); Conflict (key used for another subject); Invalid: a hard
    finding (its field, value and remedy; `findings` holds all of them), or a cumulative figure that fell without a `reason`.
    """
    at = at or clock.now()
    by.must("report.file", division)
    _known("kind", kind, REPORT_KINDS)
    _known("form", told.form, REPORT_FORMS)
    _known("channel", told.channel, REPORT_CHANNELS)
    with pinned(at):
        in_turn(f"report|{division}|{incident or disaster or ''}")  # numbered one after the other; others don't wait
        ground = ground_read(division, incident=incident, disaster=disaster, ref=told.ref)
        if ground.again is not None:
            return _taken(ground.again, told.ref, incident, disaster)
        about = _subject(by, incident, disaster)
        row = _row(by, division, dict(figures), ground, kind, as_of or at, at, told)
        row.incident_id, row.disaster_id, row.reason = incident, disaster, reason
        found = _findings(row, about, ground)
        _fall(row, ground, reason)
        row.findings = [finding.as_dict() for finding in found]
        row.save(force_insert=True)
        _sent(by, row, about if isinstance(about, Incident) else None, at, owed=ground.owed)
    return row


def report_checked(
    *, by: Actor, division: str, figures: Mapping[str, float], as_of: datetime, kind: str, disaster: UUID | None = None,
    incident: UUID | None = None, told: Told = Told(), at: datetime | None = None,
) -> list[Finding]:  # fmt: skip
    """Return what the checks would find in a report that is still being written, falls included; nothing is kept."""
    at = at or clock.now()
    by.must("report.file", division)
    about = _subject(by, incident, disaster)
    ground = ground_read(division, incident=incident, disaster=disaster)
    row = _row(by, division, dict(figures), ground, kind, as_of, at, told)
    row.incident_id, row.disaster_id = incident, disaster
    found = list(_all_findings(row, about, ground))
    return found + [_fall_finding(change) for change in _fallen(ground.stood, row.standing)]


def _taken(key: UUID, ref: str, incident: UUID | None, disaster: UUID | None) -> Report:
    """The report that was taken with this key before: its sender got no answer and sends it again."""
    row = Report.objects.get(pk=key)
    if (row.incident_id, row.disaster_id) != (incident, disaster):
        raise Conflict(
            code="report.ref_used", field="ref", value=ref,
            zh="这个编号已用于另一事件或灾害过程的报告；请换一个编号。",
            en="This key was used for a report about something else; send another key.",
        )  # fmt: skip
    return row


def _row(
    by: Actor, division: str, figures: dict[str, float], ground: Ground, kind: str, as_of: datetime,
    at: datetime, told: Told,
) -> Report:  # fmt: skip
    before, stood = ground.before, ground.stood
    stands = standing(stood, figures)
    series = [*(item.stood for item in reversed(before)), stands]
    return Report(
        division=division, seq=before[0].seq + 1 if before else 1, kind=kind, form=told.form, channel=told.channel,
        by=told.by, as_of=as_of, sent_at=at, author_post_id=by.post, author=by.name[:96], signer=told.signer[:96],
        text=told.text, content=dict(told.content), figures=figures, standing=stands,
        delta=[[one.code, one.before, one.after] for one in changes(stood, stands)], frozen=list(frozen(series)),
        explains={code: words for code, words in told.explains.items() if words.strip()},
        attachments=list(told.attachments), ref=told.ref,
    )  # fmt: skip


def _known(name: str, value: str, codes: Mapping[str, Any]) -> None:
    if value not in codes:
        raise Invalid(
            code=f"report.{name}", field=name, value=value,
            zh=f"“{value}”不在可选范围：{'、'.join(choice.zh for choice in codes.values())}。",
            en=f"“{value}” is not one of: {', '.join(codes)}.",
        )  # fmt: skip


def _subject(by: Actor, incident: UUID | None, disaster: UUID | None) -> Incident | Disaster | None:
    if incident is not None:
        found = Incident.objects.filter(pk=incident).first()
        if found is None or not by.scope.sees(found.division):
            raise _missing("incident", incident)
        return found
    if disaster is not None:
        row = Disaster.objects.filter(pk=disaster).first()
        if row is None or not by.scope.sees(row.division):
            raise _missing("disaster", disaster)
        return row
    return None


def _missing(name: str, key: UUID) -> NotFound:
    return NotFound(code=f"report.no_{name}", zh="没有这个事件或灾害过程，或不在您的范围内。",
                    en="There is no such incident or disaster, or it is not in your scope.", field=name, value=key)  # fmt: skip


def _findings(row: Report, about: Incident | Disaster | None, ground: Ground) -> list[Finding]:
    """Raise the first hard finding, with all of them beside it; return the soft ones."""
    found = list(_all_findings(row, about, ground))
    hard = [finding for finding in found if finding.hard]
    if hard:
        one = hard[0]
        raise Invalid(code=one.code, zh=one.zh, en=one.en, field=one.field, value=one.value,
                      findings=[finding.as_dict() for finding in found])  # fmt: skip
    return found


def _all_findings(row: Report, about: Incident | Disaster | None, ground: Ground) -> Iterable[Finding]:
    known = indicators().by_code
    wrong = list(values_checked(row.figures, known))
    yield from wrong
    if wrong:
        return
    happened = about.happened_at if about is not None else None
    yield from times_checked(happened, row.as_of, row.sent_at)
    yield from logic_checked(row.standing, known)
    row.ledger = dict(ground.ledger.counts)
    if about is not None:
        yield from ledger_checked(row.standing, known, ground.ledger, final=row.kind in LAST)
    if row.disaster_id is not None:
        yield from _against_below(row, ground.below)


def _against_below(row: Report, below: Mapping[str, float]) -> Iterable[Finding]:
    known = indicators().by_code
    for one in differences(row.standing, below):
        if one.code in row.explains:
            continue
        name = known[one.code].name
        yield Finding(
            "report.differs_below", row.kind == "verified", one.code, one.own,
            f"{name.zh}{plain(one.own)}，下级合计{plain(one.below)}，相差{signed(one.gap)}；请核对，或写明原因。",
            f"{name.en}: {plain(one.own)}, the sum below is {plain(one.below)} ({signed(one.gap)}); look again or say why.",
        )  # fmt: skip


def _fallen(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[Change, ...]:
    return fallen(before, after, [one.code for one in indicators().indicators if one.cumulative])


def _fall_finding(change: Change) -> Finding:
    name, before = indicators().by_code[change.code].name, plain(change.before or 0)
    return Finding(
        "report.fall_without_reason", True, change.code, change.after,
        f"{name.zh}比上次减少（{before}→{plain(change.after)}），须写明原因。",
        f"{name.en} fell since the last report ({before} → {plain(change.after)}); give the reason.",
    )  # fmt: skip


def _fall(row: Report, ground: Ground, reason: str) -> None:
    found = _fallen(ground.stood, row.standing)
    row.falls = [[one.code, one.before, one.after] for one in found]
    if found and not reason.strip():
        one = _fall_finding(found[0])
        raise Invalid(code=one.code, zh=one.zh, en=one.en, field="reason", value=reason,
                      findings=[_fall_finding(change).as_dict() for change in found])  # fmt: skip


def _sent(by: Actor, row: Report, incident: Incident | None, at: datetime, *, owed: bool) -> None:
    met, on_time = duties_meet(by=by, report=row, at=at) if owed else ([], True)
    late_made_good(row, at)
    levels = _levels(row.division, met)
    ReportReceipt.objects.bulk_create(
        ReportReceipt(report=row, division=row.division, level=level, received_at=at,
                      skip=len(level) < UP[len(row.division)])
        for level in levels
    )  # fmt: skip
    if sets_going(row):
        with whole_reach():
            filed_owed(by=SYSTEM, report=row, incident=incident, levels=levels, at=at)
    event = ReportFiled(
        report=str(row.pk), seq=row.seq, report_kind=row.kind, form=row.form, as_of=row.as_of, figures=row.figures,
        incident=str(row.incident_id) if row.incident_id else None, delta=row.delta, ledger=row.ledger, falls=row.falls,
        disaster=str(row.disaster_id) if row.disaster_id else None, frozen=row.frozen, to=levels, reason=row.reason,
        findings=sorted({finding["code"] for finding in row.findings}), on_time=on_time,
    )  # fmt: skip
    record(event, by=by, about=f"report:{row.pk}", division=row.division, at=at)


def _levels(division: str, met: Iterable[ReportDuty]) -> list[str]:
    """The level next above, and those the rules name; nearest first."""
    found = {division[: UP[len(division)]]}
    for duty in met:
        found |= {division[: TIERS[tier]] for tier in duty.to if TIERS[tier] < len(division)}
    return sorted(found, key=lambda level: -len(level))


def report_acknowledge(*, by: Actor, reports: Sequence[UUID], level: str, at: datetime | None = None) -> int:
    """Take notice of reports in the name of the level `level` (its division): from now on it knows. Return of how many;
    those acknowledged before keep their first time. Raises Forbidden, NotFound."""
    at = at or clock.now()
    by.must("report.acknowledge", level)
    with pinned(at):
        rows = list(
            ReportReceipt.objects.select_for_update().filter(report__in=list(reports), level=level).order_by("id")
        )
        if not rows:
            raise NotFound(code="report.not_received", zh="本级没有收到这份报告。", en="This level received no such report.",
                           field="report", value=",".join(map(str, reports)))  # fmt: skip
        fresh = [row for row in rows if row.acknowledged_at is None]
        for row in fresh:
            row.acknowledged_at, row.acknowledged_post_id, row.acknowledged_by = at, by.post, by.name[:96]
        ReportReceipt.objects.bulk_update(fresh, ["acknowledged_at", "acknowledged_post", "acknowledged_by"])
        if fresh:
            event = ReportAcknowledged(reports=[str(row.report_id) for row in fresh], level=level)
            record(event, by=by, about=f"report:{fresh[0].report_id}", division=fresh[0].division, at=at)
    return len(fresh)
