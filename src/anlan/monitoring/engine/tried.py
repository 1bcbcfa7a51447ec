"""What a rule would have raised: steps made into episodes, and episodes counted and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from anlan.monitoring.engine.columns import SECOND
from anlan.monitoring.engine.outcome import Standing, Step

BEIJING = timedelta(hours=8)
Steps = dict[str, list[Step]]


class Episode(NamedTuple):
    """A signal from its opening to its clearing (None: it stands at the end). level: the gravest it reached; value,
    threshold: where it opened."""

    place: str
    opened: int
    cleared: int | None
    level: str
    value: float
    threshold: float


def laid(steps: Steps, standings: Iterable[Standing]) -> None:
    """Lay the steps of new standings over those known: whatever lies at or after `since` is replaced."""
    for standing in standings:
        known = [step for step in steps.get(standing.place, ()) if step.at < standing.since]
        steps[standing.place] = known + list(standing.steps)


def episodes(steps: Steps, levels: Sequence[str], start: int, end: int) -> list[Episode]:
    """Return the episodes that opened in (start, end] (µs), by time, then place. levels: codes, lowest first."""
    found: list[Episode] = []
    for place, own in steps.items():
        now: Episode | None = None
        for step in own:
            if step.event == "opened":
                now = Episode(place, step.at, None, step.level, step.value, step.threshold)
                found.append(now)
            elif now is not None and step.event == "raised":
                gravest = max(now.level, step.level, key=levels.index)
                found[-1] = now = now._replace(level=gravest)
            elif now is not None and step.event == "cleared":
                found[-1], now = now._replace(cleared=step.at), None
    kept = [episode for episode in found if start < episode.opened <= end]
    return sorted(kept, key=lambda episode: (episode.opened, episode.place))


def counts(found: Sequence[Episode]) -> dict[str, Any]:
    """Return {"signals", "level", "month", "place", "hours"}: how many, by gravest level, by month (Beijing), by place,
    and how long they stood together (hours; those that stand at the end count until then as nothing)."""
    level: dict[str, int] = {}
    month: dict[str, int] = {}
    place: dict[str, int] = {}
    for episode in found:
        for table, key in ((level, episode.level), (month, _month(episode.opened)), (place, episode.place)):
            table[key] = table.get(key, 0) + 1
    stood = sum(episode.cleared - episode.opened for episode in found if episode.cleared is not None)
    return {
        "signals": len(found),
        "level": level,
        "month": month,
        "place": place,
        "hours": round(stood / SECOND / 3600, 1),
    }


def compared(new: Sequence[Episode], old: Sequence[Episode]) -> tuple[list[Episode], list[Episode], list[Episode]]:
    """Return the episodes of the new rule that no old one at the place overlaps, the old ones that no new one overlaps,
    and the new ones that some old one overlaps."""
    met_new, met_old = _meeting(new, old), _meeting(old, new)
    only_new = [episode for episode, met in zip(new, met_new, strict=True) if not met]
    only_old = [episode for episode, met in zip(old, met_old, strict=True) if not met]
    return only_new, only_old, [episode for episode, met in zip(new, met_new, strict=True) if met]


def _meeting(some: Sequence[Episode], others: Sequence[Episode]) -> list[bool]:
    by_place: dict[str, list[Episode]] = {}
    for other in others:
        by_place.setdefault(other.place, []).append(other)
    return [any(_overlap(episode, other) for other in by_place.get(episode.place, ())) for episode in some]


def _overlap(one: Episode, other: Episode) -> bool:
    return (other.cleared is None or other.cleared > one.opened) and (one.cleared is None or one.cleared > other.opened)


def _month(at: int) -> str:
    return (datetime.fromtimestamp(at / SECOND, UTC) + BEIJING).strftime("%Y-%m")
