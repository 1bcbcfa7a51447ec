"""What can happen in the territory stage."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import Event
from anlan.territory import events_care as events_care  # their docstrings are part of this room


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


class ViewSaved(Event, kind="territory.view_saved", version=1):
    """A view of a list was saved under a name (保存名册视图).

    view: id of the view; register: of which list; name: what it is called.
    shared: whether all readers of the area see it.
    """

    view: UUID
    register: str
    name: str
    shared: bool


class ViewRemoved(Event, kind="territory.view_removed", version=1):
    """A saved view was taken away by the one who made it (删除名册视图).

    view: id of the view; register: of which list; name: what it was called.
    """

    view: UUID
    register: str
    name: str
