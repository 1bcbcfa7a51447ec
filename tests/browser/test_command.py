"""On-site command in the browser: one picture for everybody, the log by keyboard, teams, hand-over, one hand, axe."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.browser.conftest import ROOT, Reader, Site, until

pytestmark = pytest.mark.browser
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
NEWEST = "(document.querySelector('#part-log .log > li .main')?.textContent ?? '')"


@pytest.fixture(scope="module", autouse=True)
def laid(site: Site) -> None:
    """The post with its teams and log, once."""
    site.run("tests.browser.command_seed")


def opened(reader: Reader) -> Any:
    """The shared picture, live."""
    page = reader.open("/response/command")
    page.locator("#part-posts .post-row b a").first.click()
    page.wait_for_selector("#live[data-state='live']")
    page.wait_for_selector("#part-log .log > li")
    return page


def test_an_entry_by_keyboard_is_seen_by_somebody_else_at_once(reader: Reader) -> None:
    page = opened(reader)
    other = reader.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("#live[data-state='live']")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("7")
    assert page.evaluate("document.querySelector('#entry [name=kind]:checked').value") == "hazard"
    page.keyboard.type("西侧边坡掉块")
    page.keyboard.press("Enter")
    until(page, f"{NEWEST}.includes('西侧边坡掉块')")
    assert page.evaluate("document.querySelector('#entry [name=text]').value") == ""
    reader.site.run("tests.browser.command_seed")  # seals, as the worker does all the time
    until(other, f"{NEWEST}.includes('西侧边坡掉块')")
    assert other.locator("#part-log .log > li").first.get_attribute("class") == "k-hazard"
    other.close()
    assert reader.own_errors() == []


def test_a_radio_call_takes_three_keys_with_opening(reader: Reader) -> None:
    page = opened(reader)
    page.evaluate("document.activeElement.blur()")
    for letter in "r2b":
        page.keyboard.press(letter)
    until(page, f"{NEWEST}.includes('Rescue') && {NEWEST}.includes('Received')")
    assert not page.locator("#radio").is_visible()
    assert page.locator("#part-log .log > li").first.get_attribute("class") == "k-radio"
    assert reader.errors == []


def test_a_request_is_answered_and_an_entry_corrected_without_changing_it(reader: Reader) -> None:
    page = opened(reader)
    page.locator("[data-answers]").first.click()
    assert page.locator("#speaks").is_visible()
    page.keyboard.type("排车已出发")
    page.keyboard.press("Enter")
    until(page, f"{NEWEST}.includes('排车已出发')")
    until(page, "document.querySelector('#part-log .asked') === null")
    page.locator("#part-log .log > li").first.hover()
    page.locator("[data-corrects]").first.click()
    assert page.evaluate("document.querySelector('#entry [name=text]').value") == "排车已出发"
    page.keyboard.type("，3台")
    page.keyboard.press("Enter")
    until(page, f"{NEWEST}.includes('，3台')")
    assert page.locator("#part-log .log > li.corrected").count() == 1
    assert reader.errors == []


def test_a_team_is_decided_with_one_key_and_declining_needs_a_reason(reader: Reader) -> None:
    page = opened(reader)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("i")
    page.wait_for_selector("#card[open]")
    page.keyboard.press("3")
    page.wait_for_selector(".notice.s-overdue")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("i")
    page.wait_for_selector("#card[open]")
    page.keyboard.press("1")
    page.wait_for_selector(".notice.s-ok")
    assert page.locator("#part-teams [data-waiting]").count() == 0


def test_leaving_the_command_post_empty_is_refused_on_the_phone(reader: Reader) -> None:
    page = reader.open("/response/command/here")
    page.locator("button[value=command_post]").click()
    page.wait_for_selector(".notice.s-ok")
    page.fill("[name=words]", "常庄水库")
    page.locator(".press .btn:not([name])").click()
    page.wait_for_selector(".notice")
    # a deputy is in the post already: leaving is free; back, and the deputy's way out stays open likewise
    assert page.locator(".notice.s-ok").count() == 1
    page.locator("button[value=command_post]").click()
    page.wait_for_selector(".notice.s-ok")


def test_command_is_taken_with_a_reason_and_the_situation_goes_on_record(reader: Reader) -> None:
    page = opened(reader)
    page.locator("#part-commander [data-open]").click()
    page.wait_for_selector("#card[open]")
    page.fill("#card [name=situation]", "两村未通，水位回落")
    page.fill("#card [name=reason]", "市级到达")
    page.locator("#card .btn.primary").click()
    page.wait_for_selector(".notice.s-ok")
    assert "Zhengzhou" in page.locator("#part-commander .lead").inner_text()
    # the feed may renew the part between a click that unfolds it and a look; what it says is there, folded or not
    until(page, "document.querySelector('#part-commander details .terms')?.textContent.includes('市级到达')")


def test_a_withdrawal_counts_everybody_out_at_the_gate(reader: Reader) -> None:
    page = opened(reader)
    address = page.url
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("w")
    page.keyboard.type("上游塘坝险情加剧")
    page.keyboard.press("Enter")
    page.wait_for_selector(".withdrawal.red-item")
    page.goto(address + "/gate")
    assert int(page.locator(".inside b").inner_text()) > 0
    while page.locator(".gate button.primary").count():
        page.locator(".gate button.primary").first.click()
        page.wait_for_selector(".notice.s-ok")
    assert page.locator(".inside b").inner_text() == "0"
    page.goto(address)
    page.fill(".withdrawal [name=reason]", "险情排除")
    page.locator(".withdrawal button").click()
    page.wait_for_selector(".notice.s-ok")
    assert page.locator(".withdrawal").count() == 0


def test_the_map_shows_incident_post_and_teams(reader: Reader) -> None:
    page = opened(reader)
    page.wait_for_selector("#map[data-ready]")
    until(page, "anlanSite.loaded() && anlanSite.queryRenderedFeatures({layers: ['onsite']}).length > 1")
    kinds = page.evaluate(
        "[...new Set(anlanSite.queryRenderedFeatures({layers: ['onsite', 'onsite-post']}).map(f => f.properties.kind))].sort()"
    )
    assert {"incident", "post", "team"} <= set(kinds)
    assert reader.errors == []


def test_files_of_the_log_say_the_same_as_the_page(reader: Reader) -> None:
    page = opened(reader)
    numbers = page.locator("#part-log .log .no").all_inner_texts()
    told = json.loads(reader.context.request.get(page.url + "/log.json").text())
    assert [str(entry["number"]) for entry in reversed(told["entries"])][: len(numbers)] == numbers
    table = reader.context.request.get(page.url + "/log.csv").text()
    assert all(entry["text"].splitlines()[0][:10] in table for entry in told["entries"])
    assert "138****1234" in reader.context.request.get(page.url + "/teams.csv").text()


@pytest.mark.parametrize("reader", [("zh-hans", 390, 844, "light"), ("en", 1440, 900, "dark")], indirect=True)
def test_the_pages_are_clean_for_axe_and_fit_the_screen(reader: Reader) -> None:
    page = opened(reader)
    address = page.url
    for path in ("", "/gate", "/log"):
        page.goto(address + path)
        _clean(page)
    for path in ("/response/command", "/response/command/here"):
        _clean(reader.open(path))
    assert reader.errors == []


def _clean(page: Any) -> None:
    page.wait_for_selector("#live[data-state='live']")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run(document, {rules: {region: {enabled: false}}})).violations"
                          ".map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join(' | '))")  # fmt: skip
    assert found == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), page.url
    if page.evaluate("document.documentElement.lang").startswith("zh"):
        shown = page.evaluate(
            "[...document.querySelectorAll('main :is(h1, h2, th, summary, .label, .btn)')].map(n => n.textContent).join(' ')"
        )
        assert not re.search(r"\b(Command|Teams|Write|Group)\b", shown), page.url
