"""Calls of thousands: the gravest in the act of the warning, the others block by block, and nobody lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from anlan.warning.engine.targeting import SITE_ORDER
from anlan.warning.models import Call, CallsWaiting, OutboxMessage
from anlan.warning.services import (
    WaySpec,
    audience,
    calls,
    calls_rest,
    loopback_configure,
    placing,
    warning_cancel,
    way_save,
)
from anlan.warning.tasks import next_due, sweep
from tests.warning.conftest import ISSUER, SCENARIO, T0
from tests.warning.test_issuing import issue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
Entries = Callable[..., list[Any]]
LATER = T0 + timedelta(seconds=2)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tens for thousands."""
    for name, value in (("FIRST", 10), ("ALL", 20), ("BLOCK", 15)):
        monkeypatch.setattr(placing, name, value)


def called(warning: Any) -> list[Any]:
    rows = Call.objects.filter(warning=warning)
    return sorted(rows.values_list("person", "post", "due_at", "reason", "route", "state"), key=repr)


def test_in_blocks_the_same_people_are_called_as_at_once(
    small: None, entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = issue()
    sites = Call.objects.filter(place_kind__in=SITE_ORDER)
    at_once = sites.count()
    assert Call.objects.count() == 10 and at_once > 0
    assert next_due() == T0, "the rest waits for the sweeper"
    sweep(LATER)
    assert sites.count() == at_once, "the special sites heard before the others"
    placed = called(warning)
    told = [data for *_, data in entries("calls.placed")]
    (issued,) = entries("warning.issued")
    assert sum(one["count"] for one in told) == issued[3]["targeted"] == len(placed) > 50
    assert [one["count"] for one in told][:3] == [10, 15, 15]
    assert CallsWaiting.objects.get().remaining == 0 and calls_rest(LATER) == 0
    monkeypatch.setattr(placing, "ALL", 5_000)
    assert called(issue()) == placed


def test_a_process_that_dies_in_between_loses_nobody_and_doubles_nobody(
    small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    warning = issue()
    whole, blocks = calls.calls_put, []

    def dying(**given: Any) -> None:
        blocks.append(len(given["targets"]))
        whole(**given)
        if len(blocks) == 3:
            raise RuntimeError("killed before the commit")

    monkeypatch.setattr(calls, "calls_put", dying)
    with pytest.raises(RuntimeError):
        calls_rest(LATER)
    assert Call.objects.count() == 10 + 15 + 15, "two blocks are there, the third went with its process"
    monkeypatch.setattr(calls, "calls_put", whole)
    calls_rest(LATER)
    persons = [person for person, *_ in called(warning) if person is not None]
    assert len(persons) == len(set(persons)) and Call.objects.count() == CallsWaiting.objects.get().total


def test_two_processes_at_it_at_once_double_nobody(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = issue()
    whole, nested = calls.calls_put, []

    def interrupted(**given: Any) -> None:
        whole(**given)
        nested.append(1)
        if len(nested) == 2:  # between two blocks of the one, the other does two of its own
            monkeypatch.setattr(placing, "_block", between)

    block = placing._block

    def between(*given: Any) -> int | None:
        monkeypatch.setattr(placing, "_block", block)
        calls_rest(LATER)
        return block(*given)

    monkeypatch.setattr(calls, "calls_put", interrupted)
    calls_rest(LATER)
    persons = [person for person, *_ in called(warning) if person is not None]
    assert len(persons) == len(set(persons)) and Call.objects.count() == CallsWaiting.objects.get().total
    assert CallsWaiting.objects.get().remaining == 0


def test_who_was_called_since_the_block_was_chosen_is_left_out(small: None, entries: Entries) -> None:
    warning = issue()
    rule = audience.ladder_rule(warning.hazard, warning.colour, T0)
    choice = audience.Choice(warning.area, rule, T0)
    counties = choice.counties()
    first = choice.blocks([call.person_id or call.post_id for call in Call.objects.all()], 15)[0]
    stale = partial(choice.of, first.posts, counties)
    assert [placing._block(warning, rule, stale, 20, LATER) for _ in range(2)] == [15, 0]
    assert [data["count"] for *_, data in entries("calls.placed")] == [10, 15]
    calls_rest(LATER)
    persons = [person for person, *_ in called(warning) if person is not None]
    assert len(persons) == len(set(persons)) and Call.objects.count() == CallsWaiting.objects.get().total


def test_a_great_warning_looks_at_nobody_but_those_of_the_act(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one object a person: neither in the act nor in a block is everybody chosen."""
    monkeypatch.setattr(audience, "targets", None)
    made: list[int] = []
    of = audience.Choice.of

    def counted(*given: Any) -> Any:
        found = of(*given)
        made.append(len(found))
        return found

    monkeypatch.setattr(audience.Choice, "of", counted)
    issue()
    assert made == [10]
    calls_rest(LATER)
    assert max(made) == 15 and sum(made) == Call.objects.count()


def test_who_is_called_long_after_the_issue_has_the_whole_time_to_answer(small: None) -> None:
    issue()
    late = T0 + timedelta(minutes=14)
    calls_rest(late)
    assert set(Call.objects.exclude(first_placed_at=T0).values_list("due_at", flat=True)) == {
        late + timedelta(seconds=900)
    }


def test_the_end_of_a_warning_ends_the_waiting(small: None) -> None:
    warning = issue()
    warning_cancel(by=ISSUER, warning=warning, reason="雨停", at=LATER)
    assert CallsWaiting.objects.get().remaining == 0
    sweep(LATER + timedelta(seconds=1))
    assert Call.objects.count() == 10


def test_in_a_drill_everybody_is_called_in_the_act(small: None) -> None:
    from anlan.kernel.drill import drill_create

    drill_create(by=SCENARIO, scenario="zhengzhou-2021", seed=7, profile="tiny", starts_at=T0, tick_s=30,
                 ends_at=T0 + timedelta(hours=36), settings={})  # fmt: skip
    issue()
    assert Call.objects.count() > 50 and not CallsWaiting.objects.exists()


def test_schools_and_plants_hear_by_mail_too_groups_once_and_a_missing_way_is_red(entries: Entries) -> None:
    for code, carries, kind, settings in (
        ("mail", "email", "smtp", {"host": "127.0.0.1", "sender": "duty@example.org"}),
        ("room", "robot", "wecom", {"url": "http://127.0.0.1:1/"}),
        ("list", "call_list", "call_list", {}),
    ):
        way_save(by=SCENARIO, spec=WaySpec(code, carries, kind, code, code, settings=settings))
    loopback_configure(by=SCENARIO, seed=1, channels=("voice", "mass_sms"), people={"default": {"answer": 0.0}})
    warning = issue()
    heard = dict(Call.objects.values_list("role", "channels"))
    assert heard["school_head"] == heard["care_home_head"] == ["voice", "email"] and heard["village_officer"] == [
        "voice"
    ]
    once = OutboxMessage.objects.filter(warning=warning.id).exclude(channel="email")
    assert sorted(once.values_list("channel", "person")) == [("call_list", None), ("robot", None)]
    assert {data["channel"] for *_, data in entries("channel.missing")} == {"sms", "loudspeaker", "tv_crawl"}
