"""Debian's Chromium for the tests, held on a line: one that no longer answers is ended, so that no test waits for ever."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from anlan.site.checks import BROWSERS, HEADLESS

WHOLE = next((path for name in BROWSERS if (path := shutil.which(name))), None)
SHELL = shutil.which(HEADLESS)  # nothing to wait for when a context goes: no profiles, no windows; no push either
ARGS = [
    "--no-sandbox", "--disable-gpu", "--use-gl=angle", "--use-angle=swiftshader-webgl", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
CLOSE_S = 60.0


class Chromium:
    """One browser after another: the next context after an end has a new one."""

    running: ClassVar[list[Chromium]] = []

    def __init__(self, play: Any, path: str) -> None:
        self._play, self._path, self._mark = play, path, f"--anlan-tests={secrets.token_hex(8)}"
        self._browser = self._launch()
        self.running.append(self)

    def _launch(self) -> Any:
        return self._play.chromium.launch(executable_path=self._path, args=[*ARGS, self._mark])

    def holds(self, context: Any) -> bool:
        """Is this context one of the browser that runs now?"""
        return self.runs() and context in self._browser.contexts

    def new_context(self, **how: Any) -> Any:
        """Open a context, in a new browser when the last was ended; pages ask for English unless told otherwise."""
        if not self.runs():
            self._browser = self._launch()
        return self._browser.new_context(**{"locale": "en-US", **how})

    def runs(self) -> bool:
        """Is there still a browser at the other end?"""
        return bool(self._browser.is_connected())

    def signal(self, which: signal.Signals) -> None:
        """Tell the browser's own process, known by a word only it was started with."""
        for words in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if self._mark.encode() in words.read_bytes().split(b"\0"):
                    os.kill(int(words.parent.name), which)
            except (OSError, ValueError):
                continue  # it went while we looked

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End the browser when this takes longer; what waits for it then fails where it waits."""
        timer = threading.Timer(seconds, self.signal, (signal.SIGKILL,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def close(self) -> None:
        """End it for good."""
        self.running.remove(self)
        if self.runs():
            with self.within(CLOSE_S):
                self._browser.close()


def put_away(context: Any, seconds: float = CLOSE_S) -> None:
    """Close a context, its pages first. Chromium at times never answers when told to drop one: then it is ended."""
    from playwright.sync_api import Error

    browser = next((one for one in Chromium.running if one.holds(context)), None)
    if browser is None:
        return  # it went with its browser
    try:
        with browser.within(seconds):
            for page in context.pages:
                page.close()
            context.close()
    except Error:
        if browser.runs():
            raise
        print(f"Chromium did not let go of a context in {seconds:.0f} s and was ended")
