"""The registers in a real browser: typing narrows, keys turn pages, forms say what is wrong, an area says who is inside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import ROOT, Reader, until
from tests.browser.test_pages import SCREENS, serious

pytestmark = pytest.mark.browser
BOX = "[[[113.0,34.4],[114.0,34.4],[114.0,35.0],[113.0,35.0],[113.0,34.4]]]"
assert ROOT


@pytest.fixture(scope="module", autouse=True)
def laid_down(site: Any) -> None:
    """A hundred and twenty units in the small territory."""
    site.run("tests.browser.register_seed")


@pytest.mark.parametrize("reader", SCREENS, indirect=True, ids=lambda s: "-".join(map(str, s)))
def test_pages_of_registers_are_whole_and_open_to_all(reader: Reader) -> None:
    page = reader.open("/territory/units")
    unit = page.locator("#rows .title a").first.get_attribute("href")
    person = reader.open("/territory/persons").locator("#rows .title a").first.get_attribute("href")
    post = reader.open("/territory/posts").locator("#rows .title a").first.get_attribute("href")
    places = ["/territory/", "/territory/units", "/territory/units?q=zzzz", "/territory/places", unit, person, post]
    for path in [*places, f"{unit}/edit", f"{unit}/label", "/territory/places/new", "/territory/inside"]:
        page = reader.open(path)
        page.wait_for_load_state("networkidle")
        assert page.locator("main h1").count() == 1, path
        assert serious(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 1, f"{path} scrolls sideways by {width} px"
    assert reader.own_errors() == []


def test_typing_narrows_and_the_way_back_widens(reader: Reader) -> None:
    page = reader.open("/territory/units")
    page.wait_for_selector("#facets .facet")
    page.fill("#q", "食品厂001")
    until(page, "document.querySelector('.list .total').textContent === '1'")
    assert "q=" in page.url
    assert page.evaluate("document.activeElement.id") == "q"
    page.go_back()
    until(page, "document.querySelector('.list .total').textContent === '120'")
    assert page.input_value("#q") == ""
    assert reader.own_errors() == []


def test_a_tick_becomes_a_chip_and_the_chip_comes_off(reader: Reader) -> None:
    page = reader.open("/territory/units")
    page.wait_for_selector("#facets input[name=size]")
    page.check("#facets input[name=size][value=small]")
    until(page, "document.querySelectorAll('.picked a:not(.clear)').length === 1")
    assert page.locator(".list .total").inner_text() == "40"
    until(page, "document.querySelector('#facets input[name=size][value=small]')?.checked")
    page.click(".picked a:not(.clear)")
    until(page, "document.querySelector('.list .total').textContent === '120'")
    until(page, "!document.querySelector('#facets input[name=size][value=small]')?.checked")
    assert reader.own_errors() == []


def test_the_keyboard_chooses_opens_and_turns_pages(reader: Reader) -> None:
    page = reader.open("/territory/units")
    first = page.locator("#rows .title a").first.inner_text()
    page.keyboard.press("n")
    until(page, f"document.querySelector('#rows .title a').textContent !== '{first}'")
    page.keyboard.press("p")
    until(page, f"document.querySelector('#rows .title a').textContent === '{first}'")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("Tab")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator("#rows tr[aria-selected='true']").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/territory/units/9*")
    assert reader.own_errors() == []


def test_a_division_is_found_by_name_and_narrows_the_list(reader: Reader) -> None:
    page = reader.open("/territory/units")
    page.wait_for_selector("[data-where]")
    page.fill("[data-where]", "巩义")
    page.wait_for_selector(".found a")
    page.locator(".found a").first.click()
    page.wait_for_selector(".picked a")
    assert "division=410181" in page.url


def test_a_wrong_form_says_so_at_the_field_and_a_right_one_is_saved(reader: Reader) -> None:
    page = reader.open("/territory/units")
    page.locator("#rows .title a").first.click()
    page.wait_for_url("**/territory/units/9*")
    page.locator(".dossier-head a.primary").click()
    page.wait_for_selector("form.entry")
    page.fill("#f-staff", "many")
    page.click("button[name=save]")
    page.wait_for_selector("#f-staff-fault")
    assert page.input_value("#f-staff") == "many"
    assert serious(page) == []
    page.fill("#f-staff", "41")
    page.click("button[name=save]")
    page.wait_for_selector(".dossier h1")
    page.wait_for_selector(".history .was")
    assert reader.own_errors() == []


def test_a_telephone_is_shown_for_a_reason(reader: Reader) -> None:
    page = reader.open("/territory/units?q=食品厂007")
    page.locator("#rows .title a").first.click()
    page.wait_for_selector("#contact")
    assert "****" in page.locator("#contact .big-phone").inner_text()
    page.click("#contact summary")
    page.fill("#reason", "核实险情联系")
    page.click("#contact form .primary")
    page.wait_for_selector("#contact a.big-phone")
    assert page.locator("#contact a.big-phone").inner_text() == "13900000007"


def test_an_area_drawn_says_who_is_inside(reader: Reader) -> None:
    page = reader.open("/territory/inside")
    page.wait_for_selector("#map[data-ready]")
    until(page, "anlanInside.map.areTilesLoaded()")
    shape = f"{{type: 'Feature', properties: {{}}, geometry: {{type: 'Polygon', coordinates: {BOX}}}}}"
    page.evaluate(f"anlanInside.count({shape})")
    page.wait_for_selector("#inside-result .inside-total")
    page.wait_for_selector("#inside-result .holders")
    page.click("[data-tool=polygon]")
    box = page.locator("#map").bounding_box()
    for x, y in ((0.45, 0.35), (0.6, 0.35), (0.6, 0.6), (0.45, 0.6)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-tool=polygon]').getAttribute('aria-pressed') === 'false'")
    page.wait_for_selector("#inside-result .inside-total")
    assert reader.own_errors() == []


def test_a_fold_asks_for_its_part_when_it_is_opened(reader: Reader) -> None:
    """As the list of divisions that only follow does; a source of two words is heard in quotes alone."""
    page = reader.open("/territory/")
    asked: list[str] = []
    page.on("request", lambda request: "/find?" in request.url and asked.append(request.url.rpartition("=")[2]))
    page.evaluate("""document.querySelector('main').insertAdjacentHTML('beforeend',
      `<details class=try><summary>x</summary><p hx-get="/territory/find?q=loose" hx-trigger="toggle from:closest details once"></p></details>
       <details class=try><summary>x</summary><p hx-get="/territory/find?q=quoted" hx-trigger="toggle from:'closest details' once"></p></details>`);
      document.querySelectorAll('.try').forEach((fold) => { htmx.process(fold); fold.open = true; })""")
    page.wait_for_timeout(1000)
    assert asked == ["quoted"]
