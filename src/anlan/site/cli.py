"""The `anlan` command: thin. Each command finds its database, then calls the function that does the work."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from anlan import __version__
from anlan.kernel.options import SPEC, options
from anlan.kernel.problem import Problem
from anlan.site import cli_incident, cli_plan, cli_registers
from anlan.site.cli_cap import cap
from anlan.site.cli_divisions import divisions
from anlan.site.cli_monitor import monitor, rules
from anlan.site.cli_tokens import token
from anlan.site.cli_ways import ways
from anlan.site.words import pick, problem_text

app = typer.Typer(
    name="anlan", no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help="Anlan (安澜): from the first sign of danger to the right people acting.",
)  # fmt: skip
journal = typer.Typer(no_args_is_help=True, help="Prove, export and rebuild the journal. 校验、导出、重建日志")
user = typer.Typer(no_args_is_help=True, help="Accounts and one-time ways in. 账号与一次性登录")
app.add_typer(journal, name="journal")
app.add_typer(user, name="user")
app.add_typer(token, name="token")
app.add_typer(divisions, name="divisions")
app.add_typer(cap, name="cap")
app.add_typer(monitor, name="monitor")
app.add_typer(rules, name="rules")
app.add_typer(ways, name="ways")
cli_registers.add_to(app)
cli_incident.add_to(app)
cli_plan.add_to(app)

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output. 输出 JSON")]


@app.callback()
def common(
    home: Annotated[str, typer.Option(help="Home folder; also ANLAN_HOME. 数据目录")] = "",
    database: Annotated[str, typer.Option(help="Database of the embedded server. 内置服务器中的库名")] = "",
) -> None:
    """Set what holds for every command."""
    if home:
        vars(options)["home"] = str(Path(home).expanduser().resolve())
        os.environ["ANLAN_HOME"] = options.home
    _chosen["database"] = database


_chosen: dict[str, str] = {}


@contextmanager
def ready(*, migrate: bool = True) -> Iterator[str]:
    """Give a command the database, its schema up to date and Django set up; yields the owner's address."""
    from anlan.site import database, schema_ready, serve

    running = serve.read_run(options.home_path) or {}
    name = _chosen.get("database") or running.get("database") or database.DATABASE
    with database.session(database=name) as addresses:
        environment = {**os.environ, "ANLAN_HOME": str(options.home_path), **addresses.environment("cli")}
        if migrate:
            schema_ready.ensure(addresses.owner, environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
        import django

        vars(options)["drill"] = options.drill or bool(running.get("drill"))
        django.setup()
        yield addresses.owner


@app.command()
def up() -> None:
    """Serve: database, web, live feed and worker, each restarted when it dies. 启动服务"""
    from anlan.site import serve

    serve.up()


@app.command()
def demo() -> None:
    """Show the 2021 Zhengzhou storm, running. 演示：2021 年郑州暴雨"""
    from anlan.site import demo, serve

    demo.choose_home()
    serve.up(demo.opening())


@app.command()
def drill(
    scenario: Annotated[str, typer.Argument(help="Folder under drills/. 情景名称")] = "zhengzhou-2021",
    seed: Annotated[int, typer.Option(help="Same seed, same journal. 随机种子")] = 7,
    speed: Annotated[str, typer.Option(help="max, or 1 to 600 times real time. 速度")] = "max",
    report: Annotated[Path | None, typer.Option(help="Write the after-action report as JSON. 复盘报告")] = None,
    profile: Annotated[str | None, typer.Option(help="Territory: tiny or zhengzhou. 区划规模")] = None,
) -> None:
    """Play a scenario in a database of its own; no message leaves the house. 演练"""
    from anlan.site import commands, demo, serve

    demo.choose_home()
    if speed != "max":
        wanted = {"scenario": scenario, "seed": seed, "speed": commands.speed_of(speed)}
        serve.up(demo.opening(**wanted, **({"profile": profile} if profile else {})))
        return
    with ready(migrate=False):  # the drill makes a database of its own
        raise typer.Exit(commands.drill(scenario, seed, report, profile))


@app.command()
def generate(
    profile: Annotated[str, typer.Option(help="tiny, zhengzhou, heze, henan or stress.")] = "zhengzhou",
    seed: Annotated[int, typer.Option(help="Same seed, same territory. 随机种子")] = 7,
    territory: Annotated[Path | None, typer.Option(help="A folder of territory data. 区划数据目录")] = None,
    root: Annotated[str, typer.Option(help="Which of its divisions, by code. 根区划代码")] = "",
    units: Annotated[int | None, typer.Option(help="How many production units. 单位数", min=0)] = None,
    scale: Annotated[float, typer.Option(help="Times all totals. 总数倍率", min=0.0001, max=100)] = 1.0,
    dirty: Annotated[float, typer.Option(help="Share of units made dirty, 0 to 1. 脏数据比例", min=0, max=1)] = 0.0,
    file: Annotated[Path | None, typer.Option(help="Units into .xlsx, .csv or .parquet, no database. 写文件")] = None,
) -> None:
    """Lay down territory, posts, role-named people and registers from a seed. 生成区划、岗位、人员与名册"""
    from anlan.site import generating

    folder = territory.resolve() if territory else None
    wish = generating.Wish(profile, seed, folder, root, units, scale, dirty)
    if file is not None:
        generating.into_file(wish, file)
        return
    with ready():
        raise typer.Exit(generating.into_database(wish))


@app.command()
def doctor(json: Json = False) -> None:
    """Look at everything that has to be well, and say how to mend what is not. 体检"""
    from anlan.site.doctor import doctor as examine

    raise typer.Exit(examine(_chosen.get("database", ""), as_json=json))


@app.command()
def backup(
    folder: Annotated[Path | None, typer.Option(help="Where to; else backups/ in the home. 目标目录")] = None,
) -> None:
    """Write a backup of the database and print its path. 备份"""
    from anlan.site.backup import backup as take

    with ready(migrate=False) as address:
        typer.echo(take(address, folder=folder))


@app.command()
def restore(
    file: Path,
    into: Annotated[str, typer.Option(help="Name of the new database. 新库名称")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only check the file's hash. 仅校验")] = False,
) -> None:
    """Lay a backup down in a fresh database; without --into it then takes the place of the current one. 恢复"""
    from anlan.site import commands

    if check:
        commands.show_manifest(file)
    else:
        commands.restore(file, into, _chosen.get("database", ""))


@app.command(name="options")
def show_options(json: Json = False) -> None:
    """Print every option with its value and where it comes from. 选项"""
    from anlan.site import commands

    commands.show_options(SPEC, as_json=json)


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date (a backup is taken first). 升级数据库结构"""
    with ready():
        typer.echo(pick("数据库结构已是最新", "the schema is up to date"))


@app.command()
def shell() -> None:
    """Open a Python shell with Django set up. 交互环境"""
    import code

    with ready():
        code.interact(banner=f"Anlan {__version__}", local={"options": options})


@app.command()
def docs() -> None:
    """Write the reference pages of docs/ from the code. 生成参考文档"""
    from anlan.site import commands

    with ready():
        commands.docs()


@app.command(context_settings={"ignore_unknown_options": True})
def bench(name: str, words: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Run benchmarks/NAME.py. 性能测试"""
    from anlan.site import commands

    commands.bench(name, words or [])


@journal.command()
def verify() -> None:
    """Compute the chain anew; name the first row that does not hold. 校验"""
    from anlan.site import commands

    with ready(migrate=False):
        raise typer.Exit(commands.verify())


@journal.command()
def export(file: Path) -> None:
    """Write the sealed journal to one file. 导出"""
    from anlan.site import commands

    with ready(migrate=False):
        commands.export(file)


@journal.command()
def replay(file: Path) -> None:
    """Rebuild an empty database from an exported journal; name it with --database. 重建"""
    from anlan.site import commands

    with ready():
        commands.replay(file)


@user.command("add")
def user_add(
    username: str,
    division: Annotated[list[str], typer.Option(help="Division code; may be given again. 行政区划代码")],
    role: Annotated[list[str], typer.Option(help="duty issuer decider responder auditor admin. 角色")],
    name: Annotated[str, typer.Option(help="Name shown. 显示名称")] = "",
) -> None:
    """Make or change an account and print a one-time way in. 建立账号"""
    from anlan.site import commands

    with ready():
        commands.user_add(username, name or username, division, role)


@user.command("link")
def user_link(username: str, minutes: Annotated[int, typer.Option(help="Valid for. 有效分钟数")] = 60) -> None:
    """Print a one-time sign-in link. 一次性登录链接"""
    from anlan.site import commands

    with ready():
        commands.user_link(username, minutes)


@user.command("list")
def user_list() -> None:
    """List the accounts. 账号列表"""
    from anlan.site import commands

    with ready():
        commands.user_list()


def main() -> None:
    """Run the command; a problem is said in both languages, without a stack trace."""
    try:
        app()
    except Problem as problem:
        typer.echo(problem_text(problem), err=True)
        sys.exit(1)


if __name__ == "__main__":
    from anlan.site import cli  # the module the other command files know, not a second one called __main__

    cli.main()
