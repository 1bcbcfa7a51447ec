"""`anlan monitor switch-log`: going over to the log that option `log` names."""

from __future__ import annotations

from typing import Annotated

import typer

from anlan.site.words import pick


def switch_log(
    abandon: Annotated[
        bool, typer.Option("--abandon", help="Give up what the old log still holds. 放弃原日志余量")
    ] = False,
) -> None:
    """Let progress count in the log that option `log` names now; the old one must be judged to its end. 换用日志"""
    from anlan.site.cli import ready

    with ready():
        from anlan.kernel.actor import Actor
        from anlan.monitoring.services.log_switching import log_switch

        found = log_switch(by=Actor.system("site"), abandon=abandon)
    for one in found:
        left = pick("未知", "unknown") if one.unjudged is None else str(one.unjudged)
        typer.echo(
            pick(f"分片 {one.shard}：{one.was} → {one.now}，自第 {one.done + 1} 条起，放弃 {left} 条",
                 f"shard {one.shard}: {one.was} → {one.now}, from message {one.done + 1} on, given up: {left}")
        )  # fmt: skip
    if not found:
        typer.echo(pick("无需更换", "nothing to change"))
