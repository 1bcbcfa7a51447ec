"""`anlan rules check` and `anlan rules test`: a bureau's rule files, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anlan.kernel.problem import Problem

if TYPE_CHECKING:  # the engine is loaded only by the commands that need it
    from anlan.monitoring.engine.rules import Rule
    from anlan.monitoring.formats.rule_tests import Suite

LARGEST = 2_000_000


def check(files: Annotated[list[Path], typer.Argument(help="Rule pack files (YAML)")]) -> None:
    """Check rule packs and say what is wrong with file, field, value and remedy. 检查规则文件"""
    from anlan.monitoring.formats.rule_pack import parse
    from anlan.monitoring.formats.rule_reading import engine_rules

    bad = False
    for path in files:
        try:
            pack = parse(_text(path), path.name)
            engine_rules(pack)
            typer.echo(f"ok  {path}: {pack.pack} {pack.version}, {len(pack.rules)} rules  规则 {len(pack.rules)} 条")
        except Problem as problem:
            bad = True
            _refuse(problem)
    raise typer.Exit(1 if bad else 0)


def test(files: Annotated[list[Path], typer.Argument(help="Files of rule tests (YAML)")]) -> None:
    """Run tests of rules with the engine that runs live; 1 when something is not as expected. 运行规则测试"""
    from anlan.monitoring.formats.rule_tests import lay
    from anlan.monitoring.rules.trying import run_test

    failed = ran = 0
    for path in files:
        try:
            suite, rules = suite_of(path)
            home = max((rule.division for rule in rules), key=len, default="")  # where all of these rules hold
            verdicts = [run_test(lay(one, path.name, at, home), rules) for at, one in enumerate(suite.tests)]
        except Problem as problem:
            failed += 1
            _refuse(problem)
            continue
        for verdict in verdicts:
            ran += 1
            failed += bool(verdict.differences)
            typer.echo(f"{'FAIL' if verdict.differences else 'ok  '}  {path.name}: {verdict.name}")
            for line in verdict.differences:
                typer.echo(f"        {line}")
    if failed:
        typer.echo("+ there, not expected 出现但未预期    - expected, not there 预期但未出现", err=True)
    typer.echo(f"{ran} tests, {failed} failed  测试 {ran} 项，失败 {failed} 项")
    raise typer.Exit(1 if failed else 0)


def suite_of(path: Path) -> tuple[Suite, tuple[Rule, ...]]:
    """Return a test file's suite, and the engine's rules of the packs it names (paths beside the file)."""
    from anlan.monitoring.formats.rule_pack import parse
    from anlan.monitoring.formats.rule_reading import engine_rules
    from anlan.monitoring.formats.rule_tests import parse_tests

    suite = parse_tests(_text(path), path.name)
    packs = [parse(_text(path.parent / name), name) for name in suite.rules]
    every = [rule for pack in packs for rule in engine_rules(pack)]
    return suite, tuple(rule for rule in every if not suite.only or rule.code in suite.only)


def _text(path: Path) -> str:
    from anlan.monitoring.formats.rule_faults import faulty

    try:
        if path.stat().st_size > LARGEST:
            raise faulty(path.name, "file", path.stat().st_size, "文件太大", "is too large a file")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise faulty(path.name, "file", str(path), f"读不了，请核对路径与编码（UTF-8）：{error}",
                     f"can't be read; check path and encoding (UTF-8): {error}") from error  # fmt: skip


def _refuse(problem: Problem) -> None:
    typer.secho(problem.zh, err=True, fg="red")
    typer.echo(problem.en, err=True)
