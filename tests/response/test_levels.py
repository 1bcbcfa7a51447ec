"""F1 and F3: a red signal opens a proposal at once; not deciding climbs and is on record; level I carries the orders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.response.models import Level, LevelProposal, Task
from anlan.response.selectors import latency_facts, levels_current, proposals_open, tasks_board
from anlan.response.services import Announcement, level_adopt, level_decline, level_end, plan_load
from anlan.response.tasks import next_due, sweep
from anlan.warning.models import StopOrder
from tests.response.scene import RED, SCENE, SYSTEM, data, kinds, person, warn

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()


def test_red_warning_proposes_level_one_in_the_same_instant(plan) -> None:
    warn("red", RED)
    proposal = LevelProposal.objects.get()
    assert (proposal.level, proposal.action, proposal.state, proposal.track) == (1, "start", "open", "main")
    assert proposal.opened_at == RED
    assert proposal.decider_post.code == "4101.commander"
    assert proposal.due_at == RED + timedelta(minutes=15)
    assert proposal.trigger["trigger"] == "I-1"
    assert "启动条件I-1" in proposal.trigger["citation"]["zh"]
    assert proposal.trigger["zh"] and proposal.trigger["en"]


def test_not_deciding_climbs_at_15_and_30_and_is_recorded(plan) -> None:
    warn("red", RED)
    sweep(RED + timedelta(minutes=14, seconds=59))
    assert kinds("level.undecided") == []
    sweep(RED + timedelta(minutes=15))
    sweep(RED + timedelta(minutes=29))
    sweep(RED + timedelta(hours=18))
    minutes = [(kind, (at - RED).total_seconds() / 60) for kind, at in kinds("level.undecided", "level.escalated")]
    assert minutes == [
        ("level.undecided", 15), ("level.escalated", 15), ("level.undecided", 30), ("level.escalated", 30),
    ]  # fmt: skip
    assert [e["post"] for e in data("level.undecided")] == ["4101.commander", "41.duty"]
    assert [(e["from_post"], e["to_post"]) for e in data("level.escalated")] == [
        ("4101.commander", "41.duty"),
        ("41.duty", None),
    ]
    proposal = LevelProposal.objects.get()
    assert (proposal.state, proposal.escalations, len(proposal.undecided)) == ("open", 2, 2)


def test_late_sweep_writes_what_a_timely_one_writes(plan) -> None:
    warn("red", RED)
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=RED + timedelta(minutes=20))
    sweep(RED + timedelta(hours=3))
    told = kinds("level.undecided", "level.escalated", "task.overdue", "task.escalated")
    times = [at for _, at in told]
    assert times == sorted(times)
    assert {(at - RED).total_seconds() % 60 for at in times} == {0.0}
    first = [at for kind, at in told if kind == "task.overdue"]
    assert min(first) == RED + timedelta(minutes=35)  # the shortest limit of level I: 15 minutes
    assert next_due() is None or next_due() > RED + timedelta(hours=3)


def test_latency_of_the_real_decision_is_18_h_31_min(plan, settings) -> None:
    from anlan.kernel.drill import drill_create

    drill_create(by=SYSTEM, scenario="zhengzhou-2021", seed=1, profile="tiny", starts_at=RED, ends_at=RED + timedelta(days=2),
                 tick_s=30, settings={"tracks": ["main", "history"]})  # fmt: skip
    warn("red", RED)
    assert sorted(LevelProposal.objects.values_list("track", flat=True)) == ["history", "main"]
    level_adopt(by=SCENE, proposal=LevelProposal.objects.get(track="main").pk, at=RED + timedelta(minutes=6))
    sweep(RED + timedelta(hours=18))
    decided = RED + timedelta(hours=18, minutes=31)
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, track="history", at=decided)
    facts = latency_facts(WHOLE)["tracks"]
    assert facts["history"]["in_force_minutes"] == 1111
    assert facts["history"]["decided_minutes"] == 1111
    assert facts["history"]["escalations"] == 2
    assert Level.objects.get(track="history").decided_by_post.code == "4101.commander"
    assert facts["main"]["proposed_minutes"] == 0
    assert facts["main"]["decided_minutes"] == 6
    history = LevelProposal.objects.get(track="history")
    assert [step["post"] for step in history.undecided] == ["4101.commander", "41.duty"]
    assert not Task.objects.filter(track="history").exists()
    assert {e["track"] for e in data("level.undecided") if e["level"] == 1} == {"history"}


def test_a_warning_that_answers_our_own_proposal_is_no_part_of_history(plan) -> None:
    from anlan.kernel.drill import drill_create
    from anlan.kernel.journal.reactor import run_until_quiet
    from anlan.warning.models import WarningProposal
    from anlan.warning.services import warning_issue, warning_propose

    drill_create(by=SYSTEM, scenario="zhengzhou-2021", seed=1, profile="tiny", starts_at=RED,
                 ends_at=RED + timedelta(days=2), tick_s=30, settings={"tracks": ["main", "history"]})  # fmt: skip
    warning_propose(
        by=SYSTEM, division="410181", hazard="11B03", colour="orange", explanation={"zh": "x", "en": "x"}, at=RED
    )
    warning_issue(by=SCENE, hazard="11B03", colour="orange", area=["410181"], issuer_kind="weather",
                  proposal=WarningProposal.objects.get(), at=RED)  # fmt: skip
    run_until_quiet(strict=True)
    warn("yellow", RED + timedelta(minutes=1))
    rows = LevelProposal.objects.order_by("track").values_list("track", "level")
    assert list(rows) == [("history", 4), ("main", 3)]


def test_level_one_carries_the_orders_with_owners_and_half_an_hour(plan, commander) -> None:
    warn("red", RED)
    at = RED + timedelta(minutes=4)
    level_adopt(by=commander, proposal=LevelProposal.objects.get().pk, at=at)
    for action in ("stop_school", "stop_metro", "close_tunnel", "stop_work", "evacuate"):
        found = Task.objects.filter(action=action)
        assert found, action
        for task in found.select_related("owner_post"):
            assert task.owner_post is not None
            assert task.due_at <= at + timedelta(minutes=30)
            assert task.basis["zh"].startswith("《中华人民共和国突发事件应对法》")
    schools = Task.objects.filter(action="stop_school").values_list("owner_post__code", flat=True)
    assert set(schools) == {f"{c}.department.education" for c in ("410102", "410181", "410182")}
    board = {group["code"]: group for group in tasks_board(WHOLE)}
    assert board["T105"]["total"] == Task.objects.filter(code="T105").count() > 3
    assert set(StopOrder.objects.filter(until=None).values_list("kind", flat=True)) == {
        "metro", "bus", "tunnel", "school", "work",
    }  # fmt: skip


def test_undone_order_alarms_and_climbs(plan) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=RED)
    metro = Task.objects.get(action="stop_metro")
    sweep(RED + timedelta(minutes=19))
    metro.refresh_from_db()
    assert (metro.state, metro.escalations) == ("issued", 1)  # no receipt after five minutes
    sweep(RED + timedelta(minutes=20))
    metro.refresh_from_db()
    assert (metro.state, metro.overdue_at) == ("overdue", RED + timedelta(minutes=20))
    told = [e for e in data("task.escalated") if e["task"] == str(metro.pk)]
    assert [(e["cause"], e["from_post"], e["to_post"]) for e in told] == [
        ("no_receipt", "4101.metro_control", "4101.department.transport"),
        ("overdue", "4101.department.transport", "4101.duty"),
    ]


def test_raise_adds_and_cancels_tasks(plan) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=2, at=RED)
    assert Task.objects.filter(code="T203", state="issued").exists()
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=RED + timedelta(minutes=10))
    assert set(Task.objects.filter(code="T203").values_list("state", flat=True)) == {"cancelled"}
    assert Task.objects.filter(code="T401").count() == 1  # goes on, is not sent twice
    assert [lv["level"] for lv in levels_current(WHOLE)] == [1]
    assert Level.objects.get(level=2).until == RED + timedelta(minutes=10)
    assert kinds("level.started", "level.raised", "level.closed") == [
        ("level.started", RED), ("level.closed", RED + timedelta(minutes=10)), ("level.raised", RED + timedelta(minutes=10)),
    ]  # fmt: skip


def test_graver_proposal_supersedes_and_milder_is_silent(plan) -> None:
    warn("yellow", RED - timedelta(hours=4))
    warn("red", RED)
    warn("red", RED + timedelta(hours=8))
    rows = LevelProposal.objects.order_by("opened_at").values_list("level", "state")
    assert list(rows) == [(4, "superseded"), (1, "open")]
    assert data("level.proposed")[1]["supersedes"] == data("level.proposed")[0]["proposal"]


def test_adopting_a_lower_level_leaves_the_graver_proposal_open(plan) -> None:
    warn("red", RED)
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=3, at=RED + timedelta(hours=1))
    assert [p["level"] for p in proposals_open(WHOLE)] == [1]


def test_declined_comes_again_with_the_next_red_warning(plan, commander) -> None:
    warn("red", RED)
    with pytest.raises(Invalid), transaction.atomic():
        level_decline(by=commander, proposal=LevelProposal.objects.get().pk, reason=" ", at=RED)
    level_decline(by=commander, proposal=LevelProposal.objects.get().pk, reason="局地", at=RED + timedelta(minutes=3))
    warn("red", RED + timedelta(hours=8))
    assert list(LevelProposal.objects.order_by("opened_at").values_list("state", flat=True)) == ["declined", "open"]


def test_who_may_decide(plan) -> None:
    warn("red", RED)
    key = LevelProposal.objects.get().pk
    with pytest.raises(Forbidden), transaction.atomic():
        level_adopt(by=person("4101.duty", "duty"), proposal=key, at=RED)
    with pytest.raises(Invalid) as refused, transaction.atomic():
        level_adopt(by=person("4101.deputy.1", "decider"), proposal=key, at=RED)
    assert refused.value.code == "level.not_decider"
    with pytest.raises(Invalid) as machine, transaction.atomic():
        level_adopt(by=SYSTEM, proposal=key, at=RED)
    assert machine.value.code == "level.person_decides"
    level_adopt(by=person("4101.commander", "decider"), proposal=key, at=RED + timedelta(minutes=1))
    with pytest.raises(Conflict), transaction.atomic():
        level_adopt(by=person("4101.commander", "decider"), proposal=key, at=RED + timedelta(minutes=2))


@pytest.mark.parametrize(
    ("announce", "field"),
    [
        (Announcement(matter=" "), "matter"),
        (Announcement(expected_duration_h=0), "expected_duration_h"),
        (Announcement(measures=[]), "measures"),
    ],
)
def test_the_start_must_state_what_the_law_asks(plan, announce, field) -> None:
    with pytest.raises(Invalid) as refused, transaction.atomic():
        level_adopt(by=SCENE, plan="ZZ-FLOOD", level=2, announce=announce, at=RED)
    assert refused.value.field == field
    assert not Level.objects.exists()


def test_quiet_hours_propose_the_end_and_ending_calls_tasks_off(plan, commander) -> None:
    warn("red", RED, hours=1)
    level_adopt(by=commander, proposal=LevelProposal.objects.get().pk, at=RED + timedelta(minutes=2))
    from anlan.kernel import sweep as clocks
    from anlan.kernel.journal.reactor import run_until_quiet

    clocks.run(RED + timedelta(hours=1))
    run_until_quiet(strict=True)
    sweep(RED + timedelta(hours=10))
    end = LevelProposal.objects.get(action="end")
    assert end.opened_at == RED + timedelta(hours=4)
    level_adopt(by=commander, proposal=end.pk, announce=Announcement(note="雨停"), at=RED + timedelta(hours=10))
    assert levels_current(WHOLE) == []
    assert set(Task.objects.filter(code__startswith="T1").values_list("state", flat=True)) == {"cancelled"}
    assert Task.objects.filter(code="T901").count() == 1
    assert not StopOrder.objects.filter(until=None).exists()
    with pytest.raises(Conflict), transaction.atomic():
        level_end(by=commander, plan="ZZ-FLOOD", reason="again", at=RED + timedelta(hours=11))


def test_the_same_plan_loads_twice_and_another_content_needs_another_version(plan) -> None:
    from anlan.response.formats.packs import pack_text

    text = pack_text("plans/zhengzhou_flood.yaml")
    assert plan_load(by=SYSTEM, text=text, at=RED).pk == plan.pk
    assert len(kinds("plan.loaded")) == 1
    with pytest.raises(Conflict), transaction.atomic():
        plan_load(by=SYSTEM, text=text.replace("quiet_h: 3", "quiet_h: 6"), at=RED)
    newer = text.replace("quiet_h: 3", "quiet_h: 6").replace('version: "2"', 'version: "3"', 1)
    assert plan_load(by=SYSTEM, text=newer, at=RED).version == "3"
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=4, at=RED)
    assert Level.objects.get().plan.version == "3"
