"""What the record says of a division's day and of a disaster's roll-up, as papers are filled from it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from anlan.kernel.options import options
from anlan.kernel.scope import Scope
from anlan.response.engine.numerals import plain
from anlan.response.engine.papers.facts import Child, Day, Rollup, Step
from anlan.response.engine.text import Words
from anlan.response.formats.report_packs import indicators
from anlan.response.models import Incident, Level, Report, ReportBreach
from anlan.response.selectors.papers_facts import day_span, event_facts, event_of, local, work_open
from anlan.response.selectors.papers_levels import response_facts
from anlan.response.selectors.reports import disaster_of
from anlan.response.selectors.rollup import rollup_level
from anlan.territory.selectors import division_names
from anlan.warning.models import Warning

MOST = 40
COLUMNS = ("affected", "dead", "missing", "relocated", "collapsed_rooms", "loss")


def day_facts(scope: Scope, division: str, day: date | None, at: datetime) -> Day:
    """Return a division's day (`day` None: what is open now): events, responses, warnings, reports, work."""
    start, end = day_span(day or at.astimezone(ZoneInfo(options.time_zone)).date())
    incidents = scope.filter(Incident.objects.filter(division__startswith=division)).exclude(state="merged")
    levels = Level.objects.filter(track="main", area__startswith=division).select_related(
        "plan", "decided_by_post", "proposal"
    )
    if day is None:
        incidents, levels = incidents.filter(state="open"), levels.filter(until__isnull=True)
    else:
        incidents = incidents.filter(opened_at__gte=start, opened_at__lt=end)
        levels = levels.filter(since__lt=end).exclude(until__lt=start)
    name = division_names([division]).get(division, {"zh": division, "en": division})
    rows = list(incidents.order_by("opened_at", "id")[:MOST])
    events = tuple(event_facts(scope, row.pk, at) if day is None else event_of(row, at) for row in rows)
    missed = scope.filter(ReportBreach.objects.filter(division__startswith=division, due_at__gte=start, due_at__lt=end))
    sent = scope.filter(Report.objects.filter(division__startswith=division, sent_at__gte=start, sent_at__lt=end))
    open_, overdue = work_open(scope, division)
    return Day(
        name=Words(name["zh"], name["en"]), day=start.date(), as_of=local(at) or at, events=events,
        responses=tuple(response_facts(scope, row) for row in levels.order_by("since", "id")[:MOST]),
        warnings=_warnings(scope, division, start, end), breaches=_missed(list(missed.order_by("due_at", "id")[:MOST])),
        reports=sent.count(), tasks_open=open_, tasks_overdue=overdue,
    )  # fmt: skip


def _warnings(scope: Scope, division: str, start: datetime, end: datetime) -> tuple[Step, ...]:
    rows = Warning.objects.filter(issued_at__gte=start, issued_at__lt=end).order_by("issued_at", "id")[:500]
    found = []
    for row in rows:
        at = local(row.issued_at)
        if at and scope.sees(row.division) and any(c.startswith(division) or division.startswith(c) for c in row.area):
            found.append(Step(at, Words(row.headline_zh, row.headline_en)))
    return tuple(found)


def _missed(rows: list[ReportBreach]) -> tuple[Step, ...]:
    names = division_names({row.division for row in rows})
    found = []
    for row in rows:
        name, at = names.get(row.division, {"zh": row.division, "en": row.division}), local(row.due_at)
        if at is not None:
            found.append(Step(at, Words(name["zh"], name["en"])))
    return tuple(found)


def rollup_facts(scope: Scope, disaster: UUID, division: str, at: datetime) -> Rollup:
    """Return a disaster's figures in a division and those right below it, with the differences as they were explained."""
    row = disaster_of(scope, disaster)
    told = rollup_level(scope, disaster, division)
    known = {one.code: one for one in indicators().indicators}
    columns = [code for code in COLUMNS if code in known] or list(known)[:5]

    def figures(values: dict[str, float] | None) -> tuple[float | None, ...]:
        return tuple((values or {}).get(code) for code in columns)

    gaps = []
    for gap in told["differences"]:
        name = known[gap["code"]].name if gap["code"] in known else Words(gap["code"], gap["code"])
        why = Words("；".join(r["zh"] for r in gap["reasons"]), "; ".join(r["en"] for r in gap["reasons"]))
        gaps.append(Words(f"{name.zh}：本级上报与下级合计相差{plain(gap['gap'])}（{why.zh or '待说明'}）。",
                          f"{name.en}: own report and sum below differ by {plain(gap['gap'])} ({why.en or 'to be explained'})."))  # fmt: skip
    return Rollup(
        disaster=Words(row.title_zh, row.title_en), name=Words(told["name"]["zh"], told["name"]["en"]), as_of=local(at) or at,
        columns=tuple(Words(known[code].name.zh, known[code].name.en) for code in columns), own=figures(told["own"] or told["told"]),
        below=figures(told["below"]),
        children=tuple(
            Child(Words(c["name"]["zh"], c["name"]["en"]), figures(c["told"]), local(c["sent_at"])) for c in told["children"]
        ),
        gaps=tuple(gaps),
    )  # fmt: skip
