"""`anlan monitor connections`, `connect`, `disconnect` and `retake`: by which ways stations are heard."""

from __future__ import annotations

import json as codec
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer

from anlan.site.words import pick

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output. 输出 JSON")]


def _ready() -> AbstractContextManager[str]:
    from anlan.site.cli import ready

    return ready()


def connections(json: Json = False) -> None:
    """List connections, how each is doing, and devices nobody registered. 接入列表"""
    with _ready():
        from anlan.kernel.scope import Scope
        from anlan.monitoring.selectors.connections import connections_list

        rows = [
            {
                "code": row.code, "name": pick(row.name["zh"], row.name["en"]), "protocol": row.protocol,
                "division": row.division, "state": "stale" if row.stale else row.state, "peers": row.peers,
                "frames": row.frames, "readings": row.readings, "refused": row.refused,
                "heard_at": row.heard_at and row.heard_at.isoformat(timespec="seconds"),
                "error": pick(row.error["zh"], row.error["en"]) if row.error else "",
                "unknown": [name for name, *_ in row.unknown],
            }
            for row in connections_list(Scope.whole())
        ]  # fmt: skip
    if json:
        typer.echo(codec.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        typer.echo(_line(row))


def _line(row: dict[str, Any]) -> str:
    parts = [
        f"{row['code']:<20} {row['protocol']:<7} {row['state']:<9}", f"{row['readings']:>10} ", row["heard_at"] or "-",
        row["error"], ("? " + ", ".join(row["unknown"][:5])) if row["unknown"] else "",
    ]  # fmt: skip
    return " ".join(part for part in parts if part)


def connect(
    file: Annotated[Path, typer.Argument(help="YAML: connections: [...]; see docs/stages/monitoring.md. 接入文件")],
    check: Annotated[bool, typer.Option("--check", help="Only say whether it is right. 仅检查")] = False,
) -> None:
    """Make or change connections from a YAML file; the gateway follows within seconds. 登记接入"""
    from anlan.monitoring.formats.connection_file import parse_connections

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file}: 读不出 / can't be read: {error}", param_hint="FILE") from None
    specs = parse_connections(text, file.name)
    if not check:
        with _ready():
            from anlan.kernel.actor import Actor
            from anlan.monitoring.services.connections import connections_save

            connections_save(by=Actor.system("site"), specs=specs)
    for spec in specs:
        typer.echo(f"{spec.code} {spec.protocol}")


def disconnect(
    code: str,
    remove: Annotated[bool, typer.Option("--remove", help="Take it away for good. 删除")] = False,
) -> None:
    """Switch a connection off, or take it away; what came by it stays. 停用接入"""
    with _ready():
        from anlan.kernel.actor import Actor
        from anlan.monitoring.services.connections import connection_enable, connection_remove

        if remove:
            connection_remove(by=Actor.system("site"), code=code)
        else:
            connection_enable(by=Actor.system("site"), code=code, enabled=False)
    typer.echo(code)


def retake(
    station: Annotated[str, typer.Option(help="Code of a station registered by now. 站码")],
    since: Annotated[str, typer.Option(help="Frames received from then on, as 2026-11-20T08:00. 起始接收时间")] = "",
    connection: Annotated[str, typer.Option(help="The connection they came by. 接入代码")] = "",
) -> None:
    """Take kept frames again that came before their station was registered; safe to repeat. 重收报文"""
    from datetime import datetime

    from anlan.kernel.clock import BEIJING

    try:
        start = datetime.fromisoformat(since) if since else None
    except ValueError:
        raise typer.BadParameter(
            f"{since}: 时间应如 2026-11-20T08:00（北京时间） / give a time as 2026-11-20T08:00 (Beijing)",
            param_hint="--since",
        ) from None
    if start is not None and start.tzinfo is None:
        start = start.replace(tzinfo=BEIJING)
    with _ready():
        from anlan.kernel.actor import Actor
        from anlan.monitoring.services.retaking import frames_retake

        done = frames_retake(by=Actor.system("monitoring"), station=station, since=start, through=connection)
    typer.echo(
        pick(f"报文 {done.frames} 份，读数 {done.readings} 条", f"{done.frames} frames, {done.readings} readings")
    )
