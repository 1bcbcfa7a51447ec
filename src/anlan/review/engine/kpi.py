"""The figures of the report (指标): how long each step of the chain took, and who had not answered.

Every spread is over minutes. The median is the middle value (mean of two middles), p90 the nearest-rank 90th
percentile: the smallest value that at least nine in ten do not exceed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from anlan.review.engine.rows import (
    HISTORY,
    MAIN,
    Call,
    Level,
    LevelProposal,
    Record,
    Task,
    first_red,
    minutes,
)

Json = dict[str, Any]


def spread(values: Sequence[float]) -> Json:
    """Return count, median, p90, least and most of some minutes; the figures are None when there are no values.

    >>> spread([1.0, 2.0, 10.0])
    {'n': 3, 'median': 2.0, 'p90': 10.0, 'min': 1.0, 'max': 10.0}
    """
    if not values:
        return {"n": 0, "median": None, "p90": None, "min": None, "max": None}
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "median": round(statistics.median(ordered), 2),
        "p90": round(ordered[math.ceil(0.9 * len(ordered)) - 1], 2),
        "min": round(ordered[0], 2),
        "max": round(ordered[-1], 2),
    }


def share(part: int, whole: int) -> float | None:
    """Return `part` of `whole` as a share of 1 (three decimals), None when there is no whole."""
    return round(part / whole, 3) if whole else None


def signal_to_warning(record: Record) -> Json:
    """Minutes from a signal to the proposal it caused and to the warning a person issued for that proposal.

    The clock starts when the signal last reached the colour proposed, not when it first opened at a lesser one.
    """
    reached: dict[tuple[str, str], list[datetime]] = {}
    for signal in record.signals:
        reached.setdefault((signal.id, signal.level), []).append(signal.reached_at)
    issued = {warning.id: warning.issued_at for warning in record.warnings}
    before = [([t for t in reached.get((p.signal, p.colour), ()) if t <= p.opened_at], p) for p in record.proposals]
    caused = [(max(times), p) for times, p in before if times]
    answered = [minutes(start, issued[p.warning]) for start, p in caused if p.warning in issued]
    return {
        "to_proposal": spread([minutes(start, p.opened_at) for start, p in caused]),
        "to_warning": spread(answered),
        "proposals": len(record.proposals),
        "not_issued": sum(1 for p in record.proposals if not p.warning),
    }


def warning_to_answer(record: Record) -> Json:
    """Minutes from a warning to the first answer of each person it called: in all, by role, by level (分级), by warning.

    The share within the limit is over all who were called, so that one who never answered counts against it.
    """
    issued = {warning.id: warning.issued_at for warning in record.warnings}
    calls = [call for call in record.calls if call.warning in issued]
    by_warning = _grouped(calls, issued, lambda call: call.warning)
    none = _answers([], issued)
    return {
        "all": _answers(calls, issued),
        "by_tier": _grouped(calls, issued, lambda call: call.tier),
        "by_role": _grouped(calls, issued, lambda call: call.role),
        "by_warning": [
            {"number": w.number, "colour": w.colour, "issued_at": w.issued_at.isoformat(), **by_warning.get(w.id, none)}
            for w in sorted(record.warnings, key=lambda w: (w.issued_at, w.number))
        ],
    }


def _grouped(calls: list[Call], issued: dict[str, datetime], key: Callable[[Call], str]) -> dict[str, Json]:
    groups: dict[str, list[Call]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return {name: _answers(groups[name], issued) for name in sorted(groups)}


def _answers(calls: list[Call], issued: dict[str, datetime]) -> Json:
    """Count one group of calls: called, answered, unanswered, climbed, in time, and how long the answer took."""
    waits = [minutes(issued[call.warning], call.answered_at) for call in calls if call.answered_at is not None]
    in_time = sum(1 for call in calls if call.answered_at is not None and call.late_s == 0)
    return {
        "called": len(calls),
        "answered": len(waits),
        "unanswered": len(calls) - len(waits),
        "climbed": sum(1 for call in calls if call.step),
        "need_help": sum(1 for call in calls if call.answer == "need_help"),
        "answered_share": share(len(waits), len(calls)),
        "within_limit_share": share(in_time, len(calls)),
        "minutes": spread(waits),
    }


def warning_to_response(record: Record) -> Json:
    """Minutes from the first red warning to the response, as it happened and as the house proposes (预警到响应).

    As it happened: to the first level-1 stretch on the history track. As proposed: to the first proposal opened at or
    after that warning on the main track, to the first decision on such a proposal, and to level 1 in force.
    A figure is None when the journal does not hold what it needs; it is never filled in.
    """
    start = first_red(record.warnings)
    if start is None:
        return {"first_red_at": None, "as_it_happened": None, "as_anlan_proposes": None}
    red = start.issued_at
    main = sorted(
        (p for p in record.level_proposals if p.track == MAIN and p.opened_at >= red), key=lambda p: (p.opened_at, p.id)
    )
    return {
        "first_red_at": red.isoformat(),
        "first_red": start.number,
        "as_it_happened": _until_level(record.levels, HISTORY, 1, red),
        "as_anlan_proposes": {
            "proposal": minutes(red, main[0].opened_at) if main else None,
            "proposed_level": main[0].level if main else None,
            "decision": _first_decision(main, red),
            "level_one_proposal": next((minutes(red, p.opened_at) for p in main if p.level == 1), None),
            "level_one_in_force": _until_level(record.levels, MAIN, 1, red),
        },
    }


def _until_level(levels: Iterable[Level], track: str, level: int, red: datetime) -> float | None:
    reached = [row.since for row in levels if row.track == track and row.level == level and row.since >= red]
    return minutes(red, min(reached)) if reached else None


def _first_decision(proposals: Iterable[LevelProposal], red: datetime) -> float | None:
    decided = [p.decided_at for p in proposals if p.decided_at is not None and p.state in {"adopted", "declined"}]
    return minutes(red, min(decided)) if decided else None


def decisions(record: Record) -> Json:
    """How the deciders dealt with what was proposed to them on the main track."""
    main = [p for p in record.level_proposals if p.track == MAIN]
    waits = [minutes(p.opened_at, p.decided_at) for p in main if p.decided_at and p.state in {"adopted", "declined"}]
    states = sorted({p.state for p in main})
    return {
        "proposals": len(main),
        "by_state": {state: sum(p.state == state for p in main) for state in states},
        "escalations": sum(p.escalations for p in main),
        "minutes": spread(waits),
    }


def orders(record: Record) -> dict[str, Json]:
    """Per track: minutes from an order to its receipt and to its end, and how many came late or not at all."""
    tracks = sorted({task.track for task in record.tasks} | {MAIN})
    return {track: _orders([task for task in record.tasks if task.track == track]) for track in tracks}


def _orders(tasks: list[Task]) -> Json:
    live = [task for task in tasks if task.state != "cancelled"]
    return {
        "issued": len(live),
        "cancelled": len(tasks) - len(live),
        "to_receipt": spread([minutes(t.issued_at, t.receipt_at) for t in live if t.receipt_at]),
        "to_done": spread([minutes(t.issued_at, t.done_at) for t in live if t.done_at]),
        "without_receipt": sum(1 for t in live if not t.receipt_at and not t.done_at),
        "overdue": sum(1 for t in live if was_late(t)),
        "done_share": share(sum(1 for t in live if t.done_at), len(live)),
    }


def was_late(task: Task) -> bool:
    """Was the task done after its time, or is it marked overdue?"""
    if task.state == "overdue":
        return True
    return task.done_at is not None and task.due_at is not None and task.done_at > task.due_at


def kpis(record: Record) -> Json:
    """Return all figures of the report."""
    return {
        "signal_to_warning": signal_to_warning(record),
        "warning_to_answer": warning_to_answer(record),
        "warning_to_response": warning_to_response(record),
        "decisions": decisions(record),
        "orders": orders(record),
    }
