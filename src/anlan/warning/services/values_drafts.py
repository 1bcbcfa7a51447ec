"""What a warning being written says, as callers hand it in and the table keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.warning.services.values import Drawn, Texts

Pair = Mapping[str, str]
"""{"zh": …, "en": …}"""


@dataclass(frozen=True, slots=True)
class DraftContent:
    """Everything that goes out with a warning. Its digest is what checks and signatures hold for.

    `area`: division prefixes; `outline`: GeoJSON it was drawn as, or None; `area_kind`: how it was given
    (choices_drafts.AREA_KINDS); `incidents`, `note`: what CAP says of where it comes from; `actions`: audience → what it must do, the
    public's is the instruction; `sms`: the short form; `effective` None: when issued; `expires` None: as long as the
    pack says; `channels` None: all that are set up; `reason`: why a warning is cancelled.
    """

    hazard: str
    colour: str
    area: tuple[str, ...]
    headline: Pair
    description: Pair
    actions: Mapping[str, Pair]
    sms: Pair
    issuer_kind: str = "weather"
    act: str = "alert"
    outline: Mapping[str, Any] | None = None
    effective: datetime | None = None
    expires: datetime | None = None
    channels: tuple[str, ...] | None = None
    reason: str = ""
    references: UUID | None = field(default=None)
    area_kind: str = "divisions"
    incidents: str = ""
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values for the table."""
        own = {each.name: getattr(self, each.name) for each in fields(self)}
        body: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(own))
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> DraftContent:
        """The content of a row; Invalid `draft.content` where a value is of the wrong kind."""
        try:
            return msgspec.convert(body, cls)
        except msgspec.ValidationError as fault:
            raise Invalid(
                code="draft.content",
                zh=f"预警稿内容格式有误（{fault}）；请按接口说明改正。",
                en=f"The content can't be read ({fault}); write it as the interface says.",
                field="content",
                value=str(fault),
            ) from fault

    def digest(self) -> str:
        """SHA-256 over the content in one order of keys."""
        return hashlib.sha256(msgspec.json.encode(self.to_json(), order="deterministic")).hexdigest()

    def texts(self) -> Texts:
        """The words in the shape the message takes."""
        public = self.actions.get("public", {})
        return Texts(
            headline_zh=self.headline.get("zh", ""), headline_en=self.headline.get("en", ""),
            description_zh=self.description.get("zh", ""), description_en=self.description.get("en", ""),
            instruction_zh=public.get("zh", ""), instruction_en=public.get("en", ""),
        )  # fmt: skip

    def drawn(self) -> Drawn:
        """What `Warning` keeps of where the area and the words come from."""
        return Drawn(dict(self.outline) if self.outline is not None else None, self.incidents, self.note)

    def words(self) -> dict[str, Any]:
        """What `Warning.words` keeps: what each audience is told, and the short form."""
        return {"actions": {name: dict(pair) for name, pair in self.actions.items()}, "sms": dict(self.sms)}


def hand_of(actor: Actor) -> dict[str, Any]:
    """Who did a step, and with what reach: kept with the step."""
    return {
        **actor.as_json(),
        "account": actor.account,
        "divisions": list(actor.scope.prefixes),
        "roles": sorted(actor.roles),
    }


def actor_of(hand: Mapping[str, Any]) -> Actor:
    """The signer as of the signature, with the reach it was given with."""
    person, post, organisation = (UUID(hand[k]) if hand.get(k) else None for k in ("person", "post", "organisation"))
    return Actor(
        hand["kind"], hand["name"], Scope(tuple(hand["divisions"])), person=person, post=post,
        organisation=organisation, roles=frozenset(hand["roles"]), account=hand["account"],
    )  # fmt: skip


def same_hand(one: Mapping[str, Any], other: Mapping[str, Any] | None, *, post: bool = False) -> bool:
    """Are two hands the same person? By person, else by account, else by name; nobody is no one's. `post`: where no person
    is known, one post is one hand, whoever signs in for it."""
    if other is None:
        return False
    for key in ("person", "post", "account") if post else ("person", "account"):
        if one.get(key) and other.get(key):
            return bool(one[key] == other[key])
    return bool(one["name"] == other["name"])
