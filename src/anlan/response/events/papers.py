"""Events of papers. The docstrings are the public documentation."""

from __future__ import annotations

from anlan.kernel.journal import Event


class PaperMade(Event, kind="paper.made", version=1):
    """A paper was drafted (拟稿). paper: its id; paper_kind: its kind; title: {zh, en}; incident, level: ids or null; of: what
    else it was filled from; digest: SHA-256 of its content; replaces: id of the issued paper it takes the place of, or null.
    """

    paper: str
    paper_kind: str
    title: dict[str, str]
    incident: str | None
    level: str | None
    of: str
    digest: str
    replaces: str | None


class PaperChanged(Event, kind="paper.changed", version=1):
    """A paper got a new version. paper: its id; paper_version: the number; digest; undone: the state it lost, or null."""

    paper: str
    paper_version: int
    digest: str
    undone: str | None


class PaperChecked(Event, kind="paper.checked", version=1):
    """Another hand found a paper right (审核). paper: its id; digest: of the content checked."""

    paper: str
    digest: str


class PaperSigned(Event, kind="paper.signed", version=1):
    """A paper was signed (签发). paper: its id; digest: of the content signed."""

    paper: str
    digest: str


class PaperReturned(Event, kind="paper.returned", version=1):
    """A paper went back to its maker. paper: its id; reason; state: the state it had."""

    paper: str
    reason: str
    state: str


class PaperIssued(Event, kind="paper.issued", version=1):
    """A paper got its number and went out (印发). paper: its id; paper_kind; title: {zh, en}; organ, word, year, number: of its
    document number; incident, level: ids or null; digest; cc: how many copies are named."""

    paper: str
    paper_kind: str
    title: dict[str, str]
    organ: str
    word: str
    year: int
    number: int
    incident: str | None
    level: str | None
    digest: str
    cc: int


class PaperWithdrawn(Event, kind="paper.withdrawn", version=1):
    """A paper no longer counts; an issued one keeps its number. paper: its id; reason; state: the state it had."""

    paper: str
    reason: str
    state: str
