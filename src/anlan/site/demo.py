"""`anlan demo`: the storm, already running, in a home of its own; and drills that play at a chosen speed.

The demo's home is ANLAN_HOME, else `.anlan-home` in the checkout (deleting the checkout deletes it), else `demo` in
the usual home. A process of its own makes and fills the drill's database, so the supervisor stays small.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.site import schema_ready
from anlan.site.database import with_database
from anlan.site.processes import Node, Opening, run_beside
from anlan.site.words import say

ACCOUNT = "duty"


def choose_home() -> None:
    """Point this process at the demo's home, under the drill's clock."""
    checkout = os.environ.get("ANLAN_CHECKOUT")
    if not options.home:
        vars(options)["home"] = str(Path(checkout) / ".anlan-home" if checkout else options.home_path / "demo")
        vars(options).pop("home_path", None)
    os.environ["ANLAN_HOME"] = options.home
    os.environ["ANLAN_DRILL"] = "1"
    vars(options)["drill"] = True


def opening(**wanted: Any) -> Opening:
    """Return the opening of a demo (nothing wanted) or of a drill (`scenario`, `seed`, `profile`, `speed`)."""

    def open_drill(node: Node, stopping: threading.Event) -> tuple[str, Callable[[], str]]:
        name = None if wanted else _kept(node)
        if name is not None:  # its processes start while the way in is made
            return name, _aside(lambda: _made(node, stopping, {"link": name})[1])
        say("布置演练：行政区划、岗位、测站、情景", "laying out the drill: divisions, posts, stations, scenario")
        name, link = _made(node, stopping, wanted)
        if not wanted:
            (node.home / "demo.json").write_text(json.dumps(name))
        return name, lambda: link

    return open_drill


def _made(node: Node, stopping: threading.Event, wanted: dict[str, Any]) -> tuple[str, str]:
    """Have a process of its own do what is wanted; return the database's name and the path of a way in."""
    code, said = run_beside([sys.executable, "-m", __name__, json.dumps(wanted)], node.environment("cli"), stopping)
    if code:
        raise Unavailable(
            code="demo.prepare",
            zh="演练未能布置，原因见上。",
            en="The drill could not be laid out; the reason is above.",
        )
    name, link = json.loads(said.splitlines()[-1])
    return name, link


def _kept(node: Node) -> str | None:
    """Return the database of a demo that was stopped half-way and can go on, judged without loading Django."""
    with suppress(OSError, ValueError, psycopg.Error):
        name = str(json.loads((node.home / "demo.json").read_text()))
        address = node.addresses.to(name).owner
        if schema_ready.state(address) == "current":
            with psycopg.connect(address) as connection:
                if connection.execute(
                    "SELECT 1 FROM kernel_drillstate WHERE state <> 'ended' AND speed > 0"
                ).fetchone():
                    return name
    return None


def _aside(work: Callable[[], str]) -> Callable[[], str]:
    """Do `work` in a thread, begun now; the function returned waits for what it gives."""
    found: Future[str] = Future()

    def run() -> None:
        try:
            found.set_result(work())
        except BaseException as failure:
            found.set_exception(failure)

    threading.Thread(target=run, daemon=True).start()
    return found.result


def main(wanted: dict[str, Any]) -> None:
    """Make and fill the drill's database; print its name and the path of a one-time way in, as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    import django

    django.setup()
    from anlan.kernel.accounts import link_make
    from anlan.readiness import run
    from anlan.readiness.database import database_use, drill_database

    if not wanted:
        _drop_outdated(drill_database(run.DEMO, run.DEMO_SEED))
    name = wanted.get("link") or (run.drill_prepare(**wanted) if wanted else run.demo_prepare())
    schema_ready.set_mark(with_database(options.database_url, name))
    database_use(name)
    print(json.dumps([name, link_make(ACCOUNT, minutes=24 * 60)]))  # noqa: T201


def _drop_outdated(name: str) -> None:
    """A demo laid out by another version of the code is laid out anew."""
    from anlan.readiness.database import database_drop

    with psycopg.connect(with_database(options.database_url, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known and schema_ready.state(with_database(options.database_url, name)) != "current":
            database_drop(connection, name)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
