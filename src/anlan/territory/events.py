"""What can happen in the territory stage."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import Event


class TerritoryGenerated(Event, kind="territory.generated", version=1):
    """A territory was laid down by the generator (生成区划、机构、岗位、人员与重点部位).

    profile: name of the profile; seed: its seed.
    counts: rows per table.
    sha256: hash of all rows laid down; the same profile, version and seed give the same hash.
    """

    profile: str
    seed: int
    counts: dict[str, int]
    sha256: str


class PersonUnmasked(Event, kind="person.unmasked", version=1):
    """Someone was shown a person's telephone in full (查看完整电话).

    person: whose; reason: why, in the reader's own words.
    """

    person: UUID
    reason: str
