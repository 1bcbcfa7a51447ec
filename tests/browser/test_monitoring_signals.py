"""Signals and rules in a real browser: the board narrows and follows, a rule is checked as it is typed, a mute is set."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import Reader, until
from tests.browser.test_pages import SCREENS, serious

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def laid_down(site: Any) -> None:
    """Ninety signals in every state."""
    site.run("tests.browser.signal_seed")


def addresses(reader: Reader) -> list[str]:
    """Every page, with a signal that has steps and a trial that is done."""
    stepped = (
        reader.open("/monitoring/signals?colour=red").locator("#rows a", has_text=re.compile("3号|Gauge 3$")).first
    )
    signal = stepped.get_attribute("href")
    trial = reader.open("/monitoring/rules/rainstorm").locator("a[href*='/trials/']").first.get_attribute("href")
    return ["/monitoring/signals", "/monitoring/signals?view=groups", "/monitoring/signals?rule=gas", str(signal), "/monitoring/mutes",
            "/monitoring/rules", "/monitoring/rules/rainstorm", "/monitoring/rules/rainstorm/edit?division=4101",
            "/monitoring/rules/flash_flood", str(trial)]  # fmt: skip


@pytest.mark.parametrize("reader", SCREENS, indirect=True, ids=lambda s: "-".join(map(str, s)))
def test_pages_of_signals_are_whole_and_open_to_all(reader: Reader) -> None:
    for path in addresses(reader):
        page = reader.open(path)
        page.wait_for_load_state("networkidle")
        assert page.locator("main h1").count() == 1, path
        assert serious(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 1, f"{path} scrolls sideways by {width} px"
    assert reader.own_errors() == []


def test_a_tick_narrows_and_the_keys_open(reader: Reader) -> None:
    page = reader.open("/monitoring/signals")
    page.wait_for_selector("#facets input[name=state]")
    page.check("#facets input[name=state][value=recovering]")
    until(page, "document.querySelectorAll('#rows tbody tr').length === 15")
    until(page, "location.search.includes('state=recovering')")
    page.locator("h1").click()  # keys are letters while a box has the focus
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/monitoring/signals/[0-9a-f-]{36}"))
    assert page.locator(".reasons-panel .told").inner_text()
    assert reader.own_errors() == []


def test_pages_turn_by_key(reader: Reader) -> None:
    page = reader.open("/monitoring/signals")
    first = page.locator("#rows .title a").first.inner_text()
    page.keyboard.press("n")
    until(page, f"document.querySelector('#rows .title a').textContent !== '{first}'")
    page.keyboard.press("p")
    until(page, f"document.querySelector('#rows .title a').textContent === '{first}'")
    assert reader.own_errors() == []


def test_keys_pressed_in_haste_are_all_heard(reader: Reader) -> None:
    page = reader.open("/monitoring/signals")
    first = page.locator("#rows .title a").first.inner_text()
    for name in "npnpnp":  # the last one counts, whatever is still under way
        page.keyboard.press(name)
        until(page, "location.search !== ''" if name == "n" else "location.search === ''")
    until(page, f"document.querySelector('#rows .title a').textContent === '{first}'")
    page.wait_for_load_state("networkidle")
    assert page.locator("#rows .title a").first.inner_text() == first
    assert reader.own_errors() == []


def test_a_rule_is_checked_as_it_is_typed(reader: Reader) -> None:
    page = reader.open("/monitoring/rules/rainstorm/edit?division=4101")
    until(page, "document.querySelector('#rule-told .s-ok')")
    text = page.input_value("#rule-text")
    page.fill("#rule-text", text.replace("threshold: 80", "threshold: -80"))
    until(page, "document.querySelector('#rule-told [data-bad]')")
    assert "levels[1].threshold" in page.locator("#rule-told").inner_text()
    assert page.locator("button[data-needs-good]").first.is_disabled()
    page.fill("#rule-text", text.replace("threshold: 80", "threshold: 90"))
    until(page, "document.querySelector('#rule-told .diff .add')")
    assert page.locator("button[data-needs-good]").first.is_enabled()
    page.fill("[name=note]", "stricter")
    page.locator("button.primary").click()
    page.wait_for_url(re.compile("/monitoring/rules/rainstorm$"))
    assert page.locator(".notice.s-ok").count() == 1
    assert "stricter" in page.locator("main").inner_text()
    assert reader.own_errors() == []


def test_a_mute_is_set_and_ended(reader: Reader) -> None:
    page = reader.open("/monitoring/signals?colour=yellow&state=firing")
    page.locator("#rows .title a").first.click()
    page.wait_for_selector("form.mute")
    page.fill("form.mute [name=reason]", "works at the gauge")
    page.locator("form.mute button").click()
    page.wait_for_selector(".notice.s-silent")
    page = reader.open("/monitoring/mutes")
    row = page.locator("tr", has_text="works at the gauge")
    row.locator("button").click()
    page.wait_for_selector(".notice.s-ok")
    assert page.locator("tr", has_text="works at the gauge").count() == 0
    assert reader.own_errors() == []
