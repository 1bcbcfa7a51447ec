"""`anlan ways`: the ways out of warnings, from the command line."""

from __future__ import annotations

import json as codec
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from anlan.site.words import pick

if TYPE_CHECKING:
    from anlan.warning.models import ChannelSetting

ways = typer.Typer(no_args_is_help=True, help="Ways out of warnings. 发布渠道")
Code = Annotated[str, typer.Argument(help="From `anlan ways list`. 渠道代号")]


def _ready() -> AbstractContextManager[str]:
    from anlan.site.cli import ready

    return ready()


def _row(code: str) -> ChannelSetting:
    from anlan.warning.services import way_get

    return way_get(code)


@ways.command("list")
def show(json: Annotated[bool, typer.Option("--json", help="Machine-readable output. 输出 JSON")] = False) -> None:
    """List the ways out: state, what waits, what went out today. 渠道列表"""
    with _ready():
        from anlan.kernel import clock
        from anlan.kernel.scope import Scope
        from anlan.warning import choices
        from anlan.warning.selectors.ways import ways_list

        rows = ways_list(Scope.whole(), clock.now())
    if json:
        typer.echo(codec.dumps(rows, ensure_ascii=False, indent=1, default=str))
        return
    if not rows:
        typer.echo(
            pick("尚未设置任何渠道；请在“发布渠道”页面设置。", "No way out is set up; set one up on the page Ways out.")
        )
    for row in rows:
        state = choices.name(choices.WAY_STATES, row["state"])
        waiting = pick(f"待发 {row['queued']}", f"waiting {row['queued']}")
        sent = pick(
            f"今日 {row['sent_today']}，失败 {row['failed_today']}",
            f"today {row['sent_today']}, failed {row['failed_today']}",
        )
        words = [
            row["code"],
            row["carries"]["code"],
            row["kind"]["code"],
            pick(state["zh"], state["en"]),
            waiting,
            sent,
        ]
        typer.echo("\t".join([*words, row["why"]]).rstrip())


@ways.command("pause")
def pause(code: Code, reason: Annotated[str, typer.Option(help="Why. 原因")]) -> None:
    """Stop sending by a way out; what waits goes another way. 暂停渠道"""
    with _ready():
        from anlan.kernel.actor import Actor
        from anlan.warning.services.ways_acts import way_pause

        moved = way_pause(by=Actor.system("site"), setting=_row(code), reason=reason)
    typer.echo(
        pick(
            f"已暂停：{code}；{moved} 条待发消息改走其他渠道",
            f"paused: {code}; {moved} waiting messages go another way",
        )
    )


@ways.command("resume")
def resume(code: Code) -> None:
    """Go on sending by a way out. 恢复渠道"""
    with _ready():
        from anlan.kernel.actor import Actor
        from anlan.warning.services.ways_acts import way_resume

        way_resume(by=Actor.system("site"), setting=_row(code))
    typer.echo(pick(f"已恢复：{code}", f"goes on: {code}"))


@ways.command("test")
def send_test(
    code: Code, to: Annotated[str, typer.Option(help="Address or a person's code. 地址或人员编号")] = ""
) -> None:
    """Send one test message; exit code 1 unless the gateway took it. 发送测试消息"""
    with _ready():
        from anlan.kernel.actor import Actor
        from anlan.warning.services.ways_acts import way_test

        found = way_test(by=Actor.system("site"), setting=_row(code), to=to)
    if found.state not in ("handed", "delivered"):
        typer.echo(
            pick(f"未发出（{found.state}）：{found.error}", f"not sent ({found.state}): {found.error}"), err=True
        )
        raise typer.Exit(1)
    typer.echo(pick("网关已接收，请核对是否送达。", "The gateway took it; see that it arrives.") if found.state == "handed"
               else pick("已送达。", "It is there."))  # fmt: skip
