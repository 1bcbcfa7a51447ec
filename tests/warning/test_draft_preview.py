"""Before issuing: who, how many, in which words; the short form; drawn areas. Nothing is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid, NotFound
from anlan.warning import choices_drafts
from anlan.warning.engine.short_form import short_form, size_of
from anlan.warning.formats import cap
from anlan.warning.models import Call
from anlan.warning.selectors.draft_preview import draft_preview
from anlan.warning.services import loopback_configure, stop_order_start, warning_issue
from anlan.warning.services.drafts_words import content_filled, content_of_warning
from anlan.warning.services.values_drafts import DraftContent
from tests.warning.conftest import ISSUER, SCENARIO, T0


def content(**changes: Any) -> DraftContent:
    return replace(content_filled(hazard="11B03", colour="red", area=["410181"]), **changes)


@pytest.mark.django_db
@pytest.mark.usefixtures("tiny")
class TestPreview:
    def test_it_tells_what_issuing_then_does(self) -> None:
        body = draft_preview(ISSUER, content(), T0)
        assert body["ready"]
        warning = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"], at=T0)
        calls = Call.objects.filter(warning=warning)
        assert body["count"] == calls.count()
        for field in ("level", "role"):
            told = {row["code"]: row["count"] for row in body[f"{field}s"]}
            assert told == {code: calls.filter(**{field: code}).count() for code in told}
            assert sum(told.values()) == body["count"]
        assert sum(row["count"] for row in body["audiences"]) == body["count"]
        assert body["sites"][0]["code"] == "care_home"
        assert sum(row["count"] for row in body["sites"]) == calls.filter(level="site").count()

    def test_the_file_shown_is_the_file_issued_but_for_its_number(self) -> None:
        own = content()
        shown = cap.read(draft_preview(ISSUER, own, T0)["cap"]["xml"].encode())
        issued = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"], texts=own.texts(),
                               words=own.words(), at=T0)  # fmt: skip
        assert shown == cap.read(issued.cap_xml.encode())

    def test_nothing_is_written_and_few_questions_are_asked(self) -> None:
        with CaptureQueriesContext(connection) as asked:
            draft_preview(ISSUER, content(), T0)
        verbs = {query["sql"].split()[0].upper() for query in asked}
        assert verbs <= {"SELECT", "WITH"}
        assert len(asked) <= 40

    def test_required_channels_that_would_not_be_used_are_told(self) -> None:
        loopback_configure(by=SCENARIO, seed=1, people={"default": {"answer": 0.0}}, channels=["voice", "sms"])
        body = draft_preview(ISSUER, content(), T0)
        assert [row["code"] for row in body["missing"]] == ["mass_sms", "loudspeaker", "tv_crawl"]
        used = {row["code"]: row["count"] for row in body["channels"] if row["used"]}
        assert used == {"voice": body["count"], "sms": body["count"]}
        body = draft_preview(ISSUER, content(channels=("sms",)), T0)
        assert "voice" in [row["code"] for row in body["missing"]]

    def test_every_audience_gets_words_of_its_own(self) -> None:
        texts = {row["code"]: row for row in draft_preview(ISSUER, content(), T0)["texts"]}
        assert set(texts) >= {"public", "officer", "school", "plant", "sms"}
        assert "立即停课" in texts["school"]["zh"]
        assert texts["officer"]["en"] != texts["school"]["en"]

    def test_findings_say_what_stands_in_the_way_while_writing(self) -> None:
        stop_order_start(by=SCENARIO, kind="metro", division="4101", source_zh="停运令", source_en="order", at=T0)
        said = {"zh": "请选择地铁出行。", "en": "Heavy rain."}
        long = {"zh": "一" * 71, "en": "short"}
        body = draft_preview(ISSUER, content(description=said, sms=long, headline={"zh": "", "en": "x"}), T0)
        assert [(each.weight, each.code) for each in body["findings"]] == [
            ("block", "draft.empty"), ("second", "warning.contradiction"), ("note", "draft.sms_parts")]  # fmt: skip
        assert body["sms"]["zh"] == {"characters": 71, "parts": 2, "alphabet": "ucs2"}
        assert not body["ready"]
        assert body["count"] > 50
        assert not draft_preview(ISSUER, content(expires=T0 - timedelta(hours=1)), T0)["ready"]

    def test_another_county_is_not_shown(self) -> None:
        with pytest.raises(NotFound):
            draft_preview(ISSUER, content(area=("410182",)), T0)

    def test_update_and_cancel_show_their_files(self) -> None:
        first = warning_issue(by=ISSUER, hazard="11B03", colour="orange", area=["410181"], at=T0)
        at = T0 + timedelta(minutes=5)
        update = cap.read(draft_preview(ISSUER, content_of_warning(first, "update"), at)["cap"]["xml"].encode()).alert
        assert (update.msg_type, cap.references(update.references)[0].identifier) == ("Update", first.number)
        over = replace(content_of_warning(first, "cancel"), reason="雨停")
        body = draft_preview(ISSUER, over, at)
        assert body["ready"]
        assert cap.read(body["cap"]["xml"].encode()).alert.msg_type == "Cancel"

    def test_in_a_drill_every_word_is_marked_and_the_mark_is_counted(self) -> None:
        from anlan.kernel.drill import drill_create

        drill_create(by=SCENARIO, scenario="zhengzhou-2021", seed=7, profile="tiny", starts_at=T0, tick_s=30,
                     ends_at=T0 + timedelta(hours=36), settings={})  # fmt: skip
        body = draft_preview(ISSUER, content(sms={"zh": "一" * 67, "en": "x"}), T0)
        assert body["drill"]
        assert all(row["zh"].startswith("【演练】") and row["en"].startswith("[EXERCISE]") for row in body["texts"])
        assert body["sms"]["zh"]["characters"] == 71
        assert cap.read(body["cap"]["xml"].encode()).alert.status == "Exercise"

    def test_filled_content_is_ready_and_its_short_form_is_one_part_for_every_hazard_and_colour(self) -> None:
        from anlan.warning import choices

        for hazard in choices.HAZARDS:
            for colour in choices.COLOURS:
                own = content_filled(hazard=hazard, colour=colour, area=["410181"])
                assert set(own.actions) >= {"public", "officer", "school", "plant"}
                assert set(own.actions) <= set(choices_drafts.AUDIENCES)
                assert size_of(own.sms["zh"]).parts == size_of(own.sms["en"]).parts == 1, (hazard, colour)


def test_content_keeps_its_digest_through_the_table() -> None:
    pair = {"zh": "甲", "en": "a"}
    own = DraftContent(hazard="11B03", colour="red", area=("410181",), headline=pair, description=pair,
                       actions={"public": pair, "school": pair}, sms=pair, effective=T0)  # fmt: skip
    again = DraftContent.from_json(own.to_json())
    assert again.digest() == own.digest()
    turned = replace(own, actions={"school": pair, "public": pair})
    assert turned.digest() == own.digest()
    assert replace(own, sms={"zh": "乙", "en": "a"}).digest() != own.digest()
    with pytest.raises(Invalid):
        DraftContent.from_json({**own.to_json(), "area": 7})


@given(st.text(st.sampled_from("雨水，。；！退到高处a🌊"), max_size=90), st.integers(20, 70))
def test_the_short_form_fits_and_breaks_no_clause(action: str, room: int) -> None:
    head = "【气象台】红色预警。"
    text = short_form(head, action, "。", room)
    assert text.startswith(head)
    kept = text[len(head) :].removesuffix("。")
    assert len(text) <= room
    if kept:
        assert action.lstrip("，。；！ ").startswith(kept)
        rest = action.lstrip("，。；！ ")[len(kept) :]
        assert rest == "" or rest[0] in "，。；！"


@pytest.mark.parametrize(("text", "characters", "parts"), [
    ("一" * 70, 70, 1), ("一" * 71, 71, 2), ("一" * 134, 134, 2), ("一" * 135, 135, 3), ("🌊" * 35, 70, 1),
    ("a" * 160, 160, 1), ("a" * 161, 161, 2), ("", 0, 1)])  # fmt: skip
def test_the_size_is_what_the_network_counts(text: str, characters: int, parts: int) -> None:
    assert (size_of(text).characters, size_of(text).parts) == (characters, parts)
