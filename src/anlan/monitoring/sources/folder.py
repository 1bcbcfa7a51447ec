"""File drop: files put into a folder are read, made durable and moved: `done/`, or `wrong/` with a .txt that names rows.

A file is taken whole or tried again: one that can't be moved after its readings are durable is read once more, which is
harmless. Its rows go in parts, so that a large file doesn't hold up devices.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from anlan.kernel import clock
from anlan.kernel.problem import NotFound, Problem, TooLarge
from anlan.monitoring.formats.connection_settings import Folder
from anlan.monitoring.formats.line_readings import read_lines
from anlan.monitoring.formats.payload_rows import mapped
from anlan.monitoring.formats.readings_batch import Taken, in_parts, read_csv, read_json
from anlan.monitoring.formats.readings_csv import RowError
from anlan.monitoring.sources.batcher import Answer
from anlan.monitoring.sources.line import Line

MOST_BYTES = 256_000_000
PART = 20_000
FORMS = {".csv": "csv", ".json": "json", ".line": "line", ".txt": "line", ".lp": "line"}
DONE, WRONG = "done", "wrong"


class _Seen(NamedTuple):
    size: int
    since: float


async def run(line: Line) -> None:
    """Watch the folder until cancelled. NotFound when it isn't there."""
    settings = line.settings
    assert isinstance(settings, Folder)  # noqa: S101 – for the types
    folder = Path(settings.folder)
    seen: dict[Path, _Seen] = {}
    swept = 0.0
    while True:
        ready = await asyncio.to_thread(_ready, folder, seen, settings.settle_s)
        line.health.works()
        for file in ready:
            await line.batcher.room()
            await _take(line, settings, file)
            seen.pop(file, None)
        if settings.keep_days and time.monotonic() - swept > 3600:
            swept = time.monotonic()
            await asyncio.to_thread(_sweep, folder, settings.keep_days)
        await asyncio.sleep(settings.every_s)


def _ready(folder: Path, seen: dict[Path, _Seen], settle_s: float) -> list[Path]:
    """Return the files whose size hasn't changed for a while, oldest first."""
    if not folder.is_dir():
        raise NotFound(
            code="folder.none", zh=f"没有文件夹 {folder}；请建立它并授予读写权限。",
            en=f"There is no folder {folder}; make it, with leave to read and write.", field="folder", value=str(folder),
        )  # fmt: skip
    now, found = time.monotonic(), []
    for file in sorted(folder.iterdir()):
        if file.suffix.lower() not in FORMS or file.name.startswith(".") or not file.is_file():
            continue
        size = file.stat().st_size
        before = seen.get(file)
        if before is None or before.size != size:
            before = seen[file] = _Seen(size, now)
        if now - before.since >= settle_s:
            found.append(file)
    for gone in [file for file in seen if not file.exists()]:
        del seen[gone]
    return found


async def _take(line: Line, settings: Folder, file: Path) -> None:
    """Take one file and put it away."""
    body = b""
    try:
        body = await asyncio.to_thread(_body, file)
        taken = mapped(await asyncio.to_thread(_read, file, body, settings), line.mapping)
        errors = list(taken.errors)
    except Problem as problem:
        taken = Taken([], [], 1)
        errors = [RowError(0, problem.field or "file", str(problem.value or ""), problem.zh, problem.en)]
    answers: list[Answer] = []
    for number, part in enumerate(in_parts(taken.rows, PART) if taken.rows else [[]]):
        kept = body if number == 0 else b""
        error = errors[0].en if errors and number == 0 else ""
        answers.append(await line.take(part, kept, peer=file.name, error=error))
    errors += _strangers(answers)
    await asyncio.to_thread(_put_away, file, errors, sum(answer.taken for answer in answers))
    if errors:
        line.health.wrong(f"{file.name}：{errors[0].zh}", f"{file.name}: {errors[0].en}")


def _body(file: Path) -> bytes:
    if file.stat().st_size > MOST_BYTES:
        raise TooLarge(
            code="folder.too_large", zh=f"文件超过 {MOST_BYTES} 字节；请拆分。", en=f"The file has over {MOST_BYTES} bytes; split it.",
            field="file", value=file.name,
        )  # fmt: skip
    return file.read_bytes()


def _read(file: Path, body: bytes, settings: Folder) -> Taken:
    form = FORMS[file.suffix.lower()]
    if form == "csv":
        return read_csv(body)
    return read_json(body) if form == "json" else read_lines(body, settings.precision, clock.now())


def _strangers(answers: list[Answer]) -> list[RowError]:
    """Return what to say of rows whose station nobody registered or that may not come this way."""
    errors: list[RowError] = []
    for answer in answers:
        for (code, element), count in answer.unknown.items():
            errors.append(RowError(
                0, "station", f"{code} {element}".strip(), f"没有登记测项 {code} {element}（{count} 行）；登记后重新放入本文件。",
                f"No series {code} {element} is registered ({count} rows); register it and put the file in again.",
            ))  # fmt: skip
        for code, count in answer.outside.items():
            errors.append(RowError(
                0, "station", code, f"测站 {code} 不在本接入的行政区划内（{count} 行）。",
                f"Station {code} lies outside this connection's division ({count} rows).",
            ))  # fmt: skip
    return errors[:200]


def _put_away(file: Path, errors: list[RowError], taken: int) -> None:
    """Move the file, never over another; what was wrong lies beside it in both languages."""
    folder = file.parent / (WRONG if errors else DONE)
    folder.mkdir(exist_ok=True)
    target = folder / file.name
    if target.exists():
        target = folder / f"{file.stem}.{time.time_ns()}{file.suffix}"
    if errors:
        lines = [f"{file.name}: 已收 {taken} 条读数 / {taken} readings taken", ""]
        lines += [f"{error.zh} / {error.en} ({error.value})" for error in errors]
        target.with_name(target.name + ".txt").write_text("\n".join(lines) + "\n", "utf-8")
    file.rename(target)


def _sweep(folder: Path, keep_days: int) -> None:
    """Let go of files put away long ago."""
    limit = clock.now().timestamp() - keep_days * 86_400
    for place in (DONE, WRONG):
        for file in (folder / place).glob("*"):
            with suppress(OSError):
                if file.is_file() and file.stat().st_mtime < limit:
                    file.unlink()
