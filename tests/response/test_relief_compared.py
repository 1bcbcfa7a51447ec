"""The nation's relief table beside an event: its own figures, the roll-up of the disaster counted for it, a weak area."""

from __future__ import annotations

from typing import Any

import pytest

from anlan.kernel.journal.reactor import run_until_quiet
from anlan.response.models import Disaster
from anlan.response.selectors.relief import relief_choice, relief_of_disaster, relief_standing
from anlan.response.services import disaster_open, figure_set, incident_open, report_file
from tests.response.reporting import T0, DrillClock
from tests.response.scene import SCENE

pytestmark = pytest.mark.django_db


def storm() -> tuple[Any, Disaster]:
    title = {"zh": "暴雨洪涝", "en": "Flood"}
    event = incident_open(
        by=SCENE, kind="flash_flood", title=title, division="410182", source="110", type_code="11A01", at=T0
    )
    row = disaster_open(by=SCENE, division="41", kind="flood", title=title, happened_at=T0, incident=event.pk, at=T0)
    return event, row


def told(row: Disaster, division: str = "410182", **figures: float) -> None:
    report_file(by=SCENE, division=division, figures=figures, kind="first", disaster=row.pk, at=T0)
    run_until_quiet(strict=True)


def test_the_roll_up_counts_beside_the_events_own_figures(drill: DrillClock) -> None:
    event, row = storm()
    assert relief_standing(event, T0) is None
    figure_set(by=SCENE, incident=event.pk, metric="deaths", value=21, as_of=T0, source="县局", at=T0)
    own = relief_standing(event, T0)
    assert own is not None
    assert (own["level"], own["mark"]) == (4, "G")
    told(row, affected=900_000, dead=30, missing=25, relocated=300_000, need_relief=200_000)
    found = relief_standing(event, T0)
    assert found is not None
    assert found["level"] == 3  # 55 dead and missing, and half a million relocated or in need
    assert relief_of_disaster(row) == found
    told(row, "410181", affected=500_000, collapsed_rooms=250_000, severe_rooms=60_000)
    assert relief_of_disaster(row)["level"] == 1  # type: ignore[index]
    assert "30万间" in relief_of_disaster(row)["text"]["zh"]  # type: ignore[index]


def test_thresholds_for_a_weak_area_are_a_choice_and_are_said(drill: DrillClock) -> None:
    event, row = storm()
    told(row, affected=5_000, dead=60, missing=0)
    plain, weak = (relief_of_disaster(row, weak=choice) for choice in (False, True))
    assert plain is not None
    assert weak is not None
    assert (plain["level"], weak["level"]) == (3, 2)
    assert (plain["weak"], weak["weak"]) == (None, 0.5)
    assert relief_standing(event, T0, weak=True) == weak
    assert relief_choice("11A01", weak=True) == {"weak": True, "factor": 0.5}
    assert relief_choice("12D00", weak=False) is None


def test_a_drought_counts_who_needs_relief(drill: DrillClock) -> None:
    row = disaster_open(
        by=SCENE, division="41", kind="drought", title={"zh": "干旱", "en": "Drought"}, happened_at=T0, at=T0
    )
    told(row, affected=2_000_000, need_relief=1_200_000)
    found = relief_of_disaster(row)
    assert found is not None
    assert (found["level"], found["citation"]["zh"].endswith("4(4)")) == (4, True)


def test_a_closed_disaster_counts_no_more(drill: DrillClock) -> None:
    event, row = storm()
    told(row, affected=5_000, dead=60, missing=0)
    Disaster.objects.filter(pk=row.pk).update(state="closed")
    assert relief_standing(event, T0) is None
