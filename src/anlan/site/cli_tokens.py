"""`anlan token`: keys for programs, from the command line."""

from __future__ import annotations

import json as codec
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anlan.site.words import pick

if TYPE_CHECKING:
    from anlan.kernel.models import ApiToken

token = typer.Typer(no_args_is_help=True, help="Keys for programs. 接口令牌")
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output. 输出 JSON")]


def _ready() -> AbstractContextManager[str]:
    from anlan.site.cli import ready

    return ready()


@token.command("add")
def add(
    username: str,
    name: Annotated[str, typer.Option(help="What the token is called. 名称")],
    right: Annotated[list[str], typer.Option(help="For example territory.read; may be given again. 权限")],
    division: Annotated[list[str] | None, typer.Option(help="Division code; else the account's. 区划代码")] = None,
    rate: Annotated[int, typer.Option(help="Requests a minute. 每分钟请求数")] = 600,
    days: Annotated[int, typer.Option(help="Valid for. 有效天数")] = 365,
) -> None:
    """Make a token of an account and print it, this once. 发放令牌"""
    with _ready():
        from anlan.kernel.actor import Actor
        from anlan.kernel.tokens import account_named, token_make

        account = account_named(username)
        _, secret = token_make(
            by=Actor.system("site"),
            account=account,
            name=name,
            divisions=division or list(account.divisions),
            rights=right,
            rate_per_min=rate,
            days=days,
        )
    typer.echo(secret)


@token.command("list")
def show(json: Json = False) -> None:
    """List the tokens; the secrets are kept nowhere. 令牌列表"""
    with _ready():
        from anlan.kernel.tokens import tokens_list

        rows = [_row(found) for found in tokens_list()]
    if json:
        typer.echo(codec.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    for row in rows:
        end = pick("已吊销", "revoked") if row["revoked_at"] else f"{row['expires_at']:%Y-%m-%d}"
        words = [row["id"], row["hint"] + "…", row["account"], row["name"], ",".join(row["divisions"]) or "*"]
        typer.echo("\t".join(map(str, [*words, ",".join(row["rights"]), f"{row['rate_per_min']}/min", end])))


@token.command("revoke")
def revoke(number: Annotated[int, typer.Argument(help="From `anlan token list`. 编号")]) -> None:
    """Take a token back; it opens nothing from now on. 吊销令牌"""
    with _ready():
        from anlan.kernel.actor import Actor
        from anlan.kernel.tokens import token_revoke

        found = token_revoke(by=Actor.system("site"), token=number)
    typer.echo(pick(f"已吊销：{found.name}", f"revoked: {found.name}"))


def _row(found: ApiToken) -> dict[str, Any]:
    return {
        "id": found.pk,
        "hint": found.hint,
        "account": found.account.username,
        "name": found.name,
        "divisions": found.divisions,
        "rights": found.rights,
        "rate_per_min": found.rate_per_min,
        "expires_at": found.expires_at,
        "last_used_at": found.last_used_at,
        "revoked_at": found.revoked_at,
    }
