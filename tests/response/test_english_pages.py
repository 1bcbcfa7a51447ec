"""What an English reader is shown: a plan's and a law's words in English, what people wrote as they wrote it, and what goes on
record from an English form."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from lxml import html

from anlan.kernel import clock
from anlan.kernel.models import Account
from anlan.response.choices_incidents import source_words
from anlan.response.engine.grading import Criterion
from anlan.response.engine.grading_words import bound, shown
from anlan.response.engine.level_words import as_kept
from anlan.response.engine.text import Words
from anlan.response.formats.packs import plans_shipped
from anlan.response.models import Level, LevelProposal
from anlan.response.selectors.plans import rules_of
from anlan.response.services import level_adopt, level_end
from tests.response.scene import RED, SCENE, warn
from tests.response.test_level_pages import reader

pytestmark = pytest.mark.django_db
HAN = re.compile("[\u3000-\u9fff\uff00-\uffef]")
NUMBERED = re.compile("[\u4e00-\u9fff]+〔\\d{4}〕\\d+号")  # a document's own number is its name
NOT_READ = "self::script or self::style or self::textarea[contains(@class, 'mono')] or @lang='zh' or @hidden"


def english(client: Client, path: str, **asked: str) -> html.HtmlElement:
    """The main part of a page as an English reader gets it."""
    client.cookies["anlan_language"] = "en"
    page = client.get(path, asked, headers={"Accept-Language": "en"})
    assert page.status_code == 200, path
    found: html.HtmlElement = html.fromstring(page.content.decode()).find(".//main")
    return found


def chinese_left(main: html.HtmlElement) -> list[str]:
    """The Chinese in it that is not marked as Chinese: texts, what fields are filled with, titles and labels."""
    own = f"not(ancestor-or-self::*[{NOT_READ}])"
    found = main.xpath(f".//text()[not(ancestor::*[{NOT_READ}])]")
    found += main.xpath(f".//input[not(@type='hidden') and {own}]/@value")
    found += main.xpath(f".//@title[{own.replace('ancestor-or-self', 'ancestor')}] | .//@aria-label | .//@placeholder")
    return [text.strip() for text in found if HAN.search(NUMBERED.sub("", text)) and text.strip() != "中文"]


@pytest.fixture
def commander(plan: Any) -> Client:
    client = reader("4101.commander", "decider", "duty")
    Account.objects.update(name="Commander")  # a person is called what he is called
    return client


def test_plans_rules_and_decisions_leave_no_chinese_on_english_pages(plan: Any, commander: Client) -> None:
    with clock.at(RED):
        warn("red", RED)
        level = level_adopt(by=SCENE, proposal=LevelProposal.objects.get().pk, at=RED)
        pages = (
            "/response", "/response/plans", "/response/plans/ZZ-FLOOD", "/response/plans/ZZ-FLOOD/cards", "/response/plans/manual",
            "/response/rules", "/response/rules/grade/chemical", "/response/rules/clock/unit_first", "/response/orders/new",
            f"/response/levels/{level.pk}", f"/response/levels/{level.pk}/record",
            "/response/decide?plan=ZZ-FLOOD&level=3", "/response/decide?plan=ZZ-FLOOD&level=0",
        )  # fmt: skip
        left = {path: chinese_left(english(commander, path)) for path in pages}
    assert {path: texts[:3] for path, texts in left.items() if texts} == {}


def test_what_an_english_form_leaves_as_it_is_goes_on_record_in_chinese(plan: Any, commander: Client) -> None:
    with clock.at(RED):
        warn("red", RED)
        proposal = LevelProposal.objects.get()
        form = english(commander, "/response/decide", proposal=str(proposal.pk))
        assert form.xpath("string(.//textarea[@name='reason'])").strip() == proposal.trigger["en"]
        sent = {
            field.name: field.value
            for field in form.xpath(".//form[@id='decide']//*[@name]")
            if field.value is not None
        }
        measures = sent["measures"].split("\n")
        sent["measures"] = "\r\n".join([*measures[:2], "Sandbags to the hospital"])
        commander.post("/response/decide", sent)
    rules, level = rules_of(proposal.plan), Level.objects.get()
    rule = rules.level(level.level)
    assert (level.matter, level.reason, level.basis) == (
        rule.matter.zh, proposal.trigger["zh"], proposal.trigger["citation"]["zh"])  # fmt: skip
    assert [HAN.search(one) is not None for one in level.measures] == [True, True, False]
    page = english(commander, f"/response/levels/{level.pk}")
    assert [li.text for li in page.xpath(".//ol[@class='measures']/li")] == [
        *(m.strip() for m in measures[:2]),
        "Sandbags to the hospital",
    ]
    assert page.xpath(".//div[@lang='zh']")[0].text == level.basis, "the ground can be looked up in its own words"


def test_the_end_is_told_in_english_and_what_was_written_as_written(plan: Any, commander: Client) -> None:
    with clock.at(RED):
        level = level_adopt(by=SCENE, plan="ZZ-FLOOD", level=3, at=RED)
        form = english(commander, "/response/decide", plan="ZZ-FLOOD", level="0")
        assert "ends" in form.xpath("string(.//textarea[@name='announced'])")
        level_end(by=SCENE, plan="ZZ-FLOOD", reason="雨停", at=RED)
    page = english(commander, f"/response/levels/{level.pk}")
    assert set(chinese_left(page)) == {"雨停"}


@pytest.mark.parametrize(
    ("typed", "kept"), [("Stop  classes", "停课"), ("Stop classes now", "Stop classes now"), ("停课", "停课"), ("", "")]
)
def test_only_the_plans_own_words_are_turned_back(typed: str, kept: str) -> None:
    assert as_kept(typed, [Words("停课", "Stop classes"), Words("119", "119")]) == kept


def test_money_is_counted_as_english_counts() -> None:
    at_least = Criterion(metric="loss_wan", at_least=10_000)
    assert bound(at_least) == Words("直接经济损失10000万元以上", "direct loss: 100 million yuan or more")
    assert shown("loss_wan", 1_000_000).en == "direct loss: 10 billion yuan"
    assert shown("loss_wan", 81.25).en == "direct loss: 812,500 yuan"
    assert shown("relocated", 50_000).en == "people moved away: 50,000"


@pytest.mark.parametrize(
    ("source", "said"),
    [("失联监测", "Watch over contact"), ("电话接报：某铸造厂", "Telephone: 某铸造厂"), ("市水利局", "市水利局")],
)
def test_an_incidents_source_is_said_as_far_as_the_platform_knows_it(source: str, said: str) -> None:
    assert source_words(source) == {"zh": source, "en": said}


def test_a_card_can_be_read_by_who_has_never_seen_the_plan() -> None:
    """One word is no sign to go by, and nobody to call: every line says what is seen, what to do, whom to tell."""
    terse = [
        (plan.code, words.en)
        for plan in plans_shipped()
        for card in plan.cards
        for line in card.lines
        for words in (line.see, line.do, line.report)
        if len(words.en.split()) < 2 and not words.en.isdigit()
    ]
    assert terse == []
