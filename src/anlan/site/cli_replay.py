"""`anlan monitor replay`: readings of a bureau's own through rules, without a database."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anlan.kernel.problem import Invalid, Problem

if TYPE_CHECKING:  # the engine is loaded only when it is needed
    from anlan.monitoring.engine.rules import Rule
    from anlan.monitoring.formats.rule_reading import RuleWords


def replay(
    readings: Annotated[str, typer.Option(help="station,time,element,value; - is standard input. 读数表")],
    stations: Annotated[
        str, typer.Option(help="station,name,lon,lat,element,unit,alert,warning,guarantee. 测站表")
    ] = "",
    rules: Annotated[str, typer.Option(help="Rule pack (YAML); 'shipped' for those that come along. 规则文件")] = "",
    out: Annotated[str, typer.Option(help="Signals as CSV (- is standard output). 信号输出")] = "",
    maxima: Annotated[str, typer.Option(help="Largest moving sums as CSV. 滑动累计极值输出")] = "",
) -> None:
    """Judge readings with rules and write the signals, and the largest moving sums. 用规则重放读数"""
    if not (out or maxima):
        raise typer.BadParameter("--out / --maxima: 至少给出一个 / give at least one")
    from anlan.monitoring.formats.replay_tables import read_readings, read_stations
    from anlan.monitoring.rules import replaying

    try:
        table = read_readings(_text(readings), readings)
        known = read_stations(_text(stations), stations) if stations else []
        if maxima:
            _write(maxima, replaying.maxima_csv(table))
        if out:
            found, words = _rules(rules or "shipped")
            laid = replaying.lay(known, table, found)
            text, count, doubtful = replaying.signals_csv(laid, table, found, words)
            _write(out, text)
            typer.echo(
                f"{count} rows of signals, {doubtful} doubtful readings  信号 {count} 行，可疑读数 {doubtful} 个",
                err=True,
            )
    except Problem as problem:
        typer.echo(f"{problem.en}\n{problem.zh}", err=True)
        raise typer.Exit(1) from None
    unnamed = len(set(table.keys) - {(row.station, row.element) for row in known}) if stations else 0
    if unnamed:
        typer.echo(f"{unnamed} series are in no row of {stations}  有 {unnamed} 个测项不在测站表中", err=True)
    if table.empty:
        typer.echo(f"{table.empty} readings without a value passed over  略过无值读数 {table.empty} 个", err=True)


def _rules(name: str) -> tuple[tuple[Rule, ...], dict[tuple[str, str], RuleWords]]:
    from anlan.monitoring import rules
    from anlan.monitoring.formats.rule_pack import parse
    from anlan.monitoring.formats.rule_reading import engine_rules, pack_words

    if name == "shipped":
        return rules.shipped_rules(), rules.shipped_words()
    pack = parse(_text(name), Path(name).name)
    return engine_rules(pack), {(words.code, words.version): words for words in pack_words(pack)}


def _text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            code="replay.file",
            zh=f"读不了文件 {path}（{error}）；应为 UTF-8 文本，请核对路径与编码。",
            en=f"{path} can't be read ({error}); it must be UTF-8 text, check path and encoding.",
            field="file",
            value=path,
        ) from error


def _write(path: str, text: str) -> None:
    """Write a whole file or none: beside it first, then in its place."""
    if path == "-":
        sys.stdout.write(text)
        return
    beside = Path(f"{path}.{os.getpid()}.part")
    beside.write_text(text, encoding="utf-8", newline="")
    beside.replace(path)
