"""What can happen to divisions: code lists taken in, decided and applied; outlines laid down; rows given a new home."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import Event


class EditionOpened(Event, kind="division.edition_opened", version=1):
    """A code list was taken in for review (载入区划代码版本，待审核).

    edition: its id; name: as given; valid_from: day it takes force, ISO.
    source: who issued it; sha256: hash of its rows; rows: how many it has.
    changes: proposals by kind.
    """

    edition: UUID
    name: str
    valid_from: str
    source: str
    sha256: str
    rows: int
    changes: dict[str, int]


class CodeChangesDecided(Event, kind="division.changes_decided", version=1):
    """Somebody accepted or refused proposed changes of codes (审核代码变更).

    edition: of which list; decision: "accepted" or "refused"; count: how many.
    codes: "old>new" of the first hundred; reason: why, in the decider's words.
    """

    edition: UUID
    decision: str
    count: int
    codes: list[str]
    reason: str


class EditionApplied(Event, kind="division.edition_applied", version=1):
    """A reviewed code list took force: divisions changed and the registers' rows moved with them (区划代码版本生效).

    edition, name, valid_from (ISO): which; changes: applied by kind; sha256: hash over "kind old>new" of all of them.
    moved: rows by register that went to the successor; unresolved: rows by register that nobody can place by rule.
    parted: rows by register at a division that stays but gave a part away, which may belong to either.
    accounts: user names whose area changed.
    """

    edition: UUID
    name: str
    valid_from: str
    changes: dict[str, int]
    sha256: str
    moved: dict[str, int]
    unresolved: dict[str, int]
    parted: dict[str, int]
    accounts: list[str]


class EditionWithdrawn(Event, kind="division.edition_withdrawn", version=1):
    """A code list under review was taken back unapplied (撤回区划代码版本).

    edition, name: which; reason: why.
    """

    edition: UUID
    name: str
    reason: str


class DivisionRehomed(Event, kind="division.rehomed", version=1):
    """Rows of a division that is no more were given to another by a person's decision (指定归属).

    old, new: codes; moved: rows by register; reason: why.
    """

    old: str
    new: str
    moved: dict[str, int]
    reason: str


class BoundariesImported(Event, kind="division.boundaries_imported", version=1):
    """Outlines of divisions were laid down or replaced (载入区划边界).

    source: where they come from; count: how many; sha256: hash of what was sent; codes: the first hundred.
    findings: what the coverage check still says about the whole, by kind.
    moved: rows by register that a split had left open and the outlines now place.
    """

    source: str
    count: int
    sha256: str
    codes: list[str]
    findings: dict[str, int]
    moved: dict[str, int]
