"""`anlan import`, `export`, `template` and `target`: registers in and out of files, and what an area holds."""

from __future__ import annotations

import json as codec
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output. 输出 JSON")]
As = Annotated[str, typer.Option("--as", help="Account that acts; else the node itself. 以此账号的名义")]


def _ready() -> AbstractContextManager[str]:
    from anlan.site.cli import ready

    return ready()


def import_(
    register: Annotated[str, typer.Argument(help="units places persons posts organisations licences. 名册")] = "",
    file: Annotated[Path | None, typer.Argument(help="xlsx, csv, parquet or geojson. 文件")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count only. 只检查")] = False,
    mapping: Annotated[Path | None, typer.Option("--map", help="YAML of heading: field. 列映射")] = None,
    sheet: Annotated[str, typer.Option(help="Sheet of the workbook. 工作表")] = "",
    datum: Annotated[str, typer.Option(help="wgs84, gcj02 or bd09. 坐标系")] = "wgs84",
    clear: Annotated[bool, typer.Option("--clear", help="An empty cell clears what is there. 空格清除原值")] = False,
    keep_extra: Annotated[
        bool, typer.Option("--keep-extra", help="Keep columns that are no field. 保留多余列")
    ] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Nothing unless all rows are good. 全部合格才导入")
    ] = False,
    bad_rows: Annotated[Path | None, typer.Option(help="Write the rows to mend here. 需修正的行")] = None,
    resume: Annotated[str, typer.Option(help="Go on with an import that was cut off. 继续批次")] = "",
    undo: Annotated[str, typer.Option(help="Take an import back. 撤销批次")] = "",
    reason: Annotated[str, typer.Option(help="Why it is undone. 理由")] = "",
    account: As = "",
    json: Json = False,
) -> None:
    """Take a file into a register: new rows in, changed ones changed, the same left alone. 导入名册

    Exit code 0: all rows good; 3: some rows at fault, the good ones in; 1: refused.
    """
    options = {
        "sheet": sheet, "datum": datum, "blank": "clear" if clear else "keep", "keep_extra": keep_extra,
        "only_good": not all_or_nothing, "apply": not dry_run,
    }  # fmt: skip
    with _ready():
        from anlan.site import registers

        if undo:
            done = registers.undo(undo, reason, account)
        elif resume:
            done = registers.resume(resume)
        else:
            done = registers.take(register, file, {k: v for k, v in options.items() if v != ""}, mapping, account)
        raise typer.Exit(registers.show(done, bad_rows=bad_rows, as_json=json))


def export(
    register: Annotated[str, typer.Argument(help="units places persons posts organisations licences. 名册")],
    file: Annotated[Path, typer.Argument(help="The suffix tells the format. 文件")],
    format: Annotated[str, typer.Option(help="xlsx, csv, parquet or geojson. 格式")] = "",
    where: Annotated[list[str] | None, typer.Option(help="field=code[,code]; may be given again. 条件")] = None,
    words: Annotated[str, typer.Option("--search", help="Words to be found. 检索词")] = "",
    unmasked: Annotated[
        bool, typer.Option("--unmasked", help="Names and telephones in full; needs a reason. 不遮盖")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why they are needed in full. 理由")] = "",
    account: As = "",
    json: Json = False,
) -> None:
    """Write a register, or the rows under some conditions, into a file with a watermark. 导出名册"""
    with _ready():
        from anlan.site import registers

        done = registers.export(register, file, format, where or [], words, unmasked, reason, account)
    typer.echo(codec.dumps(done, ensure_ascii=False, indent=None if json else 1))


def template(
    register: Annotated[str, typer.Argument(help="units places persons posts organisations licences. 名册")],
    file: Annotated[Path, typer.Argument(help="Workbook to write. 文件")],
    english: Annotated[bool, typer.Option("--english", help="English headings. 英文表头")] = False,
) -> None:
    """Write an empty workbook for a register: headings, lists to pick from, hints. 下载模板"""
    from anlan.territory.sources.place_columns import template as made
    from anlan.territory.sources.registers import register as described

    file.write_bytes(made(described(register), "en" if english else "zh"))
    typer.echo(str(file))


def target(
    area: Annotated[Path, typer.Option(help="GeoJSON file. 范围文件")],
    roles: Annotated[str, typer.Option(help="Roles of posts, with commas between. 岗位类别")] = "",
    at: Annotated[str, typer.Option(help="Moment whose roster counts; now by default. 时刻")] = "",
    up: Annotated[int, typer.Option(min=1, max=3, help="Up to: 3 county, 2 prefecture, 1 province. 上至")] = 3,
    limit: Annotated[int | None, typer.Option(min=0, help="Posts listed. 列出岗位数")] = None,
    unmask: Annotated[str, typer.Option(help="Reason for names and telephones in full. 不遮盖的理由")] = "",
    account: As = "",
    json: Json = False,
) -> None:
    """Say what and who is inside an area, and the duty posts to call, A and B. 范围内对象与责任人"""
    with _ready():
        from anlan.site import targeting

        targeting.run(area, roles, at, up, limit, unmask, account, json)


def add_to(app: typer.Typer) -> None:
    """Give the commands to the `anlan` app."""
    app.command("import")(import_)
    app.command("export")(export)
    app.command("template")(template)
    app.command("target")(target)
