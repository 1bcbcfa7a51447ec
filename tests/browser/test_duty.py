"""The duty desk in a real browser: a check answered by key, the log and a call written, a cell edited, a hand-over refused and signed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import put_away
from tests.browser.conftest import Laid, Reader, Site, until
from tests.browser.test_pages import serious

pytestmark = pytest.mark.browser
PAGES = (
    "duty",
    "duty/roster",
    "duty/roster/make",
    "duty/swaps",
    "duty/handover",
    "duty/log",
    "duty/contacts",
    "duty/call",
)


@pytest.fixture(scope="module")
def desk(county: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node outside any exercise with a published roster, of `duty_seed`."""
    with county.node(tmp_path_factory.mktemp("duty"), "tests.browser.duty_seed", drill=False) as node:
        yield node


def signed_in(desk: Site, chromium: Any, language: str, width: int, height: int) -> Reader:
    context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.add_cookies([{"name": "anlan_language", "value": language, "url": desk.url}])
    context.add_init_script("localStorage.getItem('anlan.tour') || localStorage.setItem('anlan.tour', 'done')")
    reader = Reader(desk, context)
    reader.sign_in()
    return reader


def test_the_duty_pages_are_whole_in_both_languages_on_desk_and_phone(
    desk: Site, chromium: Any, tmp_path: Path
) -> None:
    folder = Path(os.environ.get("ANLAN_SHOTS", tmp_path))
    for language, width, height in (("zh-hans", 1440, 900), ("en", 390, 844)):
        reader = signed_in(desk, chromium, language, width, height)
        for name in PAGES:
            page = reader.open(f"/response/{name}")
            assert serious(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            for tab in page.locator(":is(.tabs, .subtabs) > [aria-current]").all():
                box = tab.bounding_box()
                assert box["x"] >= 0 and box["x"] + box["width"] <= width, f"{name}: the open tab is out of sight"
            page.screenshot(path=folder / f"{name.replace('/', '_')}_{width}_{language}.png", full_page=True)
        assert reader.own_errors() == []
        put_away(reader.context)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_open_tab_is_in_sight_on_a_phone_whatever_font_its_row_ends_up_in(
    desk: Site, chromium: Any, language: str
) -> None:
    reader = signed_in(desk, chromium, language, 390, 844)
    for name in ("rules", "papers", "plans", "command"):
        page = reader.open(f"/response/{name}")
        tab = "document.querySelector('.tabs > [aria-current]').getBoundingClientRect()"
        page.evaluate("document.fonts.ready")
        until(page, f"{tab}.left >= 0 && {tab}.right <= 390")
    put_away(reader.context)


def test_a_shift_at_the_desk_from_check_in_to_a_hand_over_refused_and_signed(desk: Site, chromium: Any) -> None:
    reader = signed_in(desk, chromium, "en", 1440, 900)
    page = reader.open("/response/duty")
    page.click("text=Check now")
    page.wait_for_selector(".check-ask")
    page.locator("h1").click()
    page.keyboard.press("a")
    until(page, "!document.querySelector('.check-ask') && document.querySelector('.notice')")
    page.wait_for_load_state()
    for left in (2, 1, 0):
        page.locator("#part-now summary.btn.primary").first.click()
        page.locator("#part-now details[open] button[value=room]").click()
        until(page, f"document.querySelectorAll('#part-now summary.btn.primary').length === {left}")
    page.wait_for_load_state()  # keys are heard once the page is whole
    page.keyboard.press("l")
    until(page, "document.activeElement.matches('textarea')")
    page.keyboard.type("Satellite telephone tested")
    page.keyboard.press("Control+Enter")
    until(page, "document.querySelector('#part-log').textContent.includes('Satellite telephone tested')")
    page.wait_for_load_state()
    page.locator("h1").click()
    page.keyboard.press("c")
    page.wait_for_selector("[name=place]")
    page.fill("[name=place]", "Changzhuang reservoir")
    page.fill("[name=course]", "Piping at the downstream slope")
    page.press("[name=course]", "Control+Enter")
    until(page, "location.pathname.includes('/response/')  && !location.pathname.endsWith('/duty/call')")
    page = reader.open("/response/duty/handover")
    page.click("text=Begin a hand-over")
    page.click("text=Sign as outgoing")
    page.wait_for_selector(".signed")
    page.click("text=Sign as incoming")
    refusal = page.wait_for_selector(".notice.s-overdue")
    assert "red items are not acknowledged" in refusal.inner_text()
    assert "Instruction not carried out" in refusal.inner_text()
    for left in reversed(range(page.locator("[data-ack]").count())):
        page.locator("[data-ack]").first.click()
        until(page, f"document.querySelectorAll('[data-ack]').length === {left}")
    page.click("text=Sign as incoming")
    until(page, "document.body.textContent.includes('No hand-over is being made')")
    assert reader.own_errors() == []
    put_away(reader.context)


def test_a_draft_is_put_right_by_keyboard_and_a_hole_is_refused_in_place(desk: Site, chromium: Any) -> None:
    reader = signed_in(desk, chromium, "en", 1440, 900)
    page = reader.open("/response/duty/roster")
    page.click("text=New version")
    until(page, "document.querySelectorAll('button.cell').length > 2")
    page.locator("h1").click()
    page.keyboard.press("e")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#edit').open")
    page.keyboard.press("Enter")  # nobody
    until(page, "document.activeElement.classList.contains('cell') && document.activeElement.textContent === 'empty'")
    assert page.locator(".faults").inner_text().count("without second") == 1
    page.click("text=Publish")
    assert "has holes" in page.wait_for_selector(".notice.s-overdue").inner_text()
    page.locator(".month-table td.hole .cell").click()
    page.fill("#edit [name=person]", "杨值班")
    page.press("#edit [name=person]", "Enter")
    until(page, "!document.querySelector('.month-table td.hole')")
    assert reader.own_errors() == []
    put_away(reader.context)
