"""F4 to F7 of the reference: each failure named in 2021, and what the platform does instead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.response.engine.stopline import Reading
from anlan.response.models import Contact, Incident, Mismatch, StopLine, Task
from anlan.response.selectors import leaders, mismatches_open, stoplines
from anlan.response.services import (
    body_level_set,
    contacts_heard,
    contacts_watch,
    leader_checkin,
    level_adopt,
    mismatch_refuse,
    stopline_act,
    stopline_read,
    stopline_reset,
)
from anlan.response.tasks import sweep
from anlan.territory.models import Division
from tests.response.scene import RED, SCENE, SYSTEM, data, kinds, person

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()
LEADERS = ("4101.commander", "4101.deputy.1", "4101.deputy.2", "4101.deputy.3")


def minute(n: float):
    return RED + timedelta(minutes=n)


# --- F4: leaders all at one reservoir ---------------------------------------------------------------------------


def test_four_leaders_at_one_site_leave_the_command_post_unattended(plan) -> None:
    for n, post in enumerate(LEADERS):
        leader_checkin(by=SCENE, post=post, site="R410102012.01", at=minute(n))
    alarm = Incident.objects.get(kind="command_unattended")
    assert alarm.opened_at == minute(1)  # with the second departure, not only when all are gone
    assert "指挥部无主" in alarm.title_zh
    assert len(kinds("command.unattended")) == 1
    assert data("command.unattended")[0]["site"] == "R410102012.01"
    assert {row["site"] for row in leaders(WHOLE) if row["post"] in LEADERS} == {"R410102012.01"}
    leader_checkin(by=SCENE, post=LEADERS[1], site="command_post", at=minute(60))
    alarm.refresh_from_db()
    assert alarm.state == "closed"
    assert data("command.attended") == [{"post": LEADERS[1], "minutes": 59.0}]


def test_leaving_with_a_hand_over_is_no_alarm(plan) -> None:
    leader_checkin(by=SCENE, post=LEADERS[0], site="R410102012.01", handover_to=LEADERS[1], at=minute(0))
    for n, post in enumerate(LEADERS[2:]):
        leader_checkin(by=SCENE, post=post, site="R410102012.01", at=minute(1 + n))
    assert not Incident.objects.filter(kind="command_unattended").exists()
    leader_checkin(by=SCENE, post=LEADERS[1], site="R410102012.01", at=minute(9))
    assert Incident.objects.get(kind="command_unattended").opened_at == minute(9)


# --- F5: two command bodies at different levels -----------------------------------------------------------------


def test_linked_body_shows_a_mismatch_until_it_adopts(plan) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=minute(0))
    (shown,) = mismatches_open(WHOLE)
    assert (shown["lead"]["code"], shown["body"]["code"]) == ("4101.command", "4101.urban_command")
    assert (shown["lead_level"], shown["body_level"]) == (1, 0)
    body_level_set(by=SCENE, body="4101.urban_command", level=2, at=minute(10))
    assert mismatches_open(WHOLE)[0]["body_level"] == 2
    body_level_set(by=SCENE, body="4101.urban_command", level=1, at=minute(30))
    assert mismatches_open(WHOLE) == []
    closed = data("command.matched")[0]
    assert (closed["state"], closed["minutes"]) == ("adopted", 30.0)


def test_linked_body_may_refuse_with_a_reason_only(plan) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=minute(0))
    deputy = person("4101.deputy.3", "decider")
    mismatch = Mismatch.objects.get().pk
    with pytest.raises(Invalid), transaction.atomic():
        mismatch_refuse(by=deputy, mismatch=mismatch, reason="", at=minute(5))
    mismatch_refuse(by=deputy, mismatch=mismatch, reason="城区未受影响", at=minute(5))
    assert mismatches_open(WHOLE) == []
    with pytest.raises(Conflict), transaction.atomic():
        mismatch_refuse(by=deputy, mismatch=mismatch, reason="x", at=minute(6))


def test_bodies_differ_track_by_track(plan) -> None:
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, track="history", at=minute(0))
    body_level_set(by=SCENE, body="4101.urban_command", level=1, track="history", at=minute(30))
    assert [(e["track"], e["minutes"]) for e in data("command.matched")] == [("history", 30.0)]
    assert mismatches_open(WHOLE) == []


# --- F6: metro and tunnel stop at a number, on the spot ---------------------------------------------------------


def tunnel() -> StopLine:
    return StopLine.objects.filter(place__kind="tunnel").order_by("place__code")[0]


def test_stop_lines_take_the_place_own_number(plan) -> None:
    for line in StopLine.objects.filter(place__kind__in=("tunnel", "metro_station")).select_related("place", "post"):
        assert line.limit == line.place.attributes["stop_line_cm"] / 100
        assert line.post.place_id == line.place_id


def test_water_at_the_line_sends_a_task_to_the_post_and_silence_climbs_after_five_minutes(plan) -> None:
    line = tunnel()
    code = line.place.code
    assert stopline_read(by=SYSTEM, readings=[Reading(code, line.metric, line.limit - 0.01, minute(0))]) == []
    over = [Reading(code, line.metric, line.limit + 0.1, minute(7)), Reading(code, line.metric, line.limit, minute(6))]
    (crossed,) = stopline_read(by=SYSTEM, readings=over)
    assert crossed.crossed_at == minute(6)
    task = Task.objects.get(stop_line=True)
    assert (task.owner_post_id, task.issued_at, task.receipt_due_at) == (line.post_id, minute(6), minute(11))
    sweep(minute(10))
    assert data("task.escalated") == []
    sweep(minute(30))
    first = data("task.escalated")[0]
    assert (first["cause"], first["call"], first["from_post"]) == ("no_receipt", True, line.post.code)
    assert first["to_post"] == line.post.superior.code
    assert kinds("task.escalated")[0][1] == minute(11)
    assert kinds("task.overdue") == [("task.overdue", minute(16))]
    stopline_read(by=SYSTEM, readings=[Reading(code, line.metric, 2.0, minute(31))])
    assert len(kinds("stopline.crossed")) == 1
    assert stoplines(WHOLE)[0]["value"] == 2.0


def test_the_post_acts_first_and_reports_after(plan) -> None:
    line = tunnel()
    duty = person(line.post.code, "responder")
    stopline_read(by=SYSTEM, readings=[Reading(line.place.code, line.metric, 1.0, minute(0))])
    with pytest.raises(Invalid), transaction.atomic():
        stopline_act(by=duty, stopline=line.pk, evidence={}, at=minute(2))
    stopline_act(by=duty, stopline=line.pk, evidence={"text": "已落闸清空"}, at=minute(2))
    line.refresh_from_db()
    assert (line.state, line.acted_at, line.task.state) == ("acted", minute(2), "done")
    assert data("stopline.acted")[0]["seconds"] == 120
    sweep(minute(60))
    assert data("task.escalated") == []
    with pytest.raises(Forbidden), transaction.atomic():
        stopline_reset(by=duty, stopline=line.pk, reason="水退", at=minute(200))
    stopline_reset(by=person("4101.commander", "decider"), stopline=line.pk, reason="水退", at=minute(200))
    stopline_read(by=SYSTEM, readings=[Reading(line.place.code, line.metric, 1.0, minute(201))])
    assert len(kinds("stopline.crossed")) == 2


def test_a_reset_calls_off_what_the_crossing_asked_and_nobody_is_called_for_it(plan) -> None:
    line = tunnel()
    stopline_read(by=SYSTEM, readings=[Reading(line.place.code, line.metric, 1.0, minute(0))])
    stopline_reset(by=person("4101.commander", "decider"), stopline=line.pk, reason="水尺故障", at=minute(3))
    task = Task.objects.get(stop_line=True)
    assert (task.state, task.next_at, task.note) == ("cancelled", None, "水尺故障")
    assert data("tasks.cancelled")[0]["codes"] == [task.code]
    sweep(minute(60))
    assert (data("task.escalated"), kinds("task.overdue")) == ([], [])


def test_acting_before_the_line_is_the_posts_right(plan) -> None:
    line = tunnel()
    stopline_act(by=person(line.post.code, "responder"), stopline=line.pk, evidence={"text": "提前封闭"}, at=minute(0))
    assert data("stopline.acted")[0]["seconds"] is None


def test_water_readings_of_a_station_reach_the_stop_line(plan) -> None:
    from anlan.monitoring.services import StationSpec, readings_take, stations_register

    line = tunnel()
    place = line.place
    spec = StationSpec(
        code="W1", name_zh="隧道水尺", name_en="Tunnel gauge", kind="level", metric=line.metric, lon=place.lon,
        lat=place.lat, division=place.division, place_code=place.code, interval_s=300, max_silence_s=3600,
    )  # fmt: skip
    stations_register(by=SYSTEM, stations=[spec], at=minute(0))
    readings_take(by=SYSTEM, rows=[("W1", minute(1), 0.1), ("W1", minute(2), 0.5)], source="test", at=minute(2))
    run_until_quiet(strict=True)
    line.refresh_from_db()
    assert (line.state, line.crossed_at, line.value) == ("crossed", minute(2), 0.5)


def test_a_reservoir_over_its_limit_proposes_level_two(plan) -> None:
    from anlan.monitoring.services import StationSpec, readings_take, stations_register

    spec = StationSpec(
        code="R1", name_zh="常庄水库站", name_en="Changzhuang", kind="level", metric="level_m", lon=113.5, lat=34.7,
        division="410102012", place_code="R410102012.01", limits={"warning_m": 127.49},
    )  # fmt: skip
    stations_register(by=SYSTEM, stations=[spec], at=minute(0))
    readings_take(by=SYSTEM, rows=[("R1", minute(5), 130.54)], source="test", at=minute(5))
    run_until_quiet(strict=True)
    (told,) = data("level.proposed")
    assert (told["level"], told["trigger"]) == (2, "II-2")
    assert "3.05" in told["explanation"]["zh"]
    assert StopLine.objects.get(place__code="R410102012.01").state == "crossed"


# --- F7: a village falls silent ---------------------------------------------------------------------------------

TOWNSHIP = "410182109"


def villages() -> list[str]:
    return list(
        Division.objects.filter(code__startswith=TOWNSHIP, level=5).order_by("code").values_list("code", flat=True)
    )


def test_silent_village_under_red_rain_is_sought_after_thirty_minutes(plan) -> None:
    codes = villages()
    silent, rest = codes[0], codes[1:]
    contacts_heard(by=SYSTEM, places=codes, source="app", at=minute(-5))
    assert contacts_watch(by=SYSTEM, area=[TOWNSHIP], at=minute(0)) == len(codes)
    for n in (10, 25, 40, 55):
        contacts_heard(by=SYSTEM, places=rest, source="app", at=minute(n))
    sweep(minute(60))
    lost = data("contact.lost")
    assert [(e["place"], e["silent_min"]) for e in lost] == [(silent, 30)]
    assert kinds("contact.lost")[0][1] == minute(30)
    incident = Incident.objects.get(kind="contact_lost")
    assert "失联" in incident.title_zh
    recon = Task.objects.get(code="R-recon")
    assert (recon.issued_at, recon.owner_post.code) == (minute(30), f"{TOWNSHIP}.duty")
    assert contacts_heard(by=SYSTEM, places=[silent], source="visit", beats=False, at=minute(90)) == 1
    incident.refresh_from_db()
    assert incident.state == "closed"
    assert data("contact.found") == [{"place": silent, "source": "visit", "minutes": 60.0}]


def test_an_answered_call_of_the_village_counts_as_contact(plan) -> None:
    from anlan.warning.models import Call
    from tests.response.scene import warn

    warn("red", minute(0), [TOWNSHIP])
    contacts_watch(by=SYSTEM, area=[TOWNSHIP], at=minute(0))
    codes = villages()
    call = Call.objects.filter(division=codes[0]).order_by("id")[0]
    call.answered_at, call.answered_holder, call.state, call.answer = minute(12), "A", "answered", "acting"
    call.save()
    other = Call.objects.filter(division=codes[1]).order_by("id")[0]
    other.answered_at, other.answered_holder, other.state, other.answer = minute(12), "superior", "answered", "acting"
    other.save()
    sweep(minute(31))
    places = [e["place"] for e in data("contact.lost")]
    assert codes[0] not in places  # somebody of the village itself answered
    assert codes[1] in places  # the superior's answer proves nothing about the village
    assert len(Incident.objects.filter(kind="contact_lost")) == 1  # told together, by township
    assert Task.objects.get(code="R-recon").owner_post.code == "410182.duty"  # most of the township is silent
    late = Call.objects.filter(division=codes[2]).order_by("id")[0]
    late.answered_at, late.answered_holder, late.state, late.answer = minute(33), "B", "answered", "acting"
    late.save()
    sweep(minute(40))
    assert [e["place"] for e in data("contact.found")] == [codes[2]]


def test_a_red_warning_watches_the_villages_that_send_signs_of_life(plan) -> None:
    from tests.response.scene import warn

    codes = villages()
    contacts_heard(by=SYSTEM, places=codes[:3], source="beacon", at=minute(-5))
    warn("red", minute(0), hours=1)
    for n in (15, 30, 45):
        contacts_heard(by=SYSTEM, places=codes[1:3], source="beacon", at=minute(n))
    sweep(minute(45))
    assert [e["place"] for e in data("contact.lost")] == [codes[0]]
    from anlan.kernel import sweep as clocks

    clocks.run(minute(61))
    run_until_quiet(strict=True)
    assert not Contact.objects.filter(watch_since__isnull=False, lost_at__isnull=True).exists()


def test_a_red_gauge_starts_the_watch_and_its_end_ends_it(plan) -> None:
    from anlan.monitoring.services import StationSpec, readings_take, stations_register

    spec = StationSpec(
        code="G1", name_zh="崔庙站", name_en="Cuimiao", kind="rain", metric="rain_mm", lon=113.2, lat=34.6,
        division=TOWNSHIP, interval_s=3600, max_silence_s=7200,
    )  # fmt: skip
    stations_register(by=SYSTEM, stations=[spec], at=minute(-60))
    readings_take(by=SYSTEM, rows=[("G1", minute(0), 120.0)], source="test", at=minute(0))
    run_until_quiet(strict=True)
    watched = Contact.objects.filter(division__startswith=TOWNSHIP, watch_since__isnull=False)
    assert watched.count() == len(villages())
    assert data("level.proposed")[0]["level"] == 1
    assert data("level.proposed")[0]["cause"].startswith("signal:")
