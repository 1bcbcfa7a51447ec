"""The lifecycle of CAP messages: each rule on a small chain, and the same state whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice, permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.warning.engine.chain_book import Book, ties
from anlan.warning.engine.chain_values import WORDS, Chain, Identity, Message, Policy, Reference, Standing
from anlan.warning.engine.chains import evaluate

T0 = datetime(2021, 7, 20, 1, 0, tzinfo=UTC)
NOW = T0 + timedelta(hours=2)
OURS, THEIRS = "41018141600000", "41018241600000"


def minutes(count: float) -> datetime:
    return T0 + timedelta(minutes=count)


def alert(name: str, at: float = 0, kind: str = "Alert", refers: Iterable[Message] = (), **more: Any) -> Message:
    fields: dict[str, Any] = {
        "sender": OURS, "identifier": name, "sent": minutes(at), "msg_type": kind, "digest": f"d-{name}-{at}",
        "fingerprint": f"f-{name}", "expires": minutes(600),
        "references": tuple(Reference(one.sender, one.identifier, one.sent) for one in refers),
    }  # fmt: skip
    return Message(**{**fields, **more})


def states(*messages: Message, at: datetime = NOW, policy: Policy | None = None) -> dict[str, str]:
    """Identifier → state; a conflict's loser is told as name!."""
    found = evaluate(messages, at, policy or Policy())
    return {
        one.identity.identifier + ("!" if one.state == "conflict" else ""): one.state
        for chain in found
        for one in chain.messages
    }


def only(*messages: Message, at: datetime = NOW, policy: Policy | None = None) -> Chain:
    (chain,) = evaluate(messages, at, policy or Policy())
    return chain


def codes(of: Chain | Standing) -> set[str]:
    return {why.code for why in of.why}


def one(chain: Chain, name: str) -> Standing:
    return next(m for m in chain.messages if m.identity.identifier == name and m.state != "conflict")


A = alert("A")
U = alert("U", 10, "Update", [A])
V = alert("V", 20, "Update", [A])
C = alert("C", 30, "Cancel", [A])


def test_an_update_supersedes_what_it_names_and_a_cancel_ends_it() -> None:
    assert states(A, U) == {"A": "superseded", "U": "in_force"}
    chain = only(A, U, alert("C", 30, "Cancel", [A, U]))
    assert (chain.state, chain.standing, chain.first) == ("cancelled", (), A.identity)
    assert [m.state for m in chain.messages] == ["cancelled", "cancelled", "acting"]
    assert one(chain, "U").by[0].identifier == "C"


def test_a_chain_of_updates_stands_in_its_last() -> None:
    chain = only(A, U, alert("W", 20, "Update", [U]))
    assert chain.standing == (alert("W", 20, "Update", [U]).identity,)
    assert states(A, U, alert("C", 30, "Cancel", [U])) == {"A": "superseded", "U": "cancelled", "C": "acting"}


def test_a_cancel_that_overtook_its_alert_waits_and_then_cancels_it() -> None:
    early = only(C)
    assert (early.state, early.missing, one(early, "C").state) == ("cancelled", (A.identity,), "waiting")
    assert codes(one(early, "C")) == {"missing"}
    assert states(C, A) == states(A, C) == {"A": "cancelled", "C": "acting"}


def test_an_update_stands_though_what_it_names_never_came() -> None:
    chain = only(U)
    assert (chain.state, codes(chain), chain.missing) == ("in_force", {"incomplete"}, (A.identity,))


def test_two_updates_of_one_alert_both_stand_and_that_is_told() -> None:
    chain = only(A, U, V)
    assert chain.standing == (V.identity, U.identity)
    assert codes(chain) == {"fork"}


def test_a_cancel_reaches_only_what_it_names_and_what_stays_is_told() -> None:
    chain = only(A, U, C)
    assert (chain.state, chain.standing) == ("in_force", (U.identity,))
    assert [why.about for why in chain.why if why.code == "cancel_leaves"] == [U.identity]
    later = alert("L", 40, "Update", [A])
    assert "cancel_leaves" not in codes(only(A, C, later))


def test_an_error_of_the_sender_takes_an_update_back_and_one_of_a_receiver_is_an_answer() -> None:
    error = alert("E", 15, "Error", [U])
    assert states(A, U, error) == {"A": "in_force", "U": "rejected", "E": "acting"}
    refusal = alert("E", 15, "Error", [U], sender=THEIRS)
    chain = only(A, U, refusal)
    assert (chain.state, one(chain, "U").refusals) == ("in_force", (refusal.identity,))
    assert codes(one(chain, "E")) == {"no_authority"}
    undone = alert("F", 16, "Error", [error])
    assert states(A, U, error, undone)["A"] == "superseded"


def test_cancelling_a_cancel_does_not_bring_the_warning_back() -> None:
    again = alert("D", 40, "Cancel", [C])
    chain = only(A, C, again)
    assert (chain.state, codes(one(chain, "D"))) == ("cancelled", {"acts_on_act"})


def test_acks_of_anybody_are_kept_with_what_they_answer() -> None:
    ack = alert("K", 5, "Ack", [A], sender=THEIRS, scope="Private")
    chain = only(A, ack)
    assert one(chain, "A").acks == (ack.identity,)
    assert one(chain, "K").public is False
    assert only(ack).state == "unknown"
    assert one(only(A, ack, alert("E", 6, "Error", [ack], sender=THEIRS)), "A").acks == ()


def test_another_sender_needs_authority_given_as_data() -> None:
    foreign = alert("X", 10, "Update", [A], sender=THEIRS)
    assert states(A, foreign) == {"A": "in_force", "X": "held"}
    for over in (OURS, "*"):
        given = Policy(authorities=frozenset({(THEIRS, over)}))
        assert states(A, foreign, policy=given) == {"A": "superseded", "X": "in_force"}
    assert states(A, alert("Y", 10, "Cancel", [A], sender=THEIRS)) == {"A": "in_force", "Y": "no_effect"}
    let = Policy(released=frozenset({foreign.identity}))
    assert states(A, foreign, policy=let) == {"A": "in_force", "X": "in_force"}


def test_references_to_oneself_to_later_messages_and_in_a_circle_count_for_nothing() -> None:
    itself = alert("S", 0, "Cancel")
    itself = alert("S", 0, "Cancel", [itself])
    assert codes(one(only(itself), "S")) == {"self_reference", "no_reference"}
    early = alert("C", -5, "Cancel", [A])
    assert states(A, early) == {"A": "in_force", "C": "no_effect"}
    p, q = alert("P", 0, "Update"), alert("Q", 0, "Update")
    p, q = alert("P", 0, "Update", [q]), alert("Q", 0, "Update", [p])
    assert states(p, q) == {"P": "in_force", "Q": "in_force"}
    assert states(p, q, alert("R", 0, "Cancel", [p])) == {"P": "cancelled", "Q": "in_force", "R": "acting"}


def test_an_exercise_can_not_cancel_what_is_real_and_a_draft_is_no_warning() -> None:
    drill = alert("C", 30, "Cancel", [A], status="Exercise")
    assert states(A, drill) == {"A": "in_force", "C": "no_effect"}
    exercise = only(alert("A", status="Exercise"))
    assert (exercise.state, exercise.messages[0].live) == ("in_force", False)
    assert codes(exercise.messages[0]) == {"not_actual"}
    assert only(alert("A", status="Draft")).state == "held"


def test_a_private_message_stands_and_is_not_public() -> None:
    chain = only(alert("A", scope="Private"))
    assert (chain.state, chain.messages[0].public, codes(chain.messages[0])) == ("in_force", False, {"not_public"})


def test_what_has_no_end_gets_the_default_lifetime_and_that_is_told() -> None:
    endless = alert("A", expires=None)
    policy = Policy(lifetime=timedelta(hours=3))
    assert only(endless, policy=policy).messages[0].expires == minutes(180)
    assert codes(only(endless, policy=policy).messages[0]) == {"default_lifetime"}
    assert only(endless, at=minutes(179), policy=policy).state == "in_force"
    assert only(endless, at=minutes(180), policy=policy).state == "expired"
    assert only(alert("A", sent=datetime.max.replace(tzinfo=UTC), expires=None)).state == "in_force"


def test_an_expired_update_has_superseded_all_the_same() -> None:
    assert states(A, alert("U", 10, "Update", [A], expires=minutes(60))) == {"A": "superseded", "U": "expired"}


def test_the_same_content_again_is_held_unless_the_first_has_ended() -> None:
    again = alert("B", 60, fingerprint=A.fingerprint)
    assert states(A, again) == {"A": "in_force", "B": "held"}
    assert states(A, again, policy=Policy(released=frozenset({again.identity})))["B"] == "in_force"
    assert states(A, alert("B", 60.1, fingerprint=A.fingerprint))["B"] == "in_force"
    assert states(A, alert("B", 60, fingerprint=A.fingerprint, sender=THEIRS))["B"] == "in_force"
    assert states(A, C, again)["B"] == "in_force"
    assert states(A, alert("E", 90, "Error", [A]), again)["B"] == "in_force"
    third = alert("D", 100, fingerprint=A.fingerprint)
    assert states(A, again, third) == {"A": "in_force", "B": "held", "D": "in_force"}
    assert states(A, again, at=minutes(601)) == {"A": "expired", "B": "expired"}


def test_two_contents_under_one_identity_are_a_conflict_that_order_does_not_decide() -> None:
    low, high = alert("A", digest="1", fingerprint="x"), alert("A", digest="2", fingerprint="y")
    for pair in ((low, high), (high, low)):
        chain = only(*pair)
        assert [(m.digest, m.state) for m in chain.messages] == [("1", "in_force"), ("2", "conflict")]
        assert codes(chain.messages[0]) == {"has_conflict"}
    proved = alert("A", digest="2", verified=True)
    assert only(low, proved).messages[0].digest == "2"
    assert states(low, low) == {"A": "in_force"}


def test_sent_is_compared_as_an_instant_and_a_wrong_one_is_told() -> None:
    beijing = A.sent.astimezone(timezone(timedelta(hours=8)))
    written = alert("U", 10, "Update", references=(Reference(OURS, "A", beijing),))
    assert states(A, written)["A"] == "superseded"
    wrong = alert("C", 10, "Cancel", references=(Reference(OURS, "A", minutes(1)),))
    chains = evaluate((A, wrong), NOW)
    assert {chain.state for chain in chains} == {"in_force", "cancelled"}
    assert "sent_differs" in {code for chain in chains for m in chain.messages for code in codes(m)}


def test_a_sent_that_is_no_time_is_compared_as_text() -> None:
    odd = alert("A", sent_text="yesterday")
    cancel = alert("C", 10, "Cancel", references=(Reference(OURS, "A", None, "yesterday"),))
    other = alert("C", 10, "Cancel", references=(Reference(OURS, "A", None, "some day"),))
    assert states(odd, cancel)["A"] == "cancelled"
    assert states(odd, other)["A"] == "in_force"


def test_every_reason_has_words_in_both_languages() -> None:
    for zh, en in WORDS.values():
        assert any("一" <= sign <= "鿿" for sign in zh)
        assert en.isascii()
        assert zh.count("{}") == en.count("{}")


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
_QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck))


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
@settings(_QUICK, max_examples=3000)
@given(st.lists(_messages, min_size=1, max_size=6), _policies, st.integers(0, 6))
def test_any_order_of_thousands_of_chains_gives_the_same_state(
    messages: list[Message], policy: Policy, step: int
) -> None:
    whole = evaluate(messages, NOW, policy)
    for order in islice(permutations(messages), step, None, 7):
        assert by_parts(order, policy) == whole


@pytest.mark.slow
@settings(_QUICK, max_examples=120)
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
    assert ties(A) == {("name", OURS, "A"), ("content", OURS, "f-A")}
    assert ties(U) == {("name", OURS, "U"), ("name", OURS, "A")}


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
