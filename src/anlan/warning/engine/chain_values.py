"""What the lifecycle of CAP messages (消息链) is told and what it says: frozen values, and the words for every reason.

Nothing here knows how a message was written; whoever has read one fills in a `Message`. Source: CAP 1.2 §3.2.1
(msgType, references, expires); identity of a message is sender, identifier and sent together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

State = Literal[
    "in_force", "held", "superseded", "cancelled", "rejected", "expired",  # of Alert and Update
    "acting", "waiting", "no_effect",  # of Cancel, Ack and Error
    "conflict", "unknown",
]  # fmt: skip
ACTING: Final = frozenset({"Update", "Cancel", "Error"})
CONTENT: Final = frozenset({"Alert", "Update"})
ANY_SENDER: Final = "*"
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)


class Identity(NamedTuple):
    """Sender, identifier, and `stamp`: the instant of `sent` in UTC as ISO 8601, or its text where that is no time."""

    sender: str
    identifier: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A triple of `references`. sent: the instant, None where `text` (as written) can't be read as one."""

    sender: str
    identifier: str
    sent: datetime | None
    text: str = ""

    @property
    def identity(self) -> Identity:
        """The identity the triple names."""
        return Identity(self.sender, self.identifier, self.text if self.sent is None else stamp(self.sent, self.text))


@dataclass(frozen=True, slots=True)
class Message:
    """One message received.

    sent: aware; sent_text: as written. digest: over the whole content, so two messages of one identity and one digest
    are one message. fingerprint: over the content without identifier, sent and references. expires: the latest of its
    info blocks, None where none is given. verified: its signature was proved. doubt: why the receiver's policy holds it
    until a person lets it through (`unproved`, `bad_signature`), "" when nothing does.
    """

    sender: str
    identifier: str
    sent: datetime
    msg_type: str
    digest: str
    fingerprint: str
    status: str = "Actual"
    scope: str = "Public"
    references: tuple[Reference, ...] = ()
    expires: datetime | None = None
    sent_text: str = ""
    verified: bool = False
    doubt: str = ""

    @property
    def identity(self) -> Identity:
        """Sender, identifier and sent."""
        return Identity(self.sender, self.identifier, stamp(self.sent, self.sent_text))


@dataclass(frozen=True, slots=True)
class Policy:
    """What the standard leaves to the receiver.

    lifetime: of a message without expires, from `sent`. reissue: how long after a message the same content under a new
    name is held. authorities: (who, over whom) for references to other senders' messages; "*" over whom is all.
    released: held messages a person let through.
    """

    lifetime: timedelta = timedelta(hours=24)
    reissue: timedelta = timedelta(minutes=60)
    authorities: frozenset[tuple[str, str]] = frozenset()
    released: frozenset[Identity] = frozenset()

    def doubts(self, message: Message) -> bool:
        """Is this message held for its signature, and has nobody let it through?"""
        return bool(message.doubt) and message.identity not in self.released

    def may(self, who: str, over: str) -> bool:
        """May `who` act on messages of `over`? On its own always."""
        return who == over or (who, over) in self.authorities or (who, ANY_SENDER) in self.authorities


class Why(NamedTuple):
    """A reason: its code (see WORDS) and the message it is about, if another one."""

    code: str
    about: Identity | None = None

    def words(self) -> dict[str, str]:
        """The reason in Chinese and English."""
        zh, en = WORDS[self.code]
        name = "" if self.about is None else self.about.identifier
        return {"zh": zh.format(name), "en": en.format(name)}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one message stands. by: the messages that put it there; expires: its end; acks, refusals: who answered it."""

    identity: Identity
    digest: str
    msg_type: str
    state: State
    sent: datetime
    expires: datetime
    live: bool
    public: bool
    why: tuple[Why, ...] = ()
    by: tuple[Identity, ...] = ()
    acks: tuple[Identity, ...] = ()
    refusals: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Messages that act on one another. first: its earliest member, received or only named; standing: what is in force
    now, newest first; missing: messages named and never received."""

    first: Identity
    state: State
    standing: tuple[Identity, ...]
    messages: tuple[Standing, ...]
    missing: tuple[Identity, ...] = ()
    why: tuple[Why, ...] = field(default=())


def stamp(moment: datetime, text: str = "") -> str:
    """The instant in UTC as ISO 8601; at the ends of the calendar, where UTC has no such year, the text."""
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        return text or moment.isoformat()


WORDS: Final[dict[str, tuple[str, str]]] = {
    "updated": ("已被 {} 更新取代", "Superseded by the update {}"),
    "cancelled": ("已被 {} 取消", "Cancelled by {}"),
    "rejected": ("已被 {} 以差错消息作废", "Rejected by the error message {}"),
    "expired": ("已过有效期", "Its time has run out"),
    "default_lifetime": (
        "未写失效时间，按本机默认时长计算", "It names no end; the receiver's default lifetime is counted",
    ),
    "reissue": ("与 {} 内容相同而换了编号，且未引用它：暂存待人决定", "The content of {} again under a new name: held for a person to decide"),
    "released": ("由人工放行", "Let through by a person"),
    "no_authority": ("{} 由另一发送者发布，本发送者无权更新或取消", "{} is another sender's; this sender has no authority over it"),
    "unproved": ("该来源要求签名，此消息未能核验：暂存待人决定", "Its source must sign and this could not be proved: held for a person to decide"),
    "bad_signature": ("签名与内容不符：暂存待人决定", "Its signature speaks against it: held for a person to decide"),
    "draft": ("草稿，不执行", "A draft, not to be acted on"),
    "not_actual": ("非实际状态（演练、系统、测试），不得对外播发", "Not an actual message (exercise, system, test): never for live channels"),
    "not_public": ("限定或私有范围，不得公开", "Restricted or private: not for the public"),
    "no_reference": ("没有可执行的引用", "It names no message that it could act on"),
    "self_reference": ("引用了自己，该引用不计", "It names itself; that reference counts for nothing"),
    "later_reference": ("引用了晚于自己的 {}，该引用不计", "It names the later message {}; that reference counts for nothing"),
    "cycle": ("与 {} 互相引用，该引用不计", "It and {} name one another; that reference counts for nothing"),
    "status_differs": ("与 {} 的状态（实际或演练等）不同，该引用不计", "Its status differs from that of {}; that reference counts for nothing"),
    "sent_differs": ("引用 {} 的发送时间与收到的不符，按未收到处理", "It names {} with another sent than the one received; taken as not received"),
    "missing": ("所引用的 {} 尚未收到", "{}, which it names, has not been received"),
    "acts_on_act": ("{} 本身是取消或差错消息，对其作用的对象没有影响", "{} is itself a cancel, ack or error; what it did stands"),
    "conflict": ("同一编号收到内容不同的消息，以另一份为准", "Another message came under the same identity; that one counts"),
    "has_conflict": ("同一编号另有内容不同的消息", "Another message with other content came under the same identity"),
    "identifier_reused": ("同一发送者以同一编号另发过 {}", "The sender used its identifier for another message as well ({})"),
    "fork": ("有两条以上消息同时有效，须由人核对", "More than one message of the chain is in force: somebody must compare them"),
    "cancel_leaves": ("取消消息没有点名 {}，它仍然有效", "The cancel does not name {}, which stays in force"),
    "incomplete": ("链中有消息尚未收到", "Messages of the chain have not been received"),
    "unknown_type": ("消息类型未知", "The message type is not known"),
}  # fmt: skip
