"""Which references of CAP messages count, and why the others don't: a function of the set of messages alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from anlan.warning.engine.chain_values import ACTING, CONTENT, Identity, Message, Policy, Reference, Why

Named = tuple[str, str]
"""Sender and identifier: as near as messages of one chain can be told without reading `sent`."""


@dataclass
class Links:
    """acts: message → what it acts on, received or not; acks: Ack → what it acknowledges; refusals: Error → what it
    refuses without authority; why: reasons by message; missing: identities named and not received."""

    acts: dict[Identity, tuple[Identity, ...]] = field(default_factory=dict)
    acks: dict[Identity, tuple[Identity, ...]] = field(default_factory=dict)
    refusals: dict[Identity, tuple[Identity, ...]] = field(default_factory=dict)
    why: dict[Identity, list[Why]] = field(default_factory=lambda: defaultdict(list))
    missing: set[Identity] = field(default_factory=set)


def counted(messages: Iterable[Message]) -> tuple[dict[Identity, Message], dict[Identity, list[Message]]]:
    """The message that counts for each identity, and the others of that identity with other content.

    A proved signature goes before none, then the lower digest: which came first plays no part.
    """
    of: dict[Identity, dict[str, Message]] = defaultdict(dict)
    for message in messages:
        same = of[message.identity].get(message.digest)
        of[message.identity][message.digest] = message if same is None else min(same, message, key=_rank)
    first: dict[Identity, Message] = {}
    rest: dict[Identity, list[Message]] = {}
    for identity, found in of.items():
        first[identity], *others = sorted(found.values(), key=_rank)
        if others:
            rest[identity] = others
    return first, rest


def _rank(message: Message) -> tuple[object, ...]:
    """The order in which messages of one identity go before one another, down to their last field."""
    rest = (message.fingerprint, message.msg_type, message.status, message.scope, message.sent_text)
    return not message.verified, message.digest, *rest, repr(message.references), repr(message.expires)


def links(first: Mapping[Identity, Message], policy: Policy) -> Links:
    """Judge every reference of every message that counts."""
    found = Links()
    by_name: dict[Named, list[Identity]] = defaultdict(list)
    for identity in sorted(first):
        by_name[identity[:2]].append(identity)
    for identity in sorted(first):
        _judge(first, by_name, identity, policy, found)
    _uncycle(first, found)
    return found


def _judge(
    first: Mapping[Identity, Message],
    by_name: Mapping[Named, list[Identity]],
    identity: Identity,
    policy: Policy,
    found: Links,
) -> None:
    message, why = first[identity], found.why[identity]
    why += [Why("identifier_reused", other) for other in by_name[identity[:2]] if other != identity]
    acts: list[Identity] = []
    refuses: list[Identity] = []
    doubted = policy.doubts(message)
    for reference in message.references:
        target = _target(first, by_name, reference)
        fault = _fault(first, message, target, reference)
        if fault:
            why.append(Why(fault, target))
        elif doubted:
            continue  # what nobody vouches for acts on nothing; that it is held is told where its state is
        elif message.msg_type != "Ack" and not policy.may(message.sender, target.sender):
            # Who may not act on a message may still refuse it: then that is an answer, and no act.
            (refuses if message.msg_type == "Error" else []).append(target)
            why += [Why("no_authority", target)] if message.msg_type in ACTING else []
        else:
            acts.append(target)
    for target in dict.fromkeys(acts + refuses):
        if target not in first:
            found.missing.add(target)
            why.append(Why("sent_differs" if target[:2] in by_name else "missing", target))
    if message.msg_type in ACTING:
        found.acts[identity] = tuple(dict.fromkeys(acts))
        found.refusals[identity] = tuple(dict.fromkeys(refuses))
    elif message.msg_type == "Ack":
        found.acks[identity] = tuple(dict.fromkeys(acts))


def _target(
    first: Mapping[Identity, Message], by_name: Mapping[Named, list[Identity]], reference: Reference
) -> Identity:
    """The message a reference names: by the instant of `sent`, else by its text; itself where it wasn't received."""
    target = reference.identity
    if target in first or reference.sent is not None:
        return target
    known = by_name.get(target[:2], [])
    return next((one for one in known if reference.text and first[one].sent_text == reference.text), target)


def _fault(first: Mapping[Identity, Message], message: Message, target: Identity, reference: Reference) -> str:
    """Why a reference counts for nothing whoever makes it; "" when it counts."""
    known = first.get(target)
    sent = known.sent if known is not None else reference.sent
    if target == message.identity:
        return "self_reference"
    if sent is not None and sent > message.sent:
        return "later_reference"
    if known is not None and known.status != message.status:
        return "status_differs"
    return ""


def _uncycle(first: Mapping[Identity, Message], found: Links) -> None:
    """Take off references by which messages of one instant name one another; no others can, for none names a later."""
    edges = [(one, target) for one in sorted(found.acts) for target in found.acts[one] if target in first]
    edges = [(one, target) for one, target in edges if first[one].sent == first[target].sent]
    if not edges:
        return
    circle = _circles(edges)
    for one, target in edges:
        if circle[one] == circle[target]:
            found.acts[one] = tuple(other for other in found.acts[one] if other != target)
            found.why[one].append(Why("cycle", target))


def _circles(edges: list[tuple[Identity, Identity]]) -> dict[Identity, Identity]:
    """A name for the strongly connected component of every end of the edges (Kosaraju), without recursion."""
    after: dict[Identity, list[Identity]] = defaultdict(list)
    before: dict[Identity, list[Identity]] = defaultdict(list)
    for one, target in edges:
        after[one].append(target)
        before[target].append(one)
    done: dict[Identity, None] = {}
    for start in list(after):
        _walk(start, after, done)
    circle: dict[Identity, Identity] = {}
    reached: dict[Identity, None] = {}
    for start in reversed(done):
        circle |= dict.fromkeys(_walk(start, before, reached), start)
    return circle


def _walk(start: Identity, edges: Mapping[Identity, list[Identity]], done: dict[Identity, None]) -> list[Identity]:
    """Add to `done` all that can be reached from `start` and isn't there, each after what is reached from it; return it."""
    found: list[Identity] = []
    open_: dict[Identity, Iterator[Identity]] = {} if start in done else {start: iter(edges.get(start, ()))}
    while open_:
        one, rest = next(reversed(open_.items()))
        following = next((other for other in rest if other not in done and other not in open_), None)
        if following is None:
            done[one] = None
            found.append(one)
            del open_[one]
        else:
            open_[following] = iter(edges.get(following, ()))
    return found


def acts_on(first: Mapping[Identity, Message], target: Identity) -> bool:
    """True when `target` can be put out of force: it carries content, or is not known yet."""
    return target not in first or first[target].msg_type in CONTENT
