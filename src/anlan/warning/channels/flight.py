"""What was being handed over when a sender died: a file of ids beside the database (docs/adr/0010).

A message is written here before it is handed to the gateway, and again when the gateway has answered. The file outlives
kill -9 of the process (what was written is the kernel's), so that the next sender knows of each message its forerunner
had taken: never handed over, answered (and how), or in doubt. Emptied whenever nothing is in the air.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import msgspec

from anlan.warning.channels.gateway import Parcel, Result

Key = tuple[int, int]


@dataclass(slots=True)
class Left:
    """What a forerunner left: its id (None: unknown), what it began to hand over, what it was answered."""

    worker: UUID | None = None
    begun: set[Key] = field(default_factory=set)
    answered: dict[Key, Result] = field(default_factory=dict)


class Flight:
    """The file of one way out."""

    def __init__(self, path: Path, worker: UUID) -> None:
        self.path, self.worker = path, worker
        self.left = _read(path)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = -1

    def start(self) -> None:
        """Begin our own pages; what the forerunner left has been dealt with."""
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.clear()

    def clear(self) -> None:
        """Nothing is in the air: begin anew."""
        os.ftruncate(self._file, 0)
        os.write(self._file, b"W %s\n" % self.worker.hex.encode())

    def begun(self, parcels: Sequence[Parcel]) -> None:
        """Write that these are about to be handed over."""
        os.write(self._file, b"".join(b"S %d %d\n" % (parcel.id, parcel.fence) for parcel in parcels))

    def answered(self, results: Iterable[Result]) -> None:
        """Write what the gateway said."""
        lines = [b"R %s\n" % msgspec.json.encode(_fields(result)) for result in results if result.state != "gone"]
        if lines:
            os.write(self._file, b"".join(lines))

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)


def _fields(result: Result) -> list[object]:
    return [result.id, result.fence, result.state, result.reference, result.parts, result.error, result.wait_s]


def _read(path: Path) -> Left:
    left = Left()
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return left
    for line in lines[:-1]:  # a last line without an end was cut off in the middle of writing
        try:
            if line[:2] == b"W ":
                left = Left(UUID(line[2:].decode()))
            elif line[:2] == b"S ":
                ident, fence = line[2:].split()
                left.begun.add((int(ident), int(fence)))
            elif line[:2] == b"R ":
                result = Result(*msgspec.json.decode(line[2:]))
                left.answered[result.id, result.fence] = result
        except (ValueError, TypeError, msgspec.DecodeError):
            return Left()  # not ours: then everything taken is in doubt
    return left
