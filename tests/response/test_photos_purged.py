"""Photographs under the purge clock: destroyed when it runs out, kept where somebody assessed them, held with the rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.models import Change
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.choices_levels import PURGED
from anlan.response.models import Attachment, AttachmentBytes, PurgeClock, Task
from anlan.response.selectors.orders import attachment_get
from anlan.response.selectors.photos import photos_left
from anlan.response.services import (
    Announcement,
    attachment_add,
    attachment_keep,
    incident_open,
    level_adopt,
    level_end,
    plans_load_shipped,
    purge_hold,
)
from tests.response.accidents import minute
from tests.response.scene import SCENE, SYSTEM, data, person
from tests.response.test_chemical_scenario import _one_act
from tests.response.test_order_engine import png

pytestmark = pytest.mark.django_db


@pytest.fixture
def over() -> PurgeClock:
    """A response to one event, from its start to its end: photographs of a task and of the event, and one of another's."""
    plans_load_shipped(by=SYSTEM, at=minute(-60))
    title = {"zh": "储罐泄漏", "en": "Tank leak"}
    leak, other = (
        incident_open(
            by=SCENE, kind="other", title=title, division=where, source="119", type_code="12D00", at=minute(0)
        )
        for where in ("410182", "410181")
    )
    commander = person("4101.commander", "decider")
    for level, at in ((4, 5), (3, 20)):  # raised: tasks of both levels are the response's
        level_adopt(by=commander, plan="ZZ-HAZCHEM", level=level, incident=leak.pk, at=minute(at),
                    announce=Announcement(reason="会商"))  # fmt: skip
    first = Task.objects.filter(incident=leak).order_by("issued_at", "code").first()
    assert first is not None
    for number, about in enumerate((f"task:{first.pk}", f"incident:{leak.pk}", f"incident:{other.pk}")):
        attachment_add(by=SCENE, about=about, name=f"张三家{number}.jpg", content=png(20 + number, 10), lon=113.2, lat=34.6,
                       at=minute(60))  # fmt: skip
    level_end(by=commander, plan="ZZ-HAZCHEM", incident=leak.pk, reason="处置完毕", at=minute(300))
    return PurgeClock.objects.get()


def out(purge: PurgeClock, at: datetime | None = None) -> PurgeClock:
    for _ in range(8):
        _one_act(at or purge.due_at)
    return PurgeClock.objects.get()


def test_photographs_go_when_the_clock_runs_out_and_leave_their_hash(over: PurgeClock) -> None:
    task, event, others = Attachment.objects.order_by("width")
    _one_act(over.due_at - timedelta(seconds=1))
    assert AttachmentBytes.objects.filter(content=b"").count() == 0
    assert out(over).destroyed["photos"] == 2
    for row in (task, event):
        row.refresh_from_db()
        assert (row.name, row.lon, row.lat) == (PURGED, None, None)
        assert bytes(row.content.content) == b""
        assert len(row.sha256) == 64  # what was there is still proved
        with pytest.raises(NotFound) as gone:
            attachment_get(SCENE.scope, row.pk)
        assert gone.value.code == "attachment.purged"
    others.refresh_from_db()
    assert (others.name, bytes(others.content.content)) == ("张三家2.jpg", png(22, 10))
    versions = Change.objects.filter(tbl="response_attachment", key__in=[str(task.pk), str(event.pk)])
    assert not any("张三" in str(row) for row in versions.values_list("row", flat=True))
    assert not any("张三" in str(told) for told in data("attachment.added"))  # events carry no names


def test_a_photograph_somebody_assessed_is_kept_for_the_archive(over: PurgeClock) -> None:
    task, event = Attachment.objects.order_by("width")[:2]
    desk = person("4101.duty", "duty")
    with pytest.raises(Invalid), transaction.atomic():
        attachment_keep(by=desk, attachment=task.pk, reason=" ")
    with pytest.raises(Forbidden), transaction.atomic():
        attachment_keep(by=person("410182.duty", "responder"), attachment=task.pk, reason="无人像")
    attachment_keep(by=desk, attachment=task.pk, reason="只见罐体，无人像")
    assert {row.pk: bool(row.kept) for row in photos_left(over)} == {task.pk: True, event.pk: False}
    with pytest.raises(Conflict), transaction.atomic():
        attachment_keep(by=desk, attachment=task.pk, reason="再存")
    assert out(over).destroyed["photos"] == 1
    assert attachment_get(SCENE.scope, task.pk)[1] == png(20, 10)
    with pytest.raises(Conflict), transaction.atomic():
        attachment_keep(by=desk, attachment=event.pk, reason="太晚")
    assert photos_left(PurgeClock.objects.get()) == []


def test_a_hold_keeps_photographs_too(over: PurgeClock) -> None:
    until = over.due_at + timedelta(days=90)
    purge_hold(by=person("4101.duty", "duty"), purge=over.pk, until=until, legality="事故调查", need="责任认定", safety="专柜",
               at=minute(400))  # fmt: skip
    assert out(over).destroyed is None
    assert not AttachmentBytes.objects.filter(content=b"").exists()
    assert out(over, until).destroyed["photos"] == 2


def test_a_response_to_an_area_takes_what_was_added_there_in_its_time(plan: Any) -> None:
    commander = person("4101.commander", "decider")
    level_adopt(by=commander, plan=plan.code, level=4, at=minute(5), announce=Announcement(reason="会商"))
    event = incident_open(by=SCENE, kind="flash_flood", title={"zh": "山洪", "en": "Flood"}, division="410182", source="110",
                          at=minute(6))  # fmt: skip
    for when in (10, 600):
        attachment_add(by=SCENE, about=f"incident:{event.pk}", name="x.jpg", content=png(when, 9), at=minute(when))
    level_end(by=commander, plan=plan.code, reason="雨停", at=minute(300))
    assert [row.width for row in photos_left(PurgeClock.objects.get())] == [10]
