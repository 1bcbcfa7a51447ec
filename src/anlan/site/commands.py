"""Bodies of the smaller commands. Each expects its database to be ready."""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from anlan.kernel.options import Option, options
from anlan.kernel.problem import Invalid, NotFound
from anlan.site.words import pick


def speed_of(text: str) -> float:
    """Return a drill's speed; refuse what is neither "max" nor 1 to 600."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 1 <= value <= 600:
        raise Invalid(
            code="drill.speed",
            zh="演练速度应为 max 或 1 至 600。",
            en="Give a drill speed from 1 to 600, or max.",
            field="speed",
            value=text,
        )
    return value


def drill(scenario: str, seed: int, report: Path | None, profile: str | None) -> int:
    """Play a scenario flat out, in this process."""
    from anlan.readiness.run import drill_command
    from anlan.review.selectors import after_action

    where = report.resolve() if report else None
    return (
        drill_command(scenario=scenario, seed=seed, speed=0, report=where, profile=profile, after_action=after_action)
        or 0
    )


def verify() -> int:
    """Verify chain and checkpoints; exit code 1 when something is broken."""
    from anlan.kernel.journal import head
    from anlan.kernel.journal import verify as prove
    from anlan.kernel.journal.checkpoint import checkpoints_broken

    broken, forged = prove(), checkpoints_broken()
    if broken is not None:
        typer.echo(pick(broken.zh, broken.en))
        return 1
    if forged:
        typer.echo(pick(f"签名不符的检查点：{forged}", f"checkpoints whose signature does not hold: {forged}"))
        return 1
    seq, value = head()
    typer.echo(pick(f"日志完好：{seq} 条，链头 {value.hex()}", f"the journal holds: {seq} entries, head {value.hex()}"))
    return 0


def export(file: Path) -> None:
    """Write the journal to a file and print its manifest."""
    from anlan.kernel.journal.export import export as write

    typer.echo(json.dumps(write(file), indent=1))


def replay(file: Path) -> None:
    """Rebuild from an exported journal and print what was laid down."""
    from anlan.kernel.journal.replay import replay as rebuild

    typer.echo(json.dumps(rebuild(file), indent=1, default=str))


def show_manifest(file: Path) -> None:
    """Check a backup and print its manifest."""
    from anlan.site.backup import read_manifest

    typer.echo(json.dumps(read_manifest(file), indent=1))


def restore(file: Path, into: str, current: str) -> None:
    """Restore into a new database; without a name the restored one takes the current one's place."""
    from anlan.site import backup, database, serve

    running = serve.read_run(options.home_path)
    if running and not into:
        raise Invalid(
            code="restore.running",
            zh=f"安澜正在运行（进程 {running['pid']}）；请先停止它，或用 --into 恢复到另一个库。",
            en=f"Anlan is running (process {running['pid']}). Stop it first, or restore into another database with --into.",
            field="into",
            value="",
        )
    live = current or database.DATABASE
    backup.read_manifest(file)
    with database.session(database=live) as addresses:
        name = into or f"{addresses.name}_restoring"
        manifest = backup.restore(addresses.owner, file, name=name)
        _hang_up()
        old = "" if into else backup.exchange(addresses.owner, live=addresses.name, restored=name)
    typer.echo(json.dumps(manifest | {"restored_into": into or addresses.name, "kept": old or None}, indent=1))


def show_options(spec: Sequence[Option], *, as_json: bool) -> None:
    """Print the options; secret values are not shown."""
    rows: list[dict[str, Any]] = []
    for option in spec:
        value = str(options.home_path) if option.name == "home" else getattr(options, option.name)
        shown = "••••" if option.secret and value else value
        found = {"name": option.name, "value": shown, "from": options.source(option.name), "env": option.env}
        rows.append(found | {"help": {"zh": option.help_zh, "en": option.help_en}})
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        typer.echo(
            f"{row['name']:<18}{row['value']!s:<28} [{row['from']}]  {pick(row['help']['zh'], row['help']['en'])}"
        )


def bench(name: str, words: Sequence[str]) -> None:
    """Run a bench of the checkout."""
    folder = Path(os.environ.get("ANLAN_CHECKOUT", ".")) / "benchmarks"
    script = folder / f"{name}.py"
    if not script.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.py") if not p.name.startswith("_"))) or "-"
        raise NotFound(
            code="bench.unknown",
            zh=f"没有性能测试 {name}；现有：{known}。",
            en=f"There is no bench {name}; there are: {known}.",
            field="name",
            value=name,
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
    sys.argv = [str(script), *words]
    runpy.run_path(str(script), run_name="__main__")


def docs() -> None:
    """Write the reference pages of the checkout."""
    from anlan.site.docs import write

    write(Path(os.environ.get("ANLAN_CHECKOUT", ".")) / "docs")


def user_add(username: str, name: str, divisions: Sequence[str], roles: Sequence[str]) -> None:
    """Make or change an account and print a way in."""
    from anlan.kernel.accounts import account_save
    from anlan.kernel.actor import Actor

    account_save(by=Actor.system("site"), username=username, name=name, divisions=divisions, roles=roles)
    user_link(username, 60)


def user_link(username: str, minutes: int) -> None:
    """Print a one-time sign-in link."""
    from anlan.kernel.accounts import link_make
    from anlan.site.serve import read_run

    port = (read_run(options.home_path) or {}).get("web_port", options.web_port)
    typer.echo(f"http://{options.host}:{port}{link_make(username, minutes=minutes)}")


def user_list() -> None:
    """Print the accounts."""
    from anlan.kernel.models import Account

    for account in Account.objects.order_by("username"):
        words = [account.username, account.name, ",".join(account.divisions) or "*", ",".join(account.roles)]
        typer.echo("\t".join([*words, "" if account.is_active else pick("停用", "inactive")]).rstrip())


def _hang_up() -> None:
    from django.db import connection

    connection.close()
