"""The browser of the tests itself: one that hangs costs a minute, never a run."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests.browser.chromium import Chromium, put_away

pytestmark = pytest.mark.browser


def blank(chromium: Chromium) -> Any:
    page = chromium.new_context().new_page()
    page.set_content("<h1>here</h1>")
    return page


def test_a_browser_that_does_not_let_go_is_ended_and_the_next_context_has_a_new_one(chromium: Chromium) -> None:
    page = blank(chromium)
    chromium.signal(signal.SIGSTOP)
    put_away(page.context, seconds=1)
    assert not chromium.runs()
    page = blank(chromium)
    assert page.locator("h1").inner_text() == "here"
    put_away(page.context)
    assert chromium.runs()


def test_what_waits_for_a_browser_that_stopped_fails_where_it_waits(chromium: Chromium) -> None:
    from playwright.sync_api import Error

    page = blank(chromium)
    chromium.signal(signal.SIGSTOP)
    with pytest.raises(Error), chromium.within(1):
        page.evaluate("1 + 1")
    put_away(page.context)
    put_away(blank(chromium).context)
