"""The pages of ways out and of replies to be read: what they say, what they do, and who sees nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import verify
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.warning.channels.gateway import Reply
from anlan.warning.formats.channel_form import fields_of, typed
from anlan.warning.formats.channel_settings import KINDS, settings_of
from anlan.warning.models import Call, ChannelSetting, OutboxMessage, UnreadReply
from anlan.warning.selectors.ways import ways_list
from anlan.warning.services import warning_issue
from anlan.warning.services.inbox import reply_take
from anlan.warning.services.outbox import Outcome, outbox_claim, outbox_write
from anlan.warning.services.replies import reply_answer, reply_file
from anlan.warning.services.ways import WaySpec, way_save, way_stands
from anlan.warning.services.ways_acts import way_pause, way_resume
from tests.territory.page_rows import reader
from tests.warning.channels.posting import way
from tests.warning.conftest import SCENARIO

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
COUNTY, ELSEWHERE = "410181", "410105"
BY = Actor.system("test")
HTTP = {"url": "http://127.0.0.1:1/"}
FORM = {
    "code": "sms-b", "carries": "sms", "name_zh": "备用短信", "name_en": "Spare texts", "division": COUNTY, "rank": "1",
    "rate_per_s": "5", "window": "4", "tries": "3", "backoff_s": "1.5", "in_doubt": "repeat", "cost_fen": "4.5",
    "instead": ["voice"], "s.url": "https://gateway.example/send", "s.timeout_s": "9", "s.method": "POST",
    "s.form": "json", "s.language": "zh", "s.secret": "gateway_password",
}  # fmt: skip


def admin(county: str = COUNTY) -> Client:
    return reader(county, roles=("admin", "duty"))


def of_county(code: str, carries: str, kind: str) -> None:
    """A way out of the county alone."""
    settings = {} if kind == "loopback" else HTTP
    way_save(by=BY, spec=WaySpec(code, carries, kind, code, code, division=COUNTY, settings=settings))


def unread(words: str = "你们是谁？", key: str = "k1") -> UnreadReply:
    """A called person's words that can't be read as an answer."""
    if not ChannelSetting.objects.exists():
        way("sms-a", "sms", "http_sms", HTTP)
        warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181100"], channels=["sms"])
    message = OutboxMessage.objects.exclude(calls=[]).order_by("id").first()
    assert message is not None
    reply = Reply(words, clock.now(), key=key, address=message.address)
    assert reply_take(setting=ChannelSetting.objects.get(), reply=reply) == "unknown_words"
    return UnreadReply.objects.get(key=key)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_form_of_every_kind_shows_every_setting_in_both_languages(kind: str) -> None:
    page = admin()
    for language in ("zh-hans", "en"):
        page.cookies["anlan_language"] = language
        text = page.get(f"/warning/ways/new?kind={kind}").content.decode()
        assert all(f'name="s.{field.name}"' in text for field in fields_of(kind))


def test_a_way_is_set_up_changed_and_a_fault_names_field_value_and_remedy() -> None:
    page = admin()
    page.cookies["anlan_language"] = "en"
    assert "nobody can be reached" in page.get("/warning/ways").content.decode()
    bad = page.post("/warning/ways/new?kind=http_sms", FORM | {"s.timeout_s": "soon"})
    text = bad.content.decode()
    assert bad.status_code == 422 and not ChannelSetting.objects.exists()
    assert "timeout_s can&#x27;t be “soon”: type a number from 0.1 to 86400." in text
    assert 'value="备用短信"' in text
    assert page.post("/warning/ways/new?kind=http_sms", FORM).status_code == 302
    row = ChannelSetting.objects.get()
    assert row.settings == {"url": "https://gateway.example/send", "timeout_s": 9.0, "secret": "gateway_password"}
    assert (row.window, row.instead, row.cost_fen, row.division) == (4, ["voice"], 4.5, COUNTY)
    text = page.get("/warning/ways/sms-b/change").content.decode()
    assert "This node has no secret of this name" in text
    assert page.post("/warning/ways/sms-b/change", FORM | {"s.timeout_s": "30", "rate_per_s": "x"}).status_code == 422
    assert page.post("/warning/ways/sms-b/change", FORM | {"s.timeout_s": "30"}).status_code == 302
    row.refresh_from_db()
    assert row.settings["timeout_s"] == 30.0
    assert Entry.objects.filter(kind="channel.changed").count() == 2


def test_what_the_form_writes_is_what_the_gateway_takes() -> None:
    given = {"url": "https://a.example/x", "body": '{"to": "{address}"}', "delivered_values": "OK\n00", "ok": ""}
    found = typed("http_sms", given)
    assert found == {"url": "https://a.example/x", "body": {"to": "{address}"}, "delivered_values": ("OK", "00")}
    assert settings_of("http_sms", found).delivered_values == ("OK", "00")  # type: ignore[attr-defined]
    for field, text in {"body": "[1]", "url": "ftp://a", "method": "HEAD"}.items():
        with pytest.raises(Invalid) as refused:
            typed("http_sms", given | {field: text})
        assert refused.value.field == field


def test_the_list_tells_queue_health_sent_and_cost() -> None:
    way("sms-a", "sms", "http_sms", HTTP, cost_fen=4.0)
    warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181100"], channels=["sms"])
    row = ChannelSetting.objects.get()
    total = OutboxMessage.objects.filter(state="queued").count()
    worker = row.id
    taken = outbox_claim(setting=row.id, worker=worker, most=3)
    outcomes = [Outcome(taken[0].id, taken[0].fence, "handed", "r1", 2), Outcome(taken[1].id, taken[1].fence, "delivered", "r2", 1),
                Outcome(taken[2].id, taken[2].fence, "failed", "", 0, "no such number")]  # fmt: skip
    assert outbox_write(setting=row, worker=worker, outcomes=outcomes) == 3
    (one,) = ways_list(SCENARIO.scope, clock.now())
    assert (one["queued"], one["sent_hour"], one["failed_today"], one["cost_month"]) == (total - 3, 2, 1, 12.0)
    assert one["oldest"] is not None and one["state"] == "up"
    way_stands(setting=row, state="down", error="connection refused")
    text = admin().get("/warning/ways?part=list").content.decode()
    assert "connection refused" in text and "¥0.12" in text and "<h1>" not in text


def test_pausing_needs_a_reason_moves_what_waits_and_going_on_forgets_it() -> None:
    way("sms-a", "sms", "http_sms", HTTP)
    warning_issue(by=SCENARIO, hazard="11B03", colour="red", area=["410181100"], channels=["sms"])
    row = ChannelSetting.objects.get()
    with pytest.raises(Invalid):
        way_pause(by=BY, setting=row, reason=" ")
    assert way_pause(by=BY, setting=row, reason="no other way") == 0
    waiting = OutboxMessage.objects.filter(setting=row.id, state="queued").count()
    assert waiting > 0
    with pytest.raises(Conflict):
        way_pause(by=BY, setting=row, reason="again")
    way_resume(by=BY, setting=row)
    spare = way("sms-b", "sms", "http_sms", HTTP, rank=5)
    page = admin("")
    assert page.post("/warning/ways/sms-a/pause", {"reason": "gateway serviced"}).status_code == 302
    assert OutboxMessage.objects.filter(setting=spare.id, state="queued").count() == waiting
    assert "gateway serviced" in page.get("/warning/ways").content.decode()
    page.post("/warning/ways/sms-a/resume")
    row.refresh_from_db()
    assert (row.enabled, row.paused_why) == (True, "")
    assert list(Entry.objects.filter(kind="channel.paused").order_by("id").values_list("data__moved", flat=True)) == [
        0, 0, waiting, 0,
    ]  # fmt: skip


def test_a_test_message_says_what_happened_and_its_address_is_not_journalled() -> None:
    of_county("here", "sms", "loopback")
    of_county("gone", "voice", "voice")
    page = admin()
    page.cookies["anlan_language"] = "en"
    assert (
        "the test message is there"
        in page.post("/warning/ways/here/test", {"to": "13900001111"}, follow=True).content.decode()
    )
    assert (
        "can&#x27;t be reached"
        in page.post("/warning/ways/gone/test", {"to": "13900001111"}, follow=True).content.decode()
    )
    assert "Type an address" in page.post("/warning/ways/here/test", {"to": ""}, follow=True).content.decode()
    tested = Entry.objects.filter(kind="channel.tested").order_by("id")
    assert [entry.data["state"] for entry in tested] == ["delivered", "gone"]
    assert not any("13900001111" in str(entry.data) for entry in tested)


def test_another_county_sees_nothing_and_may_do_nothing() -> None:
    of_county("ours", "sms", "loopback")
    row = unread_row()
    page = admin(ELSEWHERE)
    assert "way-ours" not in page.get("/warning/ways").content.decode()
    assert row.words not in page.get("/warning/replies").content.decode()
    page.post("/warning/ways/ours/pause", {"reason": "x"})
    page.post(f"/warning/replies/{row.id}", {"became": "filed", "note": "x"})
    row.refresh_from_db()
    assert ChannelSetting.objects.get(code="ours").enabled and row.became == ""
    looker = reader(COUNTY, roles=("issuer",))
    assert "way-ours" in looker.get("/warning/ways").content.decode()
    assert "/pause" not in looker.get("/warning/ways").content.decode()


def unread_row() -> UnreadReply:
    return UnreadReply.objects.create(
        division=COUNTY, setting="ours", channel="sms", reason="unknown_sender", words="谁发的？", at=clock.now()
    )


def test_a_reply_is_kept_once_and_read_as_an_answer_at_the_moment_it_came() -> None:
    row = unread()
    assert (
        reply_take(setting=ChannelSetting.objects.get(), reply=Reply("again", clock.now(), "k1", row.address))
        == "repeated"
    )
    page = reader(COUNTY)
    text = page.get("/warning/replies").content.decode()
    assert row.words in text and row.address not in text and row.address[-4:] in text
    (call,) = row.calls
    assert page.post(f"/warning/replies/{row.id}", {"became": "acting", "call": str(call)}).status_code == 302
    row.refresh_from_db()
    answered = Call.objects.get(id=call)
    assert (row.became, row.call, answered.answer, answered.answered_at) == ("acting", call, "acting", row.at)
    assert answered.answers[-1]["channel"] == "sms"
    with pytest.raises(Conflict):
        reply_file(by=BY, reply=row.id, note="x")
    assert row.words not in page.get("/warning/replies?part=list").content.decode()
    told = Entry.objects.get(kind="reply.read").data
    assert (told["reply"], told["became"], told["call"]) == (str(row.id), "acting", str(call))
    assert verify() is None


def test_a_reply_answers_only_its_own_person_s_calls_and_filing_needs_a_word() -> None:
    row = unread()
    other = Call.objects.exclude(id__in=row.calls).exclude(person=row.person).first()
    assert other is not None
    with pytest.raises(Invalid, match="not made to this person"):
        reply_answer(by=BY, reply=row.id, call=other.id, content="received")
    with pytest.raises(Invalid, match="one of received"):
        reply_answer(by=BY, reply=row.id, call=row.calls[0], content="maybe")
    with pytest.raises(Invalid):
        reply_file(by=BY, reply=row.id, note=" ")
    with pytest.raises(Forbidden):
        reply_file(
            by=Actor(kind="person", name="x", roles=frozenset({"issuer"}), scope=SCENARIO.scope), reply=row.id, note="x"
        )
    reply_file(by=BY, reply=row.id, note="已电话核实")
    row.refresh_from_db()
    assert (row.became, row.note, row.call) == ("filed", "已电话核实", None)


def test_a_stranger_s_reply_belongs_to_the_one_person_of_that_telephone() -> None:
    row = unread()
    message: Any = OutboxMessage.objects.exclude(person=None).first()
    UnreadReply.objects.filter(id=row.id).delete()
    OutboxMessage.objects.all().delete()
    setting = ChannelSetting.objects.get()
    assert reply_take(setting=setting, reply=Reply("1", clock.now(), "k2", message.address)) == "unknown_sender"
    assert reply_take(setting=setting, reply=Reply("1", clock.now(), "k3", "18600000000")) == "unknown_sender"
    known, unknown = UnreadReply.objects.get(key="k2"), UnreadReply.objects.get(key="k3")
    assert known.person is not None and known.division != ""
    assert (unknown.person, unknown.division) == (None, setting.division)


def test_the_routes_answer_inside_the_reader_s_area_only_and_the_gauges_tell_every_way() -> None:
    of_county("ours", "sms", "loopback")
    row, far = unread_row(), admin(ELSEWHERE)
    path = f"/api/warning/replies/{row.id}"
    assert far.get("/api/warning/ways").json() == far.get("/api/warning/replies").json() == []
    assert far.post("/api/warning/ways/ours/pause", {"reason": "x"}, "application/json").status_code == 404
    assert far.post(path, {"became": "filed", "note": "x"}, "application/json").status_code == 404
    page = admin()
    assert [one["code"] for one in page.get("/api/warning/ways").json()] == ["ours"]
    tested = page.post("/api/warning/ways/ours/test", {"to": "13900001111"}, "application/json").json()
    assert tested == {"state": "delivered", "error": ""}
    paused = page.post("/api/warning/ways/ours/pause", {"reason": "serviced"}, "application/json").json()
    assert paused == {"code": "ours", "paused": True, "moved": 0}
    body = {
        "carries": "sms",
        "kind": "loopback",
        "name_zh": "短信",
        "name_en": "Texts",
        "division": COUNTY,
        "rate_per_s": 7.0,
    }
    changed = page.put("/api/warning/ways/ours", body, "application/json").json()
    assert (changed["state"], changed["rate_per_s"], changed["why"]) == ("paused", 7.0, "serviced")
    told = Client().get("/metrics").content.decode()
    assert 'anlan_way_state{channel="sms",state="paused",way="ours"} 1.0' in told
    assert 'anlan_way_queued{channel="sms",way="ours"} 0.0' in told
    assert page.post("/api/warning/ways/ours/resume", {}, "application/json").json()["paused"] is False
    assert [one["words"] for one in page.get("/api/warning/replies").json()] == [row.words]
    assert page.post(path, {"became": "acting"}, "application/json").status_code == 422
    assert page.post(path, {"became": "filed", "note": "广告"}, "application/json").json()["became"] == "filed"
    assert page.post(path, {"became": "filed", "note": "x"}, "application/json").status_code == 409


def test_a_ways_failure_is_told_in_words_and_a_pauses_reason_as_it_was_written() -> None:
    of_county("sms-a", "sms", "http_sms")
    row = ChannelSetting.objects.get()
    way_stands(setting=row, state="down", error="ConnectionRefusedError: 127.0.0.1:1")
    assert "the other side refuses" in admin().get("/warning/ways").content.decode()
    way_pause(by=BY, setting=row, reason="connection refused by order")
    text = admin().get("/warning/ways").content.decode()
    assert "connection refused by order" in text and "the other side refuses" not in text
