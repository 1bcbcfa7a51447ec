"""Polling the feeds of others (外部预警源轮询): due ones are read, new entries handed over, each exactly once.

The network is never waited for inside a transaction. An entry counts as taken in the transaction that takes it in, so a
worker that dies takes the rest later and nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, Protocol

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.kernel.problem import Problem, Unavailable
from anlan.warning.events.feeds import FeedFailing, FeedRestored
from anlan.warning.formats.feed_read import CAP_PREFIXES, FeedContent, FeedItem, feed_read
from anlan.warning.formats.xml_safe import XmlRefused
from anlan.warning.models import FeedPoll, FeedSource, FeedTaken
from anlan.warning.sources.fetch import Fetched, Limits, fetch

FAILING_AFTER: Final = 3
LONGEST_WAIT: Final = timedelta(hours=1)
# Files fetched for one poll; the rest of a long feed comes with the polls that follow.
MOST_FILES: Final = 200
# So long the files of one poll may take; the worker has other jobs.
MOST_SECONDS: Final = 40.0
KEPT: Final = timedelta(days=7)
Fetch = Callable[..., Fetched]


class Receive(Protocol):
    """Takes one message in: the bytes as they came, and the name of the feed. Raises a Problem for what it refuses."""

    def __call__(self, *, by: Actor, body: bytes, source: str) -> Any:
        """Take it in, in the caller's transaction."""


@dataclass(slots=True)
class _Round:
    """What one poll has done: messages taken and refused, files fetched, and whether the whole feed was worked off."""

    taken: int = 0
    refused: int = 0
    files: int = 0
    whole: bool = True
    began: float = field(default_factory=monotonic)
    seen: list[str] = field(default_factory=list)


def feeds_poll(*, by: Actor, receive: Receive, at: datetime | None = None, get: Fetch = fetch) -> int:
    """Poll every feed that is due; returns how many messages were taken in. `get` reads an address (`sources.fetch`).

    A feed that fails is waited for longer and longer, up to an hour or as long as it asks; the third failure in a row
    is recorded as `feed.failing`, the next success as `feed.restored`.
    """
    moment = at or clock.now()
    due = FeedPoll.objects.filter(due_at__lte=moment, source__enabled=True).order_by("due_at", "id")
    return sum(_poll(by, receive, get, ident, moment) for ident in list(due.values_list("id", flat=True)))


def _poll(by: Actor, receive: Receive, get: Fetch, ident: int, at: datetime) -> int:
    poll = _claimed(ident, at)
    if poll is None:
        return 0
    done = _Round()
    limits = Limits(private=bool(options.feeds_private))
    try:
        answer = get(poll.source.url, etag=poll.etag, modified=poll.modified, limits=limits)
        if answer.status == 200:
            content = _content(answer)
            for item in content.items:
                _item(by, receive, get, poll.source, item, done, at, limits)
    except Problem as problem:
        _failed(by, poll, problem, at)
        return done.taken
    _went_well(by, poll, answer, done, at)
    return done.taken


@transaction.atomic
def _claimed(ident: int, at: datetime) -> FeedPoll | None:
    """The poll, put off by its interval, so that no other worker does it too and a crash does not repeat it at once."""
    rows = FeedPoll.objects.select_for_update(skip_locked=True, of=("self",)).select_related("source")
    poll = rows.filter(id=ident, due_at__lte=at).first()
    if poll is not None:
        poll.due_at = at + timedelta(seconds=poll.source.interval_s)
        poll.polled_at = at
        poll.save(update_fields=["due_at", "polled_at"])
    return poll


def _content(answer: Fetched) -> FeedContent:
    try:
        return feed_read(answer.body, answer.address)
    except XmlRefused as refused:
        raise Unavailable(
            code=refused.code,
            zh=f"预警源 {answer.address[:200]} 无法解析：{refused.zh}。",
            en=f"{answer.address[:200]} can't be read: {refused.en}.",
            field="url",
            value=answer.address[:200],
        ) from refused


def _item(
    by: Actor,
    receive: Receive,
    get: Fetch,
    source: FeedSource,
    item: FeedItem,
    done: _Round,
    at: datetime,
    limits: Limits,
) -> None:
    key = hashlib.sha256(b"\0".join([item.id.encode(), item.updated.encode(), *_marks(item)])).hexdigest()
    done.seen.append(key)
    if FeedTaken.objects.filter(source=source, key=key).exists():
        return
    bodies = item.alerts
    if not bodies and item.links:
        if done.files >= MOST_FILES or monotonic() - done.began > MOST_SECONDS:
            done.whole = False
            return
        done.files += 1
        try:
            bodies = _alerts(get(item.links[0], limits=limits))
        except Problem:
            done.whole = False  # asked for again at the next poll
            return
    with transaction.atomic():
        values = {"division": source.division, "seen_at": at}
        _, fresh = FeedTaken.objects.get_or_create(source=source, key=key, defaults=values)
        for body in bodies if fresh else ():
            try:
                with transaction.atomic():
                    receive(by=by, body=body, source=source.name)
                done.taken += 1
            except Problem:
                done.refused += 1


def _marks(item: FeedItem) -> list[bytes]:
    return [hashlib.sha256(alert).digest() for alert in item.alerts] or [link.encode() for link in item.links[:1]]


def _alerts(answer: Fetched) -> tuple[bytes, ...]:
    """The messages of a file an entry links to. One that is broken but means to be CAP is handed over as it came."""
    try:
        content = feed_read(answer.body, answer.address)
    except XmlRefused:
        return (answer.body,) if any(prefix.encode() in answer.body for prefix in CAP_PREFIXES) else ()
    # A feed that an entry links to is not followed: feeds may name each other in a circle.
    return () if content.kind == "feed" else tuple(alert for item in content.items for alert in item.alerts)


@transaction.atomic
def _went_well(by: Actor, poll: FeedPoll, answer: Fetched, done: _Round, at: datetime) -> None:
    if poll.state == "failing":
        record(FeedRestored(name=poll.source.name, failures=poll.failures), by=by,
               about=f"feed:{poll.source_id}", division=poll.division, at=at)  # fmt: skip
    poll.state, poll.failures, poll.error, poll.answered_at = "ok", 0, {}, at
    poll.taken += done.taken
    poll.refused += done.refused
    if answer.status == 200:
        # Without validators the whole feed comes again, and what is left of it is worked off.
        poll.etag, poll.modified = (answer.etag, answer.modified) if done.whole else ("", "")
        taken = FeedTaken.objects.filter(source=poll.source)
        taken.filter(key__in=done.seen, seen_at__lt=at - KEPT / 7).update(seen_at=at)
        taken.filter(seen_at__lt=at - KEPT).exclude(key__in=done.seen).delete()
    poll.save()


@transaction.atomic
def _failed(by: Actor, poll: FeedPoll, problem: Problem, at: datetime) -> None:
    poll.failures += 1
    poll.error = {"code": problem.code, "zh": problem.zh, "en": problem.en}
    asked = timedelta(seconds=int(problem.extra.get("retry_after_s", 0)))
    wait = timedelta(seconds=poll.source.interval_s) * 2 ** min(poll.failures, 12)
    poll.due_at = at + max(
        min(wait, LONGEST_WAIT), min(asked, 24 * LONGEST_WAIT), timedelta(seconds=poll.source.interval_s)
    )
    if poll.failures == FAILING_AFTER:
        poll.state = "failing"
        record(FeedFailing(name=poll.source.name, failures=poll.failures, **poll.error), by=by,
               about=f"feed:{poll.source_id}", division=poll.division, at=at)  # fmt: skip
    poll.save()
