"""What can happen when people are looked up by area."""

from __future__ import annotations

from anlan.kernel.journal import Event


class TargetUnmasked(Event, kind="target.unmasked"):
    """Someone was shown in full whom an area calls (查看范围内责任人完整联系方式).

    area: SHA-256 of the outline; posts, people: how many were shown; reason: why.
    """

    area: str
    posts: int
    people: int
    reason: str
