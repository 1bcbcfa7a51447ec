"""The lifecycle of CAP messages: the same state whatever the order of arrival, one by one or all at once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.warning.engine.chain_book import Book, ties
from anlan.warning.engine.chain_values import Chain, Identity, Message, Policy, Reference
from anlan.warning.engine.chains import evaluate
from tests.warning.chain_making import NOW, OURS, THEIRS, alert, minutes

# What follows is about any set of messages: few names and instants, so that they meet in every way there is.
_PEOPLE, _NAMES, _TIMES = (OURS, THEIRS), ("a", "b", "c", "d"), (0, 10, 20, 100)
_sent = st.sampled_from(_TIMES).map(minutes)
_references = st.lists(
    st.builds(
        Reference,
        st.sampled_from(_PEOPLE),
        st.sampled_from(_NAMES),
        st.one_of(_sent, _sent, st.none()),
        st.sampled_from(("", "t")),
    ),
    max_size=2,
).map(tuple)
_messages = st.builds(
    Message,
    sender=st.sampled_from((OURS, OURS, THEIRS)),
    identifier=st.sampled_from(_NAMES),
    sent=_sent,
    msg_type=st.sampled_from(("Alert", "Alert", "Update", "Update", "Cancel", "Error", "Ack", "Odd")),
    digest=st.sampled_from(("1", "2")),
    fingerprint=st.sampled_from(("x", "y")),
    status=st.sampled_from(("Actual", "Actual", "Actual", "Exercise", "Draft")),
    references=_references,
    expires=st.sampled_from((None, minutes(50), minutes(900))),
    sent_text=st.sampled_from(("", "t")),
    verified=st.booleans(),
)
_policies = st.builds(
    Policy,
    authorities=st.sampled_from((frozenset(), frozenset({(THEIRS, OURS)}), frozenset({(OURS, "*")}))),
    released=st.sampled_from((frozenset(), frozenset({Identity(OURS, "a", minutes(10).isoformat())}))),
)
_QUICK = settings(suppress_health_check=list(HealthCheck))


def by_parts(messages: Iterable[Message], policy: Policy) -> tuple[Chain, ...]:
    book = Book(policy)
    for message in messages:
        book.add(message)
    return book.chains(NOW)


@settings(_QUICK, max_examples=700)
@given(st.lists(_messages, min_size=1, max_size=4), _policies)
def test_any_order_of_arrival_gives_the_same_state(messages: list[Message], policy: Policy) -> None:
    whole = evaluate(messages, NOW, policy)
    for order in permutations(messages):
        assert evaluate(order, NOW, policy) == whole
        assert by_parts(order, policy) == whole
    assert evaluate(messages * 2, NOW, policy) == whole


@pytest.mark.slow
@settings(_QUICK, max_examples=2000)
@given(st.lists(_messages, min_size=1, max_size=6), _policies, st.integers(0, 6))
def test_any_order_of_thousands_of_chains_gives_the_same_state(
    messages: list[Message], policy: Policy, step: int
) -> None:
    whole = evaluate(messages, NOW, policy)
    for order in islice(permutations(messages), step, None, 23):
        assert by_parts(order, policy) == whole


@pytest.mark.slow
@settings(_QUICK, max_examples=30)
@given(st.lists(_messages, min_size=6, max_size=6), _policies)
def test_every_order_of_six_messages_gives_the_same_state(messages: list[Message], policy: Policy) -> None:
    whole = evaluate(messages, NOW, policy)
    for order in permutations(messages):
        assert by_parts(order, policy) == whole


@settings(_QUICK, max_examples=300)
@given(st.lists(_messages, min_size=1, max_size=6), _policies)
def test_one_by_one_is_at_every_step_the_same_as_all_at_once(messages: list[Message], policy: Policy) -> None:
    book, before = Book(policy), dict[Identity, tuple[Any, ...]]()
    for count, message in enumerate(messages, start=1):
        touched = {one.identity for one in book.add(message)}
        whole = evaluate(messages[:count], NOW, policy)
        assert book.chains(NOW) == whole
        now = {one.identity: (one,) for chain in whole for one in chain.messages if one.state != "conflict"}
        assert {name for name in now if now[name] != before.get(name)} <= touched
        before = now


@settings(_QUICK, max_examples=500)
@given(st.lists(_messages, min_size=1, max_size=6), _policies)
def test_every_message_stands_in_exactly_one_chain(messages: list[Message], policy: Policy) -> None:
    chains = evaluate(messages, NOW, policy)
    told = [(one.identity, one.digest) for chain in chains for one in chain.messages]
    assert len(told) == len(set(told))
    assert set(told) == {(one.identity, one.digest) for one in messages}
    for chain in chains:
        assert set(chain.standing) == {one.identity for one in chain.messages if one.state == "in_force"}
        assert (chain.state == "in_force") == bool(chain.standing)
        assert not {one.identity for one in chain.messages} & set(chain.missing)


def test_ties_are_names_given_and_had_and_content_of_what_refers_to_nothing() -> None:
    first = alert("A")
    assert ties(first) == {("name", OURS, "A"), ("content", OURS, "f-A")}
    assert ties(alert("U", 10, "Update", [first])) == {("name", OURS, "U"), ("name", OURS, "A")}


# A plain reading of the rules for chains where nothing is wrong: every message of one sender, each later than the last.
def plain(messages: list[Message]) -> dict[Identity, str]:
    def acts(kind: str, on: Message) -> bool:
        named = [m for m in messages if m.msg_type == kind and on.identity in {r.identity for r in m.references}]
        return any(not acts("Error", m) for m in named)

    found = {}
    for message in messages:
        if message.msg_type in ("Alert", "Update"):
            ways = [("Error", "rejected"), ("Cancel", "cancelled"), ("Update", "superseded")]
            found[message.identity] = next((state for kind, state in ways if acts(kind, message)), "in_force")
    return found


@settings(_QUICK, max_examples=500)
@given(st.data(), st.integers(1, 8))
def test_sound_chains_stand_as_a_plain_reading_of_the_rules_says(data: Any, size: int) -> None:
    messages: list[Message] = []
    for place in range(size):
        kind = "Alert" if not messages else data.draw(st.sampled_from(("Alert", "Update", "Cancel", "Error")))
        wanted = (
            st.lists(st.sampled_from(messages), min_size=1, max_size=3) if messages and kind != "Alert" else st.just([])
        )
        messages.append(alert(f"m{place}", place, kind, data.draw(wanted)))
    standing = {m.identity: m.state for chain in evaluate(messages, NOW) for m in chain.messages if m.msg_type in ("Alert", "Update")}  # fmt: skip
    assert standing == plain(messages)
