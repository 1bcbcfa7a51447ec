"""The pages live: state and frames equal a refetch, the past comes back, the keyboard goes everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Reader, until

pytestmark = pytest.mark.browser


def ready(page: Any) -> None:
    """The map has its state and its feed."""
    page.wait_for_selector("#map[data-ready]")
    until(page, "window.anlan?.store.seq > 0")
    page.wait_for_selector("#live[data-state='live']")


def test_state_and_frames_equal_a_refetch(reader: Reader) -> None:
    page = reader.open("/map")
    ready(page)
    before = page.evaluate("anlan.store.seq")
    reader.site.run("tests.browser.answer")
    until(page, f"anlan.store.seq > {before}")
    fresh = page.evaluate("async () => (await (await fetch('/console/state')).json())")
    until(page, f"anlan.store.seq >= {fresh['seq']}")
    assert page.evaluate("anlan.store.items") == fresh["items"]
    assert reader.errors == []


def test_the_duty_page_follows_by_itself(reader: Reader) -> None:
    page = reader.open("/")
    page.wait_for_selector("#live[data-state='live']")
    missing = page.locator("#part-strip .kpi").nth(2).locator("b")
    before = int(missing.inner_text())
    reader.site.run("tests.browser.answer")
    until(page, f"+document.querySelectorAll('#part-strip .kpi b')[2].textContent < {before}")
    assert reader.errors == []


def test_a_lost_feed_is_said_and_mended(reader: Reader) -> None:
    page = reader.open("/map")
    ready(page)
    reader.context.set_offline(True)
    page.wait_for_selector("#live[data-state='lost']", timeout=20_000)
    reader.context.set_offline(False)
    page.wait_for_selector("#live[data-state='live']", timeout=30_000)


def test_the_scrubber_brings_back_the_past(reader: Reader) -> None:
    page = reader.open("/map")
    ready(page)
    standing = page.evaluate("document.querySelector('[data-count=warnings]').textContent")
    assert int(standing) >= 1  # other tests of this browser's node may have issued more
    with page.expect_response(lambda r: "/console/state?at=" in r.url):
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Shift+ArrowLeft")
    assert page.locator("#to-now").is_visible()
    with page.expect_response(lambda r: "/console/state?at=" in r.url) as answer:
        page.locator("#scrub").press("Home")  # other tests may have moved the clock on: before the first warning
    assert answer.value.json()["items"]["warning"] == {}
    until(page, "document.querySelector('[data-count=warnings]').textContent === '0'")
    page.keyboard.press("n")
    until(page, f"document.querySelector('[data-count=warnings]').textContent === '{standing}'")
    assert not page.locator("#to-now").is_visible()


def test_the_map_draws_what_the_state_says(reader: Reader) -> None:
    page = reader.open("/map")
    ready(page)
    until(page, "anlanMap.map.loaded() && anlanMap.map.queryRenderedFeatures({layers: ['station']}).length > 0")
    drawn = page.evaluate(
        "new Set(anlanMap.map.queryRenderedFeatures({layers: ['station']}).map(f => f.properties.id)).size"
    )
    heard = page.evaluate("Object.values(anlan.store.items.station).filter(s => s.state !== 'silent').length")
    assert drawn == heard > 0
    until(page, "anlanMap.map.queryRenderedFeatures({layers: ['area-fill']}).length > 5")


def test_the_keyboard_goes_everywhere(reader: Reader) -> None:
    page = reader.open("/")
    for keys, path in (("gm", "/map"), ("gr", "/response"), ("gw", "/warnings"), ("gd", "/")):
        for letter in keys:
            page.keyboard.press(letter)
        page.wait_for_url(reader.site.url + path)
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#keys").is_visible()


def test_an_answer_is_logged_with_two_keys(reader: Reader) -> None:
    page = reader.open("/warnings")
    page.locator(".warning-item h3 a").first.click()
    until(page, "window.anlanBoard && document.querySelector('#calls tr[data-call]')")
    before = page.locator("#calls tr[data-call]").count()
    page.keyboard.press("j")
    assert page.locator("#calls tr[aria-selected='true']").count() == 1
    page.keyboard.press("2")
    until(page, f"document.querySelectorAll('#calls tr[data-call]').length === {before - 1}")
    assert reader.errors == []


def test_the_tour_has_six_stops(reader: Reader) -> None:
    page = reader.open("/map")
    page.click(".bar .pop > summary")
    page.click("[data-act='tour']")
    for stop in range(1, 7):
        card = page.get_by_role("dialog").filter(has_text=f"{stop} · ")
        card.wait_for()
        card.get_by_role("button").first.click()
    until(page, "localStorage.getItem('anlan.tour') === 'done'")


def test_a_level_is_declined_with_a_reason_and_adopted_by_name(reader: Reader) -> None:
    page = reader.open("/response")
    button = page.locator("[data-act='decline']").first
    button.click()
    assert page.locator("#decline textarea").is_visible()
    page.click("#decline [data-act='close']")
    page.locator("form[action$='/adopt'] button").first.click()
    page.wait_for_selector(".notice")
    assert page.locator(".notice.s-ok").count() == 1, page.locator(".notice").inner_text()
    assert page.locator("#part-levels .plate.p1").count() >= 1
