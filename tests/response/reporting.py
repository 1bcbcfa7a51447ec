"""What the tests of reporting share: the drill's clock moved by hand, an accident, a flood, what is owed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from anlan.kernel import clock
from anlan.response.models import Incident, ReportDuty
from anlan.response.services import disaster_open, incident_open
from tests.response.scene import BEIJING, SCENE

T0 = datetime(2021, 7, 20, 10, 0, tzinfo=BEIJING)


class DrillClock:
    """The drill's clock, moved by hand: services ask it for the time, as in a drill."""

    def __init__(self) -> None:
        self.now = T0

    def to(self, moment: datetime) -> None:
        self.now = moment
        clock.follow(lambda: self.now)


def accident(grade: str, division: str = "410182", code: str = "12D00") -> Incident:
    row = incident_open(by=SCENE, kind="explosion", title={"zh": "某厂爆炸", "en": "Explosion at a plant"},
                        division=division, source="110")  # fmt: skip
    row.type_code, row.grade, row.known_at = code, grade, row.opened_at
    row.save(update_fields=["type_code", "grade", "known_at"])
    return row


def owed_by(row: Incident) -> dict[str, float]:
    """rule → minutes from T0, of what is open."""
    rows = ReportDuty.objects.filter(incident=row, ended_at__isnull=True, next_due_at__isnull=False)
    return {duty.rule: (duty.next_due_at - T0).total_seconds() / 60 for duty in rows}


def flood(area: str = "41", at: datetime = T0) -> Any:
    return disaster_open(
        by=SCENE, division=area, kind="flood", title={"zh": "暴雨洪涝", "en": "Flood"}, happened_at=at, at=at
    )
