"""What can happen with the feeds we poll. The docstrings are the public documentation of the events."""

from __future__ import annotations

from anlan.kernel.journal import Event


class FeedSet(Event, kind="feed.set", version=1):
    """A feed of somebody else's warnings was set up or changed.

    name: its name; url: its address; interval_s: seconds between polls; enabled: whether it is polled; policy:
    what becomes of messages whose signature is not proved (tell, hold_bad, hold_unproved).
    """

    name: str
    url: str
    interval_s: int
    enabled: bool
    policy: str = "tell"


class FeedAsked(Event, kind="feed.asked", version=1):
    """A person asked for a feed to be polled at once. name: its name."""

    name: str


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
