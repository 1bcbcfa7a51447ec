"""The pages of ways out and of replies to read, in a real browser: whole on desk and phone in both languages, open to
all, renewed without disturbing who types; a reply is read with one key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import put_away
from tests.browser.conftest import Site, until
from tests.browser.test_pages import serious

pytestmark = pytest.mark.browser


def test_ways_and_replies_are_whole_and_a_reply_is_read_with_one_key(
    open_site: Site, chromium: Any, tmp_path: Path
) -> None:
    node = open_site
    folder = Path(os.environ.get("ANLAN_SHOTS", tmp_path))
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{node.url}/sign-in")
    page.fill("[name=username]", "desk")
    page.fill("[name=password]", "storm-duty-1")
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    for language in ("zh-hans", "en"):
        context.add_cookies([{"name": "anlan_language", "value": language, "url": node.url}])
        for width, height in ((1440, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            for name in ("ways", "ways/sms-a/change", "replies"):
                page.goto(f"{node.url}/warning/{name}")
                assert serious(page) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                page.screenshot(path=folder / f"{name.replace('/', '_')}_{width}_{language}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{node.url}/warning/replies")
    assert page.locator("#replies > li").count() == 2
    page.locator("#replies button[value=acting]").first.click()
    until(page, "document.querySelectorAll('#replies > li').length === 1")
    page.locator("#replies [name=note]").fill("Wrong number")
    asked: list[str] = []
    page.on("request", lambda sent: asked.append(sent.url))
    page.wait_for_timeout(6500)
    assert [address for address in asked if "part=list" in address] == []
    page.locator("h1").click()
    with page.expect_response(lambda answer: "replies?part=list" in answer.url, timeout=7000):
        pass  # nobody types any more: it renews itself
    page.locator("#replies [name=note]").fill("Wrong number")
    page.locator("#replies button[value=filed]").click()
    until(page, "document.querySelectorAll('.nothing').length === 1")
    put_away(context)
