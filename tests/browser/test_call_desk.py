"""Calling by hand with the keyboard alone; the files; and the public's pages on a phone without an account."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.browser.chromium import put_away
from tests.browser.conftest import Reader, Site, figure, until
from tests.browser.test_pages import serious

pytestmark = pytest.mark.browser


def board(reader: Reader) -> Any:
    page = reader.open("/warnings")
    page.locator(".warning-item h3 a").first.click()
    until(page, "window.anlanBoard && document.querySelector('#calls tr[data-call]')")
    page.evaluate("document.activeElement.blur()")
    return page


def test_the_chosen_call_stays_the_chosen_one_when_the_list_moves_under_the_hands(reader: Reader) -> None:
    page = board(reader)
    first, second, third = page.locator("#calls tr[data-call]").evaluate_all(
        "rows => rows.slice(0, 3).map(r => r.dataset.call)"
    )
    marked = "document.querySelector('#calls tr[aria-selected=true]')?.dataset.call"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(marked) == second
    page.keyboard.press("c")
    page.wait_for_selector("#call-card[open] [data-outcome]")
    with page.expect_response(lambda answer: "part=waiting" in answer.url):
        page.keyboard.press("Escape")  # the list is asked for again
    until(page, f"{marked} === '{second}'")
    page.evaluate(f"document.getElementById('call-{first}').remove()")  # as when somebody else logs it
    page.keyboard.press("2")
    page.keyboard.press("2")
    until(page, f"!document.querySelector('#calls tr[data-call=\"{second}\"]')")
    page.keyboard.press("c")
    page.wait_for_selector("#call-card[open] [data-outcome]")
    page.keyboard.press("Escape")
    until(page, f"document.getElementById('call-{first}')")  # drawn anew, the first one stands above again
    assert page.locator(f'#calls tr[data-call="{third}"]').count() == 1
    page.keyboard.press("j")
    assert page.evaluate(marked) == third
    assert reader.errors == []


def test_a_call_by_hand_from_the_list_to_the_next_person_by_keyboard(reader: Reader) -> None:
    page = board(reader)
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_selector("#call-card[open] [data-outcome]")
    first = page.locator("#call-card form").get_attribute("data-call")
    assert page.locator("#call-card .script ol").first.locator("li").count() == 7
    assert "*" in page.locator("#call-card .number").first.inner_text()
    page.keyboard.press("s")
    page.wait_for_selector("#call-card .number a[href^='tel:']")
    assert serious(page) == []
    page.keyboard.press("7")
    until(page, f"document.querySelector('#call-card form').dataset.call !== '{first}'")
    assert page.locator("#call-card .notice.s-ok").count() == 1
    second = page.locator("#call-card form").get_attribute("data-call")
    page.keyboard.press("2")
    until(page, f"document.querySelector('#call-card form').dataset.call !== '{second}'")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('#call-card').open")
    until(page, f"!document.querySelector('#calls tr[data-call=\"{second}\"]:not(.gone)')")
    story = reader.open(f"/warnings/calls/{first}/history")
    assert story.locator(".story [data-what=tried]").count() == 1
    assert reader.errors == []


@pytest.mark.parametrize("reader", [("zh-hans", 390, 844, "light")], indirect=True)
def test_a_call_by_hand_with_a_thumb(reader: Reader) -> None:
    page = board(reader)
    page.locator("[data-card]").first.click()
    page.wait_for_selector("#call-card[open] [data-outcome]")
    box = page.locator("[data-outcome]").first.bounding_box()
    assert box["height"] >= 44
    before = page.locator("#call-card form").get_attribute("data-call")
    page.locator("[data-outcome=no_answer]").click()
    until(page, f"document.querySelector('#call-card form').dataset.call !== '{before}'")
    assert reader.errors == []


def test_the_files_say_what_the_board_says(reader: Reader) -> None:
    page = board(reader)
    address = page.url.split("?")[0]
    total = page.evaluate(figure("targeted"))
    text = reader.context.request.get(f"{address}/board.csv").text()
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    head = next(n for n, row in enumerate(rows) if "应叫应 Targeted" in row)
    column = rows[head].index("应叫应 Targeted")
    cuts = {row[0] for row in rows[head + 1 :] if row}
    assert int(rows[head + 1][column]) == total
    assert {"级别 Level", "职责 Role", "乡镇 Township"} <= cuts
    levels = [int(row[column]) for row in rows[head + 1 :] if row and row[0] == "级别 Level"]
    assert sum(levels) == total
    waiting = reader.context.request.get(f"{address}/unanswered.csv").text()
    assert "****" in waiting
    book = reader.context.request.get(f"{address}/unanswered.xlsx")
    assert book.body()[:2] == b"PK"
    assert reader.context.request.get(f"{address}/board.doc").status == 404


@pytest.mark.parametrize(("path", "width"), [("/public/", 1440), ("/public/en/", 390)])
def test_anybody_sees_what_is_in_force_on_a_map_and_in_words(
    open_site: Site, chromium: Any, path: str, width: int
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 844})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda failure: errors.append(str(failure)))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.goto(open_site.url + path)
    assert page.locator(".public-warning").count() == 4
    page.locator("#map").scroll_into_view_if_needed()
    page.wait_for_selector("#map[data-ready]")
    until(page, "anlanPublic.loaded() && anlanPublic.queryRenderedFeatures({layers: ['area-fill']}).length > 3")
    colours = page.evaluate(
        "[...new Set(anlanPublic.queryRenderedFeatures({layers: ['area-fill']}).map(f => f.properties.colour))].sort()"
    )
    assert colours == ["blue", "orange", "red", "yellow"]
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
    page.locator(".public-warning h2 a").first.click()
    page.wait_for_selector(".public-outline")
    assert serious(page) == []
    assert context.cookies() == []
    assert errors == []
    put_away(context)
