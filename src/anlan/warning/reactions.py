"""What the warning stage does when something happens earlier in the chain: a grave signal proposes a warning."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal import EntryRow, react
from anlan.monitoring.events import SignalOpened, SignalRaised
from anlan.monitoring.events_rules import SignalUnmuted
from anlan.monitoring.selectors.passing import held_back
from anlan.warning import rules
from anlan.warning.services import warning_propose

COUNTY = 6


@react(SignalOpened)
def signal_opened_propose(event: SignalOpened, entry: EntryRow) -> None:
    """A signal that opens at orange or red proposes a warning for the county it stands in."""
    _propose(event, entry)


@react(SignalRaised)
def signal_raised_propose(event: SignalRaised, entry: EntryRow) -> None:
    """A signal that rises to orange or red does the same."""
    _propose(event, entry)


@react(SignalUnmuted)
def signal_unmuted_propose(event: SignalUnmuted, entry: EntryRow) -> None:
    """A signal that was held back and still fires is proposed now."""
    _propose(event, entry)


def _propose(event: SignalOpened | SignalRaised | SignalUnmuted, entry: EntryRow) -> None:
    """Propose, unless the signal is held back: muted, inhibited by another, or one of a storm."""
    proposed = rules.proposals().proposed(event.rule, event.station_kind, event.level)
    if proposed is not None and not held_back(UUID(event.signal)):
        hazard, colour = proposed
        warning_propose(
            by=Actor.system("warning"),
            division=entry.division[:COUNTY],
            hazard=hazard,
            colour=colour,
            explanation=dict(event.explanation),
            signal=UUID(event.signal),
            at=entry.at,
        )
