"""One play of a scenario: what falls due in a span of drill time beside the stages' own deadlines, and doing it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from pathlib import Path

import numpy as np
from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.models import DrillState
from anlan.monitoring.services import readings_take
from anlan.readiness import playing
from anlan.readiness.engine.agenda import Agenda
from anlan.readiness.engine.tempo import grid_times
from anlan.readiness.field_files import FieldSeries, read_field
from anlan.readiness.plot import Scenario, Silence
from anlan.readiness.scenario import scenario_load
from anlan.readiness.services import acts_due, acts_take
from anlan.response.services import contacts_heard
from anlan.territory.models import Division
from anlan.warning.models import Loopback

GAUGES = Actor.scenario("gauges")
VILLAGES = Actor.scenario("villages")


class Play:
    """A scenario with its field and its villages, ready to be played from any moment."""

    def __init__(self, story: Scenario, seed: int) -> None:
        self.story = story
        self.agenda = Agenda(story)
        self.series: FieldSeries = read_field(Path(story.folder) / story.field, seed)
        self.beat = timedelta(minutes=story.contact.every_min)
        self.villages = list(
            Division.objects.filter(level=5, code__startswith=story.division, valid_to=None)
            .order_by("code")
            .values_list("code", flat=True)
        )
        self.silences = [(story.act_at(act), act, _cut(act)) for act in story.acts if isinstance(act, Silence)]

    def next_due(self, after: datetime) -> datetime | None:
        """The earliest time later than `after` at which this play has something to do (planned acts: also earlier)."""
        planned = acts_due()
        beats = grid_times(self.story.starts_at, self.beat, after, after + self.beat)
        times = (planned, self.agenda.next_due(after), self._next_reading(after), *beats)
        return min((time for time in times if time is not None), default=None)

    def _next_reading(self, after: datetime) -> datetime | None:
        index = int(np.searchsorted(self.series.at, after.timestamp(), side="right"))
        if index == len(self.series.at):
            return None
        return datetime.fromtimestamp(int(self.series.at[index]), after.tzinfo)

    def perform(self, after: datetime, upto: datetime) -> int:
        """Do everything due in (after, upto]: readings, the scenario's acts, signs of life, planned acts."""
        things = self.readings(after, upto)
        for at, item in self.agenda.due(after, upto):
            playing.play(self.story, item, at)
            things += 1
        for at in grid_times(self.story.starts_at, self.beat, after, upto):
            things += self._beat(at)
        self._hush(upto)
        planned = acts_due()
        return things + (playing.perform(acts_take(upto)) if planned is not None and planned <= upto else 0)

    def readings(self, after: datetime, upto: datetime) -> int:
        """Hand in the readings made in (after, upto]; returns how many."""
        rows = self.series.between(after, upto)
        if rows:
            with clock.at(rows[-1][1]):
                readings_take(by=GAUGES, rows=rows, source=f"drill:{self.story.name}")
        return len(rows)

    def cut(self, at: datetime) -> tuple[str, ...]:
        """Division prefixes that can't be reached at `at`."""
        return tuple(
            code
            for since, act, codes in self.silences
            if since <= at and (act.until is None or at < act.until)
            for code in codes
        )

    def _beat(self, at: datetime) -> int:
        """Every village that can still be reached shows a sign of life."""
        cut = self.cut(at)
        places = [code for code in self.villages if not code.startswith(cut)] if cut else self.villages
        with clock.at(at):
            contacts_heard(by=VILLAGES, places=places, source="beat", at=at)
        return len(places)

    def _hush(self, now: datetime) -> None:
        """Nobody answers from a place that is cut off: answers still on their way from there never come."""
        if cut := self.cut(now):
            gone = reduce(or_, (Q(division__startswith=prefix) for prefix in cut))
            Loopback.objects.filter(gone, delivered=False).delete()


def play(row: DrillState) -> Play:
    """The play of a drill row's scenario and seed."""
    return Play(story_of(row), row.seed)


def story_of(row: DrillState) -> Scenario:
    """The scenario of a drill row: from the shipped ones, or from the folder the drill was made from."""
    root = row.settings.get("root")
    return scenario_load(row.scenario, Path(root) if root else None)


def _cut(act: Silence) -> tuple[str, ...]:
    """The prefixes an act silences: the division, or the village of that name in it."""
    if not act.village:
        return (act.division,)
    return tuple(_named(act.division, act.village)) or (act.division,)


def _named(division: str, name: str) -> Iterable[str]:
    rows = Division.objects.filter(level=5, code__startswith=division, name_zh__startswith=name, valid_to=None)
    return rows.order_by("code").values_list("code", flat=True)
