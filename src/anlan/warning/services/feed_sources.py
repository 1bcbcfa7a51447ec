"""Setting up the feeds we poll (外部预警源登记)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.warning import choices
from anlan.warning.events.feeds import FeedAsked, FeedSet
from anlan.warning.models import FeedPoll, FeedSource
from anlan.warning.sources.fetch import address_check

LEAST_S: Final = 30
MOST_S: Final = 86_400


@transaction.atomic
def feed_source_set(
    *,
    by: Actor,
    name: str,
    url: str,
    division: str,
    interval_s: int = 60,
    enabled: bool = True,
    policy: str = "tell",
    at: datetime | None = None,
) -> FeedSource:
    """Set up the feed `name`, or change it; it is due at once. `interval_s`: 30 s to a day between polls; `policy`: what
    becomes of messages whose signature is not proved (choices.POLICIES); `enabled` False pauses it.

    Raises Forbidden, Invalid `feed.address`, `feed.name`, `feed.interval`, `feed.policy`.
    """
    moment = at or clock.now()
    by.must("feed.manage", division)
    address_check(url)
    if not name.strip() or len(name) > 64:
        raise Invalid(code="feed.name", zh="请为预警源起一个不超过64字的名称。", field="name", value=name,
                      en="Give the feed a name of at most 64 characters.")  # fmt: skip
    if not LEAST_S <= interval_s <= MOST_S:
        raise Invalid(code="feed.interval", zh=f"轮询间隔须为{LEAST_S}至{MOST_S}秒。", field="interval_s", value=interval_s,
                      en=f"Poll every {LEAST_S} to {MOST_S} seconds.")  # fmt: skip
    if policy not in choices.POLICIES:
        raise Invalid(code="feed.policy", zh=f"策略“{policy}”未知；可用：{'、'.join(choices.POLICIES)}。", field="policy", value=policy,
                      en=f"“{policy}” is no policy; choose from {', '.join(choices.POLICIES)}.")  # fmt: skip
    values = {"policy": policy, "url": url, "interval_s": interval_s, "enabled": enabled, "division": division}
    before = FeedSource.objects.select_for_update().filter(name=name).first()
    if before is not None:
        by.must("feed.manage", before.division)
    try:
        with transaction.atomic():
            source, _ = FeedSource.objects.update_or_create(name=name, defaults=values)
    except IntegrityError as taken:  # of another area, which this reader does not see
        raise Conflict(code="feed.name_taken", zh=f"名称“{name}”已被其他地区使用；请换一个名称。", field="name", value=name,
                       en=f"The name “{name}” is taken by another area; choose another.") from taken  # fmt: skip
    moved = before is None or before.url != url
    fresh = {"etag": "", "modified": "", "state": "new", "failures": 0, "error": {}} if moved else {}
    FeedPoll.objects.update_or_create(source=source, defaults={"division": division, "due_at": moment, **fresh})
    record(FeedSet(name=name, url=url, interval_s=interval_s, enabled=enabled, policy=policy), by=by,
           about=f"feed:{source.id}", division=division, at=moment)  # fmt: skip
    return source


@transaction.atomic
def feed_source_due(*, by: Actor, source: FeedSource, at: datetime | None = None) -> FeedSource:
    """Have the feed polled at the next round, within half a minute (立即轮询). Raises Forbidden, Conflict when paused."""
    moment = at or clock.now()
    by.must("feed.manage", source.division)
    if not source.enabled:
        raise Conflict(code="feed.paused", zh="此源已暂停；请先恢复轮询。", en="This feed is paused; go on with it first.",
                       field="enabled", value=source.name)  # fmt: skip
    FeedPoll.objects.select_for_update().filter(source=source).update(due_at=moment)
    record(FeedAsked(name=source.name), by=by, about=f"feed:{source.id}", division=source.division, at=moment)
    return source
