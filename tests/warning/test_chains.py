"""The lifecycle of CAP messages: each rule on a small chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from anlan.warning.engine.chain_values import WORDS, Chain, Message, Policy, Reference, Standing
from anlan.warning.engine.chains import evaluate
from tests.warning.chain_making import NOW, OURS, THEIRS, alert, minutes


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
