"""An accident and its figures, for the tests of incidents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from anlan.response.models import Incident, IncidentFigure, IncidentGrade
from anlan.response.services import figure_set, incident_open
from tests.response.scene import RED, SCENE


def minute(n: float) -> datetime:
    """Minutes after the red warning."""
    return RED + timedelta(minutes=n)


def accident(at: float = 0, type_code: str = "12F00", **rest: Any) -> Incident:
    """An accident in Xingyang, opened `at` minutes after the red warning."""
    told = {
        "kind": "other",
        "title": {"zh": "厂房坍塌", "en": "Works collapsed"},
        "division": "410182",
        "source": "110",
    }
    return incident_open(by=SCENE, **{**told, **rest}, type_code=type_code, at=minute(at))


def dead(incident: Incident, value: float, at: float, source: str = "120", **rest: Any) -> IncidentFigure:
    """So many dead, told `at` minutes after the red warning."""
    return figure_set(
        by=SCENE, incident=incident.pk, metric="deaths", value=value, source=source, at=minute(at), **rest
    )


def grades(incident: Incident) -> list[tuple[str, str]]:
    """(grade, how) of every step, in order."""
    rows = IncidentGrade.objects.filter(incident=incident).order_by("seq")
    return [(row.grade, row.how) for row in rows]
