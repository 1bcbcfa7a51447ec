"""The call ladder (叫应阶梯): who is called next, and at which exact moment.

Pure: a call's route is fixed when it is placed; given the route, the call's state and a moment, `advance` gives
every step that fell due up to that moment, each at the instant it fell due. A sweep that comes late therefore
finds the same steps, at the same times, as one that comes every second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, Literal, get_args
from uuid import UUID

HolderKind = Literal["A", "B", "deputy", "superior", "duty", "visit"]
"""As whom somebody is called: A角, B角, 副职, 上级, 值班室, 上门 (who goes there in person)."""
Stop = Literal["received", "acting"]
"""What ends the ladder: any answer but "cannot", or only one that says that something is being done."""
STEPS: Final = get_args(HolderKind)
STOPS: Final = get_args(Stop)
OPEN: Final = frozenset({"placed", "escalated"})


@dataclass(frozen=True, slots=True)
class Contact:
    """One person called in the name of one post."""

    post: UUID
    post_code: str
    role: str
    person: UUID


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a route: all its contacts are called at once, and any one of them may answer as `stop` asks."""

    holder: HolderKind
    limit_s: int
    contacts: tuple[Contact, ...]
    stop: Stop = "received"


Route = tuple[Rung, ...]


@dataclass(frozen=True)
class LadderRule:
    """Which roles are called for a hazard and colour at an hour, how, and in what steps. One entry of the pack."""

    code: str
    hazard: str
    colour: str
    hours: tuple[int, int]
    roles: tuple[str, ...]
    channels: tuple[str, ...]
    limit_s: int
    steps: tuple[HolderKind, ...]
    limits_s: tuple[tuple[HolderKind, int], ...] = ()
    required_channels: tuple[str, ...] = ()
    stop: Stop = "received"
    stops: tuple[tuple[HolderKind, Stop], ...] = ()
    role_channels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    group_channels: tuple[str, ...] = ()

    @property
    def named(self) -> frozenset[str]:
        """Every channel this rule names, to persons, to groups or required."""
        own = (code for _, codes in self.role_channels for code in codes)
        return frozenset((*self.channels, *self.required_channels, *self.group_channels, *own))

    def channels_of(self, role: str) -> tuple[str, ...]:
        """What the holder of a role hears by, all at once."""
        return tuple(dict.fromkeys((*self.channels, *dict(self.role_channels).get(role, ()))))

    def stop_of(self, holder: HolderKind) -> Stop:
        """What of this holder's answers ends the ladder. Who goes there ends it by acting, never by setting out."""
        return dict(self.stops).get(holder, "acting" if holder == "visit" else self.stop)

    def limit(self, holder: HolderKind) -> int:
        """Seconds this holder has to answer."""
        return dict(self.limits_s).get(holder, self.limit_s)

    @cached_property
    def asked(self) -> tuple[tuple[HolderKind, int, Stop], ...]:
        """Each step with its limit and what ends the ladder there; the same for every one of the thousands called."""
        return tuple((holder, self.limit(holder), self.stop_of(holder)) for holder in self.steps)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a call stands on its route. `due_at` is None once nothing more falls due."""

    state: str
    step: int
    placed_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Move:
    """What fell due at `at`: the call stands on `to` from then on."""

    at: datetime
    to: Standing


def rule_for(rules: Iterable[LadderRule], hazard: str, colour: str, hour: int) -> LadderRule | None:
    """The rule for this hazard, colour and local hour 0-23: the longest hazard prefix wins, then the first listed."""
    fitting = [
        rule for rule in rules if rule.colour == colour and hazard.startswith(rule.hazard) and _within(hour, rule.hours)
    ]
    return max(fitting, key=lambda rule: len(rule.hazard), default=None)


def _within(hour: int, hours: tuple[int, int]) -> bool:
    start, end = hours
    return start <= hour < end if start < end else hour >= start or hour < end


def route_for(rule: LadderRule, contacts: dict[HolderKind, Sequence[Contact]]) -> Route:
    """The steps that have somebody to call. Nobody is called twice on one route; a vacant step is left out.

    To go and look is another thing than to be called: who was called before may still be asked to go.
    """
    seen: set[UUID] = set()
    route = []
    for holder, limit_s, stop in rule.asked:
        fresh = []
        for contact in contacts.get(holder, ()):
            if contact.person not in seen or holder == "visit":
                seen.add(contact.person)
                fresh.append(contact)
        if fresh:
            route.append(Rung(holder, limit_s, tuple(fresh), stop))
    return tuple(route)


def begin(route: Route, at: datetime) -> Standing:
    """Where a call stands when it is placed at `at`. With nobody to call it is exhausted at once."""
    if not route:
        return Standing("exhausted", 0, at, None)
    return Standing("placed", 0, at, at + timedelta(seconds=route[0].limit_s))


def due(route: Route, standing: Standing, now: datetime) -> Move | None:
    """The next step that has fallen due at or before `now`, if any."""
    if standing.state not in OPEN or standing.due_at is None or standing.due_at > now:
        return None
    return climb(route, standing, standing.due_at)


def climb(route: Route, standing: Standing, at: datetime) -> Move:
    """The step after this one, taken at `at`: when its limit ran out, or at once when the answer was "cannot"."""
    step = standing.step + 1
    if step >= len(route):
        return Move(at, replace(standing, state="exhausted", due_at=None))
    return Move(at, Standing("escalated", step, at, at + timedelta(seconds=route[step].limit_s)))


def advance(route: Route, standing: Standing, now: datetime) -> tuple[Move, ...]:
    """Every step that has fallen due at or before `now`, oldest first."""
    moves = []
    while (move := due(route, standing, now)) is not None:
        moves.append(move)
        standing = move.to
    return tuple(moves)


def to_json(route: Route) -> list[dict[str, Any]]:
    """The route as it is kept with the call; ids stay ids, which the JSON encoder writes faster than we could."""
    return [
        {
            "holder": rung.holder,
            "limit_s": rung.limit_s,
            "contacts": [[c.post, c.post_code, c.role, c.person] for c in rung.contacts],
            **({} if rung.stop == "received" else {"stop": rung.stop}),
        }
        for rung in route
    ]


def from_json(raw: Sequence[Mapping[str, Any]]) -> Route:
    """The route as `to_json` wrote it."""
    return tuple(
        Rung(
            entry["holder"],
            entry["limit_s"],
            tuple(Contact(UUID(post), code, role, UUID(person)) for post, code, role, person in entry["contacts"]),
            entry.get("stop", "received"),
        )
        for entry in raw
    )
