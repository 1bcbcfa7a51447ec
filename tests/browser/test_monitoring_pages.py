"""The pages of monitoring in a real browser: lists narrow, charts are read and zoomed by keys, the rain map moves in time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Reader, until
from tests.browser.test_pages import SCREENS, serious

pytestmark = pytest.mark.browser
PATHS = (
    "/monitoring/stations", "/monitoring/stations?q=zzzz", "/monitoring/stations/G000", "/monitoring/stations/G001?span=month",
    "/monitoring/gaps?span=day", "/monitoring/rain",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def laid_down(site: Any) -> None:
    """A hundred and twenty stations in the small territory."""
    site.run("tests.browser.monitoring_seed")


@pytest.mark.parametrize("reader", SCREENS, indirect=True, ids=lambda s: "-".join(map(str, s)))
def test_pages_of_monitoring_are_whole_and_open_to_all(reader: Reader) -> None:
    for path in PATHS:
        page = reader.open(path)
        page.wait_for_load_state("networkidle")
        assert page.locator("main h1").count() == 1, path
        assert serious(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 1, f"{path} scrolls sideways by {width} px"
    assert reader.own_errors() == []


def test_a_state_narrows_the_list_and_a_row_opens_by_keys(reader: Reader) -> None:
    page = reader.open("/monitoring/stations")
    page.wait_for_selector("#facets input[name=kind]")
    page.check("#facets input[name=kind][value=level]")
    until(page, "document.querySelectorAll('.picked a:not(.clear)').length === 1")
    until(page, "location.search.includes('kind=level')")
    page.locator("#main").focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/monitoring/stations/G*")
    page.wait_for_selector(".chart svg")
    assert reader.own_errors() == []


def test_a_chart_is_read_zoomed_and_told_as_a_table(reader: Reader) -> None:
    page = reader.open("/monitoring/stations/G000")
    page.wait_for_selector(".chart svg .doubt")
    page.focus(".chart")
    page.keyboard.press("End")
    said = page.locator(".chart-read").first.inner_text()
    assert "1.0 mm" in said
    page.keyboard.press("ArrowLeft")
    assert page.locator(".chart-read").first.inner_text() != said
    page.keyboard.press("+")
    until(page, "!document.querySelector('[data-whole]').hidden")
    until(page, "location.search.includes('from=')")
    page.wait_for_selector(".chart:not([data-busy]) svg")
    page.keyboard.press("0")
    until(page, "document.querySelector('[data-whole]').hidden")
    until(page, "document.querySelector('.chart-notes').textContent.includes('doubtful')")
    page.locator(".chart-table summary").first.click()
    page.wait_for_selector(".chart-table[open] tbody tr:nth-child(20)")
    assert serious(page) == []
    assert reader.own_errors() == []


def test_dragging_over_a_chart_looks_closer_and_the_span_moves(reader: Reader) -> None:
    page = reader.open("/monitoring/stations/G000")
    page.wait_for_selector(".chart svg")
    box = page.locator(".chart").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=4)
    page.mouse.up()
    until(page, "!document.querySelector('[data-whole]').hidden")
    page.click("[data-whole]")
    before = page.locator("[data-said]").inner_text()
    page.click("[data-move='-1']")
    assert page.locator("[data-said]").inner_text() != before
    page.click(".chart-bar a[data-span=day]")
    until(page, "location.search === '?span=day'")
    assert reader.own_errors() == []


def test_raw_frames_come_when_they_are_looked_for(reader: Reader) -> None:
    page = reader.open("/monitoring/stations/G000")
    page.locator("#frames").scroll_into_view_if_needed()
    page.wait_for_selector(".frames details")
    page.locator(".frames summary").first.click()
    assert "7E 7E 05" in page.locator(".bytes").first.inner_text()
    assert serious(page) == []


def test_a_wrong_limit_comes_back_at_its_field(reader: Reader) -> None:
    page = reader.open("/monitoring/stations/G001")
    page.fill("#l-level_m-warning_m", "80")
    page.click("#limits button")
    page.wait_for_selector(".at-fault input[aria-invalid]")
    assert page.input_value("#l-level_m-warning_m") == "80"
    assert serious(page) == []
    assert reader.own_errors() == []


def test_the_rain_map_changes_its_window_and_goes_back_in_time(reader: Reader) -> None:
    page = reader.open("/monitoring/rain")
    page.wait_for_selector("#map[data-ready='24']")
    page.click("a[data-window='3']")
    page.wait_for_selector("#map[data-ready='3']")
    page.wait_for_selector(".rain-top tbody tr")
    page.keyboard.press("Shift+ArrowLeft")
    until(page, "location.search.includes('at=')")
    page.wait_for_selector("#rain[data-past='1']")
    page.keyboard.press("n")
    until(page, "!location.search.includes('at=')")
    assert page.locator("#rain-now").is_hidden()
    assert reader.own_errors() == []
