"""What can happen with the feeds we poll. The docstrings are the public documentation of the events."""

from __future__ import annotations

from anlan.kernel.journal import Event


class FeedSet(Event, kind="feed.set", version=1):
    """A feed of somebody else's warnings was set up or changed.

    name: its name; url: its address; interval_s: seconds between polls; enabled: whether it is polled.
    """

    name: str
    url: str
    interval_s: int
    enabled: bool


class FeedFailing(Event, kind="feed.failing", version=1):
    """A feed could not be read several times in a row. name: its name; code, zh, en: what is wrong; failures: how often."""

    name: str
    code: str
    zh: str
    en: str
    failures: int


class FeedRestored(Event, kind="feed.restored", version=1):
    """A feed that was failing answers again. name: its name; failures: how often it had failed."""

    name: str
    failures: int
