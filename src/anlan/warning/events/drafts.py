"""What can happen to a warning being written. The docstrings are the public documentation of the events."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel.journal import Event


class DraftMade(Event, kind="draft.made", version=1):
    """A warning was written, ready to be checked. draft: its id; act: alert, update or cancel; hazard, colour; area:
    division prefixes; source: signal, proposal, received, warning or none; of: id of that source, or null; digest:
    SHA-256 of the content; drill: true in an exercise.
    """

    draft: str
    act: str
    hazard: str
    colour: str
    area: list[str]
    source: str
    of: str | None
    digest: str
    drill: bool


class DraftChanged(Event, kind="draft.changed", version=1):
    """Its content changed; what had been checked or signed is to be checked again. draft: its id; digest, before: the
    content's digests now and before; fields: what changed; undone: the state that was lost, or null.
    """

    draft: str
    digest: str
    before: str
    fields: list[str]
    undone: str | None


class DraftChecked(Event, kind="draft.checked", version=1):
    """Another hand checked it. draft: its id; digest: of the content checked."""

    draft: str
    digest: str


class DraftSigned(Event, kind="draft.signed", version=1):
    """An authorised issuer signed it. draft: its id; digest: of the content signed; second: true for the second
    signature under words that go against an order in force.
    """

    draft: str
    digest: str
    second: bool = False


class DraftReturned(Event, kind="draft.returned", version=1):
    """It was sent back to its maker. draft: its id; reason: in the words of who sent it back; state: the state it had."""

    draft: str
    reason: str
    state: str


class DraftDropped(Event, kind="draft.dropped", version=1):
    """It will not be issued. draft: its id; reason: in their words."""

    draft: str
    reason: str


class DraftIssued(Event, kind="draft.issued", version=1):
    """It went out. draft: its id; warning: the warning issued or cancelled; digest: of its content; seconds: from made
    to issued; urgent: true when one issuer made and issued it at once; reason: why, then; after_post: code of the post
    that owes the after-check, or null; after_due_at: until when, or null.
    """

    draft: str
    warning: str
    digest: str
    seconds: int
    urgent: bool = False
    reason: str = ""
    after_post: str | None = None
    after_due_at: datetime | None = None


class DraftAfterChecked(Event, kind="draft.after_checked", version=1):
    """The after-check of an urgent issue was made. draft, warning: ids; verdict: right, update or cancel; note: in
    their words; late_s: seconds after the limit, 0 in time.
    """

    draft: str
    warning: str
    verdict: str
    note: str
    late_s: int


class DraftAfterCheckMissed(Event, kind="draft.after_check_missed", version=1):
    """The after-check of an urgent issue was not made in time: a red item. draft, warning: ids; post: code of the post
    that owes it, or null.
    """

    draft: str
    warning: str
    post: str | None
