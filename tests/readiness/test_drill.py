"""A drill is the same every time: same seed, same journal, also when it was torn apart and resumed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.readiness.conftest import Stage


def _digest(stage: Stage, name: str, seed: int) -> str:
    stage.fill(name, seed)
    return stage.play()


@pytest.fixture(scope="module")
def whole(_stage: Stage, django_db_blocker: object) -> dict[str, str]:
    """The digest of an undisturbed run, made once."""
    return {}


@pytest.mark.slow
def test_same_seed_same_journal_other_seed_another(stage: Stage, whole: dict[str, str]) -> None:
    from anlan.kernel.journal import verify
    from anlan.kernel.models import DrillState, Parked

    first = _digest(stage, "anlan_test_drill_a", 7)
    row = DrillState.objects.get(id=1)
    assert (row.state, row.at) == ("ended", row.ends_at)
    assert verify() is None
    assert not Parked.objects.exists()
    whole["a"] = first
    assert _digest(stage, "anlan_test_drill_b", 7) == first
    assert _digest(stage, "anlan_test_drill_c", 8) != first


class Torn(RuntimeError):
    """The power went."""


@pytest.mark.slow
def test_a_drill_torn_inside_a_tick_goes_on_as_if_nothing_had_been(stage: Stage, whole: dict[str, str]) -> None:
    from anlan.kernel.drill import drill_state
    from anlan.readiness.stagecraft import Play, story_of

    class TornPlay(Play):
        """Breaks off in the middle of a tick, after part of it is written."""

        at_tick = 3

        def perform(self, after: datetime, upto: datetime) -> int:
            done = super().perform(after, upto)
            TornPlay.at_tick -= 1
            if TornPlay.at_tick == 0:
                raise Torn
            return done

    stage.fill("anlan_test_drill_d", 7)
    row = drill_state()
    assert row is not None
    for tick in (3, 11, 2):
        TornPlay.at_tick = tick
        with pytest.raises(Torn):
            stage.play(play=TornPlay(story_of(row), row.seed))
    assert stage.play() == whole["a"]


@pytest.mark.slow
def test_paused_drill_stays_where_it_is_and_resumes(stage: Stage, whole: dict[str, str]) -> None:
    from anlan.kernel.drill import drill_state
    from anlan.kernel.models import DrillState

    stage.fill("anlan_test_drill_e", 7)
    row = drill_state()
    assert row is not None
    stage.play(upto=row.starts_at + timedelta(minutes=15))
    DrillState.objects.update(state="paused")
    before = drill_state()
    stage.play()
    after = drill_state()
    assert before is not None and after is not None and after.at == before.at < after.ends_at
    DrillState.objects.update(state="running", speed=600)
    assert stage.play() == whole["a"]


@pytest.mark.slow
def test_the_first_red_signal_proposes_a_response_within_its_minute(stage: Stage) -> None:
    from anlan.kernel.journal.reactor import entries_between
    from anlan.readiness.models import ReferenceFact
    from anlan.warning.models import Warning

    stage.fill("anlan_test_drill_f", 7)
    stage.play()
    red = Warning.objects.filter(colour="red", issuer_kind="weather").order_by("issued_at").first()
    assert red is not None
    proposed = [e for e in entries_between(0, kinds=["level.proposed"]) if e.data["level"] == 1]
    assert {e.data["track"] for e in proposed} == {"main", "history"}
    assert all(e.at - red.issued_at <= timedelta(minutes=1) for e in proposed)
    undecided = entries_between(0, kinds=["level.undecided"])
    assert any(e.data["track"] == "history" and e.at - red.issued_at == timedelta(minutes=15) for e in undecided)
    assert ReferenceFact.objects.count() == 56
