"""What a shard remembers, in a file: written whole or not at all, believed only with its digest, two kept.

Format: magic, length of the head (uint32), head (JSON: stamp and names of the arrays), the arrays as NumPy's own `.npy`
one after the other, and SHA-256 over everything before it.
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import numpy as np
import structlog
from django.db import connection
from numpy.typing import NDArray

from anlan.kernel.options import options

KEPT = 2
_MAGIC = b"ANLANSN1"
_LENGTH = struct.Struct("<I")
_BLOCK = 1 << 20
log = structlog.get_logger()


class Stamp(NamedTuple):
    """Of which history a memory is: the back end of the log, messages judged, the hash over them, the catalogue."""

    log: str
    done: int
    chain: str
    catalogue: str


class Snapshot(NamedTuple):
    """A memory as it was kept."""

    stamp: Stamp
    arrays: dict[str, NDArray[Any]]


class _Hashing:
    """Writes to a file and hashes what goes by."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sha = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha.update(data)
        return self.file.write(data)


def folder() -> Path:
    """Return the folder of this database's snapshots."""
    path = options.home_path / "snapshots" / str(connection.settings_dict["NAME"]).replace("/", "_")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def snapshot_write(shard: int, stamp: Stamp, arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Write a snapshot, durable when it returns; older ones than the newest two are removed."""
    path = folder() / f"{shard}-{stamp.done:012d}.snap"
    fresh = path.with_suffix(f".{os.getpid()}.part")
    head = msgspec.json.encode({"stamp": stamp, "names": list(arrays)})
    with fresh.open("wb") as file:
        out = _Hashing(file)
        out.write(_MAGIC + _LENGTH.pack(len(head)) + head)
        for array in arrays.values():
            np.lib.format.write_array(out, np.ascontiguousarray(array), allow_pickle=False)
        file.write(out.sha.digest())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    for old in snapshot_paths(shard)[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def snapshot_paths(shard: int) -> list[Path]:
    """Return a shard's snapshots, newest first."""
    return sorted(folder().glob(f"{shard}-*.snap"), reverse=True)


def snapshot_load(path: Path) -> Snapshot | None:
    """Return a snapshot, None for a damaged or foreign file (which is told in the log)."""
    try:
        with path.open("rb") as file:
            _proved(file)
            file.seek(len(_MAGIC))
            (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
            head = msgspec.json.decode(file.read(length))
            arrays = {name: np.lib.format.read_array(file, allow_pickle=False) for name in head["names"]}
            return Snapshot(Stamp(*head["stamp"]), arrays)
    except (OSError, ValueError, KeyError, TypeError, struct.error, msgspec.DecodeError) as failure:
        log.warning("snapshot.damaged", path=path.name, error=str(failure))
        return None


def _proved(file: IO[bytes]) -> None:
    """Raise ValueError unless magic and digest are right."""
    size = file.seek(0, os.SEEK_END) - hashlib.sha256().digest_size
    file.seek(0)
    if size < len(_MAGIC) or file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError("no snapshot")
    sha, left = hashlib.sha256(_MAGIC), size - len(_MAGIC)
    while left > 0:
        block = file.read(min(left, _BLOCK))
        if not block:
            break
        sha.update(block)
        left -= len(block)
    if file.read() != sha.digest():
        raise ValueError("digest")


def oldest_done(shard: int) -> int | None:
    """Return how far the oldest kept snapshot goes; None without any."""
    paths = snapshot_paths(shard)
    return int(paths[-1].stem.partition("-")[2]) if paths else None
