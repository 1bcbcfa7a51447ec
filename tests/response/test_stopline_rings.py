"""Stop-lines that ring, as the record has it: whom, about what, what a key means, who is not rung any more. What goes out is
played in tests/site/test_stopline_rings.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import Entry
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response.engine.stopline import Reading
from anlan.response.models import StopLine
from anlan.response.services import stopline_act, stopline_read, stopline_reset, task_receive
from anlan.response.tasks import sweep
from anlan.territory.models import Appointment, Person, Place, Post
from anlan.territory.selectors.people import on_duty
from anlan.warning.models import OutboxMessage, Ringing
from anlan.warning.tasks import sweep as warning_sweep
from tests.response.ringing import crossed, minute, pressed, rung, said, shown, tunnels, way
from tests.response.scene import RED, SYSTEM, data, person

pytestmark = pytest.mark.django_db
STATED = {"text": "已落闸清空"}


def test_a_crossed_line_rings_who_sits_on_the_spot_with_place_act_and_limit(plan: Any) -> None:
    way()
    way("sms-a", "sms", "http_sms")
    line = tunnels()[0]
    (task,) = crossed(line)
    ring = rung(f"task:{task.pk}")
    (one,) = OutboxMessage.objects.all()
    assert ring.person == one.person == on_duty([line.post_id], RED)[line.post_id]["A"].person_id
    assert (one.channel, one.state, one.address) == ("voice", "queued", Person.objects.get(pk=ring.person).phone)
    words = said(ring)
    assert line.place.name_zh in words.zh and "立即关闭隧道" in words.zh and "22:09" in words.zh
    assert line.place.name_en in words.en and "close the tunnel" in words.en and "by 22:09" in words.en
    assert Person.objects.get(pk=ring.person).name not in words.zh


def test_a_key_signs_for_the_task_at_that_moment_in_the_name_of_the_post_and_the_act_is_still_owed(plan: Any) -> None:
    voice, line = way(), tunnels()[0]
    (task,) = crossed(line)
    assert pressed(voice, rung(f"task:{task.pk}"), minute(2)) == "answered"
    assert pressed(voice, rung(f"task:{task.pk}"), minute(3)) == "repeated"
    task.refresh_from_db()
    assert (task.state, task.receipt_at, task.done_at) == ("received", minute(2), None)
    entry = Entry.objects.get(kind="task.received")
    sitting = Person.objects.get(pk=rung(f"task:{task.pk}").person)
    assert (entry.at, entry.data["late_s"]) == (minute(2), 0)
    assert entry.actor | {"organisation": ""} == {"kind": "person", "name": sitting.name, "person": str(sitting.pk),
                                                  "post": str(line.post_id), "organisation": ""}  # fmt: skip
    sweep(minute(9))
    assert data("task.escalated") == []
    sweep(minute(10))
    assert data("task.overdue")[0]["received"] is True, "a key is no act"


def test_a_key_in_time_is_no_silence_even_when_the_clock_comes_before_the_reaction(plan: Any) -> None:
    voice, line = way(), tunnels()[0]
    (task,) = crossed(line)
    pressed(voice, rung(f"task:{task.pk}"), minute(4), react=False)
    sweep(minute(6))
    run_until_quiet(strict=True)
    task.refresh_from_db()
    assert (task.state, task.receipt_at, task.escalations) == ("received", minute(4), 0)
    assert (len(data("task.received")), data("task.escalated")) == (1, [])


def test_who_cannot_do_it_has_signed_and_asked_for_help(plan: Any) -> None:
    voice, line = way(), tunnels()[0]
    (task,) = crossed(line)
    pressed(voice, rung(f"task:{task.pk}"), minute(1), "4")
    task.refresh_from_db()
    assert (task.receipt_at, task.help_at) == (minute(1), minute(1))
    assert "无法执行" in data("task.help_asked")[0]["text"]


def test_silence_rings_the_superior_whose_key_signs_for_nobody(plan: Any) -> None:
    voice, line = way(), tunnels()[0]
    (task,) = crossed(line)
    sweep(minute(5))
    above = rung(f"task:{task.pk}", 1)
    superior = line.post.superior
    assert superior is not None and above.person in {
        one.person_id for one in on_duty([superior.pk], RED)[superior.pk].values()
    }
    assert (
        line.post.name_zh in said(above).zh and "无人签收" in said(above).zh and "nobody has signed" in said(above).en
    )
    assert rung(f"task:{task.pk}").state == "ringing", "the post on the spot is still rung"
    pressed(voice, above, minute(6))
    task.refresh_from_db()
    assert (task.state, task.receipt_at) == ("issued", None)
    assert pressed(voice, rung(f"task:{task.pk}"), minute(7)) == "answered"
    task.refresh_from_db()
    assert task.receipt_at == minute(7) and data("task.received")[0]["late_s"] == 120
    sweep(minute(60))
    assert Ringing.objects.count() == 2, "what comes after the limit climbs without a call"


@pytest.mark.parametrize("how", ["received", "acted", "reset"])
def test_what_settles_it_takes_back_what_has_not_gone_out(plan: Any, how: str) -> None:
    way()
    line = tunnels()[0]
    (task,) = crossed(line)
    sweep(minute(5))
    duty = person(line.post.code, "responder")
    if how == "received":
        task_receive(by=duty, task=task.pk, at=minute(6))
    elif how == "acted":
        stopline_act(by=duty, stopline=line.pk, evidence=STATED, at=minute(6))
    else:
        stopline_reset(by=person("4101.commander", "decider"), stopline=line.pk, reason="水已退", at=minute(6))
    assert set(Ringing.objects.values_list("state", flat=True)) == {"called_off"}
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"cancelled"}
    assert [one["taken_back"] for one in data("ringing.ended")] == [1, 1]


def test_a_line_known_late_rings_now_and_lapses_after_its_time(plan: Any) -> None:
    way()
    one, other = tunnels()[:2]
    readings = [
        Reading(one.place.code, one.metric, 9.0, minute(-120)),
        Reading(other.place.code, other.metric, 0.0, RED),
    ]
    (line,) = stopline_read(by=SYSTEM, readings=readings)
    ring = rung(f"task:{line.task_id}")
    assert (line.crossed_at, ring.rung_at, ring.ends_at) == (minute(-120), RED, minute(60))
    warning_sweep(minute(60))
    ring.refresh_from_db()
    assert (ring.state, OutboxMessage.objects.get().state) == ("silent", "cancelled")


def many(number: int) -> list[StopLine]:
    """So many more tunnels with posts that sit under one superior, each with a person of its own."""
    pattern = tunnels()[0]
    places = [Place(kind="tunnel", code=f"ZZ{n:04}", name_zh=f"隧道{n}", name_en=f"Tunnel {n}", division=pattern.division,
                    lon=113.6, lat=34.7, attributes={}) for n in range(number)]  # fmt: skip
    Place.objects.bulk_create(places)
    posts = [Post(code=f"ZZ{n:04}.duty", name_zh=f"隧道{n}值守", name_en=f"Duty of tunnel {n}", role="tunnel_duty",
                  division=pattern.division, place=place, superior=pattern.post.superior,
                  organisation=pattern.post.organisation) for n, place in enumerate(places)]  # fmt: skip
    Post.objects.bulk_create(posts)
    people = [
        Person(code=f"ZZ{n:04}", name=f"值守{n}", phone=f"1002{n:07d}", division=pattern.division)
        for n in range(number)
    ]
    Person.objects.bulk_create(people)
    Appointment.objects.bulk_create([
        Appointment(post=post, person=one, holder="A", valid_from=RED.date() - timedelta(days=30), division=post.division)
        for post, one in zip(posts, people, strict=True)
    ])  # fmt: skip
    StopLine.objects.bulk_create([
        StopLine(place=place, post=post, division=post.division, action=pattern.action, metric=pattern.metric, limit=0.3,
                 unit=pattern.unit, text_zh=pattern.text_zh, text_en=pattern.text_en, receipt_min=5, within_min=10,
                 basis=pattern.basis)
        for place, post in zip(places, posts, strict=True)
    ])  # fmt: skip
    return list(
        StopLine.objects.filter(place__code__startswith="ZZ").select_related("place", "post").order_by("place__code")
    )


def test_five_hundred_lines_in_one_act_are_a_handful_of_statements_and_one_call_to_the_superior(plan: Any) -> None:
    way()
    lines = many(500)
    with CaptureQueriesContext(connection) as few:
        stopline_read(by=SYSTEM, readings=[Reading("ZZ0000", lines[0].metric, 9.0, minute(-1))])
    with CaptureQueriesContext(connection) as crossing:
        tasks = crossed(*lines)
    assert len(tasks) == 499 and len(crossing) - len(few) <= 4 and len(crossing) < 60
    assert OutboxMessage.objects.count() == Ringing.objects.filter(step=0, state="ringing").count() == 500
    with CaptureQueriesContext(connection) as climbing:
        sweep(minute(5))
    assert len(climbing) < 90
    calls = Ringing.objects.filter(about__startswith="tasks:")
    assert calls.count() == 1 and OutboxMessage.objects.count() == 502, "one call about 499; the other climbed alone"
    assert "等499处" in said(calls[0]).zh and "and 494 more" in said(calls[0]).en
    assert Ringing.objects.filter(step=1, why="together", state="unrung").count() == 499
    page = shown(f"task:{tasks[0].pk}", "en")
    assert "told in one call about several" in page and "Queued" in page and "shown on this page only" not in page
    with CaptureQueriesContext(connection) as lapsing:
        warning_sweep(minute(59 + 60))
    assert len(lapsing) < 60 and not Ringing.objects.filter(state="ringing").exists()


def test_the_web_itself_may_sign_and_call_off_in_its_own_area(plan: Any, web_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        way()
        line = tunnels()[0]
        (task,) = crossed(line)
        cursor.execute("SET ROLE anlan_web")
        with lent(Scope((line.division[:6],)), options.secret_key):
            task_receive(by=person(line.post.code, "responder"), task=task.pk, at=minute(1))
            assert rung(f"task:{task.pk}").state == "called_off"
        cursor.execute("RESET ROLE")
