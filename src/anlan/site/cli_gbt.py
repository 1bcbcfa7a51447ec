"""`anlan cap to-gbt` and `anlan cap from-gbt`: CAP ⇄ national warning message, with a report, without a database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import typer

from anlan.kernel.problem import Invalid

LARGEST: Final = 4 * 1024 * 1024
SHOWN: Final = 200
ReportFile = Annotated[Path | None, typer.Option(help="Write the report here; else it goes to stderr. 报告文件")]
TableFile = Annotated[Path | None, typer.Option(help="A table of element names of your own (YAML). 自备元素名表")]
Strict = Annotated[bool, typer.Option("--strict", help="Write nothing that breaks a rule. 不合规则则不输出")]


def to_gbt(
    file: Annotated[Path, typer.Argument(help="A CAP message. CAP报文")],
    report: ReportFile = None,
    issuer: Annotated[str, typer.Option(help="14-digit issuer code: take the message over. 以本单位代码转发")] = "",
    serial: Annotated[int, typer.Option(help="Serial 0-9 of the new identity. 序号")] = 0,
    table: TableFile = None,
    strict: Strict = False,
) -> None:
    """Turn a CAP message into a national one (GB/T 35965.1); what can't be carried is named. CAP转国家标准预警信息"""
    from anlan.warning.formats import cap, gbt

    names = _table(table)
    read = cap.read(_bytes(file), "record")
    alerts = [read, *read.embedded]
    found = [one for one in alerts if one.alert is not None]
    if len(found) != 1 or found[0].alert is None:
        raise _not_one(file, len(found), [finding.en for finding in read.findings])
    message, told = gbt.to_gbt(found[0].alert, table=names, issuer=issuer, serial=serial)
    body = told.as_dict() | {
        "read": msgspec.to_builtins([finding for finding in found[0].findings if finding.repair]),
        "kept_out": [{"path": kept.path, "xml": kept.xml[:SHOWN]} for kept in found[0].kept],
    }
    _finish(gbt.write(message, names, strict=strict), body, report)


def from_gbt(
    file: Annotated[Path, typer.Argument(help="A national warning message. 国家标准预警信息")],
    report: ReportFile = None,
    table: TableFile = None,
    strict: Strict = False,
) -> None:
    """Turn a national warning message (GB/T 35965.1) into CAP; what can't be carried is named. 国家标准预警信息转CAP"""
    from lxml import etree

    from anlan.warning.formats import cap, gbt

    names = _table(table)
    message, noticed = gbt.read(_bytes(file), names)
    alert, told = gbt.from_gbt(message, table=names)
    broken = [finding for finding in cap.check(alert) if finding.severity == "error"]
    if strict and broken:
        raise Invalid(
            code="warning.cap",
            zh=f"转出的CAP不符合标准：{broken[0].path} {broken[0].zh}（共{len(broken)}处）；请在原信息中补正。",
            en=f"The CAP message breaks the standard: {broken[0].path} {broken[0].en} ({len(broken)} in all); mend the source.",
            field=broken[0].path,
        )
    body = told.as_dict() | {"read": msgspec.to_builtins(noticed), "cap": msgspec.to_builtins(broken)}
    body["fit"] = not broken
    _finish(etree.tostring(cap.render(alert), xml_declaration=True, encoding="UTF-8", pretty_print=True), body, report)


def add_to(cap: typer.Typer) -> None:
    """Lay both commands under `anlan cap`."""
    cap.command("to-gbt")(to_gbt)
    cap.command("from-gbt")(from_gbt)


def _table(path: Path | None) -> Any:
    from anlan.warning.formats import gbt

    return gbt.table() if path is None else gbt.load(_bytes(path).decode("utf-8", "replace"), path.name)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid(
                code="cap.file", zh=f"{path.name}超过{LARGEST}字节；请拆分。",
                en=f"{path.name} is larger than {LARGEST} bytes; split it.", field="file", value=str(path),
            )  # fmt: skip
        return path.read_bytes()
    except OSError as error:
        raise Invalid(
            code="cap.file", zh=f"{path}读不了：{error.strerror}；请核对路径。",
            en=f"{path} can't be read: {error.strerror}; check the path.", field="file", value=str(path),
        ) from error  # fmt: skip


def _not_one(path: Path, count: int, findings: list[str]) -> Invalid:
    why = f": {findings[0]}" if findings else ""
    return Invalid(
        code="cap.file", zh=f"{path.name}中有{count}条CAP报文，应恰有一条{why}；请逐条转换。",
        en=f"{path.name} holds {count} CAP messages, not one{why}; turn them one by one.", field="file", value=str(path),
    )  # fmt: skip


def _finish(written: bytes, body: dict[str, Any], report: Path | None) -> None:
    """The message to stdout, the report as JSON to its file or stderr."""
    told = msgspec.json.encode(body)
    if report is None:
        typer.echo(told.decode(), err=True)
    else:
        try:
            report.write_bytes(msgspec.json.format(told, indent=2) + b"\n")
        except OSError as error:
            raise Invalid(
                code="cap.report", zh=f"报告写不到{report}：{error.strerror}；请核对路径。",
                en=f"The report can't be written to {report}: {error.strerror}; check the path.",
                field="report", value=str(report),
            ) from error  # fmt: skip
    sys.stdout.buffer.write(written)
    sys.stdout.buffer.flush()
