"""Bodies of the commands that take registers in and out. Each expects its database to be ready."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import typer
import yaml

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.site.words import chinese, pick
from anlan.territory.engine.query import Query
from anlan.territory.formats.streams import STREAMS
from anlan.territory.models import Import
from anlan.territory.selectors import imports as read
from anlan.territory.services import imports as act
from anlan.territory.sources.registers import register as described

SOME_BAD = 3
FIRST_ISSUES = 20
STEPS = {
    "reading": ("读取文件", "reading the file"),
    "checking": ("逐列校验", "checking columns"),
    "comparing": ("与库中比对", "comparing"),
    "replacing": ("更新有变化的行", "changing rows"),
    "inserting": ("写入新行", "inserting rows"),
    "closing": ("收尾", "closing"),
    "undoing": ("撤销", "undoing"),
    "regulators": ("指定主管部门", "assigning regulators"),
    "duplicates": ("查找疑似重复", "looking for duplicates"),
    "index": ("刷新检索索引", "refreshing the index"),
}


def take(name: str, file: Path | None, options: dict[str, Any], mapping: Path | None, account: str) -> Import:
    """Open, check and (unless it is a dry run) apply an import, with progress on stderr."""
    described(name)
    if file is None or not file.is_file():
        raise Invalid(
            code="file.none",
            zh=f"没有文件“{file or ''}”。",
            en=f"There is no file “{file or ''}”.",
            field="file",
            value=file,
        )
    by = actor(account)
    batch = act.import_open(by=by, register=name, file_name=file.name, source=file, options=options)
    if mapping is not None:
        chosen = yaml.safe_load(mapping.read_text("utf-8"))
        act.import_map(by=by, batch=batch.pk, mapping={str(k): str(v or "") for k, v in chosen.items()})
    return act.import_check(by=by, batch=batch.pk, tell=Teller())


def resume(batch: str) -> Import:
    """Go on with an import that a dead process left in the middle."""
    return act.import_run(_id(batch), tell=Teller())


def undo(batch: str, reason: str, account: str) -> Import:
    """Take a finished import back."""
    return act.import_undo(by=actor(account), batch=_id(batch), reason=reason, tell=Teller())


def show(batch: Import, *, bad_rows: Path | None, as_json: bool) -> int:
    """Print what came of an import; returns the exit code."""
    scope = Scope.whole()
    issues = read.import_issues(scope, batch.pk, limit=FIRST_ISSUES).rows
    kinds = read.issue_counts(scope, batch.pk)
    bad = int(batch.counts.get("bad", 0))
    if bad and bad_rows is not None:
        bad_rows.write_bytes(read.bad_rows_file(scope, batch.pk).read_bytes())
    if as_json:
        body = {
            "import": str(batch.pk), "register": batch.register, "file": batch.file_name, "sha256": batch.sha256,
            "state": batch.state, "counts": batch.counts, "content": batch.content, "issues": kinds, "first": issues,
            "bad_rows": str(bad_rows) if bad and bad_rows else None,
        }  # fmt: skip
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        _print(batch, kinds, issues)
    return SOME_BAD if bad and batch.state in ("done", "checked") else 0


def export(
    name: str, file: Path, kind: str, where: Sequence[str], words: str, unmasked: bool, reason: str, account: str
) -> dict[str, Any]:
    """Write a register into a file; returns id, rows, format and path."""
    from anlan.territory.services.exports import export_open, export_stream

    chosen = kind or file.suffix.lstrip(".").lower()
    if chosen not in STREAMS:
        raise Invalid(
            code="file.format", zh=f"不能写成“{chosen}”；请用 {'、'.join(STREAMS)}。",
            en=f"“{chosen}” can't be written; use {', '.join(STREAMS)}.", field="format", value=chosen,
        )  # fmt: skip
    filters = dict(_condition(text) for text in where)
    by = actor(account)
    opened = export_open(
        by=by, register=name, query=Query(q=words, filters=filters), format=chosen, unmasked=unmasked, reason=reason
    )
    fresh = file.with_name(f".{file.name}.part")
    with fresh.open("wb") as out:
        for part in export_stream(by.scope, opened, chinese=chinese()):
            out.write(part)
    fresh.replace(file)
    return {"export": str(opened.id), "register": name, "format": chosen, "rows": opened.rows, "file": str(file), "unmasked": unmasked}  # fmt: skip


def actor(account: str) -> Actor:
    """Return who acts: an account by its user name, or the node itself."""
    if not account:
        return Actor.system("site")
    from anlan.kernel.accounts import actor_of
    from anlan.kernel.tokens import account_named

    return actor_of(account_named(account))


class Teller:
    """Progress on stderr: one line that is written over on a terminal, one a step and five seconds elsewhere."""

    def __init__(self) -> None:
        self.live, self.last, self.at = sys.stderr.isatty(), "", 0.0

    def __call__(self, figures: dict[str, Any]) -> None:
        """Say how far it is."""
        step, now = str(figures["step"]), time.monotonic()
        if not step or (not self.live and step == self.last and now - self.at < 5):
            return
        if self.live and step != self.last and self.last:
            typer.echo("", err=True)
        self.last, self.at = step, now
        typer.echo(("\r\x1b[K" if self.live else "") + _line(figures), err=True, nl=not self.live)


def _line(figures: dict[str, Any]) -> str:
    zh, en = STEPS.get(figures["step"], (figures["step"], figures["step"]))
    line = pick(zh, en)
    if figures["total"]:
        line += f"  {figures['done']:,} / {figures['total']:,}"
    if figures["rate"]:
        line += pick(f"  每秒{figures['rate']:,}行", f"  {figures['rate']:,} rows/s")
    if figures["left_s"]:
        line += pick(f"  还需{figures['left_s']:.0f}秒", f"  {figures['left_s']:.0f} s left")
    return line


def _print(batch: Import, kinds: Sequence[dict[str, Any]], issues: Sequence[dict[str, Any]]) -> None:
    tongue = "zh" if chinese() else "en"
    counts = "  ".join(f"{name} {value:,}" for name, value in batch.counts.items() if isinstance(value, int))
    typer.echo(f"{batch.pk}  {batch.state}  {counts}")
    for kind in kinds:
        typer.echo(f"  {kind['count']:>8,}  {kind['code']:<20} {kind[tongue]}")
    for line in read.reasons_of(issues, chinese=chinese()):
        typer.echo("  " + line)


def _condition(text: str) -> tuple[str, tuple[str, ...]]:
    name, sign, values = text.partition("=")
    if not sign or not name:
        raise Invalid(
            code="export.where", zh=f"条件“{text}”应写成 字段=代码。", en=f"Write the condition “{text}” as field=code.",
            field="where", value=text,
        )  # fmt: skip
    return name.strip(), tuple(value.strip() for value in values.split(",") if value.strip())


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(
            code="import.none",
            zh=f"“{text}”不是批次编号。",
            en=f"“{text}” is no id of an import.",
            field="batch",
            value=text,
        ) from None
