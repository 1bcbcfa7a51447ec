"""Writing a warning in a real browser: from the signal to issued by keyboard alone, by one hand and by three."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.chromium import put_away
from tests.browser.conftest import Reader, until
from tests.browser.test_pages import SCREENS, serious

pytestmark = pytest.mark.browser
DRAFT = re.compile("/warnings/drafts/[0-9a-f-]{36}$")
WARNING = re.compile("/warnings/[0-9a-f-]{36}$")


@pytest.fixture(scope="module", autouse=True)
def laid_down(site: Any) -> None:
    """Accounts and a signal."""
    site.run("tests.browser.draft_seed")


@pytest.fixture
def enter(site: Any, chromium: Any) -> Iterator[Callable[[str], Reader]]:
    """Let somebody in by name, each in a browser of their own."""
    contexts = []

    def come(name: str, language: str = "en") -> Reader:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
        context.add_cookies([{"name": "anlan_language", "value": language, "url": site.url}])
        context.add_init_script("localStorage.setItem('anlan.tour', 'done')")
        contexts.append(context)
        person = Reader(site, context)
        person.sign_in(name)
        return person

    yield come
    for context in contexts:
        put_away(context)


def signal_of(person: Reader) -> Any:
    """The page of the seeded signal."""
    page = person.open("/monitoring/signals?colour=red&state=firing")
    page.goto(
        person.site.url
        + str(page.locator("#rows a", has_text=re.compile("Draft gauge|示例雨量站")).first.get_attribute("href"))
    )
    return page


class Keys:
    """Presses keys in a page and counts them; a text typed is one action."""

    def __init__(self) -> None:
        self.used = 0

    def press(self, page: Any, name: str) -> None:
        """One key."""
        self.used += 1
        page.keyboard.press(name)

    def type(self, page: Any, text: str) -> None:
        """One text."""
        self.used += 1
        page.keyboard.type(text)


def test_from_a_signal_to_issued_by_one_hand_in_six_actions_by_keyboard(enter: Callable[..., Reader]) -> None:
    person, keys = enter("issuer"), Keys()
    page = signal_of(person)
    keys.press(page, "w")
    page.wait_for_url(re.compile("/warnings/compose"))
    until(page, "document.querySelector('.preview-count')")
    keys.press(page, "u")
    page.wait_for_selector("#urgent[open]")
    keys.type(page, "Water is at the village")
    keys.press(page, "Enter")
    page.wait_for_url(WARNING)
    assert keys.used <= 6
    assert "In force" in page.locator("main").inner_text()
    assert "the after-check is owed by" in person.open("/").locator("#part-red").inner_text()
    page = person.open("/warnings/drafts")
    assert "Water is at the village" in page.locator("#owed").inner_text()
    assert serious(page) == []
    assert person.own_errors() == []


def test_from_a_signal_to_issued_by_three_hands_in_six_keys(enter: Callable[..., Reader]) -> None:
    keys, maker = Keys(), enter("maker")
    page = signal_of(maker)
    keys.press(page, "w")
    page.wait_for_url(re.compile("/warnings/compose"))
    until(page, "document.body.dataset.ready")
    assert page.locator("[data-act=urgent]").count() == 0
    keys.press(page, "Enter")
    page.wait_for_url(DRAFT)
    assert "another person" in page.locator("main").inner_text()
    for name, end in (("checker", re.compile("/warnings/drafts$")), ("signer", WARNING)):
        other = enter(name)
        page = other.open("/warnings/drafts")
        until(page, "document.activeElement.matches('#drafts a[data-mine]')")
        keys.press(page, "Enter")
        page.wait_for_url(DRAFT)
        until(page, "document.body.dataset.ready")
        keys.press(page, "Enter")
        page.wait_for_url(end)
        assert other.own_errors() == []
    assert keys.used <= 6
    assert "In force" in page.locator("main").inner_text()
    assert maker.own_errors() == []


def test_enter_in_haste_signs_nothing(enter: Callable[..., Reader]) -> None:
    maker = enter("maker")
    maker.context.add_init_script("""addEventListener('DOMContentLoaded', () => document.body.dispatchEvent(
        new KeyboardEvent('keydown', {key: 'Enter', bubbles: true})))""")
    page = maker.open("/warnings/compose")
    until(page, "document.body.dataset.ready")
    assert page.url.endswith("/warnings/compose")
    page.keyboard.press("Enter")
    page.wait_for_url(DRAFT)
    assert maker.own_errors() == []


def test_the_preview_follows_what_is_written_and_says_what_stands_in_the_way(enter: Callable[..., Reader]) -> None:
    person = enter("maker")
    page = person.open("/warnings/compose")
    until(page, "document.querySelector('.preview-count')")
    page.fill("[name=sms_zh]", "一" * 71)
    until(page, "document.querySelector('[data-finding=\"draft.sms_parts\"]')")
    page.fill("[name=action_school_en]", "")
    until(page, "document.querySelector('[name=action_school_en]').getAttribute('aria-invalid') === 'true'")
    page.select_option("[name=colour]", "yellow")
    page.click("[data-act=refill]")
    until(page, "document.querySelector('[name=action_school_en]').value !== ''")
    until(page, "!document.querySelector('#preview [data-bad]')")
    assert "Yellow" in page.input_value("[name=headline_en]")
    assert person.own_errors() == []


def test_the_area_is_chosen_by_name_and_drawn_on_the_map(enter: Callable[..., Reader]) -> None:
    person = enter("maker")
    page = person.open("/warnings/compose")
    page.click("#places button")
    until(page, "document.querySelector('[data-finding=\"warning.area\"]')")
    page.click("#draw summary")
    page.wait_for_selector("#map[data-ready]")
    page.evaluate("anlanCompose.map.jumpTo({center: [113.02, 34.75], zoom: 11})")
    page.click("#draw [data-tool=circle]")
    page.keyboard.press("Space")
    until(page, "document.querySelector('[name=area]').value.startsWith('410181')")
    until(page, "document.querySelector('.preview-count')")
    assert "radius_km" in page.input_value("[name=outline]")
    assert person.own_errors() == []


def test_a_warning_is_updated_from_its_page(reader: Reader) -> None:
    page = reader.open("/warnings")
    page.locator(".warning-item h3 a").first.click()
    page.wait_for_url(WARNING)
    page.locator("a[href*='act=update']").click()
    page.wait_for_url(re.compile("act=update"))
    assert page.input_value("[name=act]") == "update"
    assert page.input_value("[name=references]")
    until(page, "document.querySelector('.preview-count')")
    assert reader.own_errors() == []


@pytest.mark.parametrize("reader", SCREENS, indirect=True, ids=lambda s: "-".join(map(str, s)))
def test_pages_of_writing_are_whole_and_open_to_all(reader: Reader) -> None:
    for path in (
        "/warnings/compose",
        "/warnings/drafts",
        "/warnings/compose?signal=00000000-0000-0000-0000-000000000000",
    ):
        page = reader.open(path)
        page.wait_for_load_state("networkidle")
        for fold in page.locator("details:not(#draw):not(.pop)").all():
            fold.evaluate("fold => (fold.open = true)")
        assert page.locator("main h1").count() == 1, path
        assert serious(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 1, f"{path} scrolls sideways by {width} px"
    assert reader.own_errors() == []
