"""Papers in a real browser: filled from the record, changed by hand, checked, signed and numbered by three people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.conftest import Reader, until
from tests.browser.test_drafts import enter
from tests.browser.test_pages import SCREENS, serious

__all__ = ["enter"]
pytestmark = pytest.mark.browser
PAPER = re.compile("/response/papers/[0-9a-f-]{36}$")
Enter = Callable[..., Reader]


@pytest.fixture(scope="module", autouse=True)
def laid_down(site: Any) -> Iterator[None]:
    """Hands, a response, an event."""
    site.run("tests.browser.paper_seed")
    yield


def filled(person: Reader, kind: str) -> Any:
    """The form of a paper about the seeded event or response."""
    page = person.open(f"/response/papers/new?kind={kind}")
    page.locator("#about .rows a", has_text=re.compile("京广北路|Jingguang|预案|[Pp]lan")).first.click()
    page.wait_for_selector("#paper-form")
    return page


def pressed(page: Any) -> None:
    """The next step is taken, and the page is there again."""
    with page.expect_navigation():
        page.locator("#step button").click()


def test_three_hands_take_a_flash_from_the_record_to_its_number(enter: Enter) -> None:
    writer = enter("writer")
    page = filled(writer, "duty_flash")
    assert "4 dead" in page.input_value("[name=title_en]").lower()
    assert "（来源：市应急管理局）" in page.locator("#blocks").inner_html()
    box = page.locator("#blocks textarea[name^=b0_zh]")
    box.fill(box.input_value() + "已安排专人盯守。")
    assert page.locator("[data-block].hand").count() == 1
    until(
        page,
        "document.querySelector('#sheets .hand') && document.querySelector('#sheets').textContent.includes('专人盯守')",
    )
    page.keyboard.press("Escape")
    page.locator(".paper-acts .primary").click()
    page.wait_for_url(PAPER)
    address = page.url
    assert page.locator("#step").count() == 0, "its maker may not check it"
    reader = enter("reader")
    page = reader.page
    page.goto(address)
    pressed(page)
    leader = enter("leader")
    page = leader.page
    page.goto(address)
    pressed(page)
    pressed(page)
    assert re.search(r"〔20\d\d〕1号", page.locator(".page-head").inner_text())
    with page.expect_download() as saved:
        page.locator("a[href$='zh.docx']").click()
    assert saved.value.suggested_filename.endswith(".zh.docx")
    page.goto(address + "/compare?from=0&language=zh")
    assert page.locator(".compare ins").first.inner_text().endswith("专人盯守。")
    for person in (writer, reader, leader):
        assert person.own_errors() == []


def test_a_paper_is_sent_back_with_its_reason_and_withdrawn(enter: Enter) -> None:
    writer = enter("writer", "zh-hans")
    page = filled(writer, "level_start")
    page.locator(".paper-acts .primary").click()
    page.wait_for_url(PAPER)
    address = page.url
    reader = enter("reader")
    page = reader.page
    page.goto(address)
    pressed(page)
    page.locator("[data-ask$='/return']").click()
    page.wait_for_selector("#ask[open]")
    page.keyboard.type("时限有误")
    page.keyboard.press("Enter")
    page.wait_for_selector(".problem")
    assert "时限有误" in page.locator(".problem").first.inner_text()
    page = writer.open(address.removeprefix(writer.site.url))
    page.locator("[data-ask$='/withdraw']").click()
    page.wait_for_selector("#ask[open]")
    page.keyboard.type("重拟")
    page.keyboard.press("Enter")
    page.wait_for_selector(".paper-withdrawn")
    assert page.locator("#step").count() == 0


@pytest.mark.parametrize("reader", SCREENS, indirect=True, ids=lambda s: "-".join(map(str, s)))
def test_the_pages_are_whole_and_open_to_all(reader: Reader) -> None:
    form = "/response/papers/new?kind=special"
    page = reader.open(form)
    kinds = page.locator(".paper-choose .rows").first.inner_text()
    assert "值班快报" in kinds or "Duty flash" in kinds
    assert "Choice" not in kinds
    address = page.locator("#about .rows a").first.get_attribute("href")
    for path in ("/response/papers", "/response/papers/new", form, f"/response/papers/new{address}"):
        page = reader.open(path)
        assert serious(page) == [], path
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 1, f"{path} scrolls sideways by {width} px"
    page.locator(".paper-acts .primary").click()
    page.wait_for_url(PAPER)
    assert serious(page) == []
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 1, f"the paper scrolls sideways by {width} px"
    assert reader.own_errors() == []
