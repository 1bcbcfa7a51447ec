"""Events of reports, of the roll-up and of the casualty ledger. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel.journal import Event


class ReportDutyStarted(Event, kind="report.duties_started", version=1):
    """Counties must report every day from now on. count; divisions; interval_h; first_due_at; rule: its version."""

    count: int
    divisions: list[str]
    interval_h: int
    first_due_at: datetime
    rule: str


class ReportDutyEnded(Event, kind="report.duties_ended", version=1):
    """The daily duty ended with the response. count; divisions."""

    count: int
    divisions: list[str]


class ReportOwed(Event, kind="report.owed", version=1):
    """By a rule of the table divisions owe a report. rule: its code; rule_version; report_kind; form; to: levels;
    divisions; due_at: when it is first due; incident or disaster: what it is about, else null.
    """

    rule: str
    rule_version: str
    report_kind: str
    form: str
    to: list[str]
    divisions: list[str]
    due_at: datetime
    incident: str | None
    disaster: str | None


class ReportAsked(Event, kind="report.asked", version=1):
    """A level asked one below it to report or to verify (催报、核实). duty: id; report_kind; fields: the figures in question;
    words; due_at; incident or disaster.
    """

    duty: str
    report_kind: str
    fields: list[str]
    words: str
    due_at: datetime
    incident: str | None
    disaster: str | None


class ReportExtended(Event, kind="report.extended", version=1):
    """The time of something owed was put off, with the reason. duty: id; was; due_at; reason."""

    duty: str
    was: datetime
    due_at: datetime
    reason: str


class ReportsNoMoreOwed(Event, kind="report.no_more_owed", version=1):
    """Things owed ended: a graver grade's clocks took their place, or the event is over. rules: codes; why: regraded,
    merged, stable, closed; divisions; incident or disaster.
    """

    rules: list[str]
    why: str
    incident: str | None
    disaster: str | None
    divisions: list[str] = []


class ReportsOwedAgain(Event, kind="report.owed_again", version=1):
    """What a merge or a graver grade had ended is owed again. rules: codes; why: merge_undone, regraded; divisions; due_at:
    the earliest, null where all fell due before; incident.
    """

    rules: list[str]
    why: str
    divisions: list[str]
    due_at: datetime | None
    incident: str


class ReportFiled(Event, kind="report.filed", version=2):
    """A report was sent. report: id; seq: its number for that division and subject; report_kind; form; incident or
    disaster; as_of; figures: as given; delta: [[figure, before or null, after]]; ledger: totals of the casualty ledger;
    falls: figures that fell [[figure, before, after]], with the reason; frozen: figures that have not moved over the
    last reports; findings: codes of what the checks found; to: divisions it went to ("" the state); on_time.
    """

    report: str
    seq: int
    report_kind: str
    form: str
    incident: str | None
    disaster: str | None
    as_of: datetime
    figures: dict[str, float]
    delta: list[list[Any]]
    ledger: dict[str, int]
    falls: list[list[Any]]
    frozen: list[str]
    findings: list[str]
    to: list[str]
    reason: str
    on_time: bool


class ReportAcknowledged(Event, kind="report.acknowledged", version=1):
    """A level above has taken notice of reports: from now on it knows. reports: ids; level: its division."""

    reports: list[str]
    level: str


class ReportBreached(Event, kind="report.breach", version=1):
    """No report by its time: silence is a fact, seen above. breach: id; due_at; in_a_row: how many running; report_kind,
    rule: what was owed, by which rule.
    """

    breach: str
    due_at: datetime
    in_a_row: int
    report_kind: str = "zero"
    rule: str = ""


class DisasterOpened(Event, kind="disaster.opened", version=1):
    """Returns are asked for a disaster. disaster: id; disaster_kind; title {zh, en}; happened_at; incident: or null."""

    disaster: str
    disaster_kind: str
    title: dict[str, str]
    happened_at: datetime
    incident: str | None


class DisasterStable(Event, kind="disaster.stable", version=1):
    """A disaster is stable: the daily reports end, the verified returns are owed. disaster: id; note."""

    disaster: str
    note: str


class DisasterClosed(Event, kind="disaster.closed", version=1):
    """The figures of a disaster are verified and closed. disaster: id; note."""

    disaster: str
    note: str


class ReturnsDiffer(Event, kind="returns.differ", version=1):
    """A level reports otherwise than those below add up to. difference: id; disaster; items: {figure: [own, below]}."""

    difference: str
    disaster: str
    items: dict[str, list[float]]


class ReturnsAgree(Event, kind="returns.agree", version=1):
    """A level's figures agree with those below again. difference: id; disaster."""

    difference: str
    disaster: str


class ReturnsExplained(Event, kind="returns.explained", version=1):
    """A level said why its figure is another than the sum below. difference: id; disaster; figures; words."""

    difference: str
    disaster: str
    figures: list[str]
    words: str


class CasualtyEntered(Event, kind="casualty.entered", version=1):
    """A person was entered into the ledger. entry: id; casualty: dead, missing or injured; label: name or unknown-N;
    known: is the name known; place; found_at; source; reporter; incident, disaster: what it belongs to, else null.
    """

    entry: str
    casualty: str
    label: str
    known: bool
    place: str
    found_at: datetime
    source: str
    reporter: str
    incident: str | None = None
    disaster: str | None = None


class CasualtyIdentified(Event, kind="casualty.identified", version=1):
    """An unknown person got a name. entry: id; was: the label before; label: the name; source."""

    entry: str
    was: str
    label: str
    source: str


class CasualtyCorrected(Event, kind="casualty.corrected", version=1):
    """An entry changed kind, was merged or withdrawn, with a reason. entry: id; casualty; state; merged_into: id or
    null; reason.
    """

    entry: str
    casualty: str
    state: str
    merged_into: str | None
    reason: str
