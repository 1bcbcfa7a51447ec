"""Messages as they come in, one by one: only what hangs together with a new one is judged again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from anlan.warning.engine.chain_values import Chain, Message, Policy
from anlan.warning.engine.chains import evaluate

Tie = tuple[str, ...]


def ties(message: Message) -> frozenset[Tie]:
    """What a message may have in common with others of its surroundings: names it has or gives, and its content.

    Two messages with no tie between them, directly or by others, never touch one another's state: whoever keeps
    messages elsewhere finds by these what to evaluate together.
    """
    names = {("name", message.sender, message.identifier)}
    names |= {("name", one.sender, one.identifier) for one in message.references}
    if message.msg_type == "Alert" and not message.references:
        names.add(("content", message.sender, message.fingerprint))
    return frozenset(names)


@dataclass
class Book:
    """All messages so far, in sets that hang together."""

    policy: Policy = field(default_factory=Policy)
    _set_of: dict[Tie, set[Message]] = field(default_factory=dict)

    def add(self, message: Message) -> frozenset[Message]:
        """Take one message; return every message whose state it may have changed, itself among them."""
        found = {message}
        for tie in ties(message):
            found |= self._set_of.get(tie, set())
        for one in found:
            for tie in ties(one):
                self._set_of[tie] = found
        return frozenset(found)

    def chains(self, at: datetime) -> tuple[Chain, ...]:
        """Every chain as it stands at `at`, set by set."""
        sets: Iterable[set[Message]] = {id(one): one for one in self._set_of.values()}.values()
        chains = [chain for one in sets for chain in evaluate(one, at, self.policy)]
        return tuple(sorted(chains, key=lambda chain: chain.first))
