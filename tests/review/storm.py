"""A small storm as rows and entries, with the real times of July 2021; the tests of the report share it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from anlan.review.engine.rows import Call, Entry, Level, LevelProposal, Proposal, Record, Signal, Task, Warning

BEIJING = timezone(timedelta(hours=8))


def t(text: str) -> datetime:
    """A moment of July 2021 in Beijing, `19 21:59`, as UTC."""
    return datetime.strptime(f"2021-07-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BEIJING).astimezone(UTC)


RED = t("19 21:59")
SPAN = (t("19 12:00"), t("21 00:00"))


def call(role: str, tier: str, answer_min: float | None, *, step: int = 0, late_s: int = 0) -> Call:
    """One person called with the first red warning, who answered after so many minutes."""
    answered = None if answer_min is None else RED + timedelta(minutes=answer_min)
    return Call("w1", role, tier, step, "exhausted" if answered is None else "answered", answered,
                "received" if answered else "", late_s)  # fmt: skip


def record() -> Record:
    """Two warnings, one proposal, four people called, both tracks of levels, three tasks."""
    return Record(
        signals=(
            Signal("s1", "orange", t("19 21:00")),
            Signal("s1", "red", t("19 21:40")),
            Signal("s1", "red", t("20 03:00")),
        ),
        proposals=(Proposal("p1", "s1", "w1", "red", "issued", t("19 21:40")),),
        warnings=(
            Warning("w0", "Y1", "yellow", "11B03", t("19 18:00")),
            Warning("w1", "R1", "red", "11B03", RED),
            Warning("w2", "R2", "red", "11B03", t("20 06:02")),
        ),
        calls=(
            call("township_head", "township", 2),
            call("township_head", "township", 14, step=1),
            call("village_head", "village", None, step=3),
            call("village_head", "village", 30, late_s=1200),
        ),
        level_proposals=(
            LevelProposal("lp1", "main", 1, "start", "adopted", RED, RED + timedelta(minutes=12), 0),
            LevelProposal("lp2", "main", 1, "start", "open", t("20 06:02"), None, 2),
        ),
        levels=(
            Level("main", 1, "flood", RED + timedelta(minutes=12), None),
            Level("history", 2, "flood", t("20 11:00"), t("20 16:30")),
            Level("history", 1, "flood", t("20 16:30"), None),
        ),
        tasks=(
            Task(
                "main",
                "close_tunnels",
                "done",
                True,
                RED,
                RED + timedelta(minutes=30),
                RED,
                RED + timedelta(minutes=40),
            ),
            Task("main", "stop_school", "overdue", False, RED, RED + timedelta(minutes=30), None, None),
            Task("main", "sandbags", "cancelled", False, RED, None, None, None),
        ),
    )


def entry(seq: int, kind: str, at: datetime, *, by: str = "system", division: str = "4101", **data: Any) -> Entry:
    """One journal entry about nothing in particular."""
    return Entry(seq, kind, at, f"thing:{seq}", division, by, by, data)


def entries() -> list[Entry]:
    """What the journal of that storm could hold."""
    fact = {
        "actor": {"zh": "市防指", "en": "City flood headquarters"},
        "what": {"zh": "防汛Ⅱ→Ⅰ", "en": "level II to I"},
    }
    return [
        entry(1, "warning.issued", RED, by="scenario", colour="red", number="R1", proposal=None),
        entry(2, "calls.placed", RED, count=4, step=0),
        entry(3, "level.proposed", RED, track="main", level=1),
        entry(4, "level.escalated", RED + timedelta(minutes=15), track="main", level=1),
        entry(5, "channel.missing", t("20 06:02"), channel="all_phones"),
        *[entry(10 + i, "signal.opened", t("20 09:01"), level="red", station=f"G{i}") for i in range(8)],
        entry(30, "level.raised", t("20 16:30"), by="scenario", track="history", level=1),
        entry(31, "drill.fact_noted", t("20 16:30"), by="scenario", fact_kind="response", source=["Z3"], **fact),
        entry(32, "tasks.issued", RED + timedelta(minutes=12), track="main", count=2, codes={"T101": 1, "T102": 1}),
        entry(40, "readings.taken", t("20 16:31"), count=900),
    ]
