"""What can happen in the rescue stage."""

from __future__ import annotations

from anlan.kernel.journal import Event


class TeamsLaid(Event, kind="teams.laid", version=1):
    """Rescue teams and their members were laid down by the generator (生成救援队伍).

    seed: the generator's seed; teams: teams per kind; members: members per kind.
    hashes: SHA-256 per table over the rows in the order they were loaded.
    """

    seed: int
    teams: dict[str, int]
    members: dict[str, int]
    hashes: dict[str, str]
