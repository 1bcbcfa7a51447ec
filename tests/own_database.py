"""The database of the running test, for the processes it starts."""

from __future__ import annotations

from django.db import connection
from psycopg.conninfo import make_conninfo


def address() -> str:
    """The value of ANLAN_DATABASE_URL that leads to this test's own database, by socket or by network."""
    wanted = connection.get_connection_params()
    known = ("dbname", "host", "port", "user", "password")
    return make_conninfo("", **{name: wanted[name] for name in known if wanted.get(name)})
