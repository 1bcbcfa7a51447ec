"""A disk whose power can be cut: an ext4 file system on a loop device, shut down without flushing its journal.

What software synced before is there after `again()`; what it only wrote is gone, as after pulling the plug. Root only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
import time
from pathlib import Path

EXT4_IOC_SHUTDOWN = 0x8004587D
NOLOGFLUSH = 2


class CutDisk:
    """A mounted file system of its own under `folder / "disk"`."""

    def __init__(self, folder: Path, megabytes: int = 2000) -> None:
        self.image, self.place = folder / "disk.image", folder / "disk"
        self.place.mkdir()
        with self.image.open("wb") as file:
            file.truncate(megabytes << 20)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))

    def __enter__(self) -> CutDisk:
        self._mount()
        self.place.chmod(0o711)
        return self

    def __exit__(self, *_: object) -> None:
        self._unmount()

    def cut(self) -> None:
        """Cut the power: from here on nothing reaches the disk, and every use of it fails."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, struct.pack("i", NOLOGFLUSH))
        finally:
            os.close(handle)

    def again(self) -> None:
        """Power is back: mount the disk anew, as a booting machine does. Whoever used it must be gone."""
        self._unmount()
        self._mount()

    def _mount(self) -> None:
        _run("mount", "-o", "loop", str(self.image), str(self.place))

    def _unmount(self) -> None:
        for _ in range(50):  # the last of the killed may take a moment
            done = subprocess.run(["umount", str(self.place)], capture_output=True, text=True)
            if done.returncode == 0 or "not mounted" in done.stderr:
                return
            time.sleep(0.1)
        raise OSError(done.stderr)


def impossible() -> str:
    """Return why power can't be cut here, or "" when it can: tried on a small disk."""
    if os.geteuid() != 0:
        return "only root may mount a disk and cut its power"
    if not all(map(shutil.which, ("mkfs.ext4", "mount", "umount"))):
        return "mkfs.ext4, mount and umount are needed"
    with tempfile.TemporaryDirectory() as folder:
        try:
            with CutDisk(Path(folder), megabytes=16) as disk:
                (disk.place / "unsynced").write_text("x")
                disk.cut()
                disk.again()
                return "this kernel keeps what was not synced" if (disk.place / "unsynced").exists() else ""
        except (OSError, subprocess.CalledProcessError) as failure:
            return f"a loop disk can't be mounted and cut here: {failure}"


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
