"""The doctor's look into the database, by plain SQL, so that it works when the code and the schema don't fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from anlan.site import schema_ready
from anlan.site.database import NEVER_OFF, WEB, Addresses
from anlan.site.doctor import Finding

LAG_S = 10.0
CHECKPOINT_DAYS = 2.0

_LAG = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(e.recorded_at)), 0)
FROM kernel_unsealed u JOIN kernel_entry e ON e.id = u.entry
"""
_CHECKPOINT = """
SELECT extract(epoch FROM coalesce((SELECT at FROM kernel_drillstate), clock_timestamp()) - max(signed_at)) / 86400
FROM kernel_checkpoint
"""
_OPEN = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
  AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'division' AND NOT a.attisdropped)
  AND has_table_privilege(%s, c.oid, 'SELECT') ORDER BY 1
"""


def examine(addresses: Addresses) -> Iterator[Finding]:
    """Look at server, durability, roles, schema, row-level security and journal of one database."""
    with psycopg.connect(addresses.owner, autocommit=True, connect_timeout=10) as connection:
        version = connection.info.server_version
        yield Finding("database", "ok", f"PostgreSQL {version // 10000}.{version % 10000}，库 {addresses.name}",
                      f"PostgreSQL {version // 10000}.{version % 10000}, database {addresses.name}")  # fmt: skip
        yield from _durable(connection)
        yield from _role(addresses)
        found = schema_ready.state(addresses.owner)
        if found == "current":
            yield Finding("schema", "ok", "数据库结构已是最新", "the schema is up to date")
        else:
            yield Finding("schema", "warn", "数据库结构待升级", "the schema is to be brought up to date",
                          "运行 ./anlan migrate（会先备份），或启动服务", "run ./anlan migrate (backs up first), or start up")  # fmt: skip
        if found != "empty":
            yield from _security(connection)
            yield from _journal(connection)


def _durable(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    rows = connection.execute(
        "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'", [list(NEVER_OFF)]
    )
    off = sorted(name for (name,) in rows)
    if off:
        mend = "; ".join(f"ALTER SYSTEM SET {name} = on" for name in off) + "; SELECT pg_reload_conf()"
        words = ", ".join(off)
        yield Finding(
            "durable", "fail", f"断电会丢数据：{words} 为 off", f"a power cut loses data: {words} off", mend, mend
        )
    else:
        yield Finding("durable", "ok", "已确认的数据断电不丢", "what is confirmed survives a power cut")


def _role(addresses: Addresses) -> Iterator[Finding]:
    """The web's role must log in, and must be neither superuser nor above row-level security."""
    with psycopg.connect(addresses.web, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    if row is None or row[1]:
        mend = f"ALTER ROLE {row[0] if row else WEB} NOSUPERUSER NOBYPASSRLS"
        yield Finding(
            "role",
            "fail",
            "网页角色权限过大，行级权限不起作用",
            "the web's role is above row-level security",
            mend,
            mend,
        )
    else:
        yield Finding(
            "role", "ok", f"网页以 {row[0]} 登录，受行级权限约束", f"pages log in as {row[0]}, under row-level security"
        )


def _security(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    bare = [name for (name,) in connection.execute(_OPEN, [WEB])]
    if bare:
        yield Finding("row rights", "fail", f"未设行级权限的表：{'、'.join(bare)}", f"tables without row-level security: {', '.join(bare)}",
                      "运行 ./anlan migrate 重新设置", "run ./anlan migrate, which lays it anew")  # fmt: skip
    else:
        yield Finding("row rights", "ok", "含区划的表均有行级权限", "every table with divisions has row-level security")


def _journal(connection: psycopg.Connection[Any]) -> Iterator[Finding]:
    """Sealed soon after they are written? Signed lately?"""
    count, oldest = connection.execute(_LAG).fetchone() or (0, 0)
    if count and oldest > LAG_S:
        yield Finding("journal", "warn", f"{count} 条日志未封存，最早 {oldest:.0f} 秒前", f"{count} entries unsealed, oldest {oldest:.0f} s",
                      "确认 worker 在运行；查看 logs/worker.log", "see that the worker runs; see logs/worker.log")  # fmt: skip
    else:
        yield Finding("journal", "ok", "日志已封存至最新", "the journal is sealed to the end")
    days = (connection.execute(_CHECKPOINT).fetchone() or (None,))[0]
    if days is not None and days > CHECKPOINT_DAYS:
        yield Finding("checkpoint", "warn", f"链头已 {days:.0f} 天未签名", f"the chain's head was last signed {days:.0f} days ago",
                      "确认 worker 在运行", "see that the worker runs")  # fmt: skip
    else:
        yield Finding(
            "checkpoint",
            "ok",
            *(("链头已签名", "the chain's head is signed") if days is not None else ("尚无日志", "no journal yet")),
        )
