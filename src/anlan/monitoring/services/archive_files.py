"""Writing a day's archive file: a temporary file, synced, read back and compared, then renamed into its place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from django.db import connection

from anlan.kernel.problem import Unavailable
from anlan.monitoring.engine.columns import Columns
from anlan.monitoring.formats import readings_copy, readings_parquet
from anlan.monitoring.formats.readings_parquet import Content
from anlan.monitoring.services.thawing import archive_path

_SORTED = "COPY (SELECT series, at, value, quality FROM {} r ORDER BY series, at) TO STDOUT (FORMAT binary)"


class Written(NamedTuple):
    """An archive file as it lies there: what it holds, its size, and the hash of its bytes."""

    path: Path
    content: Content
    size: int
    sha256: str


def write_day(day: date, relation: str) -> Written:
    """Write the readings of `relation` (a table or a subquery) as the archive of a day, in place of the one there is.

    What is read back from the disk must be what was sent to it; else the old file stays and Unavailable is raised.
    """
    path = archive_path(day)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".parquet.tmp")
    with fresh.open("wb") as out:
        sent = readings_parquet.write(out, sorted_groups(relation), _names())
        out.flush()
        os.fsync(out.fileno())
    with fresh.open("rb") as back:
        found = readings_parquet.content(back)
        back.seek(0)
        digest = hashlib.file_digest(back, "sha256").hexdigest()
    if found != sent:
        raise Unavailable(
            code="archive.differs",
            zh=f"{day} 的归档文件写入后读回不一致（{found.rows} 行，应为 {sent.rows} 行）；数据仍在库中，请检查磁盘。",
            en=f"The archive of {day} reads back differently ({found.rows} rows, {sent.rows} were sent); the readings"
            " are still in the database. Check the disk.",
            field="day",
            value=day.isoformat(),
        )
    fresh.rename(path)
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync_folder(folder)
    return Written(path, sent, path.stat().st_size, digest)


def sorted_groups(relation: str) -> Iterator[Columns]:
    """Give the readings of a relation by series and time, in groups that fit an archive's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', '256MB', true)")
        with cursor.copy(_SORTED.format(relation)) as copy:
            yield from readings_copy.stream(copy, readings_parquet.GROUP)


def _names() -> Mapping[int, tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.number, t.code, s.element FROM monitoring_series s JOIN monitoring_station t ON t.id = s.station_id"
        )
        return {number: (code, element) for number, code, element in cursor.fetchall()}


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
