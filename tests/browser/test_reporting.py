"""The reporting pages in a real browser: whole on desk and phone in both languages, open to all; a township reports by
telephone within the minute, the county's form checks as it is typed, the city acknowledges with one key."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import put_away
from tests.browser.conftest import Laid, Site, until
from tests.browser.test_pages import serious

pytestmark = pytest.mark.browser
DISASTER = "section a[href*='/reports/disasters/']"


@pytest.fixture(scope="module")
def node(county: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with county.node(tmp_path_factory.mktemp("reporting"), "tests.browser.reports_seed", drill=False) as site:
        yield site


def signed_in(node: Site, chromium: Any, name: str, width: int = 1440, height: int = 900) -> Any:
    page = chromium.new_context(viewport={"width": width, "height": height}).new_page()
    page.goto(f"{node.url}/sign-in")
    page.fill("[name=username]", name)
    page.fill("[name=password]", "storm-duty-1")
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    return page


def test_the_pages_are_whole_and_open_to_all(node: Site, chromium: Any, tmp_path: Path) -> None:
    folder = Path(os.environ.get("ANLAN_SHOTS", tmp_path))
    page = signed_in(node, chromium, "city")
    errors: list[str] = []
    page.on("pageerror", lambda failure: errors.append(str(failure)))
    page.goto(f"{node.url}/response/reports")
    rollup = page.locator(DISASTER).first.get_attribute("href")
    county = f"{rollup}?root=410182&raw=1"
    one = page.locator("#received a").first.get_attribute("href")
    paths = {"home": "/response/reports", "rollup": rollup, "county": county, "one": one, "phone": "/response/reports/phone",
             "form": f"/response/reports/new?disaster={str(rollup).rsplit('/', 1)[-1]}",
             "figure": f"{rollup}/figures/410182109/dead"}  # fmt: skip
    for language in ("zh-hans", "en"):
        page.context.add_cookies([{"name": "anlan_language", "value": language, "url": node.url}])
        for width, height in ((1440, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            for name, path in paths.items():
                assert page.goto(f"{node.url}{path}").status == 200, path
                page.wait_for_timeout(150)
                page.screenshot(path=folder / f"reports_{name}_{width}_{language}.png", full_page=True)
                assert serious(page) == [], path
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert errors == []
    put_away(page.context)


def test_a_township_reports_by_telephone_and_the_county_acknowledges(node: Site, chromium: Any) -> None:
    phone = signed_in(node, chromium, "town", 390, 844)
    phone.goto(f"{node.url}/response/reports/phone")
    phone.fill("[name='f.dead']", "4")
    phone.fill("[name='f.affected']", "2300")
    phone.click("button.tall")
    until(phone, "document.querySelector('.nothing') !== null")
    phone.goto(f"{node.url}/response/reports/phone")
    assert phone.input_value("[name='f.dead']") == "4"  # prefilled from the last report
    phone.fill("[name='f.dead']", "1")
    phone.click("button.tall")
    until(phone, "document.querySelector('#fault') !== null")  # a fall without a reason is refused
    assert phone.input_value("[name='f.dead']") == "1"
    put_away(phone.context)
    desk = signed_in(node, chromium, "county")
    desk.goto(f"{node.url}/response/reports")
    before = desk.locator("#received input[type=checkbox]").count()
    assert before >= 2
    desk.keyboard.press("a")
    until(desk, "document.querySelectorAll('#received input[type=checkbox]').length === 0")
    assert desk.locator("[data-due]").count() >= 1
    text = desk.locator("[data-due]").first.text_content()
    # The countdown runs; it may be told in minutes.
    until(desk, f"document.querySelector('[data-due]').textContent !== {text!r}", seconds=75)
    put_away(desk.context)


def test_the_form_checks_while_one_types(node: Site, chromium: Any) -> None:
    page = signed_in(node, chromium, "county")
    page.goto(f"{node.url}/response/reports")
    page.goto(f"{node.url}{page.locator(DISASTER).first.get_attribute('href')}")
    page.keyboard.press("n")
    page.wait_for_url("**/reports/new**")
    until(page, "document.querySelector('#findings .status') !== null")
    page.fill("[name='f.dead']", "99999")
    until(page, "document.querySelector('#n-dead').textContent.includes('99999')")
    page.click("#report button.primary")
    until(page, "document.querySelector('#fault') !== null")
    page.fill("[name='f.dead']", "1")
    until(page, "document.querySelector('#n-dead').textContent.indexOf('99999') < 0")
    page.press("[name='f.dead']", "Control+Enter")
    page.wait_for_url(lambda url: "/reports/new" not in url)
    put_away(page.context)
