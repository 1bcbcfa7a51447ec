"""A chemical accident: figures that rise and fall, the grade that moves, quiet time, personal data destroyed at its time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.kernel.models import Change
from anlan.response.choices_levels import PURGED
from anlan.response.models import CasualtyEntry, Incident, Level, LevelProposal, PurgeClock, StopLine, Task
from anlan.response.selectors.plans import plan_get
from anlan.response.selectors.preview import level_preview
from anlan.response.services import Where, casualty_enter, level_adopt, level_end, purge_hold, purge_release
from anlan.response.tasks import sweep
from tests.response.events_scene import START, counted, event, load, minute
from tests.response.scene import SYSTEM, data, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def leak(db: None) -> Incident:
    load("hazchem")
    return event("other", "12D00", "新密某化工厂液氨泄漏", "410182", leak_t=0.8)


def test_a_leak_proposes_four_and_the_dead_more(leak: Incident) -> None:
    assert LevelProposal.objects.get(state="open").level == 4
    counted(leak, minute(20), deaths=3)
    rows = LevelProposal.objects.order_by("opened_at", "id").values_list("level", "state")
    assert list(rows) == [(4, "superseded"), (3, "open")]
    assert LevelProposal.objects.get(state="open").due_at == minute(30)


@pytest.mark.parametrize(
    ("figures", "level"),
    [
        ({"deaths": 1}, 4), ({"deaths": 2, "seriously_injured": 9, "loss_wan": 999}, 4), ({"deaths": 3}, 3),
        ({"seriously_injured": 10}, 3), ({"loss_wan": 1000}, 3), ({"deaths": 9, "seriously_injured": 49}, 3),
        ({"deaths": 10}, 2), ({"deaths": 29, "seriously_injured": 99, "loss_wan": 9999}, 2), ({"deaths": 30}, 1),
        ({"deaths": 1, "seriously_injured": 100}, 1), ({"loss_wan": 10000}, 1), ({"trapped": 29}, 2), ({"trapped": 30}, 1),
    ],
)  # fmt: skip
def test_every_bound_of_the_accident_table_asks_for_its_level(db: None, figures: dict[str, float], level: int) -> None:
    load("hazchem")
    event("other", "12D00", "事故", "410182", **figures)
    assert LevelProposal.objects.get(state="open").level == level


def test_an_unclassed_event_starts_no_plan_until_it_is_classed(db: None) -> None:
    from anlan.response.services import incident_change

    load("hazchem", "earthquake")
    row = event("other", "", "爆炸声", "410182", deaths=3)
    assert not LevelProposal.objects.exists()
    incident_change(
        by=person("410182.duty", "duty"),
        incident=row.pk,
        fields={"type_code": "12D00"},
        reason="现场确认",
        at=minute(9),
    )
    counted(row, minute(9), injured=4)
    proposal = LevelProposal.objects.get(state="open")
    assert (proposal.plan.code, proposal.level) == ("ZZ-HAZCHEM", 3)


def test_a_figure_set_right_downward_lets_quiet_time_begin_and_lower_is_proposed(leak: Incident) -> None:
    counted(leak, minute(10), deaths=10)
    commander = person("4101.commander", "decider")
    level_adopt(by=commander, proposal=LevelProposal.objects.get(state="open").pk, at=minute(15))
    counted(leak, minute(60), reason="重复统计7人", deaths=3)
    level = Level.objects.get(until=None)
    assert level.quiet_since == minute(60)
    assert level.review_at is not None
    sweep(level.review_at)
    down = LevelProposal.objects.get(state="open")
    assert (down.action, down.level, down.incident_id) == ("lower", 3, leak.pk)
    assert down.decider_post.code == "4101.commander"  # who started it
    change = level_preview(plan_get("ZZ-HAZCHEM", START), 3, leak.pk)
    called_off = change["called_off"]
    open_before = Task.objects.filter(incident=leak, state__in=("issued", "received", "overdue")).count()
    level_adopt(by=commander, proposal=down.pk, at=level.review_at)
    now = Task.objects.filter(incident=leak, state__in=("issued", "received", "overdue")).count()
    assert now == open_before - called_off + change["tasks"]
    assert Level.objects.get(until=None).changes["from"] == 2


def test_personal_data_goes_when_its_clock_runs_out_and_the_ledger_of_the_dead_stays(leak: Incident) -> None:
    counted(leak, minute(10), deaths=1)
    level_adopt(by=person("4101.commander", "decider"), plan="ZZ-HAZCHEM", level=3, incident=leak.pk,
                at=minute(11), announce=_because())  # fmt: skip
    where = Where("厂区北门")
    names = {"dead": "甲某", "injured": "乙某"}
    for kind, name in names.items():
        row = casualty_enter(by=SYSTEM, division="410182", kind=kind, place=where, source="120", reporter="接线员丙",
                             name=name, at=minute(12))  # fmt: skip
        CasualtyEntry.objects.filter(pk=row.pk).update(incident=leak)
    level_end(by=person("4101.commander", "decider"), plan="ZZ-HAZCHEM", incident=leak.pk, reason="处置完毕",
              at=minute(300))  # fmt: skip
    clock = PurgeClock.objects.get()
    for _ in range(12):
        if PurgeClock.objects.get().state == "done":
            break
        _one_act(clock.due_at)
    assert PurgeClock.objects.get().destroyed["casualties"] == 1
    assert list(CasualtyEntry.objects.order_by("kind").values_list("kind", "label")) == [
        ("dead", "甲某"),
        ("injured", PURGED),
    ]
    kept = Change.objects.filter(tbl="response_casualtyentry").values_list("row", flat=True)
    assert not any("乙某" in str(version) for version in kept)
    assert any("甲某" in str(version) for version in kept)


def test_a_hold_needs_its_assessment_and_ends(leak: Incident) -> None:
    level_adopt(by=person("4101.commander", "decider"), plan="ZZ-HAZCHEM", level=4, incident=leak.pk, at=minute(5),
                announce=_because())  # fmt: skip
    level_end(by=person("4101.commander", "decider"), plan="ZZ-HAZCHEM", incident=leak.pk, reason="处置完毕",
              at=minute(300))  # fmt: skip
    desk, clock = person("4101.duty", "duty"), PurgeClock.objects.get()
    until = clock.due_at + timedelta(days=90)
    purge_hold(
        by=desk, purge=clock.pk, until=until, legality="事故调查", need="责任认定", safety="专柜", at=minute(400)
    )
    assert data("closing.purge_held")[0]["need"] == "责任认定"
    _one_act(clock.due_at)
    assert PurgeClock.objects.get().state == "held"
    purge_release(by=desk, purge=clock.pk, reason="调查结束", at=until - timedelta(days=1))
    assert PurgeClock.objects.get().next_at == until - timedelta(days=1)
    assert not StopLine.objects.filter(place__isnull=True).exists()


def _because() -> object:
    from anlan.response.services import Announcement

    return Announcement(reason="现场会商决定")


def _one_act(at: object) -> None:
    """The sweeper's next act: an act redacts once, so that each kind of data goes in an act of its own."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('anlan.act', (coalesce(nullif(current_setting('anlan.act', true), ''), '900')::bigint + 1)::text, true)"
        )
    sweep(at)  # type: ignore[arg-type]
