"""The lifecycle of CAP messages (消息链): which stands, which is superseded, cancelled, rejected, expired or held.

`evaluate` is a function of the SET of messages and a moment: in which order they came plays no part, so a Cancel that
overtook its Alert cancels it all the same. What the standard leaves open is decided here so:

- An act reaches the messages it names and no others. Two updates of one message (a fork) both stand, and that is told.
- A reference to oneself, to a later message, round in a circle, or to a message of another status (an exercise may not
  cancel what is real) counts for nothing. Another sender's message is acted on only with authority given as data; an
  update with no other reference is then held for a person.
- Error takes back what a message did: a rejected Update gives its Alert back. Cancelling a Cancel does not: whoever
  wants the warning again sends it again. An Error without authority is an answer (a receiver refuses), as an Ack is.
- An Update stands by itself, whatever became of the message it names, and even when that never came.
- What the receiver's policy doubts (`Message.doubt`) is held and acts on nothing until a person lets it through.
- The same content under a new name without references within `Policy.reissue` is held, unless the first had ended by
  then. Two contents under one identity: the one with a proved signature counts, else the lower digest.

To ask about the past, give the messages received by then. Source: CAP 1.2 §3.2.1; §3.3.4 leaves trust to the receiver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from typing import Final

from anlan.warning.engine.chain_links import Links, acts_on, counted, links
from anlan.warning.engine.chain_values import (
    CONTENT,
    END_OF_TIME,
    Chain,
    Identity,
    Message,
    Policy,
    Standing,
    State,
    Why,
)

_DOES: Final = {"Update": "updated", "Cancel": "cancelled", "Error": "rejected"}
# The graver act names the state where several reach one message.
_BY_ACT: Final[tuple[tuple[str, State], ...]] = (
    ("Error", "rejected"),
    ("Cancel", "cancelled"),
    ("Update", "superseded"),
)


@dataclass(frozen=True)
class _World:
    """What all messages are judged by: those that count, the links that count, and the acts in effect on each."""

    first: Mapping[Identity, Message]
    rest: Mapping[Identity, list[Message]]
    links: Links
    on: Mapping[Identity, list[Identity]]
    held: Mapping[Identity, Identity]
    acks: Mapping[Identity, tuple[Identity, ...]]
    refusals: Mapping[Identity, tuple[Identity, ...]]
    at: datetime
    policy: Policy


def evaluate(messages: Iterable[Message], at: datetime, policy: Policy = Policy()) -> tuple[Chain, ...]:  # noqa: B008
    """Every chain among `messages` as it stands at the aware moment `at`, in the order of their first messages."""
    first, rest = counted(messages)
    judged = links(first, policy)
    on = _in_effect(first, judged)
    held = _reissues(first, on, policy)
    acks, refusals = (_answers(first, on, of) for of in (judged.acks, judged.refusals))
    world = _World(first, rest, judged, on, held, acks, refusals, at, policy)
    standing = {identity: _standing(world, identity) for identity in first}
    chains = [_chain(world, standing, group) for group in _groups(first, judged)]
    return tuple(sorted(chains, key=lambda chain: chain.first))


def end_of(message: Message, policy: Policy) -> datetime:
    """When the message ends by itself: its expires, else `sent` and the policy's lifetime."""
    if message.expires is not None:
        return message.expires
    try:
        return message.sent + policy.lifetime
    except OverflowError:
        return END_OF_TIME


def _in_effect(first: Mapping[Identity, Message], judged: Links) -> dict[Identity, list[Identity]]:
    """Message → the messages whose act on it counts. Acts are judged before what they act on: none names a later."""
    on: dict[Identity, list[Identity]] = defaultdict(list)
    actors: dict[Identity, list[Identity]] = defaultdict(list)
    for one in sorted(judged.acts):
        for target in judged.acts[one]:
            actors[target].append(one)
    for identity in TopologicalSorter(actors).static_order():
        for one in actors.get(identity, ()):
            kind = first[one].msg_type
            rejected = any(first[other].msg_type == "Error" for other in on[one])
            if not rejected and (kind == "Error" or acts_on(first, identity)):
                on[identity].append(one)
    return on


def _reissues(
    first: Mapping[Identity, Message], on: Mapping[Identity, Sequence[Identity]], policy: Policy
) -> dict[Identity, Identity]:
    """Held message → the one whose content it repeats."""
    same: dict[tuple[str, str], list[Identity]] = defaultdict(list)
    for identity, message in first.items():
        counts = not _rejected(first, on, identity) and not policy.doubts(message)
        if message.msg_type == "Alert" and not message.references and counts:
            same[message.sender, message.fingerprint].append(identity)
    held: dict[Identity, Identity] = {}
    for found in same.values():
        found.sort(key=lambda one: (first[one].sent, one))
        anchor, ended = found[0], _ended(first, on, found[0], policy)
        for one in found[1:]:
            sent = first[one].sent
            if sent - first[anchor].sent <= policy.reissue and sent < ended:
                held[one] = anchor
            else:
                anchor, ended = one, _ended(first, on, one, policy)
    return {one: anchor for one, anchor in held.items() if one not in policy.released}


def _rejected(first: Mapping[Identity, Message], on: Mapping[Identity, Sequence[Identity]], one: Identity) -> bool:
    return any(first[other].msg_type == "Error" for other in on.get(one, ()))


def _ended(
    first: Mapping[Identity, Message], on: Mapping[Identity, Sequence[Identity]], one: Identity, policy: Policy
) -> datetime:
    """When a message ended: by the first act on it, or by itself."""
    return min([first[other].sent for other in on.get(one, ())] + [end_of(first[one], policy)])


def _standing(world: _World, identity: Identity) -> Standing:
    message, why = world.first[identity], list(world.links.why.get(identity, ()))
    acts = world.on.get(identity, [])
    state, own, by = (_content_state if message.msg_type in CONTENT else _act_state)(world, identity, acts)
    if message.status not in ("Actual", "Draft"):
        own.append(Why("not_actual"))
    if message.scope != "Public":
        own.append(Why("not_public"))
    if identity in world.rest:
        own.append(Why("has_conflict"))
    return Standing(
        identity, message.digest, message.msg_type, state, message.sent, end_of(message, world.policy),
        live=message.status == "Actual", public=message.scope == "Public", why=tuple(sorted(set(why + own), key=_by_code)), by=by,
        acks=world.acks.get(identity, ()), refusals=world.refusals.get(identity, ()),
    )  # fmt: skip


def _content_state(
    world: _World, identity: Identity, acts: Sequence[Identity]
) -> tuple[State, list[Why], tuple[Identity, ...]]:
    """State, reasons and who brought it about, of an Alert or Update."""
    first, message = world.first, world.first[identity]
    why = [Why(_DOES[first[one].msg_type], one) for one in acts]
    if message.expires is None:
        why.append(Why("default_lifetime"))
    if identity in world.policy.released:
        why.append(Why("released"))
    for kind, state in _BY_ACT:
        by = tuple(one for one in acts if first[one].msg_type == kind)
        if by:
            return state, why, by
    if world.at >= end_of(message, world.policy):
        return "expired", [*why, Why("expired")], ()
    if message.status == "Draft":
        return "held", [*why, Why("draft")], ()
    if world.policy.doubts(message):
        return "held", [*why, Why(message.doubt)], ()
    if identity in world.held:
        return "held", [*why, Why("reissue", world.held[identity])], (world.held[identity],)
    if message.msg_type == "Update" and not world.links.acts[identity]:
        if identity not in world.policy.released and any(
            one.code == "no_authority" for one in world.links.why[identity]
        ):
            return "held", why, ()
        why.append(Why("no_reference"))
    return "in_force", why, ()


def _act_state(
    world: _World, identity: Identity, acts: Sequence[Identity]
) -> tuple[State, list[Why], tuple[Identity, ...]]:
    """State, reasons and who brought it about, of a Cancel, Ack, Error or a type nobody knows."""
    first, message = world.first, world.first[identity]
    errors = tuple(one for one in acts if first[one].msg_type == "Error")
    if errors:
        return "rejected", [Why("rejected", one) for one in errors], errors
    if message.msg_type not in ("Cancel", "Ack", "Error"):
        return "no_effect", [Why("unknown_type")], ()
    if world.policy.doubts(message):
        return "held", [Why(message.doubt)], ()
    of = world.links.acks if message.msg_type == "Ack" else world.links.acts
    targets = of[identity] or world.links.refusals.get(identity, ())
    if not targets:
        return "no_effect", [Why("no_reference")], ()
    why = []
    if message.msg_type == "Cancel":
        why = [Why("acts_on_act", one) for one in targets if not acts_on(first, one)]
    return "acting" if any(one in first for one in targets) else "waiting", why, ()


def _answers(
    first: Mapping[Identity, Message],
    on: Mapping[Identity, Sequence[Identity]],
    of: Mapping[Identity, tuple[Identity, ...]],
) -> dict[Identity, tuple[Identity, ...]]:
    """Message → who answered it, the answers taken back by their own senders left out."""
    found: dict[Identity, list[Identity]] = defaultdict(list)
    for one in sorted(of):
        if not _rejected(first, on, one):
            for target in of[one]:
                found[target].append(one)
    return {target: tuple(answers) for target, answers in found.items()}


def _by_code(why: Why) -> tuple[str, Identity]:
    return why.code, why.about or Identity("", "", "")


def _groups(first: Mapping[Identity, Message], judged: Links) -> list[list[Identity]]:
    """Identities, received or only named, that hang together by references that count."""
    lead: dict[Identity, Identity] = {identity: identity for identity in (*first, *judged.missing)}

    def top(one: Identity) -> Identity:
        while lead[one] != one:
            lead[one] = one = lead[lead[one]]
        return one

    for of in (judged.acts, judged.acks, judged.refusals):
        for one, targets in of.items():
            for target in targets:
                lead[top(one)] = top(target)
    groups: dict[Identity, list[Identity]] = defaultdict(list)
    for identity in lead:
        groups[top(identity)].append(identity)
    return [sorted(group, key=lambda one: (one.stamp, one)) for group in groups.values()]


def _chain(world: _World, standing: Mapping[Identity, Standing], group: Sequence[Identity]) -> Chain:
    members = sorted((standing[one] for one in group if one in standing), key=lambda s: (s.sent, s.identity))
    missing = tuple(one for one in group if one not in standing)
    in_force = [one for one in members if one.state == "in_force"]
    why = [Why("incomplete")] if missing else []
    why += [Why("fork")] if len(in_force) > 1 else []
    last_cancel = max((one.sent for one in members if one.msg_type == "Cancel" and one.state == "acting"), default=None)
    if last_cancel is not None:
        why += [Why("cancel_leaves", one.identity) for one in in_force if one.sent <= last_cancel]
    lost = [_lost(world, one, other) for one in members for other in world.rest.get(one.identity, ())]
    return Chain(
        group[0], _chain_state(members), tuple(one.identity for one in reversed(in_force)),
        tuple(sorted([*members, *lost], key=lambda s: (s.sent, s.identity, s.state == "conflict", s.digest))),
        missing, tuple(why),
    )  # fmt: skip


def _lost(world: _World, winner: Standing, message: Message) -> Standing:
    """The standing of a message whose identity another content counts for."""
    return Standing(
        winner.identity, message.digest, message.msg_type, "conflict", message.sent, end_of(message, world.policy),
        live=message.status == "Actual", public=message.scope == "Public", why=(Why("conflict"),), by=(winner.identity,),
    )  # fmt: skip


def _chain_state(members: Sequence[Standing]) -> State:
    """In force while any message is; then held; then what became of the newest that was not superseded."""
    content = [one for one in members if one.msg_type in CONTENT and one.state != "superseded"]
    for state in ("in_force", "held"):
        if any(one.state == state for one in content):
            return state
    if content:
        return content[-1].state
    acts = {one.msg_type for one in members if one.state in ("acting", "waiting")}
    return "cancelled" if "Cancel" in acts else "rejected" if "Error" in acts else "unknown"
