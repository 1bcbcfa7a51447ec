"""Snapshots on disk (快照): one folder per version, one .npy file per array, and a pointer to the version in force.

home/snapshots/<database>/<name>/CURRENT names a folder beside it. A version is written whole and made durable before
the pointer moves, so a reader never sees half of one; what was interrupted is cleared away by the next build. Readers
map the files: a folder that is removed lives on until the last of them lets go.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anlan.kernel import ids
from anlan.kernel.options import options

CURRENT, META, LOCK = "CURRENT", "meta.json", "LOCK"
TRIES = 3
_met: set[str] = set()


@dataclass(frozen=True)
class Version:
    """One version of a snapshot, its arrays mapped read-only. `stamp` changes when another version is in force."""

    database: str
    name: str
    arrays: Mapping[str, np.ndarray]
    meta: Mapping[str, Any]
    stamp: tuple[int, int]


def snapshots_home() -> Path:
    """Return the folder of all snapshots; it may not be there."""
    return Path(options.home_path) / "snapshots"


def databases(name: str) -> list[str]:
    """Return the ids of the databases of which this home holds a snapshot of that name, the one last met first."""
    home = snapshots_home()
    with contextlib.suppress(FileNotFoundError):
        found = sorted(entry.name for entry in os.scandir(home) if (home / entry.name / name / CURRENT).exists())
        return sorted(found, key=lambda each: each not in _met)
    return []


def this_is(database: str) -> None:
    """Remember which database this process works on, so that its snapshots are looked at first."""
    if database not in _met:
        _met.clear()
        _met.add(database)


def stamp(database: str, name: str) -> tuple[int, int] | None:
    """Return what tells whether another version is in force: one look at one file. None: there is no snapshot."""
    try:
        found = (snapshots_home() / database / name / CURRENT).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def load(database: str, name: str) -> Version | None:
    """Return the version in force, None when there is none or it can't be read."""
    folder = snapshots_home() / database / name
    for _ in range(TRIES):  # the version may be replaced between reading its name and opening its files
        at = stamp(database, name)
        if at is None:
            return None
        with contextlib.suppress(OSError, ValueError):
            version = folder / (folder / CURRENT).read_text().strip()
            meta = json.loads((version / META).read_text("utf-8"))
            arrays = {key: np.asarray(_mapped(version / file)) for key, file in meta["files"].items()}
            return Version(database, name, arrays, meta, at)
    return None


@contextlib.contextmanager
def building(database: str, name: str) -> Iterator[bool]:
    """Hold the one right to build a snapshot; gives False when another process is at it."""
    folder = snapshots_home() / database / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def store(database: str, name: str, arrays: Mapping[str, np.ndarray], meta: Mapping[str, Any]) -> Path:
    """Write a version, make it durable, put it in force and clear the others away. To be called while `building`."""
    folder = snapshots_home() / database / name
    label = ids.new_id().hex
    version = folder / label
    version.mkdir(mode=0o700)
    files = {}
    for key, array in arrays.items():
        files[key] = key.replace(":", ".") + ".npy"
        with _durable(version / files[key]) as out:
            np.save(out, np.ascontiguousarray(array))
    with _durable(version / META) as out:
        out.write(json.dumps({**meta, "files": files}, ensure_ascii=False).encode())
    _sync(version)
    fresh = folder / f"{CURRENT}.{label}"
    with _durable(fresh) as out:
        out.write(label.encode())
    fresh.replace(folder / CURRENT)
    _sync(folder)
    for entry in list(os.scandir(folder)):
        if entry.name not in (CURRENT, LOCK, label):
            _remove(Path(entry.path))
    return version


def forget_others(database: str) -> None:
    """Remove the snapshots of databases that are no longer this one (after a restore)."""
    with contextlib.suppress(FileNotFoundError):
        for entry in list(os.scandir(snapshots_home())):
            if entry.name != database:
                _remove(Path(entry.path))


def _mapped(path: Path) -> np.ndarray:
    """Map a file; an empty array can't be mapped."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
    except ValueError:
        return np.load(path, allow_pickle=False)  # type: ignore[no-any-return]


@contextlib.contextmanager
def _durable(path: Path) -> Iterator[Any]:
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
