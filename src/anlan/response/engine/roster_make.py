"""Making a year's roster from crews: no hole, the rest rule kept, and nights, weekends and holidays shared within one.

How many turns of each sort a crew gets is settled first (`shares`), who stands in which second (`make`). A sort is
night or day, on a working day, a weekend or a holiday. Shares within one at once by sort, by night and day, by kind of
day and in all exist for every number of crews: turns are the edges of a bipartite graph (night/day × kind of day), crews
its colours, and such a graph has an equitable colouring (de Werra 1971). Taking floor or ceiling for one crew at a time
leaves the same question for the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import permutations, product
from typing import NamedTuple

from anlan.response.engine.roster import Rest, Slot, Turn

Sort = tuple[bool, str]
_NONE = timedelta(minutes=1)  # a crew never serves two turns that touch, whatever the rule


class Crew(NamedTuple):
    """Who stands together: leader, main and second, by key."""

    leader: str
    main: str
    second: str

    @property
    def people(self) -> frozenset[str]:
        """Return the crew's people."""
        return frozenset(person for person in self if person)


class Absence(NamedTuple):
    """A person is away from `starts` to `ends` (leave, training)."""

    person: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True)
class Made:
    """What came of it: the turns in order, the crew of each (None: nobody could), and how the shares lie apart."""

    turns: list[Turn]
    crews: list[int | None]
    spread: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def fair(self) -> bool:
        """Is every share within one?"""
        return all(most - least <= 1 for least, most in self.spread.values())


def shares(counts: Mapping[Sort, int], crews: int) -> list[dict[Sort, int]]:
    """Return for each crew how many turns of each sort it gets; sums are `counts`, every family within one."""
    left = dict(counts)
    found: list[dict[Sort, int]] = []
    for done in range(crews):
        mine = _one_share(left, crews - done)
        found.append(mine)
        left = {sort: left[sort] - mine[sort] for sort in left}
    return found


def _one_share(left: Mapping[Sort, int], crews: int) -> dict[Sort, int]:
    sorts = sorted(left)
    families = [[sort for sort in sorts if wanted(sort)] for wanted in _FAMILIES.values()]
    bounds = [(sum(left[s] for s in family) // crews, -(-sum(left[s] for s in family) // crews)) for family in families]
    choices = [(left[s] // crews,) if left[s] % crews == 0 else (left[s] // crews, left[s] // crews + 1) for s in sorts]
    for chosen in product(*choices):
        mine = dict(zip(sorts, chosen, strict=True))
        if all(low <= sum(mine[s] for s in f) <= high for f, (low, high) in zip(families, bounds, strict=True)):
            return mine
    raise AssertionError("an equitable colouring exists")  # de Werra 1971


_FAMILIES: dict[str, Callable[[Sort], bool]] = {
    "all": lambda sort: True,
    "night": lambda sort: sort[0],
    "day": lambda sort: not sort[0],
    "weekend": lambda sort: sort[1] == "weekend",
    "holiday": lambda sort: sort[1] == "holiday",
    "work": lambda sort: sort[1] == "work",
}


def spread_of(slots: Sequence[Slot], crews: Sequence[int | None], number: int) -> dict[str, tuple[int, int]]:
    """Return family → (fewest, most) turns a crew has of it."""
    found = {}
    for name, wanted in _FAMILIES.items():
        have = Counter(
            crew
            for slot, crew in zip(slots, crews, strict=True)
            if crew is not None and wanted((slot.night, slot.kind))
        )
        each = [have[crew] for crew in range(number)]
        found[name] = (min(each), max(each))
    return found


def make(
    slots: Sequence[Slot],
    crews: Sequence[Crew],
    rest: Rest,
    absences: Sequence[Absence] = (),
    before: Sequence[Turn] = (),
) -> Made:
    """Return the roster: a crew for each slot. `before`: turns that end shortly before the first slot, for the rest.

    A crew with somebody away changes turns of the same sort with another; where that can't be, the one with the fewest
    takes over, and `spread` shows it. A slot every crew of which is away or owed rest stays empty."""
    bench = _Bench(slots, crews, rest, absences, before)
    bench.fill()
    bench.even()
    bench.settle()
    turns = [
        Turn(slot.starts, slot.ends, *(crews[crew] if crew is not None else ("", "", "")))
        for slot, crew in zip(slots, bench.crew, strict=True)
    ]
    return Made(turns, bench.crew, spread_of(slots, bench.crew, len(crews)))


class _Bench:
    """The slots being filled: who may stand where, what share each crew has left."""

    def __init__(
        self,
        slots: Sequence[Slot],
        crews: Sequence[Crew],
        rest: Rest,
        absences: Sequence[Absence],
        before: Sequence[Turn],
    ) -> None:
        self.slots, self.crews = slots, crews
        self.sorts = [(slot.night, slot.kind) for slot in slots]
        self.crew: list[int | None] = [None] * len(slots)
        self.left = shares(Counter(self.sorts), len(crews))
        self.total = Counter(self.sorts)
        people = [crew.people for crew in crews]
        self.clash = [[bool(a & b) for b in people] for a in people]
        self.near = _near(slots, rest)
        busy = [(a.person, a.starts, a.ends) for a in absences]
        gap = max(rest.between, _NONE)
        busy += [(p, t.starts - gap, t.ends + gap) for t in before for p in (t.leader, t.main, t.second) if p]
        self.away = [
            {at for person, low, high in busy if person in mine for at in _over(slots, low, high)} for mine in people
        ]

    def fits(self, crew: int, at: int) -> bool:
        """May this crew stand in slot `at`, given who stands around it?"""
        if at in self.away[crew]:
            return False
        return not any(self.clash[crew][other] for spot in self.near[at] if (other := self.crew[spot]) is not None)

    def fill(self) -> None:
        """Slot by slot in order of time: the crew that has waited longest and has most of its share left."""
        last = [-len(self.crews) + number for number in range(len(self.crews))]
        for at, sort in enumerate(self.sorts):
            able = [crew for crew in range(len(self.crews)) if self.fits(crew, at)]
            if able:
                number = len(self.crews)

                def worth(crew: int, at: int = at, sort: Sort = sort, number: int = number) -> tuple[bool, float, int]:
                    share = self.left[crew][sort]
                    behind = share * number / max(1, self.total[sort])
                    return share > 0, (at - last[crew]) / number + behind, -crew

                chosen = max(able, key=worth)
                self.crew[at] = chosen
                last[chosen] = at
                self.left[chosen][sort] -= 1
            self.total[sort] -= 1

    def even(self) -> None:
        """Hand turns of a sort on from crews over their share to crews under it, by one step or through a third crew."""
        for sort in sorted(set(self.sorts)):
            spots = [at for at, own in enumerate(self.sorts) if own == sort]
            while any(self._hand_on(sort, spots, giver) for giver in self._over(sort)):
                pass

    def _over(self, sort: Sort) -> list[int]:
        return [crew for crew in range(len(self.crews)) if self.left[crew][sort] < 0]

    def _hand_on(self, sort: Sort, spots: Sequence[int], giver: int) -> bool:
        under = [crew for crew in range(len(self.crews)) if self.left[crew][sort] > 0]
        return any(self._given(sort, spots, giver, taker) for taker in under)

    def _given(self, sort: Sort, spots: Sequence[int], giver: int, taker: int) -> bool:
        """One turn of a sort less for the giver, one more for the taker, all else the same in number."""
        held = [at for at in spots if self.crew[at] == giver]
        done = any(self._moved(at, giver, taker) for at in held) or any(
            self._through(spots, at, giver, taker) or self._room_made(at, giver, taker) for at in held
        )
        if done:
            self.left[giver][sort] += 1
            self.left[taker][sort] -= 1
        return done

    def settle(self) -> None:
        """Where somebody's share can't be theirs (they are away just then), another sort makes up for it: hand single
        turns on as long as that brings a family of sorts nearer to within one."""
        places = {sort: [at for at, own in enumerate(self.sorts) if own == sort] for sort in sorted(set(self.sorts))}
        while any(
            self._nearer(sort, giver, taker) and self._given(sort, spots, giver, taker)
            for sort, spots in places.items()
            for giver, taker in permutations(range(len(self.crews)), 2)
        ):
            pass

    def _nearer(self, sort: Sort, giver: int, taker: int) -> bool:
        have = Counter((crew, own) for crew, own in zip(self.crew, self.sorts, strict=True) if crew is not None)
        before = self._unfair(have)
        if before == 0 or have[giver, sort] == 0:
            return False
        have[giver, sort] -= 1
        have[taker, sort] += 1
        return self._unfair(have) < before

    def _unfair(self, have: Counter[tuple[int, Sort]]) -> int:
        found = 0
        for wanted in _FAMILIES.values():
            sums = Counter(dict.fromkeys(range(len(self.crews)), 0))
            for (crew, sort), number in have.items():
                sums[crew] += number if wanted(sort) else 0
            low, high = sums.total() // len(sums), -(-sums.total() // len(sums))
            found += sum(max(0, number - high, low - number) for number in sums.values())
        return found

    def _room_made(self, at: int, giver: int, taker: int) -> bool:
        """The taker stands too near: they first change that turn for another of its sort, which alters no share."""
        for close in [spot for spot in self.near[at] if self.crew[spot] == taker]:
            for other, sort in enumerate(self.sorts):
                held_by = self.crew[other]
                if sort != self.sorts[close] or held_by is None or held_by == taker:
                    continue
                if not self._exchanged(close, other):
                    continue
                if self._moved(at, giver, taker):
                    return True
                self.crew[close], self.crew[other] = taker, held_by
        return False

    def _exchanged(self, one: int, other: int) -> bool:
        mine, theirs = self.crew[one], self.crew[other]
        self.crew[one] = self.crew[other] = None
        if mine is not None and theirs is not None and self.fits(theirs, one):
            self.crew[one] = theirs
            if self.fits(mine, other):
                self.crew[other] = mine
                return True
        self.crew[one], self.crew[other] = mine, theirs
        return False

    def _through(self, spots: Sequence[int], at: int, giver: int, taker: int) -> bool:
        """Somebody else takes the giver's turn, and gives one of theirs to the taker."""
        for between in range(len(self.crews)):
            if between in (giver, taker) or not self._moved(at, giver, between):
                continue
            for other in spots:
                if other != at and self.crew[other] == between and self._moved(other, between, taker):
                    return True
            self.crew[at] = giver
        return False

    def _moved(self, at: int, giver: int, taker: int) -> bool:
        self.crew[at] = None
        able = self.fits(taker, at)
        self.crew[at] = taker if able else giver
        return able


def _near(slots: Sequence[Slot], rest: Rest) -> list[list[int]]:
    """Return for each slot those too close to be served by the same person. Slots are in order of time."""
    found: list[list[int]] = [[] for _ in slots]
    gap = max(rest.between, _NONE)
    for at, slot in enumerate(slots):
        later = at + 1
        while later < len(slots) and slots[later].starts - slot.ends < gap:
            found[at].append(later)
            found[later].append(at)
            later += 1
    return found


def _over(slots: Sequence[Slot], low: datetime, high: datetime) -> list[int]:
    return [at for at, slot in enumerate(slots) if slot.starts < high and slot.ends > low]
