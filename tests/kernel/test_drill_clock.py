"""The drill's clock row: made once, driven by the drill's own area, followed by every process of the node."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import current_time, drill_control, drill_create, drill_state
from anlan.kernel.models import DrillState, Entry, NodeState
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope

pytestmark = pytest.mark.django_db
START = datetime(2021, 7, 19, 4, 0, tzinfo=UTC)


@pytest.fixture
def drill() -> DrillState:
    return drill_create(
        by=Actor.system("t"), scenario="s", seed=7, profile="tiny", starts_at=START,
        ends_at=START + timedelta(hours=36), tick_s=60, settings={"division": "4101"},
    )  # fmt: skip


def test_a_database_holds_one_drill_and_says_so(drill: DrillState) -> None:
    assert NodeState.objects.get().drill and drill_state() == drill
    with pytest.raises(Conflict):
        drill_create(
            by=Actor.system("t"), scenario="s", seed=8, profile="tiny", starts_at=START, ends_at=START, tick_s=60,
            settings={},
        )  # fmt: skip


def test_the_citys_duty_officer_may_pause_it_and_a_countys_may_not(drill: DrillState) -> None:
    city = Actor("person", "city", Scope(("4101",)), roles=frozenset({"duty"}))
    county = Actor("person", "county", Scope(("410181",)), roles=frozenset({"duty"}))
    assert drill_control(by=city, state="paused", speed=60).speed == 60
    assert Entry.objects.last().kind == "drill.controlled"  # type: ignore[union-attr]
    with pytest.raises(Forbidden):
        drill_control(by=county, state="running")
    for speed in (0.5, 601, -1):
        with pytest.raises(Invalid) as caught:
            drill_control(by=city, speed=speed)
        assert caught.value.field == "speed"


def test_every_process_of_a_drill_node_lives_by_its_clock(drill: DrillState) -> None:
    clock.follow(current_time)
    try:
        assert clock.now() == START
    finally:
        clock.follow(None)
