"""When a way out counts as down, and how long to wait before trying again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

LOST_MOST: Final = 2  # connections refused or lost in a row
BAD_MOST: Final = 5  # messages in a row that failed by the gateway's fault
LONGEST_S: Final = 300.0
RECONNECT_S: Final = (0.2, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a way out stands: waiting (never tried), up or down; failures in a row."""

    state: str = "waiting"
    lost: int = 0
    bad: int = 0


def after_results(standing: Standing, *, good: int, bad: int) -> Standing:
    """The standing after some messages: any that went well says it is up."""
    if good:
        return Standing("up")
    count = standing.bad + bad
    return replace(standing, bad=count, state="down" if count >= BAD_MOST else standing.state)


def after_loss(standing: Standing) -> Standing:
    """The standing after the connection could not be made or was lost."""
    count = standing.lost + 1
    return replace(standing, lost=count, state="down" if count >= LOST_MOST else standing.state)


def after_open(standing: Standing) -> Standing:
    """The standing after the connection was made: a gateway that lets us in but takes nothing stays down."""
    return Standing("up") if standing.bad < BAD_MOST else replace(standing, lost=0)


def reconnect_after(standing: Standing) -> float:
    """Seconds until the connection is tried again."""
    return RECONNECT_S[min(standing.lost, len(RECONNECT_S)) - 1] if standing.lost else 0.0


def retry_after(backoff_s: float, tries: int, asked_s: float = 0.0) -> float:
    """Seconds until a message is tried again after `tries` tries: doubling, at most five minutes, or as asked."""
    return max(asked_s, min(LONGEST_S, backoff_s * 2.0 ** max(0, min(tries - 1, 30))))
