"""The ways a draft can go in a real browser: sent back, dropped, cancelled, updated, urgent with its after-check, signed twice."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import Reader, until
from tests.browser.test_drafts import DRAFT, WARNING, enter, laid_down, signal_of
from tests.browser.test_pages import SCREENS, serious

__all__ = ["enter", "laid_down"]
pytestmark = pytest.mark.browser
Enter = Callable[..., Reader]


def ready(page: Any) -> None:
    until(page, "document.body.dataset.ready")


def made(person: Reader, path: str = "/warnings/compose", **fields: str) -> Any:
    """Write a warning, fill in these fields, hand it over; its page."""
    page = person.open(path)
    ready(page)
    for name, text in fields.items():
        page.fill(f"[name={name}]", text)
    page.click("#compose button[data-primary]")
    page.wait_for_url(DRAFT)
    return page


def step(person: Reader, address: str, end: Any) -> Any:
    """Take the next step of a draft by the Enter key."""
    page = person.page
    page.goto(address)
    ready(page)
    page.keyboard.press("Enter")
    page.wait_for_url(end)
    return page


def asked(page: Any, act: str, reason: str) -> None:
    """Answer the question for a reason of this act."""
    page.locator(f"[data-act=ask][data-url$='/{act}']").click()
    page.wait_for_selector("#ask[open]")
    page.keyboard.type(reason)
    page.keyboard.press("Enter")


def issued(come: Enter, address: str) -> Any:
    """Have a draft checked and signed by two others; the page of the warning."""
    step(come("checker"), address, re.compile("/warnings/drafts$"))
    return step(come("signer"), address, WARNING)


def test_a_draft_is_sent_back_mended_and_dropped(enter: Enter) -> None:
    maker, checker = enter("maker"), enter("checker")
    address = made(maker).url
    page = checker.page
    page.goto(address)
    ready(page)
    page.keyboard.press("r")
    page.wait_for_selector("#ask[open]")
    page.keyboard.type("Name the villages")
    page.keyboard.press("Enter")
    page.wait_for_selector(".page-head:has-text('Sent back')")
    page = maker.page
    page.goto(address)
    assert "Name the villages" in page.locator("main").inner_text()
    ready(page)
    page.fill("[name=description_en]", "Villages along the river must move.")
    page.click("#save button")
    page.wait_for_selector(".page-head:has-text('Made, to be checked')")
    asked(page, "drop", "The rain went by")
    page.wait_for_url(re.compile("/warnings/drafts$"))
    page.goto(address)
    assert "Dropped" in page.locator(".page-head").inner_text()
    assert page.locator("#step, [data-act=ask]").count() == 0
    assert maker.own_errors() == checker.own_errors() == []


def test_an_update_names_the_first_and_a_cancel_ends_the_chain(enter: Enter) -> None:
    maker = enter("maker")
    page = issued(enter, made(maker).url)
    first = page.url
    number = re.search(r"\d{14}_\d{14}_\d", page.content())
    assert number is not None
    page = maker.page
    page.goto(first)
    page.locator("a[href*='act=update']").click()
    page.wait_for_url(re.compile("act=update"))
    ready(page)
    page.fill("[name=headline_en]", "Rain goes on until noon")
    page.click("#compose button[data-primary]")
    page.wait_for_url(DRAFT)
    page = issued(enter, page.url)
    assert "Rain goes on until noon" in page.locator("main").inner_text()
    second = page.url
    file = maker.page.request.get(second.replace("/warnings/", "/api/warning/warnings/") + "/cap.xml").text()
    assert "<msgType>Update</msgType>" in file
    assert number[0] in file.split("<references>")[1].split("</references>")[0]
    page = maker.page
    page.goto(second)
    page.locator("a[href*='act=cancel']").click()
    page.wait_for_url(re.compile("act=cancel"))
    ready(page)
    page.fill("[name=reason]", "The rain has stopped")
    page.click("#compose button[data-primary]")
    page.wait_for_url(DRAFT)
    page = issued(enter, page.url)
    assert "Cancelled" in page.locator("main").inner_text()
    assert maker.own_errors() == []


def test_the_urgent_way_is_checked_afterwards_by_the_superior_post(enter: Enter) -> None:
    issuer = enter("issuer")
    page = signal_of(issuer)
    page.keyboard.press("w")
    page.wait_for_url(re.compile("/warnings/compose"))
    ready(page)
    page.keyboard.press("u")
    page.wait_for_selector("#urgent[open]")
    page.keyboard.type("The gauge jumped")
    page.keyboard.press("Enter")
    page.wait_for_url(WARNING)
    page = issuer.open("/warnings/drafts")
    mine = page.locator("#owed a", has_text=re.compile(".")).first.get_attribute("href")
    page.goto(issuer.site.url + str(mine))
    assert page.locator("[name=verdict]").count() == 0, "who issued it does not check it"
    superior = enter("superior")
    page = superior.open("/warnings/drafts")
    before = page.locator("#owed a[href*=drafts]").count()
    page.goto(superior.site.url + str(mine))
    assert page.locator("#preview").count() == 0, "what has gone out has no preview"
    page.select_option("[name=verdict]", "right")
    page.fill(".compose-side [name=reason]", "Rightly so")
    page.click(".compose-side form[action$='/after'] button")
    page.wait_for_selector(".compose-side:has-text('Rightly issued Rightly so')")
    assert superior.open("/warnings/drafts").locator("#owed a[href*=drafts]").count() == before - 1
    assert issuer.own_errors() == superior.own_errors() == []


def test_words_that_send_people_to_the_stopped_metro_wait_for_a_second_signature(enter: Enter) -> None:
    maker = enter("maker")
    page = maker.open("/warnings/compose")
    until(page, "document.querySelector('.preview-count')")
    page.fill("[name=description_zh]", "暴雨持续，请选择地铁出行。")
    until(page, "document.querySelector('[data-finding=\"warning.contradiction\"]')")
    page.click("#compose button[data-primary]")
    page.wait_for_url(DRAFT)
    address = page.url
    step(enter("checker"), address, re.compile("/warnings/drafts$"))
    signer = enter("signer")
    page = step(signer, address, DRAFT)
    page.wait_for_selector(".page-head:has-text('Signed, to be issued')")
    assert "order in force" in page.locator("body").inner_text()
    page.reload()
    assert "another issuer" in page.locator(".compose-side").inner_text()
    second = enter("second")
    page = step(second, address, WARNING)
    assert "In force" in page.locator("main").inner_text()
    assert maker.own_errors() == second.own_errors() == []


def test_a_received_alert_becomes_a_draft_that_says_whose_it_is(enter: Enter) -> None:
    maker = enter("maker", "zh-hans")
    page = maker.open("/warning/alerts?state=in_force")
    page.locator("#rows a", has_text="EX-1").click()
    page.locator("a[href*='compose?received=']").click()
    page.wait_for_url(re.compile("received="))
    until(page, "document.querySelector('.preview-count')")
    assert page.input_value("[name=description_zh]").startswith("据示例市气象台发布：")
    assert page.input_value("[name=area_kind]") == "received"
    assert "polygon" in page.locator("pre.cap").text_content()
    page.click("#compose button[data-primary]")
    page.wait_for_url(DRAFT)
    assert "收到的预警" in page.locator(".compose-side").inner_text()
    assert maker.own_errors() == []


def test_an_area_is_drawn_round_a_station_and_divisions_chosen_later_take_its_place(enter: Enter) -> None:
    maker = enter("maker")
    page = maker.open("/warnings/compose")
    page.click("#around summary")
    page.fill("#round-km", "2")
    page.fill("[name=spot]", "D000")
    page.click("[data-of='station:D000']")
    until(page, "document.querySelector('[name=area_kind]').value === 'buffer'")
    assert "radius_km" in page.input_value("[name=outline]")
    until(page, "document.querySelector('pre.cap')?.textContent.includes('<circle>')")
    page.click("#places button")
    until(page, "document.querySelector('[name=area_kind]').value === 'divisions'")
    assert page.input_value("[name=outline]") == ""
    assert maker.own_errors() == []


def test_a_basin_is_chosen_and_a_line_drawn_by_keyboard_takes_its_place(enter: Enter) -> None:
    maker = enter("maker")
    page = maker.open("/warnings/compose")
    page.click("#around summary")
    page.select_option("#basin", "BASIN")
    until(page, "document.querySelector('[name=area_kind]').value === 'basin'")
    hull = json.loads(page.input_value("[name=outline]"))
    assert (hull["geometry"]["type"], hull["properties"]["basin"]) == ("Polygon", "BASIN")
    until(page, "document.querySelector('pre.cap')?.textContent.includes('<polygon>')")
    page.click("#draw summary")
    page.wait_for_selector("#map[data-ready]")
    page.fill("#km", "1.5")
    page.click("#draw [data-tool=line]")
    for east in (113.0, 113.04):
        page.evaluate(f"anlanCompose.map.jumpTo({{center: [{east}, 34.75], zoom: 11}})")
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[name=area_kind]').value === 'buffer'")
    line = json.loads(page.input_value("[name=outline]"))
    assert (line["geometry"]["type"], line["properties"]["buffer_km"]) == ("LineString", 1.5)
    assert page.input_value("[name=area]").startswith("410181")
    until(page, "document.querySelector('.preview-count')")
    assert maker.own_errors() == []


def test_feeds_and_certificates_are_kept_by_the_administrator(enter: Enter) -> None:
    admin = enter("admin1")
    page = admin.open("/warning/feeds")
    assert "It answers with status 500" in page.locator("#feeds").inner_text()
    page.click("#form summary")
    page.fill("#form [name=name]", "Sample hub")
    page.fill("#form [name=url]", "https://hub.example/feed")
    page.click("#form .btn.primary")
    page.wait_for_selector("#feeds:has-text('Sample hub')")
    page.locator("#feeds tr", has_text="Sample hub").locator("button", has_text="Pause").click()
    page.locator("#feeds tr", has_text="Sample hub").locator("button", has_text="Go on").wait_for()
    page = admin.open("/warning/alerts?state=held")
    page.locator("#rows a", has_text="EX-2").click()
    page.locator("a[href*='/warning/pins?sender']").click()
    page.fill("#form [name=reason]", "By telephone")
    page.click("#form .btn.primary")
    page.wait_for_selector("#pins:has-text('By telephone')")
    assert serious(page) == []
    assert admin.own_errors() == []


@pytest.mark.parametrize("reader", SCREENS, indirect=True, ids=lambda s: "-".join(map(str, s)))
def test_pages_of_others_warnings_are_whole_and_open_to_all(reader: Reader) -> None:
    page = reader.open("/warning/alerts")
    one = str(page.locator("#rows a").first.get_attribute("href"))
    for path in ("/warning/alerts", one, "/warning/take", "/warning/feeds", "/warning/pins"):
        page = reader.open(path)
        page.wait_for_load_state("networkidle")
        for fold in page.locator("main details:not(.pop)").all():
            fold.evaluate("fold => (fold.open = true)")
        assert page.locator("main h1").count() == 1, path
        assert serious(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 1, f"{path} scrolls sideways by {width} px"
    assert reader.own_errors() == []
