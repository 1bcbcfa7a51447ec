"""Fills a fresh drill database: clock row, territory, plans, stations, people, facts, and the rain before the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from anlan.kernel import clock, ids
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_create
from anlan.kernel.models import DrillState
from anlan.monitoring.services import StationSpec, stations_register
from anlan.readiness.driver import quiet
from anlan.readiness.field_files import FieldStation
from anlan.readiness.plot import Scenario
from anlan.readiness.scenario import folders
from anlan.readiness.services import facts_keep
from anlan.readiness.stagecraft import Play
from anlan.response.services import plans_load_shipped
from anlan.territory.models import Division, Place
from anlan.territory.services import generate
from anlan.warning.services import loopback_configure

SYSTEM = Actor.system("readiness")
SCENE = Actor.scenario("scenario")
TICK_BEFORE = -1


@transaction.atomic
def drill_fill(
    story: Scenario,
    *,
    seed: int,
    profile: str,
    tick_s: int | None = None,
    strict: bool = False,
    say: Callable[[str], None] | None = None,
) -> DrillState:
    """Put everything into the database that stands before the first tick: all of it or nothing.

    `tick_s` (default: the scenario's) is how far the clock goes in one tick.
    Raises Conflict in a database that holds a drill or another territory.
    """
    tell = say or (lambda _: None)
    with ids.drill(seed, TICK_BEFORE), clock.at(story.backfill_from), quiet(story.backfill_from, strict=strict):
        row = drill_create(
            by=SYSTEM, scenario=story.name, seed=seed, profile=profile, starts_at=story.starts_at,
            ends_at=story.ends_at, tick_s=tick_s or story.tick_s, settings=_settings(story),
        )  # fmt: skip
        tell("territory")
        generate(profile, seed, by=SYSTEM)
        plans_load_shipped(by=SYSTEM)
        loopback_configure(by=SCENE, seed=seed, people=story.responders.people)
        facts_keep(story.facts)
        tell("stations")
        play = Play(story, seed)
        _stations(play)
    with ids.drill(seed, TICK_BEFORE - 1), clock.at(story.starts_at), quiet(story.starts_at, strict=strict):
        tell("rain before the start")
        play.readings(story.backfill_from, story.starts_at)
    return row


def _settings(story: Scenario) -> dict[str, Any]:
    """Tracks the decisions are kept on, whose drill it is, and the scenario's folder when it is not a shipped one."""
    root = Path(story.folder).parent
    return {"tracks": ["main", "history"], "division": story.division} | (
        {} if root == folders() else {"root": str(root)}
    )


def _stations(play: Play) -> None:
    """Register the field's stations that stand in a county of this territory that has people."""
    places = dict(Place.objects.order_by("code").values_list("name_zh", "code"))
    counties = {code[:6] for code in play.villages}
    known = set(Division.objects.filter(code__in=counties).values_list("code", flat=True))
    chosen = [station for station in play.series.stations if station.division[:6] in known]
    stations_register(by=SCENE, stations=[_spec(station, places) for station in chosen])


def _spec(station: FieldStation, places: dict[str, str]) -> StationSpec:
    return StationSpec(
        code=station.code, name_zh=station.name_zh, name_en=station.name_en, kind=station.kind, metric=station.metric,
        lon=station.lon, lat=station.lat, division=station.division, place_code=places.get(station.place) or None,
        interval_s=station.interval_s, max_silence_s=station.max_silence_s, limits=station.limits,
        coord_src=station.coord_src,
    )  # fmt: skip
