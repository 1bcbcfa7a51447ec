"""From how places stand to signals: rows, steps and trails written set-based, and what the journal is told.

A signal is a run of steps from "opened" to "cleared". Steps at or after a standing's `since` are replaced by its steps;
those that say the same as before stay untouched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from anlan.kernel import ids
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.engine.outcome import Happening, Outcome, Standing, Step
from anlan.monitoring.engine.rules import Rule
from anlan.monitoring.services import signal_rows as rows
from anlan.monitoring.services.passing import passing_decide
from anlan.monitoring.services.signal_rows import Kept, Laid, Row
from anlan.monitoring.services.storing import moment
from anlan.monitoring.services.telling import SYSTEM, Recorded, Spot, Spots, Words, reasons, spots, told, told_revised
from anlan.monitoring.services.trails import write_watches

Key = tuple[str, str]


class Written(NamedTuple):
    """What to record, which signals changed, how many steps of each kind were taken, and whether rows were written that
    no event tells of (a line crossed that hasn't fired yet)."""

    events: list[Recorded]
    changed: list[UUID]
    counts: dict[str, int]
    silent: bool


NOTHING = Written([], [], {}, silent=False)


def signals_write(outcome: Outcome, shard: int, known: Sequence[Rule], now: int) -> Written:
    """Write what an outcome changes of signals, at `now` (µs); inside the transaction of the readings."""
    return standings_write(outcome.standings, outcome.suspects, shard, known, now)


def standings_write(
    standings: Sequence[Standing], suspects: Sequence[Step], shard: int, known: Sequence[Rule], now: int
) -> Written:  # fmt: skip
    """Write how places stand now, and what doubtful readings would say; see `signals_write`."""
    if not standings and not suspects:
        return NOTHING
    joined = _joined(standings)
    places = spots({standing.place for standing in joined} | {step.place for step in suspects})
    joined = [standing for standing in joined if standing.place in places]
    before = rows.standing_rows([(s.rule, s.place, s.since) for s in joined])
    kept = rows.kept_steps([row.id for s in joined for row in before.get((s.rule, s.place), ()) if _reworked(row, s)])
    work = _Work(places, Words(known), now)
    for standing in joined:
        work.lay(standing, before.get((standing.rule, standing.place), []), kept)
    rows.write(work.laid, work.superseded, now)
    write_watches([(s, shard) for s in joined])
    doubted = rows.write_suspects(
        [(step, places[step.place]) for step in suspects if step.place in places], work.words, now
    )
    work.events.sort(key=lambda told_: (told_[1]["at"], told_[1]["about"]))
    changed = [laid.id for laid in work.laid]
    passed = passing_decide(by=SYSTEM, changed=changed, at=moment(now))
    silent = bool((changed or doubted) and not work.events and not passed)
    return Written(work.events + passed, changed, work.counts, silent)


def _joined(standings: Sequence[Standing]) -> list[Standing]:
    """Make one standing of several of a place in one outcome (readings, then the clock): the later steps go on from
    the earlier ones."""
    found: dict[Key, Standing] = {}
    for standing in standings:
        key = standing.rule, standing.place
        first = found.get(key)
        if first is not None:
            early = tuple(step for step in first.steps if step.at < standing.since)
            standing = standing._replace(since=min(first.since, standing.since), steps=early + standing.steps)
        found[key] = standing
    return list(found.values())


def _reworked(row: Row, standing: Standing) -> bool:
    """Has this signal been told anything that the standing replaces?"""
    return row.state != "pending" and microseconds(row.level_at) >= standing.since


class _Work:
    """Lays standings over the signals there are."""

    def __init__(self, places: Spots, words: Words, now: int) -> None:
        self.places, self.words, self.now = places, words, now
        self.laid: list[Laid] = []
        self.superseded: list[int] = []
        self.events: list[Recorded] = []
        self.counts: dict[str, int] = {}

    def lay(self, standing: Standing, before: list[Row], kept: dict[UUID, list[Kept]]) -> None:
        """Decide for one place which of its signals go on, begin, end or never were."""
        spot = self.places[standing.place]
        pending = next((row for row in before if row.state == "pending"), None)
        open_ = next((row for row in before if row.state != "pending" and _carries(row, standing.since)), None)
        later = [row for row in before if row is not pending and row is not open_]
        runs = _runs(standing.steps, carried=open_ is not None)
        if open_ is not None:
            self._go_on(standing, spot, open_, runs.pop(0), kept.get(open_.id, []))
        free = list(later)
        for run in runs:
            row = next((r for r in free if microseconds(r.opened_at) == run[0].at), free[0] if free else None)
            if row is not None:
                free.remove(row)
                self._go_on(standing, spot, row, run, kept.get(row.id, []))
            else:
                self._begin(standing, spot, run, pending)
                pending = None
        for row in free:
            self._never(standing, spot, row, kept.get(row.id, []))
        self._waits(standing, spot, pending)

    def _go_on(self, standing: Standing, spot: Spot, row: Row, run: list[Step], kept: list[Kept]) -> None:
        """A signal that stood before: new steps follow, or take the place of old ones."""
        old = [step for step in kept if step.at >= standing.since]
        same = {(s.event, s.at, s.level, s.previous, s.value): s.id for s in old}
        fresh = [s for s in run if (s.event, s.at, s.level, s.previous, s.value) not in same]
        stay = {same[key] for s in run if (key := (s.event, s.at, s.level, s.previous, s.value)) in same}
        gone = [step.id for step in old if step.id not in stay]
        early = [step for step in kept if step.at < standing.since]
        laid = Laid.over(row, standing, run, early)
        self.laid.append(laid)
        explained = self._explained(laid, spot, fresh, run)
        if not gone:
            for step in fresh:
                self._tell(laid, spot, step, explained[id(step)])
            return
        self.superseded += gone
        last = run[-1] if run else early[-1].as_step(standing)
        why = explained[id(last)] if id(last) in explained else reasons(last, spot, self.words)
        unit = self.words.of(last.rule, last.version).unit
        self.events.append(told_revised(laid.id, spot, last, unit, why, len(gone), self.now))
        turned = _turned(row, laid, self._order(standing))
        if turned is not None:
            self._tell(laid, spot, last._replace(event=turned, previous=row.level), why)

    def _begin(self, standing: Standing, spot: Spot, run: list[Step], pending: Row | None) -> None:
        """A signal opens: the row of the line that was crossed before, or a new one."""
        laid = Laid.new(pending.id if pending is not None else ids.new_id(), pending is None, standing, spot, run)
        laid.hazard = self.words.of(standing.rule, standing.version).hazard
        self.laid.append(laid)
        explained = self._explained(laid, spot, run, run)
        for step in run:
            self._tell(laid, spot, step, explained[id(step)])

    def _never(self, standing: Standing, spot: Spot, row: Row, kept: list[Kept]) -> None:
        """A signal that late readings took back whole."""
        self.superseded += [step.id for step in kept]
        laid = Laid.lapsed(row, self.now)
        self.laid.append(laid)
        last = kept[-1].as_step(standing) if kept else None
        if last is None:
            return
        unit, why = self.words.of(last.rule, last.version).unit, last_reasons(kept)
        ended = last._replace(event="cleared", level="", previous=row.level)
        self.events.append(told_revised(row.id, spot, ended, unit, why, len(kept), self.now))
        if row.state == "firing":
            self._tell(laid, spot, ended._replace(at=self.now), why)

    def _waits(self, standing: Standing, spot: Spot, pending: Row | None) -> None:
        """A line is crossed that hasn't fired; or it isn't any more."""
        since = standing.state.pending
        if since is None:
            if pending is not None:
                self.laid.append(Laid.lapsed(pending, self.now))
            return
        rank = standing.state.since[0][0]
        rule = self.words.rule(standing.rule, standing.version)
        level = rule.levels[rank - 1].code if rule is not None else ""
        laid = Laid.pending(pending.id if pending else ids.new_id(), pending is None, standing, spot, level, since)
        laid.hazard = self.words.of(standing.rule, standing.version).hazard
        self.laid.append(laid)

    def _order(self, standing: Standing) -> list[str]:
        """The rule's level codes, lowest first."""
        rule = self.words.rule(standing.rule, standing.version)
        return [] if rule is None else [level.code for level in rule.levels]

    def _explained(self, laid: Laid, spot: Spot, fresh: list[Step], run: list[Step]) -> dict[int, dict[str, Any]]:
        """Put the reasons of fresh steps on the signal; return them by step."""
        found = {id(step): reasons(step, spot, self.words) for step in fresh}
        laid.steps = [(step, found[id(step)]) for step in fresh]
        if run and id(run[-1]) in found:
            laid.explanation = found[id(run[-1])]
        return found

    def _tell(self, laid: Laid, spot: Spot, step: Step, why: dict[str, Any]) -> None:
        self.counts[step.event] = self.counts.get(step.event, 0) + 1
        self.events.append(told(laid.id, spot, step, self.words.of(step.rule, step.version).unit, why))


def last_reasons(kept: list[Kept]) -> dict[str, Any]:
    """Return the reasons of the last step that was kept."""
    return kept[-1].explanation


def _carries(row: Row, since: int) -> bool:
    """Was this signal open just before `since`?"""
    return microseconds(row.opened_at) < since and (row.cleared_at is None or microseconds(row.cleared_at) >= since)


def _runs(steps: Sequence[Step], *, carried: bool) -> list[list[Step]]:
    """Cut steps into signals; the first run belongs to the signal that is carried on, empty when nothing came of it."""
    runs: list[list[Step]] = [[]] if carried else []
    for step in steps:
        if step.event == "opened" or not runs:
            runs.append([])
        runs[-1].append(step)
    return runs


def _turned(before: Row, after: Laid, order: Sequence[str]) -> Happening | None:
    """Return what to tell when a revision left a signal at another level than it was told at: the step's event."""
    if after.state == before.state == "cleared" or (after.state, after.level) == (before.state, before.level):
        return None
    if after.state == "cleared":
        return "cleared"
    if before.state == "cleared":
        return "opened"
    ranks = [order.index(level) if level in order else 0 for level in (before.level, after.level)]
    return "raised" if ranks[1] > ranks[0] else "lowered"
