"""What a merge or a graver grade had ended is owed again when that is taken back; what fell due under it is made good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from anlan.kernel import clock
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.scope import Scope
from anlan.response.models import Incident, ReportDuty
from anlan.response.selectors.boards import breaches
from anlan.response.services import (
    change_undo,
    figure_set,
    incident_merge,
    incident_open,
    incident_owed,
    report_ask,
    report_file,
)
from anlan.response.tasks import sweep
from tests.response.reporting import T0, DrillClock, owed_by
from tests.response.scene import SCENE, SYSTEM, kinds

pytestmark = pytest.mark.django_db


def works(minute: int, dead: int) -> Incident:
    """An accident that became known at a minute, with so many dead: it owes its reports by itself."""
    at = T0 + timedelta(minutes=minute)
    row = incident_open(by=SCENE, kind="explosion", type_code="12D00", division="410182", source="110", at=at,
                        title={"zh": "某厂爆炸", "en": "Explosion at a plant"})  # fmt: skip
    figure_set(by=SCENE, incident=row.pk, metric="deaths", value=dead, source="119", at=at)
    run_until_quiet(strict=True)
    row.refresh_from_db()
    return row


def test_undoing_a_merge_brings_back_what_both_owed(drill: DrillClock) -> None:
    first, second = works(0, 4), works(10, 1)
    asked = report_ask(by=SCENE, division="410182", words="核实人数", due_at=T0 + timedelta(hours=5), incident=first.pk)
    owed = owed_by(first), owed_by(second)
    assert owed[0]["henan_written_relative"] == 60
    assert owed[1]["henan_written_ordinary"] == 10 + 360
    drill.to(T0 + timedelta(minutes=20))
    change = incident_merge(by=SCENE, incident=first.pk, into=second.pk, reason="同一起")
    run_until_quiet(strict=True)
    assert owed_by(first) == {}
    assert "henan_written_ordinary" not in owed_by(second)  # four dead now: the graver clocks
    drill.to(T0 + timedelta(minutes=50))
    change_undo(by=SCENE, change=change.pk, reason="两起")
    run_until_quiet(strict=True)
    assert owed_by(first) == owed[0]
    assert owed_by(second) == owed[1]
    asked.refresh_from_db()
    assert (asked.ended_at, asked.next_due_at) == (None, T0 + timedelta(hours=5))
    assert len(kinds("report.owed_again")) == 2


def test_what_fell_due_while_merged_runs_anew_and_what_was_sent_is_not_asked_again(drill: DrillClock) -> None:
    first, second = works(0, 4), works(10, 1)
    drill.to(T0 + timedelta(minutes=5))
    report_file(by=SCENE, division="410182", figures={"dead": 4}, kind="first", incident=first.pk)
    left = set(owed_by(first))
    assert "henan_written_relative" not in left
    assert "henan_follow" in left
    drill.to(T0 + timedelta(minutes=20))
    change = incident_merge(by=SCENE, incident=second.pk, into=first.pk, reason="同一起")
    run_until_quiet(strict=True)
    drill.to(T0 + timedelta(hours=9))
    sweep(clock.now())
    change_undo(by=SCENE, change=change.pk, reason="两起")
    run_until_quiet(strict=True)
    assert owed_by(second)["henan_written_ordinary"] == 9 * 60 + 360  # the limit was over: it runs from now
    assert "henan_written_relative" not in owed_by(first)


def test_a_milder_grade_owes_again_what_the_graver_had_put_in_the_shade(drill: DrillClock) -> None:
    row = works(0, 1)
    for grade, minute in (("serious", 30), ("ordinary", 40)):
        drill.to(T0 + timedelta(minutes=minute))
        row.grade = grade
        row.save(update_fields=["grade"])
        incident_owed(by=SYSTEM, incident=row, at=drill.now)
    found = owed_by(row)
    assert found["henan_written_ordinary"] == 360
    assert "henan_phone" not in found


def test_a_later_report_makes_good_what_fell_due_under_a_clock_that_ended(drill: DrillClock) -> None:
    first, second = works(0, 4), works(10, 4)
    drill.to(T0 + timedelta(minutes=61))
    sweep(clock.now())
    assert {row["rule"] for row in breaches(Scope(("4101",))) if row["made_good_at"] is None} >= {
        "henan_written_relative"
    }
    incident_merge(by=SCENE, incident=first.pk, into=second.pk, reason="同一起")
    run_until_quiet(strict=True)
    report_file(by=SCENE, division="410182", figures={"dead": 4}, kind="first", incident=second.pk)
    late = [row for row in breaches(Scope(("4101",))) if row["made_good_at"] is None]
    assert "henan_written_relative" not in {row["rule"] for row in late}
    assert ReportDuty.objects.filter(incident=first, ended_at__isnull=True).count() == 0
