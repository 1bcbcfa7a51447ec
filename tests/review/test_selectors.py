"""The report over a real database: rows written by hand, read as they stood, within scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record, seal
from anlan.kernel.scope import Scope
from anlan.monitoring.events import SignalOpened
from anlan.monitoring.models import Station
from anlan.response.events import LevelProposed, LevelStarted
from anlan.response.models import Level, LevelProposal, Plan
from anlan.review.selectors import after_action
from tests.review.storm import RED, t

pytestmark = pytest.mark.django_db
QUERIES = 16


@contextmanager
def moment(at: datetime) -> Iterator[None]:
    """Write at that moment of the world, row versions included."""
    with clock.at(at), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.now', %s, true)", [at.isoformat()])
        yield


def lay_down() -> None:
    """A plan, a proposal of the house adopted after 12 minutes, and the decision of 2021."""
    plan = Plan.objects.create(
        code="flood", version="1", name_zh="防汛预案", name_en="Flood plan", body={}, division="4101",
        valid_from=RED.date(),
    )  # fmt: skip
    adopted = RED + timedelta(minutes=12)
    with moment(RED):
        proposal = LevelProposal.objects.create(
            plan=plan, level=1, action="start", trigger={}, opened_at=RED, due_at=RED + timedelta(minutes=15),
            division="4101",
        )  # fmt: skip
        event = LevelProposed(
            proposal=str(proposal.id), plan="flood", track="main", level=1, action="start", previous=0, decider=None,
            due_at=RED, trigger="I-1", cause="warning:1", explanation={"zh": "红色预警", "en": "red warning"},
        )  # fmt: skip
        record(event, by=Actor.system("response"), about=f"levelproposal:{proposal.id}", division="4101", at=RED)
    with moment(adopted):
        LevelProposal.objects.update(state="adopted", decided_at=adopted)
        Level.objects.create(plan=plan, level=1, since=adopted, matter="", expected_duration_h=24, area="4101",
                             division="4101")  # fmt: skip
    late = t("20 16:30")
    with moment(late):
        row = Level.objects.create(plan=plan, level=1, track="history", since=late, matter="", expected_duration_h=24,
                                   area="4101", division="4101")  # fmt: skip
        event2 = LevelStarted(
            response=str(row.id), plan="flood", track="history", level=1, matter="", expected_duration_h=24,
            measures=[], area="4101", post="4101.commander", proposal=None,
        )  # fmt: skip
        record(event2, by=Actor.scenario("storm"), about=f"level:{row.id}", division="4101", at=late)
    seal()


def test_an_empty_house_has_an_empty_report() -> None:
    found = after_action()
    assert found["warning_to_response_minutes"]["as_it_happened"] is None
    assert found["scenario"] is None
    assert found["journal"]["head"] == 0
    assert not any(finding["shown"] for finding in found["findings"])


def test_both_tracks_are_read_and_kept_apart() -> None:
    lay_down()
    tracks = after_action()["tracks"]
    assert [band["since"] for band in tracks["main"]["levels"]] == [(RED + timedelta(minutes=12)).isoformat()]
    assert tracks["main"]["proposals"][0]["state"] == "adopted"
    assert [line["lane"] for line in after_action()["timeline"]] == ["main", "history"]


def test_as_of_an_earlier_moment_the_later_is_not_known() -> None:
    lay_down()
    then = after_action(at=RED + timedelta(minutes=5))
    assert then["tracks"]["main"]["proposals"][0]["state"] == "open"
    assert then["tracks"]["main"]["levels"] == []
    assert [line["lane"] for line in then["timeline"]] == ["main"]


def test_a_county_reads_what_binds_it_and_nothing_of_another() -> None:
    lay_down()
    station = Station.objects.create(code="G1", name_zh="站", name_en="G1", kind="rain", metric="rain_mm", lon=113, lat=34,
                                     interval_s=600, max_silence_s=1800, state_at=RED, division="410181")  # fmt: skip
    opened = SignalOpened(
        signal="1", station=station.code, name={"zh": "站", "en": "G1"}, station_kind="rain", metric="rain_mm", place=None,
        rule="rainstorm", rule_version="1", level="red", previous="", value=100.0, threshold=100.0, unit="mm", window_h=3,
        explanation={},
    )  # fmt: skip
    with moment(RED):
        record(opened, by=Actor.system("monitoring"), about="signal:1", division="410181", at=RED)
    seal()
    own = after_action(scope=Scope(("410181",)))
    other = after_action(scope=Scope(("410182",)))
    assert (own["counts"]["signals"], other["counts"]["signals"]) == (1, 0)
    assert len(own["tracks"]["main"]["levels"]) == len(other["tracks"]["main"]["levels"]) == 1


def test_the_number_of_queries_does_not_grow_with_the_rows() -> None:
    lay_down()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        after_action()
    assert len(captured) == QUERIES
