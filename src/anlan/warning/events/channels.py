"""What can happen to messages and ways out. The docstrings are the public documentation of the events."""

from __future__ import annotations

from anlan.kernel.journal import Event


class MessagesQueued(Event, kind="messages.queued", version=1):
    """Messages of a warning were queued for a channel. warning; channel: its code; count; without_address: of them
    people who have no address on this channel, and are not reached by it.
    """

    warning: str
    channel: str
    count: int
    without_address: int


class MessagesSent(Event, kind="messages.sent", version=1):
    """A way out tells what became of messages. warning; setting: the way out's code; channel; handed: taken over by
    the gateway; delivered, failed (given up ones too), retried: how many; parts: text messages they took; cost_fen;
    sha256: over the sorted ids and states.
    """

    warning: str
    setting: str
    channel: str
    handed: int
    delivered: int
    failed: int
    retried: int
    parts: int
    cost_fen: float
    sha256: str


class MessagesMoved(Event, kind="messages.moved", version=1):
    """Waiting messages left a way out that is down. setting: its code; channel; instead: codes of the ways out that
    took them over; count: messages moved; error: why it is down.
    """

    setting: str
    channel: str
    instead: list[str]
    count: int
    error: str


class MessagesTakenBack(Event, kind="messages.taken_back", version=1):
    """Queued messages were taken back: their calls were answered, or the warning ended. warning; count."""

    warning: str
    count: int


class ChannelChanged(Event, kind="channel.changed", version=1):
    """A way out was set up or changed. setting: its code; carries: channel code; gateway: its kind; action: made or
    changed; fields: what changed.
    """

    setting: str
    carries: str
    gateway: str
    action: str
    fields: list[str]


class ChannelDown(Event, kind="channel.down", version=1):
    """A way out stopped working. setting: its code; channel: what it carries; error: what it said."""

    setting: str
    channel: str
    error: str


class ChannelUp(Event, kind="channel.up", version=1):
    """A way out works again. setting: its code; channel; seconds: how long it was down."""

    setting: str
    channel: str
    seconds: int


class ChannelPaused(Event, kind="channel.paused", version=1):
    """A way out was paused, or goes on. setting: its code; carries: channel code; paused: false when it goes on;
    reason: in words; moved: waiting messages that other ways took over.
    """

    setting: str
    carries: str
    paused: bool
    reason: str
    moved: int


class ChannelTested(Event, kind="channel.tested", version=1):
    """A test message went out past the queue. setting: its code; carries: channel code; state: handed, delivered, retry,
    failed or gone; error: what the gateway said.
    """

    setting: str
    carries: str
    state: str
    error: str


class ReplyUnread(Event, kind="reply.unread", version=1):
    """A reply came that answers no call: an unknown sender or unreadable words. The duty desk reads it. setting: by
    which way out; reason: unknown_sender, unknown_words or no_open_call; words: what it said; person: id or null;
    reply: id in the list of replies to be read.
    """

    setting: str
    reason: str
    words: str
    person: str | None
    reply: str


class ReplyRead(Event, kind="reply.read", version=1):
    """The duty desk read a reply that answered no call by itself. reply: its id; became: the answer it was taken as, or
    filed; call: the call answered, or null; note: in words; waited_s: seconds since it came.
    """

    reply: str
    became: str
    call: str | None
    note: str
    waited_s: int
