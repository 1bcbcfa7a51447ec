"""Orders in a real browser: the board follows and equals a refetch, an order goes through its hands and comes back done
from a phone, with a photo and without a network; everything open to all."""

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
DESK, PHONE = (1440, 900), (390, 844)


@pytest.fixture(scope="module")
def orders_site(county: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node outside any exercise with orders in every state."""
    with county.node(tmp_path_factory.mktemp("orders"), "tests.browser.orders_seed", drill=False) as node:
        yield node


_SIGNED_IN: dict[tuple[str, str], Any] = {}
"""Who came in once stays in: a password is slow to check on purpose."""


class Hand:
    """A signed-in person with a screen of their own."""

    def __init__(
        self, node: Site, chromium: Any, name: str, size: tuple[int, int] = DESK, language: str = "zh-hans"
    ) -> None:
        self.url = node.url
        held = _SIGNED_IN.get((node.url, name))
        self.context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", storage_state=held
        )
        self.context.add_cookies([{"name": "anlan_language", "value": language, "url": node.url}])
        self.context.add_init_script("localStorage.setItem('anlan.tour', 'done')")
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda failure: self.errors.append(str(failure)))
        if held is None:
            self._sign_in(node, name)
            _SIGNED_IN[node.url, name] = self.context.storage_state()

    def _sign_in(self, node: Site, name: str) -> None:
        self.page.goto(f"{node.url}/sign-in")
        self.page.fill("#username", name)
        self.page.fill("#password", "storm-duty-1")
        self.page.click("main .btn.primary")
        self.page.wait_for_url(f"{node.url}/")

    def open(self, path: str) -> Any:
        self.page.goto(self.url + path)
        return self.page


def test_every_page_of_orders_is_whole_and_open_to_all(orders_site: Site, chromium: Any, tmp_path: Path) -> None:
    folder = Path(os.environ.get("ANLAN_SHOTS", tmp_path))
    for who, language, size in (
        ("chief", "zh-hans", DESK),
        ("chief", "en", PHONE),
        ("gongyi", "zh-hans", PHONE),
        ("desk", "en", DESK),
    ):
        hand = Hand(orders_site, chromium, who, size, language)
        page = hand.open("/response/orders")
        page.wait_for_selector("[data-order]")
        order = page.locator("li.red a").first.get_attribute("href")
        assert order
        task = hand.open(order).locator(".receivers-list a").first.get_attribute("href")
        paths = {"board": "/response/orders", "group": "/response/orders?view=group", "table": "/response/orders?view=order",
                 "who": "/response/orders?view=who", "new": "/response/orders/new?template=evacuate", "order": order,
                 "mine": "/response/mine", "task": task}  # fmt: skip
        for name, path in paths.items():
            page = hand.open(path)
            if "/response/orders" in path and order != path and "new" not in path:
                page.wait_for_selector("#orders[data-drawn]")
            assert serious(page) == [], (name, who)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], (name, who)
            page.screenshot(path=folder / f"orders_{name}_{who}_{size[0]}_{language}.png", full_page=name != "task")
        assert hand.errors == []
        put_away(hand.context)


def test_the_board_follows_and_equals_a_refetch(orders_site: Site, chromium: Any) -> None:
    chief, county = Hand(orders_site, chromium, "chief"), Hand(orders_site, chromium, "gongyi", PHONE)
    board = chief.open("/response/orders")
    board.wait_for_selector("#live[data-state='live']")
    before = board.evaluate("anlan.store.seq")
    tasks = county.open("/response/mine").locator(".rows.big a")
    county.page.goto(orders_site.url + tasks.filter(has_text="加强值班值守").first.get_attribute("href"))
    county.page.click("[data-do=receive]")
    county.page.wait_for_selector("#task[data-state='done']")
    orders_site.run("django", "shell", "-c", "from anlan.kernel.journal import seal; seal()")  # the worker's part
    until(board, f"anlan.store.seq > {before}")
    fresh = board.evaluate("async () => (await (await fetch('/response/orders.json')).json())")
    until(board, f"anlan.store.seq >= {fresh['seq']}")
    assert board.evaluate("anlan.store.items.order") == fresh["items"]
    assert [hand.errors for hand in (chief, county)] == [[], []]
    until(board, "document.querySelector('#orders').innerText.includes('签收 1/3')")
    for hand in (chief, county):
        put_away(hand.context)


def test_an_order_is_written_checked_signed_done_and_verified(orders_site: Site, chromium: Any, tmp_path: Path) -> None:
    desk = Hand(orders_site, chromium, "desk")
    page = desk.open("/response/orders/new?template=close_underpass")
    assert "下穿" in page.input_value("[name=title_zh]")
    page.fill("[name=title_zh]", "封闭巩义站前隧道")
    page.fill("[name=find]", "巩义 值班")
    page.locator("#posts-found [data-pick]", has_text="巩义市防汛值班员").first.click()
    assert page.locator("#receivers li").count() == 1
    page.uncheck("[name=photo]")
    page.locator("[name=text_zh]").press("Control+Enter")
    page.wait_for_url("**/response/orders/*-*")
    address = page.url
    assert page.locator(".notice.s-ok").count() == 1
    for name, key in (("checker", "Enter"), ("chief", "Enter")):
        hand = Hand(orders_site, chromium, name)
        hand.page.goto(address)
        hand.page.locator("h1").click()
        hand.page.keyboard.press(key)
        hand.page.wait_for_selector(".notice.s-ok")
        put_away(hand.context)
    county = Hand(orders_site, chromium, "gongyi", PHONE)
    phone = county.open("/response/mine")
    phone.locator(".rows.big a", has_text="封闭巩义站前隧道").click()
    phone.wait_for_selector("#thumb")
    county.context.set_offline(True)
    until(phone, "!navigator.onLine")
    phone.click("[data-do=receive]")
    until(phone, "!document.querySelector('#queue').hidden")
    phone.click("[data-do=done]")
    phone.fill("#proof-form [name=text]", "东西两口已封，各留两人")
    phone.fill("#proof-form [name=number]", "2")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(located_jpeg(phone))
    phone.set_input_files("#photo", str(photo))
    phone.wait_for_selector("#shots img")
    assert "34.75" in phone.locator("#here-told").inner_text()
    phone.click("#proof-form .btn.primary")
    until(phone, "JSON.parse(localStorage.getItem('anlan.tasks.unsent')).length === 2")
    county.context.set_offline(False)
    until(phone, "navigator.onLine && !JSON.parse(localStorage.getItem('anlan.tasks.unsent') ?? '[]').length", 60)
    phone.wait_for_selector("#task[data-state='done']")
    assert phone.locator(".photos img").count() == 1
    until(phone, "document.querySelector('.photos img').naturalWidth > 0")
    assert county.errors == []
    chief = Hand(orders_site, chromium, "chief")
    chief.page.goto(address)
    row = chief.page.locator(".receivers-list li").first
    assert "东西两口已封" in row.inner_text()
    assert "2.0 处" in row.inner_text() or "2 处" in row.inner_text()
    row.locator(".judge form[action$='/verify'] button").click()
    chief.page.wait_for_selector(".page-head .status.s-ok")
    chief.page.locator(".order-story").wait_for()
    assert "核实" in chief.page.locator(".order-story").inner_text()
    for hand in (desk, county, chief):
        put_away(hand.context)


def located_jpeg(page: Any) -> bytes:
    """A small JPEG as a camera writes it: taken at a time, at 34.75 N 113.02 E."""
    import base64
    import struct

    plain = base64.b64decode(page.evaluate(
        "() => { const c = document.createElement('canvas'); c.width = 64; c.height = 48;"
        " c.getContext('2d').fillRect(0, 0, 30, 30); return c.toDataURL('image/jpeg').split(',')[1]; }"
    ))  # fmt: skip

    def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")

    def directory(*entries: bytes) -> bytes:
        return struct.pack("<H", len(entries)) + b"".join(entries) + b"\0\0\0\0"

    date, degrees = b"2026:11:22 23:41:05\0", lambda d, m: struct.pack("<6I", d, 1, m, 1, 0, 1)
    root, exif, gps = 8, 8 + 2 + 24 + 4, 8 + 2 + 24 + 4 + 2 + 12 + 4
    data = gps + 2 + 48 + 4
    tiff = struct.pack("<2sHI", b"II", 42, root) + directory(
        entry(0x8769, 4, 1, struct.pack("<I", exif)), entry(0x8825, 4, 1, struct.pack("<I", gps))
    )  # fmt: skip
    tiff += directory(entry(0x9003, 2, len(date), struct.pack("<I", data)))
    tiff += directory(
        entry(1, 2, 2, b"N\0"), entry(2, 5, 3, struct.pack("<I", data + 20)), entry(3, 2, 2, b"E\0"),
        entry(4, 5, 3, struct.pack("<I", data + 44)),
    )  # fmt: skip
    tiff += date + degrees(34, 45) + degrees(113, 1)
    body = b"Exif\0\0" + tiff
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + plain[2:]
