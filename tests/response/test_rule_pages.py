"""The pages of rules: what holds here with its mark, a version written, checked, approved and taken back; photographs kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anlan.response.models import Attachment, LocalRule, PurgeClock
from anlan.response.services import disaster_open
from tests.response.reporting import T0
from tests.response.scene import SCENE
from tests.response.test_photos_purged import over
from tests.response.test_plan_pages import entered

__all__ = ["entered", "over"]  # fixtures

DAY = "2099-01-01"


def text_of(page: str) -> str:
    from html import unescape

    return unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.S).group(1))  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "path",
    [
        "/response/rules",
        "/response/rules/grade/earthquake",
        "/response/rules/clock/authority_first",
        "/response/rules/clock/press",
    ],
)
def test_rules_are_shown_with_what_they_stand_on(entered: Callable[..., Client], path: str, language: str) -> None:
    client = entered("4101.duty", "duty")
    client.post("/preferences", {"language": language, "next": "/"})
    page = client.get(path).content.decode()
    label = {"zh-hans": ("默认值，可修改", "有出处"), "en": ("Editable default, to be confirmed", "Read in the source")}
    assert any(word in page for word in label[language])
    assert client.get("/response/rules/grade/nothing").status_code == 404
    assert client.get("/response/rules/plan/x").status_code == 404


def test_a_version_is_checked_kept_approved_and_taken_back(entered: Callable[..., Client]) -> None:
    desk, commander = entered("4101.duty", "duty"), entered("4101.commander", "decider")
    path = "/response/rules/grade/natural_hazard"
    text = text_of(desk.get(path).content.decode())
    given = {"text": text.replace("at_least: 10", "at_least: 5").replace("below: 10", "below: 5"), "division": "4101",
             "valid_from": DAY, "document": "郑应急〔2026〕8号", "note": "从严"}  # fmt: skip
    assert "5人" in desk.post(path, {**given, "do": "check"}).content.decode()
    assert not LocalRule.objects.exists()
    wrong = desk.post(path, {**given, "text": given["text"].replace("below: 5", "below: 4"), "do": "keep"})
    assert wrong.status_code == 422
    assert "below: 4" in wrong.content.decode()  # what was typed stays
    assert desk.post(path, {**given, "do": "keep"}).status_code == 302
    row = LocalRule.objects.get()
    desk.post(f"/response/rules/versions/{row.pk}/approve")
    row.refresh_from_db()
    assert row.state == "draft"  # its maker has no right to
    assert "郑应急〔2026〕8号" in commander.get("/response/rules").content.decode()
    commander.post(f"/response/rules/versions/{row.pk}/approve")
    row.refresh_from_db()
    assert row.state == "in_force"
    commander.post(f"/response/rules/versions/{row.pk}/end", {"reason": "与省一致"})
    row.refresh_from_db()
    assert (row.state, row.reason) == ("withdrawn", "与省一致")


def test_a_looser_text_is_refused_by_the_check_and_by_the_keeping(entered: Callable[..., Client]) -> None:
    desk = entered("4101.duty", "duty")
    path = "/response/rules/clock/authority_first"
    text = text_of(desk.get(path).content.decode())
    assert "notice" not in text
    given = {
        "text": text.replace("minutes: 15", "minutes: 20"),
        "division": "4101",
        "valid_from": DAY,
        "document": "文",
        "note": "改",
    }
    for language, words in (("zh-hans", "宽于上位规定"), ("en", "looser than what binds here")):
        desk.post("/preferences", {"language": language, "next": "/"})
        for do in ("check", "keep"):
            page = desk.post(path, {**given, "do": do})
            told = re.search(r'id="refused">(.*?)</p>', page.content.decode(), re.S)
            assert page.status_code == 422
            assert told is not None
            assert words in told.group(1)
            assert "rules[0].limit" in told.group(1)
    assert not LocalRule.objects.exists()
    assert desk.post(path, {**given, "text": text, "do": "check"}).status_code == 200


def test_who_approves_sees_what_has_to_follow_and_so_does_whose_it_is(entered: Callable[..., Client]) -> None:
    path = "/response/rules/clock/authority_first"
    for division, minutes in (("410182", 12), ("4101", 10)):
        desk, head = entered(f"{division}.duty", "duty"), entered(f"{division}.commander", "decider")
        text = text_of(desk.get(path).content.decode()).replace("minutes: 15", f"minutes: {minutes}")
        given = {"text": text, "division": division, "valid_from": DAY, "document": "文", "note": "从严", "do": "keep"}
        assert desk.post(path, given).status_code == 302
        row = LocalRule.objects.get(division=division)
        told = head.post(f"/response/rules/versions/{row.pk}/approve", follow=True).content.decode()
        assert ("须随之修订" in told) == (division == "4101")
        assert desk.get("/response/rules").content.decode().count("须随上位规定修订") == (division == "4101")
    county = entered("410182.duty", "duty")
    county.post("/preferences", {"language": "en", "next": "/"})
    assert "Have to follow what binds them from above" in county.get("/response/rules").content.decode()
    page = county.get(path).content.decode()
    assert page.count("The next version has to follow:") == 1 and "10 min" in page and "12 min" in page


def test_a_photograph_is_kept_from_the_page_of_its_response(entered: Callable[..., Client], over: PurgeClock) -> None:
    desk = entered("4101.duty", "duty")
    path = f"/response/levels/{over.level_id}"
    photo = Attachment.objects.order_by("width").first()
    assert photo is not None
    assert f"/response/photos/{photo.pk}/keep" in desk.get(path).content.decode()
    desk.post(f"/response/photos/{photo.pk}/keep", {"reason": "无人像", "next": path})
    page = desk.get(path).content.decode()
    assert "无人像" in page
    assert f"/response/photos/{photo.pk}/keep" not in page


def test_the_relief_comparison_has_its_choice_for_weak_areas(entered: Callable[..., Client], plan: Any) -> None:
    row = disaster_open(
        by=SCENE, division="4101", kind="flood", title={"zh": "洪涝", "en": "Flood"}, happened_at=T0, at=T0
    )
    desk = entered("4101.duty", "duty")
    path = f"/response/reports/disasters/{row.pk}"
    assert "weak=1#relief" in desk.get(path, {"root": "4101"}).content.decode()
    lowered = desk.get(path, {"root": "4101", "weak": "1"}).content.decode()
    assert "0.5" in lowered
    assert "weak=1#relief" not in lowered
