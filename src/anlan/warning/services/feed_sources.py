"""Setting up the feeds we poll (外部预警源登记)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid
from anlan.warning.events_feeds import FeedSet
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
    at: datetime | None = None,
) -> FeedSource:
    """Set up the feed `name`, or change it; it is due at once. `interval_s`: 30 s to a day between polls.

    Raises Forbidden, Invalid `feed.address`, `feed.name`, `feed.interval`.
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
    values = {"url": url, "interval_s": interval_s, "enabled": enabled, "division": division}
    before = FeedSource.objects.select_for_update().filter(name=name).first()
    if before is not None:
        by.must("feed.manage", before.division)
    source, _ = FeedSource.objects.update_or_create(name=name, defaults=values)
    moved = before is None or before.url != url
    fresh = {"etag": "", "modified": "", "state": "new", "failures": 0, "error": {}} if moved else {}
    FeedPoll.objects.update_or_create(source=source, defaults={"division": division, "due_at": moment, **fresh})
    record(FeedSet(name=name, url=url, interval_s=interval_s, enabled=enabled), by=by,
           about=f"feed:{source.id}", division=division, at=moment)  # fmt: skip
    return source
