"""Deciding a level in the browser: by keyboard at a desk and by thumb, the law's fields kept, the closing shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import Laid, Reader, Site
from tests.browser.test_pages import serious

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(storm: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node of its own: levels are started and ended here."""
    with storm.node(tmp_path_factory.mktemp("levels")) as node:
        yield node


def flood(page: Any) -> Any:
    """The way to the decision on the flood plan; the rain has other plans propose too."""
    return page.locator("article.decision", has_text="Zhengzhou flood plan").get_by_role(
        "link", name="What it changes…"
    )


def narrow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_1_what_is_left_out_is_refused_and_what_was_typed_stays(reader: Reader) -> None:
    page = reader.open("/response")
    flood(page).click()
    assert int(page.locator(".decide-figures dd").first.inner_text()) > 20
    assert serious(page) == []
    page.fill("textarea[name=measures]", " ")
    page.fill("input[name=matter]", "暴雨内涝")
    page.evaluate("document.querySelector('#decide').noValidate = true")
    page.locator("#decide .btn.primary").click()
    assert "art. 72" in page.locator("#refused").inner_text()
    assert page.input_value("input[name=matter]") == "暴雨内涝"
    assert reader.own_errors() == []


def test_2_adopting_by_key_sends_the_tasks_and_shows_the_response(reader: Reader) -> None:
    page = reader.open("/response")
    flood(page).click()
    expected = page.locator(".decide-figures dd").first.inner_text()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Enter")
    page.wait_for_url("**/response/levels/*")
    assert expected in page.locator(".notice.s-ok").inner_text()
    assert page.locator("#tasks .group-head").count() >= 1
    assert page.locator(".mismatch").count() == 1
    assert serious(page) == []
    assert narrow(page) <= 1
    assert reader.errors == []


def test_3_a_body_refuses_only_with_a_reason(reader: Reader) -> None:
    page = reader.open("/response")
    page.locator(".level-row").first.wait_for()
    page.locator(".mismatch .refuse summary").click()
    page.locator(".mismatch .refuse button").click()
    assert page.locator(".mismatch").count() == 1  # the browser itself asks for the reason
    page.fill(".mismatch textarea", "城区未受影响")
    page.locator(".mismatch .refuse button").click()
    page.wait_for_selector(".notice.s-ok")
    assert page.locator(".mismatch").count() == 0
    assert reader.errors == []


@pytest.mark.parametrize("reader", [("zh-hans", 390, 844, "dark")], indirect=True)
def test_4_a_change_by_thumb_shows_the_difference_first(reader: Reader) -> None:
    page = reader.open("/response")
    page.locator(".level-row").first.click()
    page.locator("details.pop summary").first.wait_for()
    page.locator("main details.pop summary").click()
    page.locator("main details.pop a").nth(2).click()
    assert page.locator(".decide-preview s").count() > 0
    assert narrow(page) <= 1
    assert serious(page) == []
    page.fill("textarea[name=reason]", "雨势减弱，险情可控")
    button = page.locator("#decide .btn.primary")
    assert button.bounding_box()["height"] >= 44
    button.click()
    page.wait_for_url("**/response/levels/*")
    assert page.locator(".history-line li").count() == 2
    assert narrow(page) <= 1
    assert serious(page) == []
    assert reader.errors == []


def test_5_the_end_closes_and_the_closing_stands_on_the_page(reader: Reader) -> None:
    page = reader.open("/response")
    page.locator(".level-row").first.click()
    page.wait_for_selector("#tasks")
    page.keyboard.press("e")
    page.wait_for_url("**/response/decide*")
    page.locator("input[name=confirmed]").first.check()
    page.fill("textarea[name=reason]", "雨停，险情排除")
    assert serious(page) == []
    page.locator("#decide .btn.primary").click()
    page.wait_for_url("**/response/levels/*")
    assert page.locator("#closing li").count() == 6
    assert page.locator("#purge").is_visible()
    assert serious(page) == []
    page = reader.open("/response")
    assert page.locator("#part-closing li").count() == 1
    page.keyboard.press("n")
    page.wait_for_url("**/response/decide")
    page.select_option("select[name=plan]", "ZZ-FLOOD")
    page.wait_for_selector("#decide")
    assert narrow(page) <= 1
    assert serious(page) == []
    assert reader.errors == []
