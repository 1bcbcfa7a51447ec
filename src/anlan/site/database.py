"""Which database this node uses, and the two roles it is entered by.

`anlan_owner` owns the tables (worker, command line); `anlan_web` (web, live) owns nothing, is no superuser and does
not bypass row-level security. The embedded server is ours to set up; on a server named by ANLAN_DATABASE_URL we make
what we may and otherwise say the SQL that its administrator has to run.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.site.postgres import OLDEST, Server, secret

OWNER, WEB = "anlan_owner", "anlan_web"
DATABASE = "anlan"
NEVER_OFF = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True)
class Addresses:
    """Where the database is: one address for each role (libpq URLs with passwords; keep them out of logs)."""

    owner: str
    web: str

    @property
    def name(self) -> str:
        """Name of the database."""
        return str(conninfo_to_dict(self.owner).get("dbname") or DATABASE)

    def to(self, name: str) -> Addresses:
        """Return the addresses of another database of the same server."""
        return Addresses(with_database(self.owner, name), with_database(self.web, name))

    def environment(self, role: str) -> dict[str, str]:
        """Return the variables that a process of this role is given."""
        return {"ANLAN_DATABASE_URL": self.web if role in ("web", "live") else self.owner, "ANLAN_ROLE": role}


def prepare(server: Server | None, *, database: str = DATABASE) -> Addresses:
    """Make roles and database where missing, refuse unsafe settings, and return the addresses."""
    addresses = _embedded(server, database) if server else _external(options.database_url)
    for address in (addresses.owner, addresses.web):
        with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
            check(connection)
    return addresses


def check(connection: psycopg.Connection[Any]) -> None:
    """Refuse a server that is too old or may lose what it has confirmed."""
    if connection.info.server_version < OLDEST * 10000:
        found = connection.info.server_version // 10000
        raise Unavailable(
            code="database.version",
            zh=f"数据库是 PostgreSQL {found}；请升级到 {OLDEST} 或更新版本。",
            en=f"The database is PostgreSQL {found}; upgrade it to {OLDEST} or newer.",
        )
    rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(NEVER_OFF)])
    for name, value in sorted(rows):
        if value == "off" and not options.allow_nondurable:
            raise Unavailable(
                code="database.not_durable",
                zh=f"数据库设置 {name} = off，断电会丢失已确认的数据；请执行 ALTER SYSTEM SET {name} = on 并重载数据库"
                "（并检查该角色和该库的单独设置）。仅测试库可用 ANLAN_ALLOW_NONDURABLE=1 放行。",
                en=f"The database has {name} = off and would lose confirmed data on a power cut. Run ALTER SYSTEM SET"
                f" {name} = on and reload it (look at settings of the role and the database too)."
                " ANLAN_ALLOW_NONDURABLE=1 lets it pass for test databases only.",
                field=name,
                value=value,
            )


def _embedded(server: Server, database: str) -> Addresses:
    """Bring the embedded cluster's roles and one database up to what we need."""
    passwords = {role: secret(server.home, role) for role in (OWNER, WEB)}
    addresses = Addresses(*(server.conninfo(role, passwords[role], database) for role in (OWNER, WEB)))
    mark = server.data / f"anlan.{database}"
    if mark.exists():
        return addresses
    with psycopg.connect(server.superuser(), autocommit=True) as connection:
        for role, may in ((OWNER, "CREATEDB"), (WEB, "NOCREATEDB")):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            words = "{} ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE {} PASSWORD {}"
            verb = sql.SQL("ALTER" if known else "CREATE")
            name, can, password = sql.Identifier(role), sql.SQL(may), sql.Literal(passwords[role])
            connection.execute(sql.SQL(words).format(verb, name, can, password))
        connection.execute(f"GRANT {WEB} TO {OWNER}")
        create_database(connection, database, owner=OWNER)
    mark.touch()
    os.chown(mark, server.account.uid, server.account.gid)
    return addresses


def create_database(connection: psycopg.Connection[Any], name: str, *, owner: str | None = None) -> bool:
    """Make a database (UTF-8, byte order collation) if missing; return whether it was made."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return False
    words = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    connection.execute(words.format(sql.Identifier(name)))
    if owner:
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(name), sql.Identifier(owner)))
    return True


def external_sql(password: str) -> str:
    """Return what an administrator runs once on a server of their own."""
    return (
        f"CREATE ROLE {WEB} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{password}';\n"
        f"GRANT {WEB} TO CURRENT_USER; -- {WEB}: the role that web pages read and write by"
    )


def with_role(url: str, user: str, password: str) -> str:
    """Return the same address for another role."""
    parts = {**conninfo_to_dict(url), "user": user, "password": password}
    place = f"{quote(user)}:{quote(password)}@/{quote(str(parts.pop('dbname', '') or DATABASE))}"
    rest = "&".join(f"{k}={quote(str(v), safe='')}" for k, v in parts.items() if k not in ("user", "password") and v)
    return f"postgresql://{place}?{rest}"


def with_database(url: str, name: str) -> str:
    """Return the same address for another database of the server."""
    parts = conninfo_to_dict(url)
    rest = "&".join(f"{k}={quote(str(v), safe='')}" for k, v in parts.items() if k != "dbname" and v)
    return f"postgresql:///{quote(name)}?{rest}"


def _external(url: str) -> Addresses:
    """Make sure the web's role can log in to the named server."""
    password = secret(options.home_path, WEB)
    web = with_role(url, WEB, password)
    if _enters(web):
        return Addresses(url, web)
    words = "LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD"
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        try:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [WEB]).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} {} {}").format(verb, sql.Identifier(WEB), sql.SQL(words), sql.Literal(password))
            )
            connection.execute(f"GRANT {WEB} TO CURRENT_USER")
        except psycopg.errors.InsufficientPrivilege:
            raise _ask_administrator(password) from None
    if not _enters(web):
        raise _ask_administrator(password)
    return Addresses(url, web)


def _enters(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _ask_administrator(password: str) -> Unavailable:
    return Unavailable(
        code="database.web_role",
        zh=f"无法以 {WEB} 登录数据库，也无权建立该角色；请数据库管理员执行：\n{external_sql(password)}",
        en=f"The role {WEB} can't log in, and may not be made by us. Have the database's administrator run:\n"
        + external_sql(password),
    )


@contextmanager
def session(*, database: str = DATABASE) -> Iterator[Addresses]:
    """Give a command the database: the running one, or one started for as long as commands need it.

    Commands share the server they started (a shared lock); the last one stops it. While `anlan up` runs it holds the
    lock alone and the server is there already. Sets `options.database_url`, so use it before Django is set up.
    """
    if options.database_url:
        addresses = prepare(None)
        yield addresses
        return
    server = Server(options.home_path)
    lock = hold(server.home, shared=True, wait=False)
    try:
        if lock is not None:
            _first_starts(server)
        server.wait(seconds=30)
        addresses = prepare(server, database=database)
        vars(options)["database_url"] = addresses.owner
        yield addresses
    finally:
        if lock is not None:
            _last_stops(server, lock)


def hold(home: Path, *, shared: bool, wait: bool) -> IO[str] | None:
    """Take the lock on who may start and stop the embedded server; None when somebody else has it."""
    home.mkdir(parents=True, exist_ok=True)
    file = (home / "postgres.lock").open("w")
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        file.close()
        return None
    return file


def _first_starts(server: Server) -> None:
    with (server.home / "postgres.start").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if server.pid() is None:
            server.wait(server.start(owned=False))


def _last_stops(server: Server, lock: IO[str]) -> None:
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        server.stop()
