"""What the clocks of reporting need to know of an incident: its series, its subject, the table of its day."""

from __future__ import annotations

from datetime import date, datetime

from anlan.kernel import clock
from anlan.response.engine.report_rules import Limit, Series, Subject, Table
from anlan.response.models import Incident, ReportDuty
from anlan.response.selectors.local_rules import clocks_on

GRAVE = ("especially_serious", "serious")
WORKS = ("11A03", "11A04")


def day_of(at: datetime) -> date:
    """Return the day of a moment where the law's days are counted."""
    return at.astimezone(clock.BEIJING).date()


def clocks_of(row: Incident) -> Table:
    """Return the clocks an incident's reports run by: those of the day it became known. One query."""
    return clocks_on(day_of(row.known_at or row.opened_at))


def limit_of(duty: ReportDuty) -> Limit:
    """Return when something owed falls due again, as a limit: recurring or not."""
    return Limit(every_h=duty.interval_h, daily_at=tuple(duty.daily_at))


def incident_subject(row: Incident, series: Series) -> Subject:
    """Return what the rules need to know of an incident."""
    known = row.known_at or row.opened_at
    major = row.kind == "dam_breach" or bool(row.details.get("major")) or row.grade in GRAVE
    return Subject(series, row.division, row.type_code, row.grade, known, row.happened_at or known, major)


def series_of(row: Incident) -> tuple[Series, ...]:
    """Return the series of reports an incident of its class owes; none before it has a class."""
    if row.type_code.startswith("12"):
        return ("accident", "public")
    if row.type_code.startswith(WORKS):
        return ("works", "public")
    return ("public",) if row.type_code else ()
