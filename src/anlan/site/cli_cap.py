"""`anlan cap`: what a warning file is and what is wrong with it; whether reading and writing lose anything of it."""

from __future__ import annotations

import json as codec
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anlan.site import cli_gbt
from anlan.site.words import pick

if TYPE_CHECKING:
    from anlan.warning.formats.cap import Finding, Result

cap = typer.Typer(no_args_is_help=True, help="Check and compare CAP files. 检查、对比CAP报文")
Paths = Annotated[list[str], typer.Argument(help="Files, or folders to walk. 文件或目录")]
MODES = ("strict", "record")
cli_gbt.add_to(cap)


@cap.command()
def check(
    paths: Paths,
    mode: Annotated[str, typer.Option(help="strict (as a sender is judged) or record (as received). 方式")] = "strict",
    profile: Annotated[
        list[str] | None, typer.Option(help="Also by this profile: cap-cp, ipaws, wmo …; may be given again. 应用规范")
    ] = None,
) -> None:
    """Print one JSON line per file: what it is, the verdict, every finding. Exit 0 when it ran. 检查"""
    if mode not in MODES:
        raise typer.BadParameter("--mode strict | record")
    wanted = tuple(profile or ())
    if wanted:
        from anlan.warning.formats import profiles

        for name in wanted:
            profiles.profile(name)  # an unknown name is refused before the first line
    for path in files(paths):
        typer.echo(codec.dumps(checked(path, mode, wanted), ensure_ascii=False))


@cap.command()
def roundtrip(paths: Paths) -> None:
    """Read each file as received, write it, read it again: one JSON line with what got lost or was added. 往返对比"""
    for path in files(paths):
        typer.echo(codec.dumps(round_trip(path), ensure_ascii=False))


def files(paths: list[str]) -> Iterator[Path]:
    """Every file named, and those of the folders named, sorted; hidden ones left out."""
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(folder) / name for name in sorted(names) if not name.startswith("."))


def taken(path: Path) -> bytes | str:
    """The bytes of a file, no more than are ever read of one; the reason when it can't be opened."""
    from anlan.warning.formats.cap.door import MAX_BYTES

    try:
        if not path.is_file():
            return pick("不是文件", "is no file") if path.exists() else pick("没有这个文件", "there is no such file")
        with path.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        return error.strerror or str(error)


def checked(path: Path, mode: str, profiles: tuple[str, ...] = ()) -> dict[str, Any]:
    """{file, verdict, kind, version, findings} of one file; one that can't be opened has a finding that says so.

    With `profiles` also {profiles: {name: kept or not}}, and what they find among the findings; the verdict is that of
    the standard alone.
    """
    from anlan.warning.formats.cap import read

    raw = taken(path)
    if isinstance(raw, str):
        return unreadable(path, raw, mode)
    result = read(raw, "record" if mode == "record" else "strict")
    findings = [told(one) for one in result.findings]
    line = {
        "file": str(path), "verdict": result.verdict, "kind": result.kind, "version": result.version,
        "findings": findings,
    }  # fmt: skip
    return line | by_profiles(result, profiles, findings) if profiles else line


def by_profiles(result: Result, names: tuple[str, ...], findings: list[dict[str, str]]) -> dict[str, Any]:
    """{profiles: {name: kept or not}} of a file, None when there is no message in it; adds to `findings`."""
    from anlan.warning.formats import profiles

    alerts = [("", result.alert)] if result.alert else []
    alerts += [(f"/embedded[{n}]", one.alert) for n, one in enumerate(result.embedded, 1) if one.alert]
    kept: dict[str, bool | None] = {}
    for name in names:
        found = [(where, one) for where, alert in alerts for one in profiles.check(alert, [name])]
        findings += [told(one) | {"path": where + one.path} for where, one in found]
        kept[name] = not any(one.severity == "error" for _, one in found) if alerts else None
    return {"profiles": kept}


def unreadable(path: Path, why: str, mode: str) -> dict[str, Any]:
    """The line of a file that can't be opened."""
    found = {"code": "unreadable", "severity": "error", "path": "/", "message": why}
    verdict = "invalid" if mode == "strict" else "rejected"
    return {"file": str(path), "verdict": verdict, "kind": "other", "version": "", "findings": [found]}


def told(one: Finding) -> dict[str, str]:
    """One finding as the line shows it."""
    found = {"code": one.code, "severity": one.severity, "path": one.path, "message": pick(one.zh, one.en)}
    return {**found, "repair": one.repair} if one.repair else found


def round_trip(path: Path) -> dict[str, Any]:
    """{file, verdict, kind, messages, same, lost, added, kept, repairs} of one file, over all messages in it."""
    from anlan.warning.formats.cap import compare, door
    from anlan.warning.formats.cap.reading import read_tree

    raw = taken(path)
    if isinstance(raw, str):
        return {**unreadable(path, raw, "record"), "messages": 0, "same": False}
    root, found = door.enter(raw)
    if root is None:
        line = {"file": str(path), "verdict": "rejected", "kind": "other", "messages": 0, "same": False}
        return {**line, "findings": [told(one) for one in found]}
    result = read_tree(root, "record", found)
    messages = compare.messages(root, result)
    differences = [compare.compare(element, one) for element, one in messages]
    lost, added = [x for one in differences for x in one.lost], [x for one in differences for x in one.added]
    return {
        "file": str(path), "verdict": result.verdict, "kind": result.kind, "messages": len(messages),
        "same": all(one.same for one in differences) and not lost and not added, "lost": lost, "added": added,
        "kept": [aside.path for _, one in messages for aside in one.kept],
        "repairs": [told(one) for one in result.findings if one.repair],
    }  # fmt: skip
