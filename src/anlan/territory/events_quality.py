"""What can happen to doubtful rows: they are found, mended, merged, and all of that is undone."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import Event


class QualityChecked(Event, kind="quality.checked"):
    """A register was checked (数据质量检查). rows: looked at; found: open findings by check; opened, cleared: findings;
    sha256: over the rows and checks found, in order."""

    register: str
    rows: int
    found: dict[str, int]
    opened: int
    cleared: int
    sha256: str


class Remedied(Event, kind="quality.remedied"):
    """A remedy was applied to rows of a register (批量修正). remedy: which; batch: what `Kept` holds it under;
    sha256: over the rows' ids, in order."""

    register: str
    remedy: str
    rows: int
    batch: UUID
    sha256: str


class RemedyUndone(Event, kind="quality.remedy_undone"):
    """A remedy was undone (撤销修正). register, batch: where and which remedy; rows: put back; changed_since: rows left
    alone, having been changed since."""

    register: str
    batch: UUID
    rows: int
    changed_since: int


class DuplicatesFound(Event, kind="duplicates.found"):
    """Rows that may be one and the same were looked for (查找疑似重复). register: in which; rows: looked at; pairs:
    found; proposed: new
    proposals; sha256: over the pairs, in order."""

    register: str
    rows: int
    pairs: int
    proposed: int
    sha256: str


class MergeDecided(Event, kind="merge.decided"):
    """A person decided on a proposal (合并裁定). proposal, register: which and where; decision: merged or apart; kept,
    gone: the rows, if merged; moved: rows
    that went over, by table; reason: why."""

    proposal: UUID
    register: str
    decision: str
    kept: UUID | None
    gone: UUID | None
    moved: dict[str, int]
    reason: str


class MergeUndone(Event, kind="merge.undone"):
    """A merger was undone (撤销合并): the row stands by itself again, and what went over came back. proposal,
    register: which and where; gone: the row that is back; moved: rows that came back, by table; reason: why."""

    proposal: UUID
    register: str
    gone: UUID
    moved: dict[str, int]
    reason: str
