"""An earthquake from the first reading to the archive: first guess, clock, decision, tasks, change, end, closing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from anlan.kernel import sweep as clocks
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.problem import Invalid
from anlan.response.models import Incident, Level, LevelProposal, PurgeClock, Task
from anlan.response.selectors.plans import plan_get
from anlan.response.selectors.preview import level_preview
from anlan.response.services import Announcement, level_adopt, level_end
from anlan.response.tasks import sweep
from tests.response.events_scene import START, counted, event, load, minute
from tests.response.scene import data, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def quake(db: None) -> Incident:
    load("earthquake")
    return event("other", "11C00", "登封5.6级地震", "410185", density="dense", magnitude=5.6)


def test_the_first_guess_by_magnitude_and_density_proposes_at_once(quake: Incident) -> None:
    proposal = LevelProposal.objects.get(state="open")
    assert (proposal.level, proposal.incident_id, proposal.opened_at) == (2, quake.pk, START)
    assert proposal.decider_post.code == "4101.commander"
    assert proposal.due_at == minute(5)
    assert "重大（初判）" in proposal.trigger["zh"]
    assert "事件等级重大及以上" in proposal.trigger["zh"]
    assert "启动条件II-1" in proposal.trigger["citation"]["zh"]
    assert data("level.proposed")[-1]["incident"] == str(quake.pk)


@pytest.mark.parametrize(
    ("density", "magnitude", "level"),
    [
        ("populous", 7.0, 1), ("populous", 6.9, 2), ("populous", 6.0, 2), ("populous", 5.9, 3), ("populous", 5.0, 3),
        ("populous", 4.9, 4), ("populous", 4.0, 4), ("populous", 3.9, None), ("dense", 6.0, 1), ("dense", 5.9, 2),
        ("dense", 5.0, 2), ("dense", 4.9, 3), ("dense", 4.0, 3), ("dense", 3.0, 4), ("dense", 2.9, None),
    ],
)  # fmt: skip
def test_every_bound_of_the_first_guess(db: None, density: str, magnitude: float, level: int | None) -> None:
    load("earthquake")
    event("other", "11C00", "地震", "410185", density=density, magnitude=magnitude)
    rows = LevelProposal.objects.filter(state="open").values_list("level", flat=True)
    assert list(rows) == ([level] if level else [])


def test_a_place_whose_density_nobody_told_is_guessed_and_says_so(db: None) -> None:
    load("earthquake")
    event("other", "11C00", "地震", "410185", magnitude=6.2)
    proposal = LevelProposal.objects.get(state="open")
    assert proposal.level == 2
    assert "人口密度未定" in proposal.trigger["zh"]


def test_not_deciding_climbs_by_the_plans_own_clock(quake: Incident) -> None:
    sweep(minute(20))
    told = [(e["post"], e["minutes"]) for e in data("level.undecided")]
    assert told == [("4101.commander", 5), ("41.duty", 15)]
    names = [step["name"]["zh"] for step in LevelProposal.objects.get(state="open").undecided]
    assert len(names) == 2
    assert all(names)


def test_from_the_decision_to_the_archive(quake: Incident) -> None:
    commander = person("4101.commander", "decider")
    proposal = LevelProposal.objects.get(state="open")
    expected = level_preview(plan_get("ZZ-QUAKE", START), 2, quake.pk)
    level = level_adopt(by=commander, proposal=proposal.pk, at=minute(4))
    tasks = Task.objects.filter(level=level)
    assert tasks.count() == expected["tasks"] > 20
    assert set(tasks.values_list("incident", flat=True)) == {quake.pk}
    assert not tasks.filter(owner_post__isnull=True).exists()
    assert tasks.exclude(working_group="").exists()
    elsewhere = {d for d in tasks.values_list("division", flat=True) if len(d) >= 6 and not d.startswith("410185")}
    assert elsewhere == set(), "the counties beside it keep their people"
    assert level.basis.startswith("《郑州市地震应急预案")
    # more are found: the table itself, and the plan, ask for more
    counted(quake, minute(90), deaths=290, missing=10)
    raised = LevelProposal.objects.get(state="open")
    assert (raised.level, raised.action) == (1, "raise")
    assert "死亡和失踪300人" in raised.trigger["zh"] or "特别重大" in raised.trigger["zh"]
    change = level_preview(plan_get("ZZ-QUAKE", START), 1, quake.pk)
    assert change["previous"] == 2
    level_adopt(by=commander, proposal=raised.pk, at=minute(95))
    top = Level.objects.get(until=None)
    assert (top.level, top.previous_id) == (1, level.pk)
    assert Task.objects.filter(level=top).count() == change["tasks"]
    assert Task.objects.filter(incident=quake, state="cancelled").count() == change["called_off"]
    # only who decided it, or who stands above, lowers or ends it
    with pytest.raises(Invalid) as refused, transaction.atomic():
        level_end(by=person("4101.deputy.1", "decider"), plan="ZZ-QUAKE", incident=quake.pk, reason="x", at=minute(96))
    assert refused.value.code == "level.not_starter"
    level_adopt(by=commander, plan="ZZ-QUAKE", level=3, incident=quake.pk, at=minute(6000),
                announce=Announcement(reason="搜救结束，转入安置"))  # fmt: skip
    ended = level_end(by=commander, plan="ZZ-QUAKE", incident=quake.pk, reason="余震减弱，安置有序", at=minute(9000))
    assert ended.ending["watch"]
    kinds = set(Task.objects.filter(level=ended, state="issued").values_list("action", flat=True))
    assert {"final_report", "loss_assessment", "lessons", "archive", "audit", "purge"} <= kinds
    assert PurgeClock.objects.get().due_at == minute(9000) + timedelta(days=30)
    started = data("closing.started")[0]
    assert started["incident"] == str(quake.pk)


def test_two_earthquakes_have_each_their_own_level(quake: Incident) -> None:
    other = event("other", "11C00", "荥阳4.2级地震", "410182", minute(30), density="populous", magnitude=4.2)
    rows = LevelProposal.objects.filter(state="open").order_by("level").values_list("incident", "level")
    assert list(rows) == [(quake.pk, 2), (other.pk, 4)]
    commander = person("4101.commander", "decider")
    for incident, number in rows:
        level_adopt(by=commander, plan="ZZ-QUAKE", level=number, incident=incident, at=minute(31))
    assert Level.objects.filter(until=None).count() == 2
    level_end(by=commander, plan="ZZ-QUAKE", incident=other.pk, reason="未造成灾害", at=minute(60))
    left = Level.objects.get(until=None)
    assert left.incident_id == quake.pk
    assert not Task.objects.filter(incident=quake, state="cancelled").exists()


def test_a_closed_earthquake_waits_for_nothing_and_proposes_the_end(quake: Incident) -> None:
    from anlan.response.services import incident_close
    from tests.response.scene import SYSTEM

    commander = person("4101.commander", "decider")
    level_adopt(by=commander, plan="ZZ-QUAKE", level=3, incident=quake.pk, at=minute(3),
                announce=Announcement(reason="先按三级处置"))  # fmt: skip
    assert LevelProposal.objects.filter(state="open", level=2).exists()
    incident_close(by=SYSTEM, incident=quake.pk, reason="处置结束", at=minute(100))
    run_until_quiet(strict=True)
    assert LevelProposal.objects.get(level=2).state == "lapsed"
    clocks.run(minute(100) + timedelta(days=4))
    end = LevelProposal.objects.get(state="open")
    assert (end.action, end.decider_post.code, end.incident_id) == ("end", "4101.commander", quake.pk)
