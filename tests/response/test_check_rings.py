"""A check that rings, as its record has it: whom, about what, who is not rung any more, what the page says. What goes out is
played in tests/site/test_check_rings.py."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import translation

from anlan.kernel import clock, ids, live
from anlan.kernel.drill import drill_create
from anlan.kernel.journal import head, seal
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import Entry
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.response.models import DutyCheck
from anlan.response.selectors.duty_board import checks_open, checks_past
from anlan.response.selectors.duty_rings import with_rings
from anlan.response.services.duty_checks import check_answer, check_now
from anlan.response.tasks import sweep
from anlan.territory.models import Person
from anlan.warning.channels.gateway import Reply
from anlan.warning.models import ChannelHealth, ChannelSetting, OutboxMessage, OutboxText, Ringing
from anlan.warning.services import WaySpec, way_save
from anlan.warning.services.inbox import reply_take
from anlan.warning.services.outbox import outbox_claim
from anlan.warning.tasks import next_due as warning_due
from anlan.warning.tasks import sweep as warning_sweep
from tests.response.duty_scene import NOW, desk, leader, officer, published, shift_now
from tests.response.scene import SYSTEM, data
from tests.response.test_page_slips import reader

pytestmark = pytest.mark.django_db
CITY = Scope(("4101",))
MINUTE = timedelta(minutes=1)


def way(code: str, carries: str, kind: str, **more: Any) -> ChannelSetting:
    settings = {"url": "http://127.0.0.1:1/"}
    return way_save(by=SYSTEM, spec=WaySpec(code, carries, kind, code, code, settings=settings, **more), at=NOW)


def asked(at: datetime = NOW) -> tuple[Any, DutyCheck]:
    row = published(checks_a_week=0)
    return row, check_now(by=leader(), roster=row.pk, at=at)


def rung(check: DutyCheck, step: int = 0) -> Ringing:
    return Ringing.objects.get(about=f"dutycheck:{check.pk}", step=step)


def message(ring: Ringing, channel: str = "voice") -> OutboxMessage:
    return OutboxMessage.objects.get(warning=ring.id, channel=channel)


def pressed(setting: ChannelSetting, ring: Ringing, at: datetime, words: str = "1") -> str:
    reference = f"anlan-{ring.id.hex[-8:]}-{message(ring, setting.carries).id:x}"
    with transaction.atomic():
        return reply_take(setting=setting, reply=Reply(words, at, "", "", reference))


def shown(checks: list[DutyCheck], language: str = "zh-hans") -> str:
    with translation.override(language):
        return "".join(
            render_to_string("response/rings.html", {"rings": one["rings"], "asked": True})
            for one in with_rings(checks)
        )


def test_a_check_rings_who_sits_there_by_voice_first_and_once() -> None:
    way("voice-a", "voice", "voice")
    way("sms-a", "sms", "http_sms")
    row, check = asked()
    one = message(rung(check))
    main = shift_now(row).main_id
    assert (one.person, one.recipient, one.address) == (main, main, Person.objects.get(pk=main).phone)
    assert (one.state, one.channel, one.ringing, one.calls) == ("queued", "voice", True, [one.warning])
    assert OutboxMessage.objects.count() == 1, "the text message is for when the telephone fails"
    text = OutboxText.objects.get(id=one.text)
    assert "09:05" in text.zh and desk().name_zh in text.zh and "Press or reply 1" in text.en
    assert data("ringing.begun")[0]["channel"] == "voice"
    assert not Entry.objects.filter(kind="messages.queued").exists(), "no warning was sent"


def test_a_way_that_is_down_is_passed_over_and_without_one_only_the_page_asks() -> None:
    down = way("voice-a", "voice", "voice")
    ChannelHealth.objects.create(setting=down, division="", state="down", state_at=NOW, written_at=NOW)
    way("sms-a", "sms", "http_sms")
    row, check = asked()
    assert list(OutboxMessage.objects.values_list("channel", flat=True)) == ["sms"]
    check_answer(by=officer(), check=check.pk, way="page", at=NOW + MINUTE)
    ChannelSetting.objects.update(enabled=False)
    second = check_now(by=leader(), roster=row.pk, at=NOW + 2 * MINUTE)
    assert (rung(second).state, rung(second).why) == ("unrung", "no_way")
    assert OutboxMessage.objects.count() == 1
    assert "未设置语音或短信渠道" in shown([second]) and "只在本页面提示" in shown([second])
    assert "shown on this page only" in shown([second], "en")
    sweep(NOW + 8 * MINUTE)
    second.refresh_from_db()
    assert (second.state, len(second.climbs)) == ("missed", 1), "it climbs all the same"


def test_who_has_no_number_is_told_as_such() -> None:
    way("voice-a", "voice", "voice")
    row = published(checks_a_week=0)
    Person.objects.filter(pk=shift_now(row).main_id).update(phone="")
    check = check_now(by=leader(), roster=row.pk, at=NOW)
    assert (rung(check).why, OutboxMessage.objects.count()) == ("no_number", 0)
    assert "没有登记电话" in shown([check])


def test_a_key_answers_the_check_at_the_moment_of_the_key_and_again_changes_nothing() -> None:
    voice = way("voice-a", "voice", "voice")
    row, check = asked()
    assert pressed(voice, rung(check), NOW + 71 * timedelta(seconds=1)) == "answered"
    assert pressed(voice, rung(check), NOW + 80 * timedelta(seconds=1)) == "repeated"
    run_until_quiet()
    check.refresh_from_db()
    main = Person.objects.get(pk=shift_now(row).main_id)
    assert (check.state, check.way, check.took_s, check.late) == ("answered", "keys", 71, False)
    assert (check.person_id, check.answered_by, check.next_at) == (main.pk, main.name, None)
    assert message(rung(check)).state == "cancelled", "what had not gone out is not sent any more"
    assert [one["rings"][0]["state"] for one in with_rings(checks_past(desk()))] == ["answered"]


def test_a_key_in_time_is_no_silence_even_when_the_clock_comes_before_the_reaction() -> None:
    voice = way("voice-a", "voice", "voice")
    _row, check = asked()
    pressed(voice, rung(check), NOW + 4 * MINUTE)
    sweep(NOW + 6 * MINUTE)
    run_until_quiet()
    check.refresh_from_db()
    assert (check.state, check.took_s, check.late, check.climbs) == ("answered", 240, False, [])
    assert len(data("duty.check_answered")) == 1


def test_the_climb_rings_the_leader_and_the_superior_and_the_desk_still_has_to_answer() -> None:
    voice = way("voice-a", "voice", "voice")
    row, check = asked()
    sweep(NOW + 5 * MINUTE)
    one = rung(check, 1)
    assert one.person == shift_now(row).leader_id
    pressed(voice, one, NOW + 6 * MINUTE)
    run_until_quiet()
    check.refresh_from_db()
    assert check.state == "missed" and datetime.fromisoformat(check.climbs[0]["heard_at"]) == NOW + 6 * MINUTE
    assert data("duty.check_heard")[0]["step"] == 1
    sweep(NOW + 10 * MINUTE)
    two = rung(check, 2)
    assert two.person is not None and two.person != one.person
    assert "上级值班" in OutboxText.objects.get(id=message(two).text).zh
    assert pressed(voice, rung(check), NOW + 12 * MINUTE) == "answered"  # late, by the same telephone
    run_until_quiet()
    check.refresh_from_db()
    assert (check.state, check.way, check.late, check.took_s) == ("answered", "keys", True, 12 * 60)
    assert (rung(check, 2).state, message(two).state) == ("called_off", "cancelled")


def test_a_page_answer_calls_off_what_has_not_rung_yet() -> None:
    way("voice-a", "voice", "voice")
    _row, check = asked()
    check_answer(by=officer(), check=check.pk, way="page", at=NOW + MINUTE)
    assert (rung(check).state, message(rung(check)).state) == ("called_off", "cancelled")
    assert data("ringing.ended")[0] | {"ringing": ""} == {
        "ringing": "",
        "step": 0,
        "state": "called_off",
        "taken_back": 1,
    }


def test_what_could_not_go_out_in_its_time_never_rings_and_a_late_sweep_rings_nobody() -> None:
    setting = way("voice-a", "voice", "voice")
    _row, check = asked()
    assert warning_due() == NOW + 15 * MINUTE
    warning_sweep(NOW + 15 * MINUTE)
    assert (rung(check).state, message(rung(check)).state) == ("silent", "cancelled")
    assert Entry.objects.get(kind="ringing.ended").at == NOW + 15 * MINUTE
    sweep(NOW + timedelta(hours=3))
    assert {one.state for one in Ringing.objects.all()} == {"silent"}
    with clock.at(NOW + timedelta(hours=3)):
        assert outbox_claim(setting=setting.id, worker=UUID(int=1), most=9) == []


def test_a_text_is_read_and_the_newest_open_question_of_the_number_is_meant() -> None:
    sms = way("sms-a", "sms", "http_sms")
    row, check = asked()
    phone = Person.objects.get(pk=shift_now(row).main_id).phone
    for words, outcome in (("在开会", "unknown_words"), (" 收到。", "answered"), ("1", "repeated")):
        with transaction.atomic():
            assert reply_take(setting=sms, reply=Reply(words, NOW + MINUTE, words, phone)) == outcome
    run_until_quiet()
    check.refresh_from_db()
    assert (check.state, check.way) == ("answered", "text")


def test_the_page_shows_how_a_check_rang_in_both_languages_and_past_ones_keep_it() -> None:
    voice = way("voice-a", "voice", "voice")
    _row, check = asked()
    with clock.at(NOW + MINUTE):
        for language, words in (("zh", ("语音电话", "待发", "值班人员")), ("en", ("Voice call", "Queued", "On duty"))):
            page = reader(language=language).get(f"/response/duty?post={desk().code}").content.decode()
            assert [word for word in words if word not in page] == []
            assert Person.objects.get(pk=check.person_id).phone not in page
    pressed(voice, rung(check), NOW + MINUTE)
    run_until_quiet()
    with clock.at(NOW + 2 * MINUTE):
        page = reader(language="en").get(f"/response/duty/desks/{desk().code}/parts?p=now").content.decode()
    assert "Telephone keys" in page and "Taken back" in page


def test_the_web_itself_may_ask_ring_and_call_off_in_its_own_area(web_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        way("voice-a", "voice", "voice")
        row = published(checks_a_week=0)
        cursor.execute("SET ROLE anlan_web")
        with lent(CITY, options.secret_key):
            check = check_now(by=leader(), roster=row.pk, at=NOW)
            assert (rung(check).state, OutboxMessage.objects.count()) == ("ringing", 1)
            check_answer(by=officer(), check=check.pk, way="page", at=NOW + MINUTE)
            assert rung(check).state == "called_off"
        with lent(Scope(("410181",)), options.secret_key):
            assert not Ringing.objects.exists(), "another area's ringings are nobody's to read"
        cursor.execute("RESET ROLE")


def test_in_a_drill_nobody_is_rung_and_the_journal_is_the_same_with_ways_and_without() -> None:
    journals = []
    for ways in (False, True):
        with transaction.atomic():
            if ways:
                way("voice-a", "voice", "voice")
            drill_create(by=SYSTEM, scenario="s", seed=7, profile="tiny", starts_at=NOW, ends_at=NOW + timedelta(days=1),
                         tick_s=30, settings={"duty_checks": True})  # fmt: skip
            with ids.drill(7, 0), clock.at(NOW):
                published(checks_a_week=7)
                planned = DutyCheck.objects.get()
                assert planned.next_at is not None
                sweep(planned.next_at + 30 * MINUTE)
            planned.refresh_from_db()
            assert (planned.state, len(planned.climbs)) == ("missed", 2)
            assert (Ringing.objects.count(), OutboxMessage.objects.count()) == (0, 0)
            assert "只在本页面提示" in shown(checks_open(desk()))
            told = Entry.objects.filter(Q(kind__startswith="duty.") | Q(kind__startswith="ringing.")).order_by("id")
            journals.append(list(told.values_list("kind", "at", "data")))
            transaction.set_rollback(True)
    assert journals[0] == journals[1] and len(journals[0]) >= 5


def test_state_plus_frames_equals_a_refetch_while_it_rings() -> None:
    voice = way("voice-a", "voice", "voice")
    _row, check = asked()
    seal()
    state = live.state(CITY)
    items, seq = state["items"], state["seq"]
    assert [one["state"] for one in items["dutycheck"][str(check.pk)]["rings"]] == ["ringing"]
    sweep(NOW + 5 * MINUTE)
    pressed(voice, rung(check, 1), NOW + 6 * MINUTE)
    run_until_quiet()
    frame = live.frame(CITY, seq, head()[0])
    assert frame is not None
    live.merge(items, frame)
    assert items["dutycheck"] == live.state(CITY)["items"]["dutycheck"]
    assert [one["state"] for one in items["dutycheck"][str(check.pk)]["rings"]] == ["ringing", "answered"]
