"""An earthquake and a chemical accident, for the tests of plans of single events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from anlan.kernel.journal.reactor import run_until_quiet
from tests.response.scene import SYSTEM

START = datetime(2026, 7, 4, 3, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


def minute(n: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=n)


def event(kind: str, code: str, title: str, division: str, at: datetime = START, **figures: Any) -> Any:
    """An incident of a class, with what is known at once; the reactions run."""
    from anlan.response.services import incident_open

    row = incident_open(by=SYSTEM, kind=kind, type_code=code, title={"zh": title, "en": title}, division=division,
                        source="119", confidence="high", unverified=False, happened_at=at, at=at)  # fmt: skip
    counted(row, at, **figures)
    return row


def counted(row: Any, at: datetime, reason: str = "", **figures: Any) -> None:
    """Figures of an incident as of a moment; the reactions run."""
    from anlan.response.services import figure_set

    for metric, value in figures.items():
        told = {"word": value} if isinstance(value, str) else {"value": value}
        figure_set(by=SYSTEM, incident=row.pk, metric=metric, source="现场", as_of=at, at=at, reason=reason, **told)
    run_until_quiet(strict=True)


def load(*names: str) -> None:
    """Bring shipped plans into use."""
    from anlan.response.formats.packs import pack_text
    from anlan.response.services import plan_load

    for name in names:
        plan_load(by=SYSTEM, text=pack_text(f"plans/{name}.yaml"), at=START - timedelta(days=1))
