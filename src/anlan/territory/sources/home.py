"""Where the files of imports lie: the file as it came under its hash, and the text columns read from it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from anlan.kernel.options import options
from anlan.kernel.problem import Invalid

STEP = 1 << 20
MOST_BYTES = 2 * 1024**3


def folder() -> Path:
    """Return the folder of imports in the home folder; only the node's own account reads it."""
    path = Path(options.home_path) / "imports"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def file_of(sha256: str) -> Path:
    """Return where the file with this hash lies."""
    return folder() / sha256


def columns_of(batch: Any) -> Path:
    """Return where the text columns read from an import's file lie."""
    return folder() / f"{batch}.arrow"


def store(source: BinaryIO | Path) -> tuple[str, int]:
    """Keep a file under its SHA-256; returns hash and size. Invalid when it is empty or too large."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            return store(file)
    fresh = folder() / f".{os.getpid()}.{id(source)}"
    digest, size = hashlib.sha256(), 0
    try:
        with fresh.open("wb") as out:
            while part := source.read(STEP):
                size += len(part)
                if size > MOST_BYTES:
                    raise _size(size)
                digest.update(part)
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        if size == 0:
            raise _size(0)
        fresh.replace(file_of(digest.hexdigest()))
    finally:
        fresh.unlink(missing_ok=True)
    return digest.hexdigest(), size


def open_columns(path: Path) -> pa.ipc.RecordBatchFileReader | None:
    """Open text columns; None when they are missing or a killed process left them torn."""
    try:
        return pa.ipc.open_file(pa.OSFile(str(path), "rb"))
    except (OSError, pa.ArrowInvalid):
        return None


def _size(size: int) -> Invalid:
    return Invalid(
        code="file.size",
        zh="文件是空的。" if size == 0 else f"文件超过{MOST_BYTES // 1024**3}GB；请分成几个文件。",
        en="The file is empty." if size == 0 else f"The file is larger than {MOST_BYTES // 1024**3} GB; split it.",
        field="file",
        value=size,
    )
