"""`anlan divisions`: do outlines and tree fit, what a code list would change, letting one take force."""

from __future__ import annotations

import json as codec
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

divisions = typer.Typer(no_args_is_help=True, help="Check divisions; compare and apply code lists. 区划与区划代码版本")
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output. 输出 JSON")]
As = Annotated[str, typer.Option("--as", help="Account that acts; else the node itself. 以此账号的名义")]
FOUND = 3  # exit code: something is to be mended or decided


def _ready() -> Any:
    from anlan.site.cli import ready

    return ready()


@divisions.command()
def check(
    tolerance: Annotated[float, typer.Option(help="Let pieces below this pass, km². 容差")] = 0.1, json: Json = False
) -> None:
    """Say which outlines don't fit and which rows lie in a division that is no more; exit 3 when any. 检查"""
    with _ready():
        from anlan.kernel.scope import Scope
        from anlan.territory.selectors.editions import coverage, homeless

        findings, left = coverage(Scope.whole(), tolerance), homeless(Scope.whole())
    kinds = Counter(item.kind for item in findings)
    if json:
        rows = [
            {"kind": f.kind, "codes": f.codes, "area_km2": f.area_km2, "lon": f.lon, "lat": f.lat} for f in findings
        ]
        homes = [{"code": row["code"], "rows": row["rows"]} for row in left]
        typer.echo(codec.dumps({"findings": rows, "kinds": kinds, "homeless": homes}, ensure_ascii=False))
    else:
        for f in findings:
            typer.echo(f"{f.kind}\t{' '.join(f.codes)}\t{f.area_km2 or ''}\t{f.lon or ''}\t{f.lat or ''}\t{f.detail}")
        for row in left:
            typer.echo(f"homeless\t{row['code']}\t{row['name']['zh']}\t{row['rows']}")
        typer.echo(f"{sum(kinds.values())} findings {dict(kinds)}, {len(left)} former divisions with rows")
    raise typer.Exit(FOUND if findings or left else 0)


@divisions.command()
def diff(
    file: Annotated[Path, typer.Argument(help="CSV: code, name, ... 区划代码表")],
    valid_from: Annotated[str, typer.Option("--from", help="Day it takes force. 生效日期")] = "",
    json: Json = False,
) -> None:
    """Print what a code list would change; nothing is written. 比较"""
    with _ready():
        from django.db import transaction

        with transaction.atomic():
            edition = _open(file, file.stem, valid_from or date.max.isoformat(), str(file.name), "")
            rows = list(edition.changes.order_by("level", "old", "new"))
            transaction.set_rollback(True)
    for row in rows:
        if json:
            said = {"kind": row.kind, "old": row.old, "new": row.new, "old_name": row.old_name, "new_name": row.new_name,
                    "group": row.group, "evidence": row.evidence}  # fmt: skip
            typer.echo(codec.dumps(said, ensure_ascii=False))
        else:
            typer.echo(
                f"{row.kind}\t{row.old}\t{row.new}\t{row.old_name}\t{row.new_name}\t{row.evidence['confidence']}"
            )
    if not json:
        typer.echo(f"{len(rows)} changes {dict(Counter(row.kind for row in rows))}")


@divisions.command("apply")
def apply_list(
    source: Annotated[str, typer.Argument(help="CSV file, or the id of a list under review. 区划代码表或版本编号")],
    name: Annotated[str, typer.Option(help="Name of the list. 版本名称")] = "",
    valid_from: Annotated[str, typer.Option("--from", help="Day it takes force, 2024-06-30. 生效日期")] = "",
    issuer: Annotated[str, typer.Option(help="Who issued it. 来源")] = "",
    least: Annotated[float, typer.Option(help="Accept what is at least so sure, 0 to 1. 采纳的最低把握")] = 0.9,
    account: As = "",
    json: Json = False,
) -> None:
    """Take a code list in, accept what is sure, and let it take force when nothing is left to decide. 生效

    Exit 3: some changes need a person; they wait on the review page, then run again with the id printed.
    """
    with _ready():
        from anlan.site.registers import actor
        from anlan.territory.services.divisions import changes_decide, edition_apply

        if not account:  # accepting is a decision: it needs somebody's name
            raise typer.BadParameter("--as")
        by = actor(account)
        known = _uuid(source)
        edition = known or _open(Path(source), name or Path(source).stem, valid_from, issuer or source, account).pk
        if known is None:
            changes_decide(by=by, edition=edition, accept=True, least=least)
        waiting = _waiting(edition)
        done: dict[str, Any] = {"edition": str(edition), "waiting": waiting}
        if not waiting:
            result = edition_apply(by=by, edition=edition)
            done |= {"changes": dict(result.changes), "moved": dict(result.moved), "accounts": list(result.accounts),
                     "unresolved": {key: dict(value) for key, value in result.unresolved.items()}}  # fmt: skip
    typer.echo(codec.dumps(done, ensure_ascii=False, indent=None if json else 1))
    raise typer.Exit(FOUND if waiting else 0)


def _open(file: Path, name: str, valid_from: str, issuer: str, account: str) -> Any:
    from anlan.site.registers import actor
    from anlan.territory.services.divisions import edition_open

    try:
        day = date.fromisoformat(valid_from)
    except ValueError:
        raise typer.BadParameter("--from 2024-06-30") from None
    return edition_open(
        by=actor(account), name=name[:64], valid_from=day, source=issuer[:200], file=file.read_bytes()
    )  # fmt: skip


def _waiting(edition: UUID) -> int:
    from anlan.territory.models import CodeChange

    return CodeChange.objects.filter(edition=edition, state="proposed").count()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
