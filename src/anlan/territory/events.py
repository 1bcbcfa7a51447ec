"""What can happen in the territory stage."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import Event
from anlan.territory import events_care as events_care  # their docstrings are part of this room
from anlan.territory import events_divisions as events_divisions
from anlan.territory import events_quality as events_quality
from anlan.territory import events_target as events_target


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


class TerritoryTablesLaid(Event, kind="territory.tables_laid", version=1):
    """The tables of a large territory were loaded (批量载入的各表).

    profile: name of the profile with the mark of its order; seed: its seed.
    counts: rows per table; hashes: SHA-256 per table over its rows in the order they were loaded.
    """

    profile: str
    seed: int
    counts: dict[str, int]
    hashes: dict[str, str]


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


class ImportForgotten(Event, kind="territory.import_forgotten", version=1):
    """What an import's file brought besides its rows was removed (导入原件清除): the file and the values of bad cells.

    batch: which import; sha256: hash of the file that lay here; values: bad cells whose value was removed.
    """

    batch: UUID
    sha256: str
    values: int


class ImportMoved(Event, kind="territory.import_moved", version=1):
    """An import of a register came to another state (导入批次状态变更).

    batch: which import; register: into which register; state: the new state; sha256: hash of the file.
    counts: rows, new, changed, same, bad, duplicates, as far as known; code: why it failed, "" otherwise.
    """

    batch: UUID
    register: str
    state: str
    sha256: str
    counts: dict[str, int]
    code: str = ""


class TerritoryImported(Event, kind="territory.imported", version=1):
    """A file was taken into a register (名册导入), all its good rows in one transaction.

    batch: which import; register: into which register; file: name of the file; sha256: its hash.
    counts: rows, new, changed, same, bad, duplicates.
    content: SHA-256 over the rows that went in, in order of their keys.
    """

    batch: UUID
    register: str
    file: str
    sha256: str
    counts: dict[str, int]
    content: str


class ImportUndone(Event, kind="territory.import_undone", version=1):
    """An import was taken back (撤销导入): what it replaced is there again, what was new is gone.

    batch: which import; register: which register; reason: why, in the user's words.
    restored, removed: how many rows; left: how many were changed since or are in use, and stayed as they are.
    """

    batch: UUID
    register: str
    reason: str
    restored: int
    removed: int
    left: int


class RegisterExported(Event, kind="territory.exported", version=1):
    """Rows of a register left the house as a file (名册导出).

    register: which; file: id of the file, printed on it too; format: its format; rows: how many.
    where: the filters; unmasked: with names and telephones in full; reason: why, in the user's words.
    """

    register: str
    file: UUID
    format: str
    rows: int
    where: dict[str, str]
    unmasked: bool
    reason: str
