"""The course of an incident: what every stage wrote about it and its family, in words."""

from __future__ import annotations

from uuid import uuid4

import pytest

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response.selectors.timeline import incident_timeline
from anlan.response.services import Said, claim_add, grade_confirm, incident_merge, incident_receive, intake_open
from tests.response.accidents import accident, dead, minute
from tests.response.scene import SCENE

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()


def test_the_course_holds_reports_figures_grades_tasks_and_what_was_merged_in() -> None:
    said = Said("厂房坍塌", "12F00", place_words="崔庙镇", casualties={"deaths": 3})
    intake = incident_receive(
        by=SCENE, door="transfer", division="410182", said=said, source_system="119", source_ref="7", at=minute(0)
    )
    incident = intake_open(by=SCENE, intake=intake.pk, at=minute(2))
    other = accident(3)
    dead(other, 1, 4)
    incident_merge(by=SCENE, incident=other.pk, into=incident.pk, reason="同一起", at=minute(5))
    for value, source in (("holds", "甲"), ("fell", "乙")):
        claim_add(by=SCENE, incident=incident.pk, topic="roof", value=value, text={"zh": value, "en": value},
                  source=source, at=minute(6))  # fmt: skip
    grade_confirm(by=SCENE, incident=incident.pk, at=minute(7))
    alone = accident(8)
    rows = incident_timeline(WHOLE, incident.pk)
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    told = [row["kind"] for row in rows]
    assert told.count("incident.opened") == 2
    assert {"incident.received", "incident.joined", "incident.figure", "incident.graded", "incident.merged", "task.done",
            "incident.contradicted"} <= set(told)  # fmt: skip
    assert str(alone.pk) not in str(rows)
    words = [row["text"]["zh"] for row in rows]
    assert "接报：110/119/120等转接 119 7，崔庙镇" in words
    assert "死亡：3，据119 7" in words
    assert any(text.startswith("定级：较大（已确认）") for text in words)
    assert all(row["text"]["en"].strip() and "{" not in row["text"]["en"] for row in rows)


def test_who_may_not_see_the_incident_sees_no_course() -> None:
    incident = accident()
    for scope, key in ((Scope(("410181",)), incident.pk), (WHOLE, uuid4())):
        with pytest.raises(NotFound):
            incident_timeline(scope, key)
