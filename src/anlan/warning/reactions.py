"""What the warning stage does when something happens earlier in the chain: a grave signal proposes a warning."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal import EntryRow, react
from anlan.monitoring.events import SignalOpened, SignalRaised
from anlan.monitoring.models import Station
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


def _propose(event: SignalOpened | SignalRaised, entry: EntryRow) -> None:
    pack = rules.proposals()
    if all(event.level not in levels for levels in pack.levels.values()):
        return
    kind = Station.objects.filter(code=event.station).values_list("kind", flat=True).first()
    colour = pack.levels.get(kind or "", {}).get(event.level)
    if colour is not None and kind is not None:
        warning_propose(
            by=Actor.system("warning"),
            division=entry.division[:COUNTY],
            hazard=pack.hazards[kind],
            colour=colour,
            explanation=dict(event.explanation),
            signal=UUID(str(event.signal)),
            at=entry.at,
        )
