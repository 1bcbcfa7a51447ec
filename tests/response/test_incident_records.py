"""Incidents: received by any door, graded by the table, figures with history, merged, split and set right."""

from __future__ import annotations

import pytest
from django.db import transaction

from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.models import Claim, IncidentFigure, IncidentGrade, Task
from anlan.response.services import (
    Said,
    figure_set,
    grade_confirm,
    incident_change,
    incident_close,
    incident_open,
    incident_receive,
    intake_dismiss,
    intake_open,
)
from tests.response.accidents import accident, dead, grades, minute
from tests.response.scene import SCENE, SYSTEM, data, kinds, person

pytestmark = pytest.mark.django_db


# --- intakes ------------------------------------------------------------------------------------------------------


def test_a_call_becomes_a_graded_incident_that_knows_when_it_was_known() -> None:
    desk = person("410182.duty", "duty")
    said = Said(
        what="车间爆炸，有人被埋", type_code="12F00", happened_at=minute(-20), place_words="崔庙镇某厂",
        casualties={"deaths": 3, "missing": None, "seriously_injured": 4},
        caller={"name": "值班员", "unit": "某厂", "phone": "0371-60000000", "post": ""}, told="119",
    )  # fmt: skip
    intake = incident_receive(by=desk, door="phone", division="410182", said=said, at=minute(0))
    assert intake.casualties == {"deaths": 3, "missing": None, "seriously_injured": 4}
    assert not Task.objects.filter(code="V-intake").exists()  # whoever takes a call decides it
    incident = intake_open(by=desk, intake=intake.pk, at=minute(2))
    assert (incident.grade, incident.known_at, incident.happened_at) == ("relatively_serious", minute(0), minute(-20))
    assert incident.title_zh == "崔庙镇某厂其他工矿商贸事故"
    assert data("incident.received")[0]["unknown"] == ["missing"]
    assert "0371" not in str(data("incident.received")) + incident.source  # the caller stays in the intake
    assert [row["computed"] for row in data("incident.graded")] == ["ordinary", "relatively_serious"]
    assert data("incident.graded")[1]["criterion"]["metric"] == "deaths"
    with pytest.raises(Conflict), transaction.atomic():
        intake_dismiss(by=desk, intake=intake.pk, reason="误报", at=minute(3))


def test_a_transfer_is_taken_once_and_its_revision_follows_into_the_incident() -> None:
    told = {"by": SCENE, "door": "transfer", "division": "410182", "source_system": "119", "source_ref": "2021-77"}
    first = incident_receive(**told, said=Said("工厂起火", "12G00", casualties={"deaths": 1}), at=minute(0))
    assert incident_receive(**told, said=Said("工厂起火", "12G00", casualties={"deaths": 1}), at=minute(1)) == first
    task = Task.objects.get(code="V-intake")
    assert (task.about, task.owner_post.code) == (f"intake:{first.pk}", "410182.duty")
    incident = intake_open(by=SCENE, intake=first.pk, at=minute(4))
    task.refresh_from_db()
    assert (task.state, incident.grade) == ("done", "ordinary")
    second = incident_receive(**told, said=Said("工厂起火", "12G00", casualties={"deaths": 4}), at=minute(9))
    assert (second.revision, second.state, second.incident_id) == (2, "joined", incident.pk)
    incident.refresh_from_db()
    assert incident.grade == "relatively_serious"
    third = incident_receive(**told, said=Said("工厂起火", "12G00", casualties={"deaths": 2}), at=minute(12))
    figure = IncidentFigure.objects.get(intake=third)
    assert (figure.value, figure.disputed, figure.reason) == (2, False, "119 2021-77 更正 revision 3")
    incident_close(by=SCENE, incident=incident.pk, reason="扑灭", at=minute(60))
    late = incident_receive(**told, said=Said("复燃", "12G00"), at=minute(90))
    assert late.state == "new"  # it does not vanish into a closed incident
    assert Task.objects.filter(code="V-intake", about=f"intake:{late.pk}", state="issued").count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [(Said(" "), "what"), (Said("x", "99Z99"), "type_code"), (Said("x", happened_at=minute(5)), "happened_at"),
     (Said("x", confidence="sure"), "confidence"), (Said("x", casualties={"ghosts": 1}), "metric"),
     (Said("x", casualties={"deaths": -1}), "value"), (Said("x", casualties={"density": "full"}), "word"),
     (Said("x" * 5000), "what")],
)  # fmt: skip
def test_what_can_not_be_taken_is_refused_with_its_field(said: Said, field: str) -> None:
    with pytest.raises(Invalid) as refused, transaction.atomic():
        incident_receive(by=SCENE, door="phone", division="410182", said=said, at=minute(0))
    assert refused.value.field == field


def test_others_divisions_take_nothing_in_and_a_dismissal_needs_its_reason() -> None:
    other = person("410181.duty", "duty")
    with pytest.raises(Forbidden), transaction.atomic():
        incident_receive(by=other, door="phone", division="410182", said=Said("x"), at=minute(0))
    intake = incident_receive(by=SCENE, door="public", division="410182", said=Said("听见响声"), at=minute(0))
    with pytest.raises(NotFound), transaction.atomic():
        intake_open(by=other, intake=intake.pk, at=minute(1))
    own = person("410182.duty", "duty")
    with pytest.raises(Invalid), transaction.atomic():
        intake_dismiss(by=own, intake=intake.pk, reason=" ", at=minute(1))
    assert intake_dismiss(by=own, intake=intake.pk, reason="采石场爆破", at=minute(2)).state == "dismissed"


# --- figures and grades -------------------------------------------------------------------------------------------


def test_the_grade_follows_the_figures_and_every_step_is_kept() -> None:
    incident = accident()
    for value, at in ((1, 5), (3, 10), (10, 15), (30, 20)):
        dead(incident, value, at)
    assert [grade for grade, _ in grades(incident)] == [
        "ordinary", "ordinary", "relatively_serious", "serious", "especially_serious"]  # fmt: skip
    last = IncidentGrade.objects.filter(incident=incident).latest("seq")
    assert (last.table, last.table_version, last.mark) == ("work_safety", "2007", "S")
    assert "30人以上" in last.criterion["zh"]
    count = IncidentGrade.objects.count()
    dead(incident, 31, 25)
    assert IncidentGrade.objects.count() == count + 1  # the figure that decides moved: told, though the grade did not
    figure_set(by=SCENE, incident=incident.pk, metric="relocated", value=5, source="镇", at=minute(26))
    assert IncidentGrade.objects.count() == count + 1


def test_a_fall_needs_its_reason_and_another_source_stands_beside() -> None:
    incident = accident()
    dead(incident, 5, 5)
    with pytest.raises(Invalid) as refused, transaction.atomic():
        dead(incident, 3, 6)
    assert refused.value.code == "figure.fall_without_reason"
    assert dead(incident, 3, 6, as_of=minute(1)).disputed is False  # an older moment: history
    beside = dead(incident, 3, 7, source="医院")
    incident.refresh_from_db()
    assert (beside.disputed, incident.contradicted, incident.grade) == (True, True, "relatively_serious")
    assert sorted(Claim.objects.filter(topic="deaths").values_list("value", "source")) == [("3", "医院"), ("5", "120")]
    assert Task.objects.filter(code="V-verify").count() == 1
    dead(incident, 2, 8, reason="三人重复登记")
    incident.refresh_from_db()
    assert incident.grade == "ordinary"


def test_casualties_after_the_window_change_no_grade() -> None:
    incident = accident(happened_at=minute(0))
    dead(incident, 2, 60)
    month = 31 * 24 * 60
    dead(incident, 3, month + 2 * 24 * 60, as_of=minute(29 * 24 * 60))  # died in time, told late
    incident.refresh_from_db()
    assert incident.grade == "relatively_serious"
    dead(incident, 10, month + 3 * 24 * 60)
    incident.refresh_from_db()
    assert incident.grade == "relatively_serious"
    road = accident(1, "12H00", happened_at=minute(0))
    dead(road, 2, 60)
    dead(road, 3, 9 * 24 * 60)
    road.refresh_from_db()
    assert road.grade == "ordinary"


def test_a_person_confirms_or_sets_another_which_stands_until_it_gets_graver() -> None:
    incident = accident()
    duty = person("410182.duty", "duty")
    dead(incident, 3, 5)
    with pytest.raises(Forbidden), transaction.atomic():
        grade_confirm(by=SYSTEM, incident=incident.pk, at=minute(6))
    with pytest.raises(Invalid), transaction.atomic():
        grade_confirm(by=duty, incident=incident.pk, grade="serious", at=minute(6))
    grade_confirm(by=duty, incident=incident.pk, grade="serious", reason="社会影响大", at=minute(6))
    dead(incident, 4, 7)
    assert grades(incident)[-1] == ("serious", "kept")
    dead(incident, 30, 8)
    assert grades(incident)[-1] == ("especially_serious", "computed")
    row = grade_confirm(by=duty, incident=incident.pk, at=minute(9))
    assert (row.how, row.grade, row.by_name) == ("confirmed", "especially_serious", duty.name)
    with pytest.raises(Conflict), transaction.atomic():
        grade_confirm(by=duty, incident=incident.pk, at=minute(10))


def test_a_guess_set_lower_by_a_person_is_not_raised_again_by_the_same_guess() -> None:
    quake = accident(type_code="11C00", division="4101")
    for metric, told in (("density", {"word": "populous"}), ("magnitude", {"value": 6.1})):
        figure_set(by=SCENE, incident=quake.pk, metric=metric, source="地震台网", at=minute(1), **told)
    quake.refresh_from_db()
    last = IncidentGrade.objects.filter(incident=quake).latest("seq")
    assert (quake.grade, last.first_guess) == ("serious", True)
    grade_confirm(by=SCENE, incident=quake.pk, grade="ordinary", reason="震中无人居住，无损失", at=minute(60))
    dead(quake, 2, 70)
    quake.refresh_from_db()
    assert quake.grade == "ordinary"
    dead(quake, 300, 80)
    quake.refresh_from_db()
    assert quake.grade == "especially_serious"


@pytest.mark.parametrize(
    ("told", "field"),
    [({"metric": "ghosts", "value": 1}, "metric"), ({"metric": "deaths", "value": -1}, "value"),
     ({"metric": "deaths", "value": 1.5}, "value"), ({"metric": "deaths", "value": float("nan")}, "value"),
     ({"metric": "density", "word": "full"}, "word"), ({"metric": "deaths"}, "value"),
     ({"metric": "deaths", "value": 1, "source": " "}, "source"),
     ({"metric": "deaths", "value": 1, "as_of": minute(99)}, "as_of")],
)  # fmt: skip
def test_a_wrong_figure_is_refused_with_its_field(told, field: str) -> None:
    incident = accident()
    with pytest.raises(Invalid) as refused, transaction.atomic():
        figure_set(by=SCENE, incident=incident.pk, at=minute(1), **{"source": "120", **told})
    assert refused.value.field == field


def test_the_kinds_of_the_drill_have_their_classes() -> None:
    told = {"by": SCENE, "title": {"zh": "山洪", "en": "Flash flood"}, "division": "410182", "source": "村民"}
    flood = incident_open(**told, kind="flash_flood", at=minute(0))
    lost = incident_open(**told, kind="contact_lost", at=minute(0))
    assert (flood.type_code, flood.grade, lost.type_code) == ("11A06", "", "")
    assert kinds("incident.graded") == []
    dead(flood, 23, 5)
    flood.refresh_from_db()
    assert flood.grade == "serious"


def test_setting_the_class_right_grades_by_the_other_table() -> None:
    incident = accident()
    figure_set(by=SCENE, incident=incident.pk, metric="loss_wan", value=600, source="镇", at=minute(1))
    incident_change(by=SCENE, incident=incident.pk, fields={"type_code": "11D01"}, reason="山体滑坡所致", at=minute(2))
    incident.refresh_from_db()
    assert incident.grade == "serious"
    assert data("incident.changed")[0]["fields"] == {"type_code": ["12F00", "11D01"]}
    for fields, reason in (({"state": "closed"}, "x"), ({"type_code": "99"}, "x"), ({"title_zh": " "}, "x"),
                           ({"title_zh": "y"}, " "), ({"happened_at": minute(9)}, "x")):  # fmt: skip
        with pytest.raises(Invalid), transaction.atomic():
            incident_change(by=SCENE, incident=incident.pk, fields=fields, reason=reason, at=minute(3))
