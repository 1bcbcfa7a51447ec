"""`anlan monitor`: decode frames and replay readings, without a database; `anlan rules`: a bureau's own rule tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from anlan.site import cli_connections, cli_log, cli_replay, cli_rules

monitor = typer.Typer(no_args_is_help=True, help="Decode frames, replay readings. 解码报文、重放读数")
rules = typer.Typer(no_args_is_help=True, help="Check and test rules. 检查与测试规则")
monitor.command("replay")(cli_replay.replay)
monitor.command("connections")(cli_connections.connections)
monitor.command("connect")(cli_connections.connect)
monitor.command("disconnect")(cli_connections.disconnect)
monitor.command("retake")(cli_connections.retake)
monitor.command("switch-log")(cli_log.switch_log)
rules.command("check")(cli_rules.check)
rules.command("test")(cli_rules.test)


@monitor.command("decode")
def decode(
    file: Annotated[str, typer.Argument(help="One frame a line, hex or text; - reads standard input. 报文文件")],
    protocol: Annotated[str, typer.Option(help="sl651, hj212 or jt808. 规约")],
) -> None:
    """Decode station frames, one JSON line each; a bad line says what, where and the remedy. 解析报文"""
    from anlan.monitoring.formats.decode_lines import PROTOCOLS, decode_lines
    from anlan.monitoring.sources.code_tables import code_table

    if protocol not in PROTOCOLS:
        raise typer.BadParameter(f"{protocol}: {', '.join(PROTOCOLS)}", param_hint="--protocol")
    if file != "-" and not Path(file).is_file():
        raise typer.BadParameter(f"{file}: 没有这个文件 / no such file", param_hint="FILE")
    with nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb") as stream:
        for found in decode_lines(_lines(stream), protocol, code_table):
            sys.stdout.buffer.write(json.dumps(found, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()


def _lines(stream: BinaryIO, most: int = 70_000) -> Iterator[bytes]:
    """Yield lines, each cut at `most` bytes: a file of one endless line must not fill the memory."""
    while line := stream.readline(most):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(most)


@monitor.command("archive")
def archive(
    until: Annotated[
        str, typer.Option(help="Last UTC day to archive, as 2026-11-22; else by readings_keep_days. 归档至")
    ] = "",
) -> None:
    """Write old days of readings to Parquet files, verify them, and let them go from the database. 归档读数"""
    from datetime import date

    from anlan.site.cli import ready

    try:
        last = date.fromisoformat(until) if until else None
    except ValueError:
        raise typer.BadParameter(
            f"{until}: 日期应如 2026-11-22 / give a day as 2026-11-22", param_hint="--until"
        ) from None
    with ready():
        from anlan.kernel.actor import Actor
        from anlan.monitoring.services.archiving import readings_archive

        done = readings_archive(by=Actor.system("monitoring"), until=last)
        for day in done:
            typer.echo(json.dumps({"day": str(day.day), "rows": day.rows, "late": day.late, "bytes": day.size}))
        typer.echo(f"已归档 {len(done)} 天 / {len(done)} days archived", err=True)
