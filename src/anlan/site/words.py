"""What the command line says: progress on stderr in the terminal's language, problems in both."""

from __future__ import annotations

import os
import sys
import time

from anlan.kernel.problem import Problem

STARTED = float(os.environ.pop("ANLAN_STARTED", "") or time.time())


def chinese() -> bool:
    """Tell whether this terminal reads Chinese."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((name for name in names if name), "").startswith("zh")


def pick(zh: str, en: str) -> str:
    """Return the words for this terminal."""
    return zh if chinese() else en


def say(zh: str, en: str) -> None:
    """Print one progress line with the seconds since the start."""
    print(f"[{time.time() - STARTED:5.1f} s] {pick(zh, en)}", file=sys.stderr, flush=True)  # noqa: T201


def problem_text(problem: Problem) -> str:
    """Return a problem's words in both languages, the terminal's first."""
    both = [problem.zh, problem.en] if chinese() else [problem.en, problem.zh]
    return "\n".join(both)
