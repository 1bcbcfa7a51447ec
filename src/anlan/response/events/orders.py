"""Events of orders. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.journal import Event


class OrderDrafted(Event, kind="order.drafted", version=1):
    """An order was written down, ready to be checked. order: its id; of_kind: order, notice, request or instruction;
    issuer: code of the post it is given by, or null; lead: code of the leading receiver, or null; helpers: how many
    co-operate; incident: id or null; supersedes: id of the order it changes, or null; digest: SHA-256 of the content.
    """

    order: str
    of_kind: str
    issuer: str | None
    lead: str | None
    helpers: int
    incident: str | None
    supersedes: str | None
    digest: str


class OrderEdited(Event, kind="order.edited", version=1):
    """Its content changed before it went out; what had been checked or signed is to be checked again. order; digest,
    before: digests of the content now and before; undone: the state that was lost, or null.
    """

    order: str
    digest: str
    before: str
    undone: str | None


class OrderChecked(Event, kind="order.checked", version=1):
    """Another hand checked it. order; digest: of the content checked."""

    order: str
    digest: str


class OrderSigned(Event, kind="order.signed", version=1):
    """It was signed. order; digest: of the content signed."""

    order: str
    digest: str


class OrderReturned(Event, kind="order.returned", version=1):
    """It was sent back to its maker. order; reason: in the words of who sent it back; state: the state it had."""

    order: str
    reason: str
    state: str


class OrderDropped(Event, kind="order.dropped", version=1):
    """It will not go out. order; reason: in their words."""

    order: str
    reason: str


class OrderIssued(Event, kind="order.issued", version=1):
    """It went out. order; number; of_kind; title: {zh, en}; receivers: how many; lead: the leading receiver's post code,
    or null; due_at; verbal: phone, radio or face when by word of mouth first, else ""; written_due_at: until when its
    written form is owed, or null; supersedes: id of the order it changes, or null; digest; incident: id, or null.
    """

    order: str
    number: str
    of_kind: str
    title: dict[str, str]
    receivers: int
    lead: str | None
    due_at: datetime
    verbal: str
    written_due_at: datetime | None
    supersedes: str | None
    digest: str
    incident: str | None = None


class OrderWritten(Event, kind="order.written", version=1):
    """The written form of a verbal order was signed. order; late_s: seconds after the limit, 0 in time; digest: of the
    content signed.
    """

    order: str
    late_s: int
    digest: str


class OrderWrittenLate(Event, kind="order.written_late", version=1):
    """The written form of a verbal order was not made in time: a red item. order; number; post: code of the issuer's
    post, or null; due_at; incident: id, or null.
    """

    order: str
    number: str
    post: str | None
    due_at: datetime
    incident: str | None = None


class OrderChanged(Event, kind="order.changed", version=1):
    """An order in force gave way to a later one. order; number; by: id of the later one; told: receivers who are not in
    the later one and must sign for the change; reason; incident: id, or null.
    """

    order: str
    number: str
    by: str
    told: int
    reason: str
    incident: str | None = None


class OrderCancelled(Event, kind="order.cancelled", version=1):
    """An order in force was called off; every receiver must sign for that. order; number; told: how many; reason; incident: id, or null."""

    order: str
    number: str
    told: int
    reason: str
    incident: str | None = None


class OrderProgressed(Event, kind="order.progressed", version=1):
    """How an order is going was told (办理情况). order; task: id of the receiver's task, or null; post: code, or null;
    text; files: ids of attachments; incident: id, or null.
    """

    order: str
    task: str | None
    post: str | None
    text: str
    files: list[str]
    incident: str | None = None


class OrderThrough(Event, kind="order.through", version=1):
    """Nothing more is waited for from the receivers of an instruction; who gave it has yet to close it. order; number;
    minutes: since it was issued; incident: id, or null.
    """

    order: str
    number: str
    minutes: int
    incident: str | None = None


class OrderClosed(Event, kind="order.closed", version=1):
    """It is closed (办结). order; number; reason: in the words of who closed it, "" when it closed with the last receiver;
    minutes: since it was issued; incident: id, or null.
    """

    order: str
    number: str
    reason: str
    minutes: int
    incident: str | None = None
