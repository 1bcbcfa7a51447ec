"""Issuing: who may, what must be said, which channels must be used, and the message that goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid, Problem
from anlan.kernel.scope import Scope
from anlan.warning import selectors
from anlan.warning.formats import cap
from anlan.warning.models import Call, ChannelUse, Warning
from anlan.warning.services import compose, stop_order_end, stop_order_start, warning_cancel, warning_issue
from tests.warning.conftest import DUTY, ISSUER, SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
Entries = Callable[..., list[Any]]


def issue(**changes: Any) -> Warning:
    given: dict[str, Any] = {"by": ISSUER, "hazard": "11B03", "colour": "red", "area": ["410181"], "at": T0}
    return warning_issue(**(given | changes))


def refused(kind: type[Problem], **changes: Any) -> str:
    with pytest.raises(kind) as problem:
        issue(**changes)
    assert problem.value.zh
    assert problem.value.en
    assert not Warning.objects.exists()
    return problem.value.code


def test_an_issued_warning_is_numbered_in_force_and_called(entries: Entries) -> None:
    warning = issue()
    assert warning.number == "41018141600000_20210719215900_0"
    assert (warning.state, warning.expires - warning.effective) == ("in_force", timedelta(hours=3))
    (issued,) = entries("warning.issued")
    (placed,) = entries("calls.placed")
    assert issued[2] == placed[2] == T0
    assert issued[3]["targeted"] == placed[3]["count"] == Call.objects.count() > 50
    assert issued[3]["msg_type"] == "Alert"
    assert issue().number.endswith("_1")


def read_strict(raw: bytes) -> cap.Alert:
    result = cap.read(raw)
    assert result.alert
    assert (result.verdict, [one for one in result.findings if one.severity != "info"]) == ("valid", [])
    return result.alert


def test_the_message_is_valid_cap_with_official_codes_and_outline() -> None:
    raw = issue().cap_xml.encode()
    assert cap.schema().validate(etree.fromstring(raw))
    alert = read_strict(raw)
    assert (alert.status, alert.msg_type, alert.scope) == ("Actual", "Alert", "Public")
    assert [info.language for info in alert.infos] == ["zh-CN", "en"]
    area = alert.infos[0].areas[0]
    assert (area.desc, area.geocodes[0].name, area.geocodes[0].value) == ("巩义市", "GB/T2260", "410181")
    assert area.polygons
    assert alert.infos[0].severity == "Extreme"
    assert alert.infos[0].event_codes[0].value == "11B03"
    assert "sent>2021-07-19T21:59:00+08:00<" in raw.decode()
    city = issue(by=SCENARIO, area=["4101"])
    assert "<value>410100</value>" in city.cap_xml


def test_in_a_drill_the_message_says_exercise() -> None:
    from anlan.kernel.drill import drill_create

    drill_create(by=SCENARIO, scenario="zhengzhou-2021", seed=7, profile="tiny", starts_at=T0, tick_s=30,
                 ends_at=T0 + timedelta(hours=36), settings={})  # fmt: skip
    warning = issue()
    alert = read_strict(warning.cap_xml.encode())
    assert warning.drill
    assert alert.status == "Exercise"
    assert "zhengzhou-2021" in alert.note


def test_f12_a_warning_without_instruction_is_refused_with_a_sentence_to_use() -> None:
    words = compose("11B03", "red", ["410181"])
    assert refused(Invalid, texts=replace(words, instruction_zh=" ")) == "warning.no_instruction"
    assert refused(Invalid, texts=replace(words, instruction_en="")) == "warning.no_instruction"


def test_f11_words_that_go_against_a_stop_order_need_a_second_signature(entries: Entries) -> None:
    order = stop_order_start(by=SCENARIO, kind="metro", division="4101", source_zh="停运令", source_en="order", at=T0)
    assert stop_order_start(by=SCENARIO, kind="metro", division="4101", source_zh="再", source_en="again") == order
    words = replace(compose("11B03", "red", ["410181"]), description_zh="减少外出或选择公共交通出行")
    assert refused(Conflict, texts=words) == "warning.contradiction"
    assert refused(Forbidden, texts=words, second_sign=ISSUER) == "warning.second_sign"
    other = Actor("person", "巩义复核岗", Scope(("4101",)), roles=frozenset({"issuer"}))
    issue(texts=words, second_sign=other)
    assert entries("warning.issued")[-1][3]["second_sign"] == "巩义复核岗"
    stop_order_end(by=SCENARIO, order=order, at=T0)
    issue(texts=words)


def test_f2_each_red_without_the_mass_message_is_a_red_item(entries: Entries) -> None:
    every = ["mass_sms", "voice", "sms", "loudspeaker", "tv_crawl"]
    for n in range(5):
        issue(at=T0 + timedelta(hours=n), channels=every if n == 0 else every[1:])
    assert [(e[3]["channel"], e[2]) for e in entries("channel.missing")] == [
        ("mass_sms", T0 + timedelta(hours=n)) for n in (1, 2, 3, 4)]  # fmt: skip
    items = selectors.missing_channels(Scope(("410181",)))
    assert [item["channel"] for item in items] == ["mass_sms"] * 4
    assert ChannelUse.objects.filter(channel="mass_sms", state="used").count() == 1


@pytest.mark.parametrize(("changes", "code"), [
    ({"hazard": "99"}, "warning.hazard"), ({"colour": "purple"}, "warning.colour"), ({"area": []}, "warning.area"),
    ({"area": ["419999"]}, "warning.area"), ({"issuer_kind": "me"}, "warning.issuer_kind"),
    ({"expires": T0}, "warning.expires")])  # fmt: skip
def test_bad_values_are_refused_naming_the_field(changes: dict[str, Any], code: str) -> None:
    assert refused(Invalid, **changes) == code


def test_only_an_issuer_of_the_whole_area_may_issue() -> None:
    assert refused(Forbidden, by=DUTY) == "actor.may_not"
    assert refused(Forbidden, area=["4101"]) == "actor.may_not"
    assert refused(Forbidden, area=["410181", "410182"]) == "actor.may_not"


def test_updates_and_cancels_link_to_the_first_message(entries: Entries) -> None:
    first = issue(colour="orange")
    second = issue(references=first, at=T0 + timedelta(hours=1))
    third = issue(references=second, at=T0 + timedelta(hours=2))
    assert third.references == first
    named = [r.identifier for r in cap.references(read_strict(third.cap_xml.encode()).references)]
    assert named == [first.number, second.number]
    over = warning_cancel(by=ISSUER, warning=first, reason="雨停", at=T0 + timedelta(hours=3))
    assert over.id == third.id
    cancel = read_strict(over.cancel_xml.encode())
    assert cancel.msg_type == "Cancel"
    assert cap.references(cancel.references)[0].identifier == first.number
    states = list(Warning.objects.order_by("issued_at").values_list("state", flat=True))
    assert states == ["updated", "updated", "cancelled"]
    assert not Call.objects.filter(state__in=["placed", "escalated"]).exists()
    assert [e[3]["by"] for e in entries("warning.updated")] == [str(second.id), str(third.id)]
    for act in (lambda: issue(references=first), lambda: warning_cancel(by=ISSUER, warning=third, reason="x")):
        with pytest.raises(Conflict) as problem:
            act()
        assert problem.value.code == "warning.over"


def test_the_preview_counts_whom_the_warning_then_calls() -> None:
    scope = Scope(("410181",))
    before = selectors.warning_compose_preview(scope, ["410181"], "red", at=T0)
    warning = issue()
    board = selectors.call_board(scope, warning.id)
    assert before["count"] == board["total"]["targeted"] == Call.objects.count()
    assert before["levels"] == {level["code"]: level["targeted"] for level in board["levels"]}
    assert set(before["levels"]) == {"county", "township", "village", "site"}
    assert before["missing"] == []


def test_colours_call_different_circles() -> None:
    scope = Scope(("410181",))
    roles = {
        c: selectors.warning_compose_preview(scope, ["410181"], c, at=T0)["roles"] for c in ("blue", "orange", "red")
    }
    assert set(roles["blue"]) == {"county_duty", "township_duty"}
    assert "village_head" in roles["orange"]
    assert "school_head" not in roles["orange"]
    assert set(roles["orange"]) < set(roles["red"])
