"""Incidents merged, split, taken back; one message sent by many at once."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection, transaction

from anlan.kernel.problem import Conflict, Invalid
from anlan.response.models import Incident, Intake, Task
from anlan.response.services import (
    Said,
    change_undo,
    grade_confirm,
    incident_merge,
    incident_receive,
    incident_split,
    intake_join,
    intake_open,
)
from tests.response.accidents import accident, dead, minute
from tests.response.scene import SCENE

pytestmark = pytest.mark.django_db


def test_a_merged_incident_is_read_through_the_other_and_comes_back() -> None:
    first, second = accident(0), accident(10)
    dead(first, 4, 11)
    change = incident_merge(by=SCENE, incident=first.pk, into=second.pk, reason="同一起", at=minute(20))
    for row in (first, second):
        row.refresh_from_db()
    assert (first.state, first.merged_into_id, second.grade) == ("merged", second.pk, "relatively_serious")
    assert second.known_at == minute(0)  # what we knew first, we knew
    with pytest.raises(Conflict) as refused, transaction.atomic():
        dead(first, 5, 21)
    assert refused.value.code == "incident.merged"
    change_undo(by=SCENE, change=change.pk, reason="两起", at=minute(30))
    for row in (first, second):
        row.refresh_from_db()
    assert (first.state, first.grade, second.grade, second.known_at) == (
        "open", "relatively_serious", "ordinary", minute(10))  # fmt: skip
    with pytest.raises(Conflict), transaction.atomic():
        change_undo(by=SCENE, change=change.pk, reason="x", at=minute(31))


def test_a_merge_of_different_counts_keeps_the_graver_and_asks(plan) -> None:
    first, second = accident(0), accident(10)
    dead(first, 4, 11)
    dead(second, 1, 12, source="医院")
    incident_merge(by=SCENE, incident=first.pk, into=second.pk, reason="同一起", at=minute(20))
    second.refresh_from_db()
    assert (second.grade, second.contradicted) == ("relatively_serious", True)
    assert Task.objects.get(code="V-verify").incident_id == second.pk
    dead(second, 5, 21, source="119")
    second.refresh_from_db()
    assert second.grade == "relatively_serious"


def test_what_something_was_built_on_is_not_taken_back() -> None:
    first, second = accident(0), accident(10)
    change = incident_merge(by=SCENE, incident=first.pk, into=second.pk, reason="同一起", at=minute(20))
    dead(second, 3, 21)
    grade_confirm(by=SCENE, incident=second.pk, at=minute(22))
    with pytest.raises(Conflict) as refused, transaction.atomic():
        change_undo(by=SCENE, change=change.pk, reason="两起", at=minute(30))
    assert refused.value.code == "change.built_on"
    for wrong in ({"incident": second.pk, "into": second.pk}, {"incident": second.pk, "into": first.pk, "reason": " "}):
        with pytest.raises(Invalid), transaction.atomic():
            incident_merge(by=SCENE, at=minute(31), **{"reason": "x", **wrong})


def test_a_split_takes_a_report_and_its_figures_out_and_back() -> None:
    told = {"by": SCENE, "door": "phone", "division": "410182"}
    one = incident_receive(**told, said=Said("甲村房屋倒塌", "11D01", casualties={"deaths": 3}), at=minute(0))
    incident = intake_open(by=SCENE, intake=one.pk, at=minute(1))
    said = Said("乙村滑坡", "11D01", place_words="乙村", lon=113.2, lat=34.6, casualties={"deaths": 10})
    two = incident_receive(**told, said=said, at=minute(5))
    intake_join(by=SCENE, intake=two.pk, incident=incident.pk, at=minute(6))
    incident.refresh_from_db()
    assert incident.grade == "serious"
    words = {"zh": "乙村滑坡", "en": "Landslide at Yi"}
    with pytest.raises(Invalid), transaction.atomic():
        incident_split(by=SCENE, incident=incident.pk, title=words, reason="两处", at=minute(9))
    change = incident_split(by=SCENE, incident=incident.pk, title=words, intakes=[two.pk], reason="两处", at=minute(10))
    new = Incident.objects.get(pk=change.other_id)
    incident.refresh_from_db()
    assert (incident.grade, new.grade, new.lon, new.known_at) == ("relatively_serious", "serious", 113.2, minute(5))
    change_undo(by=SCENE, change=change.pk, reason="其实一处", at=minute(11))
    incident.refresh_from_db()
    new.refresh_from_db()
    assert (incident.grade, new.state) == ("serious", "merged")
    assert Intake.objects.get(pk=two.pk).incident_id == incident.pk


@pytest.mark.django_db(transaction=True)
def test_one_message_sent_by_many_at_once_is_one_intake(plan) -> None:
    faults: list[Exception] = []

    def send() -> None:
        try:
            incident_receive(
                by=SCENE, door="transfer", division="410182", said=Said("起火"), source_system="119", source_ref="1",
                at=minute(0),
            )  # fmt: skip
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    senders = [Thread(target=send) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert faults == []
    assert (Intake.objects.count(), Task.objects.filter(code="V-intake").count()) == (1, 1)
