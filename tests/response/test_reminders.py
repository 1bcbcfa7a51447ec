"""A county under a red warning that starts no response is reminded to the minute, and its superior told, until it does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.scope import Scope
from anlan.response.models import Level, Reminder, Task
from anlan.response.services.reminders import counties_under, reminders_sweep, reminders_watch
from anlan.territory.models import Post
from anlan.warning.models import Warning
from anlan.warning.selectors.reminders import reminders_of
from anlan.warning.services import warning_cancel, warning_issue
from tests.response.scene import RED, SYSTEM

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def issued(area: list[str], colour: str = "red") -> Warning:
    with clock.at(RED):
        warning = warning_issue(by=SYSTEM, hazard="11B03", colour=colour, area=area, effective=RED,
                                expires=RED + timedelta(hours=6), at=RED)  # fmt: skip
    reminders_watch(warning=str(warning.pk), area=warning.area, colour=warning.colour, at=RED)
    return warning


def swept(minutes: float) -> None:
    """Do what is due up to so many minutes after the warning, each at its own time, as the sweeper does."""
    while (row := Reminder.objects.filter(next_at__lte=RED + minutes * MINUTE).order_by("next_at").first()) is not None:
        assert row.next_at is not None
        reminders_sweep(by=Actor.system("response"), at=row.next_at)


def told(kind: str) -> list[tuple[str, Any, dict[str, Any]]]:
    return list(Entry.objects.filter(kind=kind).order_by("id").values_list("division", "at", "data"))


def test_after_the_rule_s_minutes_the_county_is_reminded_and_the_city_told(plan: Any) -> None:
    warning = issued(["410181"])
    swept(14.9)
    assert told("response.reminded") == []
    swept(15)
    ((division, at, data),) = told("response.reminded")
    assert (division, at, data["times"], data["minutes"]) == ("410181", RED + 15 * MINUTE, 1, 15)
    own, city = Task.objects.get(pk=data["task"]), Task.objects.get(pk=data["told"])
    assert (own.code, own.division, own.owner_post.role) == ("R-remind", "410181", "county_duty")
    assert (city.code, city.division, city.owner_post.role) == ("R-supervise", "4101", "city_duty")
    assert own.about == city.about == f"warning:{warning.pk}"


def test_looked_at_twice_or_late_it_is_reminded_the_same(plan: Any) -> None:
    warning = issued(["410181"])
    assert reminders_watch(warning=str(warning.pk), area=["410181"], colour="red", at=RED) == 0
    swept(200)
    reminders_sweep(by=Actor.system("response"), at=RED + 200 * MINUTE)
    assert [at for _, at, _ in told("response.reminded")] == [RED + n * 15 * MINUTE for n in (1, 2, 3, 4)]
    assert [data["why"] for _, _, data in told("response.reminder_settled")] == ["most"]


def test_each_time_the_superior_is_told_anew(plan: Any) -> None:
    issued(["410181"])
    swept(200)
    tasks = Task.objects.filter(code="R-supervise").order_by("issued_at")
    assert [str(task.pk) for task in tasks] == [data["told"] for _, _, data in told("response.reminded")]
    assert [(task.division, task.issued_at) for task in tasks] == [
        ("4101", RED + n * 15 * MINUTE) for n in (1, 2, 3, 4)
    ]
    assert [f"第{n}次提醒" in task.text_zh for n, task in enumerate(tasks, 1)] == [True] * 4


def test_the_superior_of_a_county_right_under_the_province_is_the_province(plan: Any) -> None:
    Post.objects.filter(role="city_duty").update(
        role="city_deputy"
    )  # as 4190, the rung with no land and no desk of its own
    issued(["410181"])
    swept(15)
    ((_, _, data),) = told("response.reminded")
    assert Task.objects.get(pk=data["told"]).owner_post.role == "province_duty"


def test_a_county_s_own_house_reminds_though_it_knows_no_superior(plan: Any) -> None:
    Post.objects.filter(role__in=("city_duty", "province_duty")).update(role="city_deputy")
    warning = issued(["410181"])
    swept(30)
    assert [(data["times"], data["told"]) for _, _, data in told("response.reminded")] == [(1, ""), (2, "")]
    assert Task.objects.filter(code="R-remind").count() == 2
    assert [one["told"] for one in reminders_of(Scope(("410181",)), warning.pk)] == [False]


def test_a_response_that_is_started_ends_it(plan: Any) -> None:
    issued(["410181"])
    swept(15)
    with clock.at(RED + 20 * MINUTE):
        Level.objects.create(plan=plan, level=2, since=RED + 20 * MINUTE, area="4101", matter="x",
                             expected_duration_h=12, division="4101")  # fmt: skip
    swept(120)
    assert len(told("response.reminded")) == 1
    assert [(at, data["why"]) for _, at, data in told("response.reminder_settled")] == [(RED + 30 * MINUTE, "started")]


def test_a_response_elsewhere_or_only_in_the_replayed_past_does_not(plan: Any) -> None:
    issued(["410181"])
    for area, track in (("410182", "main"), ("4101", "history")):
        Level.objects.create(plan=plan, level=2, since=RED, area=area, matter="x", expected_duration_h=12, division="4101",
                             track=track)  # fmt: skip
    swept(15)
    assert len(told("response.reminded")) == 1


def test_a_warning_that_is_over_ends_it(plan: Any) -> None:
    warning = issued(["410181"])
    warning_cancel(by=SYSTEM, warning=warning, reason="x", at=RED + 10 * MINUTE)
    swept(60)
    assert told("response.reminded") == []
    assert Reminder.objects.get().settled == "over"


@pytest.mark.parametrize("colour", ["orange", "yellow"])
def test_a_milder_warning_asks_for_none(plan: Any, colour: str) -> None:
    issued(["410181"], colour)
    assert not Reminder.objects.exists()


def test_a_city_s_warning_has_its_own_clock_and_the_rule_may_say_otherwise(plan: Any) -> None:
    issued(["4101"])
    assert not Reminder.objects.exists()
    assert counties_under(["4101", "410181100"], wider=False) == ["410181"]
    found = counties_under(["4101"], wider=True)
    assert "410181" in found
    assert all(len(code) == 6 and code.startswith("4101") for code in found)


def test_the_board_shows_each_county_its_own(plan: Any) -> None:
    warning = issued(["410181", "410182"])
    swept(30)
    shown = reminders_of(Scope(("410181",)), warning.pk)
    assert [(one["division"], one["times"], one["minutes"]) for one in shown] == [("410181", 2, 30)]
    assert {one["division"] for one in reminders_of(Scope(("4101",)), warning.pk)} == {"410181", "410182"}
