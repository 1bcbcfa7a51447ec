"""A real node for the pages: its own database, the web and live processes, and Debian's Chromium."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from anlan.kernel.options import options
from tests import laid
from tests.browser.chromium import SHELL, WHOLE, Chromium, put_away

ROOT = Path(__file__).resolve().parents[2]
TEST_S = 300.0  # the longest takes 40


@dataclass(frozen=True)
class Site:
    """A running node: its address, and a way to make things happen in it."""

    url: str
    environment: dict[str, str]

    def run(self, module: str, *words: str) -> None:
        """Run one of our small programs against the node's database."""
        subprocess.run([sys.executable, "-m", module, *words], cwd=ROOT, env=self.environment, check=True, timeout=180)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(url)


@contextmanager
def own_database(like: str = "") -> Iterator[str]:
    """A database of its own on the test server, a copy of `like` (else of the tables alone), which nobody may be using;
    gone afterwards."""
    name = f"anlan_pages_{secrets.token_hex(4)}"
    laid.copied(name, str(conninfo_to_dict(like)["dbname"]) if like else "")
    try:
        yield laid.address(name)
    finally:
        laid.dropped(name)


def _site(database: str, home: Path, drill: bool) -> Site:
    web, feed = _free_port(), _free_port()
    environment = {
        **os.environ, "ANLAN_HOME": str(home), "ANLAN_DATABASE_URL": database, "ANLAN_WEB_PORT": str(web),
        "ANLAN_LIVE_PORT": str(feed), "ANLAN_DRILL": str(int(drill)), "DJANGO_SETTINGS_MODULE": "anlan.site.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
    }  # fmt: skip
    return Site(f"http://127.0.0.1:{web}", environment)


@contextmanager
def running_node(database: str, home: Path, *seeds: str, drill: bool = True, senders: bool = False) -> Iterator[Site]:
    """Web and live of one node over what the programs `seeds` lay down, and what sends its messages when asked for."""
    if not (ROOT / "src/anlan/site/static/built/manifest.json").exists():
        pytest.fail("the front end is not built: ./anlan builds it, or npm ci && npm run build in frontend/")
    node = _site(database, home, drill)
    for seed in seeds:
        node.run(seed)
    web, feed = node.environment["ANLAN_WEB_PORT"], node.environment["ANLAN_LIVE_PORT"]
    log = (home / "pages.log").open("ab")
    commands = [
        ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", web, "--blocking-threads", "4",
         "--no-ws", "--log-level", "warning", "anlan.site.wsgi:application"],
        ["uvicorn", "--host", "127.0.0.1", "--port", feed, "--log-level", "warning", "--timeout-graceful-shutdown", "1",
         "anlan.site.live:app"],
        *([["anlan.site.senders"]] if senders else []),
    ]  # fmt: skip
    running = [
        subprocess.Popen([sys.executable, "-m", *words], env=node.environment, stdout=log, stderr=log)
        for words in commands
    ]
    try:
        _wait(f"{node.url}/sign-in")
        _wait(f"http://127.0.0.1:{feed}/healthz")
        yield node
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)
        log.close()


@dataclass(frozen=True)
class Laid:
    """What was laid down once and is only copied: a database nobody uses, and the home that goes with it."""

    database: str
    home: Path

    @contextmanager
    def node(self, home: Path, *seeds: str, **how: bool) -> Iterator[Site]:
        """A node over a copy of it."""
        shutil.copytree(self.home, home, dirs_exist_ok=True)
        with own_database(self.database) as database, running_node(database, home, *seeds, **how) as node:
            yield node


@contextmanager
def _laid(home: Path, module: str, *, drill: bool) -> Iterator[Laid]:
    shutil.copytree(options.home_path / "keys", home / "keys")  # the tables hold the secret of this home
    with own_database() as database:
        _site(database, home, drill).run(module)
        yield Laid(database, home)


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laid]:
    """The small territory, outside any exercise."""
    with _laid(tmp_path_factory.mktemp("county"), "tests.browser.county_seed", drill=False) as found:
        yield found


@pytest.fixture(scope="session")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laid]:
    """The small storm of `seed`, a drill's."""
    with _laid(tmp_path_factory.mktemp("storm"), "tests.browser.seed", drill=True) as found:
        yield found


@pytest.fixture(scope="session")
def site(storm: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One node over the small storm; the files add to it, none may count on being alone in it."""
    with storm.node(tmp_path_factory.mktemp("node")) as node:
        yield node


@pytest.fixture(scope="session")
def open_site(county: Laid, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node outside any exercise with four warnings for the public, ways out and replies, of `open_seed`."""
    with county.node(tmp_path_factory.mktemp("open"), "tests.browser.open_seed", drill=False) as node:
        yield node


@pytest.fixture(scope="session")
def _play() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        yield play


@contextmanager
def _browser(play: Any, path: str | None) -> Iterator[Chromium]:
    if path is None:
        pytest.skip("no Chromium here: apt install chromium")
    browser = Chromium(play, path)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def chromium(_play: Any) -> Iterator[Chromium]:
    """One browser for the session, the one without windows where there is one."""
    with _browser(_play, SHELL or WHOLE) as browser:
        yield browser


@pytest.fixture(scope="session")
def whole_chromium(_play: Any) -> Iterator[Chromium]:
    """A browser with all that people's browsers have."""
    with _browser(_play, WHOLE) as browser:
        yield browser


@pytest.fixture(autouse=True)
def _answered(request: pytest.FixtureRequest) -> Iterator[None]:
    """A browser that stops answering is ended, and the test fails at the line that waited."""
    with ExitStack() as held:
        for name in {"chromium", "whole_chromium"} & set(request.fixturenames):
            held.enter_context(request.getfixturevalue(name).within(TEST_S))
        yield


def until(page: Any, expression: str, seconds: float = 60) -> Any:
    """Wait until an expression is true in the page. (The pages' content policy forbids polling inside them.)"""
    end = time.monotonic() + seconds
    while not (value := _evaluated(page, expression)):
        if time.monotonic() > end:
            raise TimeoutError(expression)
        page.wait_for_timeout(100)
    return value


def _evaluated(page: Any, expression: str) -> Any:
    """What an expression says; nothing while the page is going to another."""
    from playwright.sync_api import Error

    try:
        return page.evaluate(expression)
    except Error as going:
        if "context was destroyed" not in str(going):
            raise
        return None


def figure(name: str, row: str = "total") -> str:
    """The expression of a number on the call board, which is written in groups of three."""
    return f"+document.querySelector('[data-row=\"{row}\"] [data-f={name}]').textContent.replaceAll(',', '')"


_COME_IN: dict[tuple[str, str], Any] = {}  # a session's cookies, by database and account


class Reader:
    """A signed-in person at a screen of some size, language and theme, who notes every error of the page."""

    def __init__(self, site: Site, context: Any) -> None:
        self.site, self.context, self.page = site, context, context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda failure: self.errors.append(str(failure)))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def sign_in(self, name: str = "duty") -> None:
        """Come in by password at the page for it; once in, come in again by what that left in the browser."""
        key = self.site.environment["ANLAN_DATABASE_URL"], name
        known = _COME_IN.get(key)
        if known is None:
            self.page.goto(f"{self.site.url}/sign-in")
            self.page.fill("#username", name)
            self.page.fill("#password", "storm-duty-1")
            self.page.click("main .btn.primary")
            self.page.wait_for_url(f"{self.site.url}/")
            kept = [cookie for cookie in self.context.cookies() if cookie["name"] in ("anlan_session", "csrftoken")]
            _COME_IN[key] = kept
        else:
            self.context.add_cookies(known)

    def own_errors(self) -> list[str]:
        """Return the errors of the pages' own; an address or form refused with 422 is not one."""
        return [text for text in self.errors if "422" not in text]

    def open(self, path: str) -> Any:
        """Open a page and return it."""
        self.page.goto(self.site.url + path)
        return self.page


@pytest.fixture
def reader(site: Site, chromium: Any, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """A reader; parametrise with (language, width, height, theme)."""
    language, width, height, theme = getattr(request, "param", ("en", 1440, 900, "light"))
    context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.add_cookies([
        {"name": "anlan_language", "value": language, "url": site.url},
        {"name": "anlan_theme", "value": theme, "url": site.url},
    ])  # fmt: skip
    context.add_init_script("localStorage.getItem('anlan.tour') || localStorage.setItem('anlan.tour', 'done')")
    person = Reader(site, context)
    person.sign_in()
    yield person
    put_away(context)
