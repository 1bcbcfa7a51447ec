"""One timeline from the journal, both tracks side by side (时间线).

The dated facts of the real event stand on the lane `history`, what the house did on the lane `main`, and what both
have in common (the rain seen by the gauges, the warnings the weather office issued) on the lane `shared`.
Many entries of one kind close together become one line that says how many they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from anlan.review.engine.rows import HISTORY, MAIN, Entry
from anlan.review.engine.wording import SENTENCES, Names, sentence

SHARED = "shared"
STEP = timedelta(minutes=10)
FEW = 3
SHARED_KINDS = frozenset({"signal.opened", "signal.raised", "signal.cleared", "station.silent", "incident.opened"})
REAL = "real"
RECONSTRUCTED = "reconstructed"
SIMULATED = "simulated"

Json = dict[str, Any]


def played_back(entry: Entry) -> bool:
    """Is this an act of the real event, played back? (A simulated issuer answers a proposal; the real one did not.)"""
    if entry.kind == "drill.fact_noted":
        return True
    return entry.actor_kind == "scenario" and (entry.data.get("track") == HISTORY or _without_proposal(entry))


def _without_proposal(entry: Entry) -> bool:
    return entry.kind == "warning.issued" and entry.data.get("proposal") is None


def lane(entry: Entry) -> str:
    """Return the lane an entry stands on: what was then, what both share, or what the house did."""
    if entry.kind == "drill.fact_noted" or entry.data.get("track") == HISTORY:
        return HISTORY
    if entry.kind in SHARED_KINDS or (entry.kind == "warning.issued" and played_back(entry)):
        return SHARED
    return MAIN


def nature(entry: Entry) -> str:
    """Return whether an entry tells a dated fact (real), follows from the rebuilt rain, or from simulated people."""
    if played_back(entry) or (entry.kind == "incident.opened" and entry.actor_kind == "scenario"):
        return REAL
    return RECONSTRUCTED if entry.kind in SHARED_KINDS else SIMULATED


def told(entry: Entry) -> bool:
    """Does the timeline tell of this entry? A body's level on the house's own track is told by the level itself."""
    return entry.kind in SENTENCES and not (entry.kind == "command.level_set" and entry.data.get("track") != HISTORY)


def timeline(entries: Iterable[Entry], names: Names | None = None, *, few: int = FEW) -> list[Json]:
    """Return the lines of the timeline in time order (then journal order), thinned to at most `few` of a kind a step.

    Each line: at (ISO, UTC), seq (of its first entry), kind, lane, nature, count, division, text {zh, en}, source.
    """
    kept = sorted((e for e in entries if told(e)), key=lambda e: (e.at, e.seq))
    groups: dict[tuple[str, str, str, int], list[Entry]] = {}
    for entry in kept:
        bucket = int(entry.at.timestamp() // STEP.total_seconds())
        groups.setdefault((entry.kind, lane(entry), str(entry.data.get("level", "")), bucket), []).append(entry)
    lines: list[Json] = []
    for group in groups.values():
        thin = len(group) > few and group[0].kind != "drill.fact_noted"
        lines += [_line(group, names)] if thin else [_line([entry], names) for entry in group]
    return sorted(lines, key=lambda line: (line["at"], line["seq"]))


def _line(group: list[Entry], names: Names | None) -> Json:
    first = group[0]
    text = sentence(first, names)
    if lane(first) == HISTORY and nature(first) != REAL:
        text = {"zh": f"（若有安澜）{text['zh']}", "en": f"(had Anlan been there) {text['en']}"}
    if len(group) > 1:
        text = {"zh": f"{text['zh']} 等 {len(group)} 条", "en": f"{text['en']} and {len(group) - 1} more"}
    source = first.data.get("source", "")
    return {
        "at": first.at.isoformat(),
        "seq": first.seq,
        "kind": first.kind,
        "lane": lane(first),
        "nature": nature(first),
        "count": len(group),
        "division": first.division,
        "text": text,
        "source": " ".join(source) if isinstance(source, list | tuple) else str(source),
    }


def bands(levels: Iterable[tuple[str, int, datetime, datetime | None]], end: datetime) -> list[Json]:
    """Return the stretches of time at a response level, for drawing: track, level, since, until (ISO, UTC)."""
    return [
        {"track": track, "level": level, "since": since.isoformat(), "until": min(until or end, end).isoformat()}
        for track, level, since, until in sorted(levels, key=lambda row: (row[0], row[2]))
        if level and since < end
    ]


def axis(start: datetime, end: datetime, width: float, times: Iterable[datetime]) -> list[float]:
    """Return where moments fall on an axis of `width` units from `start` to `end`, clamped to it."""
    length = max((end - start).total_seconds(), 1.0)
    return [round(width * min(max((t - start).total_seconds() / length, 0.0), 1.0), 2) for t in times]
