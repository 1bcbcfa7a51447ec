"""What rang stands on the pages of a stop-line's task, a proposal, the desk and reports: whom, by which way, what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import put_away
from tests.browser.conftest import Laid, Site
from tests.browser.test_duty import signed_in
from tests.browser.test_pages import serious

pytestmark = pytest.mark.browser
SCREENS = (("zh-hans", 1440, 900), ("en", 390, 844))
WORDS = {
    "en": {"unsigned": "Given up · 3 tries · 503 Service Unavailable → Text message",
           "signed": "Delivered · 1 try · answered", "proposal": "answered", "desk": "Voice call voice-a · Queued",
           "report": "DESK ABOVE Voice call voice-a · Queued"},
    "zh-hans": {"unsigned": "已放弃 · 3次 · 503 Service Unavailable → 短信",
                "signed": "已送达 · 1次 · 已应答", "proposal": "已应答", "desk": "语音电话 voice-a · 待发",
                "report": "上级值班 语音电话 voice-a · 待发"},
}  # fmt: skip


@pytest.fixture(scope="module")
def rung(county: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node outside any exercise where stop-lines, a proposal and checks have rung."""
    seeds = ("tests.browser.duty_seed", "tests.browser.ring_seed")
    with county.node(tmp_path_factory.mktemp("rung"), *seeds, drill=False) as node:
        yield node


@pytest.mark.parametrize(("language", "width", "height"), SCREENS)
def test_how_it_rang_is_on_the_pages(
    rung: Site, chromium: Any, tmp_path: Path, language: str, width: int, height: int
) -> None:
    folder = Path(os.environ.get("ANLAN_SHOTS", tmp_path))
    reader = signed_in(rung, chromium, language, width, height)
    addresses = json.loads((Path(rung.environment["ANLAN_HOME"]) / "rung.json").read_text())
    for name, address in addresses.items():
        page = reader.open(address)
        page.locator("main details:has(.ring)").evaluate_all("all => all.forEach(one => one.open = true)")
        lines = " ".join(" ".join(page.locator(".ring").all_inner_texts()).split())
        assert WORDS[language][name] in lines, name
        assert serious(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.screenshot(path=folder / f"rung_{name}_{width}_{language}.png", full_page=True)
    assert reader.own_errors() == []
    put_away(reader.context)
