"""The report as one plain value, from rows and entries: what the page, the print and the JSON file all show.

Shape (format 1). Times are ISO 8601 in UTC, durations minutes, texts `{"zh", "en"}`; a figure the journal can't give
is null, never filled in.

    format                         1
    span                           {start, end}: what the report covers
    scenario                       {name, title, seed, profile, state} of a drill, or null
    journal                        {head: sequence, digest: "sequence:hex"}
    warning_to_response_minutes    {first_red_at, first_red, as_it_happened: minutes to level I on the history track,
                                    as_anlan_proposes: {proposal, proposed_level, decision, level_one_proposal,
                                    level_one_in_force}}
    kpis                           signal_to_warning, warning_to_answer, warning_to_response, decisions, orders by track
    curves                         {minutes, all, by_tier, by_role}: share of those called who had answered, minute by
                                    minute since issue; each {called, answered, shares, to_50, to_90}
    red_items                      {missing: [{number, at, colour, channels}], unanswered: {count, by_tier, by_role}}
    findings                       [{id F1…F8, failure, behaviour, shown, count, facts: [{seq, at, kind, zh, en}]}]
    warnings                       [{at, colour, number}]
    tracks                         {main, history}: {levels: [{track, level, since, until}], proposals: [{opened_at,
                                    decided_at, level, action, state, escalations}], tasks: {issued, overdue, …}}
    timeline                       [{at, seq, kind, lane, nature, count, division, text, source}]
    counts                         {signals, proposals, warnings, calls, answers, level_proposals, tasks, facts, …}
    natures                        [{nature, name, what}]: which numbers are real, reconstructed, simulated
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from anlan.review.engine.curves import curves, red_items
from anlan.review.engine.findings import findings
from anlan.review.engine.kpi import kpis
from anlan.review.engine.rows import HISTORY, MAIN, Entry, Record
from anlan.review.engine.timeline import bands, timeline
from anlan.review.engine.wording import Names

Json = dict[str, Any]

NATURES: tuple[Json, ...] = (
    {
        "nature": "real",
        "name": {"zh": "真实", "en": "Real"},
        "what": {
            "zh": "2021 年的预警、响应、险情与决定及其时间，逐条注明出处；郑州站 201.9 毫米/小时、24 小时 552.5 毫米、三日 617.1 毫米；行政区划。",
            "en": "The warnings, responses, incidents and decisions of 2021 with their times, each with its source; 201.9 mm in an "
            "hour, 552.5 mm in 24 hours and 617.1 mm in three days at Zhengzhou station; the divisions.",
        },
    },
    {
        "nature": "reconstructed",
        "name": {"zh": "重建", "en": "Reconstructed"},
        "what": {
            "zh": "雨量场：由公布的数字推算，雨量站位置与逐时雨量不是实测；由此产生的监测信号也是重建的。",
            "en": "The rain field: worked out from the published figures. Gauges and hourly rain are not measurements, nor are the "
            "signals that follow from them.",
        },
    },
    {
        "nature": "simulated",
        "name": {"zh": "模拟", "en": "Simulated"},
        "what": {
            "zh": "岗位与人员、叫应的应答与用时、决策人的决定与用时、任务的签收与完成、隧道与地铁口水深：由脚本给出概率，由种子决定。",
            "en": "Posts and people, their answers and delays, the deciders' decisions and delays, receipt and end of tasks, water at "
            "tunnel and metro gates: chances from the scenario, drawn by the seed.",
        },
    },
)


def report(
    record: Record,
    entries: Sequence[Entry],
    *,
    span: tuple[datetime, datetime],
    journal: Mapping[str, Any],
    scenario: Mapping[str, Any] | None = None,
    names: Names | None = None,
    counts: Mapping[str, int] | None = None,
) -> Json:
    """Return the report over `record` and `entries`; `names` maps ids and codes to what people call them."""
    figures = kpis(record)
    return {
        "format": 1,
        "span": {"start": span[0].isoformat(), "end": span[1].isoformat()},
        "scenario": dict(scenario) if scenario else None,
        "journal": dict(journal),
        "warning_to_response_minutes": figures["warning_to_response"],
        "kpis": figures,
        "curves": curves(record),
        "red_items": red_items(record),
        "findings": findings(entries, names),
        "warnings": [
            {"at": w.issued_at.isoformat(), "colour": w.colour, "number": w.number}
            for w in sorted(record.warnings, key=lambda w: (w.issued_at, w.number))
        ],
        "tracks": {track: _track(record, figures, track, span[1]) for track in (MAIN, HISTORY)},
        "timeline": timeline(entries, names),
        "counts": _counts(record, entries) | dict(counts or {}),
        "natures": [dict(nature) for nature in NATURES],
    }


def _track(record: Record, figures: Json, track: str, end: datetime) -> Json:
    levels = [(row.track, row.level, row.since, row.until) for row in record.levels if row.track == track]
    proposals = sorted((p for p in record.level_proposals if p.track == track), key=lambda p: (p.opened_at, p.id))
    return {
        "levels": bands(levels, end),
        "proposals": [
            {
                "opened_at": p.opened_at.isoformat(),
                "decided_at": p.decided_at.isoformat() if p.decided_at else None,
                "level": p.level,
                "action": p.action,
                "state": p.state,
                "escalations": p.escalations,
            }
            for p in proposals
        ],
        "tasks": figures["orders"].get(track, {}),
    }


def _counts(record: Record, entries: Sequence[Entry]) -> dict[str, int]:
    return {
        "signals": len({signal.id for signal in record.signals}),
        "proposals": len(record.proposals),
        "warnings": len(record.warnings),
        "calls": len(record.calls),
        "answers": sum(1 for call in record.calls if call.answered_at),
        "level_proposals": len(record.level_proposals),
        "tasks": len(record.tasks),
        "facts": sum(1 for entry in entries if entry.kind == "drill.fact_noted"),
    }
