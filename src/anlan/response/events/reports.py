"""Events of reports and of the casualty ledger. The docstrings are the public documentation."""

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


class ReportFiled(Event, kind="report.filed", version=1):
    """A report was sent. report: id; seq: its number in that division; report_kind; as_of; figures: as given; ledger:
    totals of the casualty ledger; falls: figures that fell [[kind, before, after]], with the reason; frozen: kinds
    that have not moved over the last reports; on_time.
    """

    report: str
    seq: int
    report_kind: str
    as_of: datetime
    figures: dict[str, int]
    ledger: dict[str, int]
    falls: list[list[Any]]
    frozen: list[str]
    reason: str
    on_time: bool


class ReportBreached(Event, kind="report.breach", version=1):
    """No report by its time: silence is a fact, seen above. breach: id; due_at; in_a_row: how many running."""

    breach: str
    due_at: datetime
    in_a_row: int


class CasualtyEntered(Event, kind="casualty.entered", version=1):
    """A person was entered into the ledger. entry: id; casualty: dead, missing or injured; label: name or unknown-N;
    known: is the name known; place; found_at; source; reporter.
    """

    entry: str
    casualty: str
    label: str
    known: bool
    place: str
    found_at: datetime
    source: str
    reporter: str


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
