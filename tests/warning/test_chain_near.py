"""What is judged together with a new message: enough for every state to be the same, and no more than is near."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warning.engine.chain_book import ties
from anlan.warning.engine.chain_near import Shelf, near
from anlan.warning.engine.chain_values import Message, Policy
from anlan.warning.engine.chains import evaluate
from anlan.warning.models import ReceivedAlert
from anlan.warning.services import received
from tests.warning.chain_making import NOW, alert
from tests.warning.test_chains_any_order import _QUICK, _messages, _policies
from tests.warning.test_received import T0, cap_bytes, receive


def shelf_of(messages: Iterable[Message]) -> Shelf[Message]:
    """The messages as a shelf, by looking through all of them."""
    kept = sorted(set(messages), key=lambda m: (m.sent, repr(m)))

    def names(one: Message) -> set[str]:
        return {repr(tie) for tie in ties(one) if tie[0] == "name"}

    def named(wanted: Collection[str]) -> list[Message]:
        return [one for one in kept if names(one) & set(wanted)]

    def beside(one: Message, later: bool) -> list[Message]:
        content = {tie for tie in ties(one) if tie[0] == "content"}
        same = [m for m in kept if m != one and content & ties(m)]
        return [m for m in same if m.sent >= one.sent] if later else [m for m in reversed(same) if m.sent < one.sent]

    return Shelf(names, named, beside, lambda one: one.sent)


@_QUICK
@given(st.lists(_messages, min_size=1, max_size=6), _policies)
def test_judged_with_what_is_near_a_message_stands_as_among_all(messages: list[Message], policy: Policy) -> None:
    whole = evaluate(messages, NOW, policy)
    for one in messages:
        close = near(one, shelf_of(messages), policy.reissue)
        mine = next(
            chain for chain in whole if (one.identity, one.digest) in {(m.identity, m.digest) for m in chain.messages}
        )
        assert mine in evaluate(close, NOW, policy)


@_QUICK
@given(st.lists(_messages, min_size=1, max_size=6), _policies)
def test_whoever_stands_otherwise_for_a_new_message_is_near_it(messages: list[Message], policy: Policy) -> None:
    *before, new = messages
    stood = {(m.identity, m.digest): m for chain in evaluate(before, NOW, policy) for m in chain.messages}
    close = {(m.identity, m.digest) for m in near(new, shelf_of(messages), policy.reissue)}
    for chain in evaluate(messages, NOW, policy):
        for one in chain.messages:
            if stood.get((one.identity, one.digest)) != one:
                assert (one.identity, one.digest) in close


def test_what_is_said_every_two_hours_gathers_nothing_and_an_unbroken_run_all() -> None:
    daily = [alert(f"d{n}", 120 * n, fingerprint="same") for n in range(50)]
    assert near(daily[25], shelf_of(daily), timedelta(hours=1)) == [daily[25]]
    run = [alert(f"r{n}", 60 * n, fingerprint="same") for n in range(50)]
    assert set(near(run[25], shelf_of(run), timedelta(hours=1))) == set(run)


@pytest.mark.django_db
def test_the_inbox_looks_no_further_than_the_run_and_still_holds_re_issues(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    asked = received._surroundings
    monkeypatch.setattr(received, "_surroundings", lambda row: [seen.append(len(found := asked(row))), found][1])
    for n in range(12):
        receive(cap_bytes(f"S{n}", 120 * n, headline="同样的话", expires=T0 + timedelta(days=3)), 120 * n)
    assert seen == [1] * 12
    receive(cap_bytes("S99", 120 * 11 + 30, headline="同样的话", expires=T0 + timedelta(days=3)), 120 * 12)
    assert seen[-1] == 2
    assert ReceivedAlert.objects.get(identifier="S99").state == "held"
    assert ReceivedAlert.objects.filter(state="held").count() == 1
