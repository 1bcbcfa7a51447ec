"""An embedded PostgreSQL for the simulated day, which may be killed under it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path


class Database:
    """An embedded PostgreSQL of our own, which may be killed."""

    def __init__(self, home: Path) -> None:
        from anlan.site.postgres import Server

        self.server = Server(home)

    def __enter__(self) -> Database:
        self.process = self.server.start()
        self.server.wait(self.process)
        return self

    def __exit__(self, *_: object) -> None:
        from django.db import connection

        connection.close()
        self.server.stop()
        self.process.wait(30)

    def use(self, name: str, *, like: str = "") -> dict[str, str]:
        """Have this process work on a database of that name, made empty or as `like` was filled; return what the
        processes of the day are started with."""
        import django
        import psycopg

        from anlan.kernel.options import options
        from anlan.site.database import prepare

        here = Path(__file__).parents[2]
        if like:
            from django.db import connection

            connection.close()
            with psycopg.connect(self.server.superuser(), autocommit=True) as server:
                server.execute(f"CREATE DATABASE {name} TEMPLATE {like}_filled OWNER anlan_owner")
        address = prepare(self.server, database=name).owner
        home = {"ANLAN_HOME": str(self.server.home), "ANLAN_DATABASE_URL": address}
        vars(options).update(database_url=address, home_path=self.server.home)
        os.environ.update(home)
        if like:
            connection.settings_dict["NAME"] = name
        else:
            django.setup()
        return {**os.environ, "PYTHONPATH": f"{here / 'src'}{os.pathsep}{here}"}

    def filled(self, fill: Callable[[], list[str]]) -> list[str]:
        """Have `fill` fill the database in use, and keep a copy of it as it is then; return what `fill` returns."""
        import psycopg
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0, interactive=False)
        found = fill()
        name = connection.settings_dict["NAME"]
        connection.close()
        with psycopg.connect(self.server.superuser(), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}_filled TEMPLATE {name}")
        return found

    def fall(self) -> None:
        """Kill the server with all its processes, and start it again."""
        pid = self.server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        self.process.wait(30)
        self.process = self.server.start()
        self.server.wait(self.process)
