"""`anlan plan check`: is a plan fit to be worked with, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from anlan.kernel.problem import Invalid, Problem
from anlan.site.words import pick

plan = typer.Typer(no_args_is_help=True, help="Plans as data. 预案")


def add_to(app: typer.Typer) -> None:
    """Hang the command into the `anlan` command."""
    plan.command()(check)
    plan.callback()(lambda: None)  # one command only, and yet a group: `anlan plan check`
    app.add_typer(plan, name="plan")


def check(files: Annotated[list[Path], typer.Argument(help="Plan files (YAML). 预案文件")]) -> None:
    """Check plans: every level has triggers, decider, tasks and an end; every task one lead, limit, evidence, citation.
    Says for each fault the field, its value and what to do; 1 when there is one. 检查预案"""
    told = [lines(path) for path in files]
    for good, said in told:
        for line in said:
            typer.echo(line, err=not good)
    raise typer.Exit(0 if all(good for good, _ in told) else 1)


def lines(path: Path) -> tuple[bool, list[str]]:
    """Return whether the plan in a file is complete, and what to say about it."""
    from anlan.response.engine.plan_check import plan_faults
    from anlan.response.formats.packs import plan_read

    try:
        found = plan_read(_text(path))
    except Problem as problem:
        return False, [_fault(path, str(problem.field), problem.value, problem.zh, problem.en)]
    faults = plan_faults(found)
    if faults:
        return False, [_fault(path, f.field, f.value, f.zh, f.en) for f in faults]
    tasks, cards = len(found.tasks()), len(found.cards)
    return True, [
        f"ok  {path}: {found.code} v{found.version}, {len(found.levels)} levels, {tasks} tasks, {cards} cards"
        f"  {len(found.levels)}级 任务{tasks}项 响应卡{cards}张"
    ]


def _fault(path: Path, field: str, value: Any, zh: str, en: str) -> str:
    return f"{path}: {field} = {value!r}: {pick(zh, en)}"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            code="plan.unreadable",
            zh="读不了这个文件；请给出一个 UTF-8 的 YAML 文件。",
            en="The file can't be read; name a YAML file in UTF-8.",
            field="file",
            value=str(path),
        ) from error
