"""Every page in both languages, at desk and phone, by day and night: whole, accessible, without an error."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import ROOT, Reader

pytestmark = pytest.mark.browser
AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text("utf-8")
SCREENS = [("zh-hans", 1440, 900, "dark"), ("en", 390, 844, "light")]  # each language, size and theme
ALL_SCREENS = [*SCREENS, ("en", 1440, 900, "light"), ("zh-hans", 390, 844, "dark")]
PAGES = ["/", "/warnings", "/response", "/review/after-action"]
HAN = re.compile(r"[\u4e00-\u9fff]")


def serious(page: Any) -> list[str]:
    """What axe finds that keeps somebody out."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("reader", ALL_SCREENS, indirect=True, ids=lambda s: "-".join(map(str, s)))
def test_pages_are_whole_and_open_to_all(reader: Reader) -> None:
    board = reader.open("/warnings").locator(".warning-item h3 a").first.get_attribute("href")
    for path in [*PAGES, board]:
        page = reader.open(path)
        assert page.locator("main h1").count() >= 1, path
        assert page.title().startswith("["), "a drill says so in its title"
        assert page.locator("#drill-band").is_visible()
        assert serious(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 1, f"{path} scrolls sideways by {width} px"
    assert reader.errors == []


@pytest.mark.parametrize("reader", [("zh-hans", 1440, 900, "light"), ("en", 1440, 900, "light")], indirect=True)
def test_the_map_is_open_to_all(reader: Reader) -> None:
    page = reader.open("/map")
    page.wait_for_selector("#map[data-ready]")
    page.wait_for_selector("#feed button")
    assert serious(page) == []
    assert reader.errors == []


@pytest.mark.parametrize("reader", [("en", 1440, 900, "light")], indirect=True)
def test_the_frame_speaks_english_alone(reader: Reader) -> None:
    page = reader.open("/")
    for part in (".menu", ".strip", "#part-level .panel-head", "#part-tasks .panel-head"):
        assert not HAN.search(page.locator(part).inner_text()), part


def test_the_language_switch_goes_both_ways(reader: Reader) -> None:
    page = reader.open("/response")
    page.click(".bar .pop > summary")
    page.click("button[value='zh-hans']")
    page.wait_for_selector("html[lang='zh-hans']")
    assert "响应" in page.locator("main h1").inner_text()
    assert page.url.endswith("/response")


def test_a_wrong_password_says_so_and_a_stranger_is_sent_to_the_door(reader: Reader) -> None:
    reader.context.clear_cookies()
    page = reader.open("/response")
    assert "/sign-in?next=%2Fresponse" in page.url
    page.fill("#username", "duty")
    page.fill("#password", "no")
    page.click("main .btn.primary")
    assert page.get_by_role("alert").is_visible()
    assert serious(page) == []


@pytest.mark.parametrize("reader", [("en", 1440, 900, "dark")], indirect=True)
def test_paper_is_ink_on_white_whatever_the_theme_of_the_screen(reader: Reader) -> None:
    page = reader.open("/response")
    night = page.evaluate("getComputedStyle(document.body).color")
    page.emulate_media(media="print")
    ink = page.evaluate("getComputedStyle(document.querySelector('h1')).color")
    assert ink != night
    assert max(map(int, re.findall(r"\d+", ink)[:3])) < 80, ink
    for part in (".bar", ".tabs", "main .btn"):
        assert not page.locator(part).first.is_visible(), part


def test_an_unknown_page_leads_back(reader: Reader) -> None:
    page = reader.open("/warnings/00000000-0000-0000-0000-000000000000")
    assert page.locator(".problem .code").inner_text() == "404"
    assert page.locator(".problem a[href='/']").is_visible()


def test_first_paint_is_light(reader: Reader) -> None:
    sizes: dict[str, int] = {}
    reader.page.on("response", lambda r: sizes.__setitem__(r.url, int(r.headers.get("content-length", 0))))
    reader.open("/").wait_for_load_state("load")
    scripts = sum(size for url, size in sizes.items() if "/built/" in url and ".js" in url)
    assert 0 < scripts <= 60_000, sizes
    html = reader.page.evaluate("async () => (await (await fetch('/')).text()).length")
    assert html <= 60_000
