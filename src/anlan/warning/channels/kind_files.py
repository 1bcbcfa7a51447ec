"""Ways out that are files: emergency broadcast messages in a shared folder, and the printed call list.

A file is written beside its name and then renamed, under a name that follows from our reference: whoever fetches never
sees half of it, and a repeat writes the same file.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from anlan.kernel.options import options
from anlan.warning.channels.gateway import Lost, OneByOne, Parcel, Result
from anlan.warning.channels.kind_mqtt import spoken
from anlan.warning.formats.call_list import Row, call_list_csv, call_list_html
from anlan.warning.formats.channel_settings import BroadcastFile, CallList
from anlan.warning.formats.loudspeaker import spoken_xml
from anlan.warning.selectors.call_list import call_list


class BroadcastFileGateway(OneByOne):
    """Puts broadcast files into a folder."""

    def __init__(self, kind: str, settings: BroadcastFile, window: int) -> None:
        super().__init__(1)
        self.settings, self.folder = settings, Path(settings.folder)

    async def open(self) -> None:
        """Is the folder there and may we write? Raises Lost."""
        if not self.folder.is_dir() or not os.access(self.folder, os.W_OK):
            raise Lost(f"folder {self.folder} is not there or may not be written to")

    async def one(self, parcel: Parcel) -> Result:
        """Write one file."""
        raw = spoken_xml(spoken(parcel, self.settings), self.settings.sender, tuple(self.settings.receivers))
        await asyncio.to_thread(written, self.folder / f"{parcel.number}_{parcel.reference}.xml", raw, 0o644)
        return Result(parcel.id, parcel.fence, "handed", parcel.reference)


class CallListGateway(OneByOne):
    """Writes who is to be called, as a page to print and as a table; only the node's owner may read the files."""

    def __init__(self, kind: str, settings: CallList, window: int, desk: Callable[..., Awaitable[Any]]) -> None:
        super().__init__(1)
        self.folder = Path(settings.folder) if settings.folder else options.home_path / "call-lists"
        self.desk = desk

    async def open(self) -> None:
        """Make the folder."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def one(self, parcel: Parcel) -> Result:
        """Write both files."""
        rows: list[Row] = await self.desk(call_list, parcel.warning)
        name = f"{parcel.number}_{parcel.step}"
        page = call_list_html(f"{parcel.headline_zh} 叫应名单 call list", parcel.zh, rows)
        await asyncio.to_thread(written, self.folder / f"{name}.html", page, 0o600)
        await asyncio.to_thread(written, self.folder / f"{name}.csv", call_list_csv(rows), 0o600)
        return Result(parcel.id, parcel.fence, "delivered", parcel.reference)


def written(path: Path, raw: bytes, mode: int) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.write(file, raw)
        os.fsync(file)
    finally:
        os.close(file)
    beside.replace(path)
