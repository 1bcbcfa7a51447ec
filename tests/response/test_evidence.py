"""Evidence: photos checked by their content and kept with their hash, seen by who may; a phone's acts done once."""

from __future__ import annotations

import hashlib
from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Invalid, NotFound, TooLarge
from anlan.kernel.scope import Scope, activate
from anlan.response.models import Attachment, AttachmentBytes, Task
from anlan.response.selectors.orders import attachment_get, attachments_of
from anlan.response.services import attachment_add, task_done, task_sent, task_verify
from tests.response.ordering import GONGYI, MINUTE, NOON, XINGYANG, hands, issued, of
from tests.response.scene import data, person
from tests.response.test_order_engine import jpeg, png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def add(task: Task, content: bytes = b"", **more):
    desk = person(task.owner_post.code, "duty")
    return attachment_add(
        by=desk, about=f"task:{task.pk}", name="../现场\n.jpg", content=content or png(40, 30), at=NOON, **more
    )


def test_a_photo_is_taken_once_and_kept_with_its_hash() -> None:
    task = of(issued(), GONGYI)
    row = add(task, lon=113.01, lat=34.75, taken_at=NOON - MINUTE)
    assert (row.media_type, row.width, row.height, row.name) == ("image/png", 40, 30, "_现场_.jpg")
    assert row.sha256 == hashlib.sha256(png(40, 30)).hexdigest()
    assert add(task).pk == row.pk
    assert (Attachment.objects.count(), AttachmentBytes.objects.count()) == (1, 1)
    (told,) = data("attachment.added")
    assert (told["of"], told["bytes"], told["lon"]) == (f"task:{task.pk}", len(png(40, 30)), 113.01)


@pytest.mark.parametrize(("content", "kind", "code"), [
    (b"<svg/>", Invalid, "attachment.kind"), (b"\xff\xd8\xff" + bytes(5_000_000), TooLarge, "attachment.large"),
])  # fmt: skip
def test_what_is_no_photo_is_refused_by_its_content(content, kind, code) -> None:
    task = of(issued(), GONGYI)
    with pytest.raises(kind) as caught, transaction.atomic():
        add(task, content)
    assert caught.value.code == code
    with pytest.raises(NotFound), transaction.atomic():
        attachment_add(by=person(XINGYANG, "duty"), about=f"task:{task.pk}", name="x", content=png(2, 2))
    with pytest.raises(NotFound), transaction.atomic():
        attachment_add(by=person(GONGYI, "duty"), about="task:x", name="x", content=png(2, 2))


def test_who_may_see_a_photo_sees_it_through_its_task_or_order() -> None:
    task = of(issued(), GONGYI)
    row = add(task)
    for reach in ("4101", "410181", ""):
        assert attachment_get(Scope((reach,)), row.pk) == (row, png(40, 30))
    for reach in ("410182", "410181100"):
        with pytest.raises(NotFound):
            attachment_get(Scope((reach,)), row.pk)
    plan = attachment_add(by=hands()[0], about=f"order:{task.order_id}", name="图.jpg", content=jpeg(9, 9), at=NOON)
    assert attachments_of(Scope(("410181",)), f"order:{task.order_id}") == [plan]
    with pytest.raises(NotFound):
        attachment_get(Scope(("410122",)), plan.pk)


def test_the_database_keeps_the_bytes_in_scope(web_role) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    add(of(issued(), GONGYI))
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
    for reach, seen in (("410182", 0), ("410181", 1)):
        activate(Scope((reach,)), options.secret_key)
        assert (AttachmentBytes.objects.count(), Attachment.objects.count()) == (seen, seen)


def test_evidence_asked_for_must_be_there() -> None:
    order = issued(evidence={"zh": "封闭口数", "en": "mouths closed", "photo": True, "unit": "处", "place": True})
    task, desk = of(order, GONGYI), person(GONGYI, "duty")

    def missing(evidence):
        with pytest.raises(Invalid) as caught, transaction.atomic():
            task_done(by=desk, task=task.pk, evidence=evidence, at=NOON + MINUTE)
        return caught.value.field

    photo = str(add(task).pk)
    assert missing({}) == "photo"
    assert missing({"text": "封了"}) == "photo"
    assert missing({"files": [str(uuid4())]}) == "files"
    assert missing({"files": ["x"]}) == "files"
    assert missing({"files": [photo]}) == "number"
    assert missing({"files": [photo], "number": "很多"}) == "number"
    assert missing({"files": [photo], "number": 3}) == "place"
    assert missing({"files": [photo], "number": 3, "lon": 200, "lat": 0}) == "lon"
    good = {"files": [photo], "number": "3", "lon": 113.0, "lat": 34.7, "secret": "x"}
    row = task_done(by=desk, task=task.pk, evidence=good, at=NOON + MINUTE)
    assert row.evidence == {"files": [photo], "number": 3.0, "unit": "处", "lon": 113.0, "lat": 34.7}
    assert task_verify(by=hands()[2], task=task.pk, at=NOON + 2 * MINUTE).evidence == row.evidence


def test_what_a_phone_sends_is_done_once_and_counts_from_when_it_was_done() -> None:
    task, desk = of(issued(), GONGYI), person(GONGYI, "responder")
    receipt, report, done = uuid4(), uuid4(), uuid4()
    late = NOON + 50 * MINUTE
    with clock.at(late):
        row = task_sent(by=desk, task=task.pk, act="receive", key=receipt, done_at=NOON + 3 * MINUTE)
        assert row.receipt_at == NOON + 3 * MINUTE
        assert task_sent(by=desk, task=task.pk, act="receive", key=receipt).receipt_at == NOON + 3 * MINUTE
        for _ in range(2):
            task_sent(by=desk, task=task.pk, act="progress", key=report, evidence={"text": "到位"})
        early = task_sent(
            by=desk, task=task.pk, act="done", key=done, done_at=NOON - timedelta(days=1), evidence={"text": "好"}
        )
        assert early.done_at == NOON
        assert early.evidence == {"text": "好", "sent_at": late.astimezone(UTC).isoformat(), "by": desk.name}
        with pytest.raises(Conflict), transaction.atomic():
            task_sent(by=desk, task=task.pk, act="done", key=uuid4(), evidence={"text": "好"})
        with pytest.raises(Invalid):
            task_sent(by=desk, task=task.pk, act="sing", key=uuid4())
        with pytest.raises(NotFound):
            task_sent(by=person(XINGYANG, "responder"), task=task.pk, act="receive", key=uuid4())
    assert [len(data(kind)) for kind in ("task.received", "task.progressed", "task.done")] == [1, 1, 1]


def test_what_is_refused_may_be_sent_again_with_its_key() -> None:
    task, desk, key = of(issued(), GONGYI), person(GONGYI, "responder"), uuid4()
    with pytest.raises(Invalid), transaction.atomic():
        task_sent(by=desk, task=task.pk, act="done", key=key, evidence={"text": ""})
    assert task_sent(by=desk, task=task.pk, act="done", key=key, evidence={"text": "好"}).state == "done"
