"""`anlan demo`: the storm, already running, in a home of its own; and drills that play at a chosen speed.

The demo's home is ANLAN_HOME, else `.anlan-home` in the checkout (deleting the checkout deletes it), else `demo` in
the usual home. A process of its own makes and fills the drill's database, so the supervisor stays small.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.site import schema_ready
from anlan.site.database import with_database
from anlan.site.processes import Node, run_beside
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


def opening(**wanted: Any) -> Any:
    """Return the opening of a demo (nothing wanted) or of a drill (`scenario`, `seed`, `profile`, `speed`)."""

    def open_drill(node: Node, stopping: threading.Event) -> tuple[str, str]:
        say("布置演练：行政区划、岗位、测站、情景", "laying out the drill: divisions, posts, stations, scenario")
        words = [sys.executable, "-m", __name__, json.dumps(wanted)]
        code, said = run_beside(words, node.environment("cli"), stopping)
        if code:
            raise Unavailable(
                code="demo.prepare", zh="演练未能布置，原因见上。", en="The drill could not be laid out; the reason is above."
            )
        name, link = json.loads(said.splitlines()[-1])
        return name, link

    return open_drill


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
    name = run.drill_prepare(**wanted) if wanted else run.demo_prepare()
    schema_ready.set_mark(with_database(options.database_url, name))
    database_use(name)
    print(json.dumps([name, link_make(ACCOUNT, minutes=24 * 60)]))  # noqa: T201


def _drop_outdated(name: str) -> None:
    """A demo laid out by another version of the code is laid out anew."""
    with psycopg.connect(with_database(options.database_url, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known and schema_ready.state(with_database(options.database_url, name)) != "current":
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
