"""Who runs the embedded PostgreSQL. It refuses uid 0, so root lends it another account.

An ordinary user runs it as themself. Root runs it as the owner of the data folder if there is one, else `postgres`,
else `nobody`. Where that account may not walk down to the programs or the data (a home under /root, say), it is
given the one capability it needs for that, CAP_DAC_READ_SEARCH, and no other.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from anlan.kernel.problem import Unavailable

CAP_DAC_READ_SEARCH = 2


@dataclass(frozen=True)
class Account:
    """Account that owns the data folder. `walk`: it needs the capability to reach its files."""

    uid: int
    gid: int
    walk: bool = False

    @property
    def foreign(self) -> bool:
        """Whether it is another account than ours (we are root then)."""
        return self.uid != os.geteuid()

    def command(self, words: Sequence[str | Path], *, owned: bool = False) -> list[str]:
        """Return the command line that runs `words` as this account; `owned`: interrupted when its parent dies."""
        if not self.foreign:
            return die_with_parent(words, signal.SIGINT) if owned else [str(word) for word in words]
        flags = [f"--reuid={self.uid}", f"--regid={self.gid}", "--clear-groups"]
        flags += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"] if self.walk else []
        flags += ["--pdeathsig=INT"] if owned else []
        return [_setpriv(), *flags, "--", *(str(word) for word in words)]

    def own(self, folder: Path, mode: int = 0o700) -> Path:
        """Make `folder` and give it to this account; refuse one that somebody else holds."""
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or (not self.foreign and found.st_uid != self.uid):
            raise Unavailable(
                code="home.owner",
                zh=f"目录 {folder} 属于用户 {found.st_uid}，不能使用；请用 ANLAN_HOME 另选目录，或以该用户运行。",
                en=f"The folder {folder} belongs to user {found.st_uid}. Choose another with ANLAN_HOME, or run as that user.",
            )
        if self.foreign and found.st_uid != self.uid:
            os.chown(folder, self.uid, self.gid)
        if stat.S_IMODE(found.st_mode) != mode:
            folder.chmod(mode)
        return folder


def choose(data: Path, *programs: Path) -> Account:
    """Return the account to run PostgreSQL with, for a data folder and the programs' folder."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    owner = _owner(data) or _named("postgres") or _named("nobody")
    if owner is None:
        raise Unavailable(
            code="postgres.account",
            zh="PostgreSQL 不能以 root 运行，而系统没有 postgres 或 nobody 用户；请建立其一，或以普通用户运行。",
            en="PostgreSQL may not run as root and there is no user postgres or nobody; make one, or run as an ordinary user.",
        )
    blocked = next((p for path in (data, *programs) for p in path.parents if not _may_enter(p, owner)), None)
    if blocked and not _can_lend():
        raise Unavailable(
            code="postgres.path",
            zh=f"数据库用户进不了 {blocked}；请用 ANLAN_HOME（及 ANLAN_ENV）另选目录，例如 /var/lib/anlan，或以普通用户运行。",
            en=f"The database's user can't enter {blocked}. Choose folders it can reach with ANLAN_HOME (and ANLAN_ENV),"
            " such as /var/lib/anlan, or run as an ordinary user.",
        )
    return Account(owner.pw_uid, owner.pw_gid, walk=blocked is not None)


def die_with_parent(words: Sequence[str | Path], number: signal.Signals = signal.SIGTERM) -> list[str]:
    """Return the command line so that the kernel sends the process `number` when its parent dies, however it dies.

    Without setpriv the words stay as they are; what a killed supervisor leaves is then swept by the next one.
    """
    setpriv = shutil.which("setpriv")
    lead = [setpriv, f"--pdeathsig={number.name.removeprefix('SIG')}", "--"] if setpriv else []
    return [*lead, *(str(word) for word in words)]


def _owner(data: Path) -> pwd.struct_passwd | None:
    """Return the account that owns existing data, unless it is root's."""
    try:
        uid = (data / "PG_VERSION").stat().st_uid
    except OSError:
        return None
    try:
        return pwd.getpwuid(uid) if uid else None
    except KeyError:
        return None


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _may_enter(folder: Path, who: pwd.struct_passwd) -> bool:
    """Tell whether the permission bits let `who` walk through `folder` (one not made yet will be enterable)."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True
    bit = 0o100 if found.st_uid == who.pw_uid else 0o010 if found.st_gid == who.pw_gid else 0o001
    return bool(found.st_mode & bit)


@cache
def _can_lend() -> bool:
    """Tell whether we hold the capability, so that it can be lent (containers often drop it)."""
    lines = Path("/proc/self/status").read_text().splitlines() if Path("/proc/self/status").exists() else []
    held = [int(line.split()[1], 16) for line in lines if line.startswith(("CapPrm:", "CapBnd:"))]
    return len(held) == 2 and all(mask >> CAP_DAC_READ_SEARCH & 1 for mask in held) and bool(shutil.which("setpriv"))


def _setpriv() -> str:
    path = shutil.which("setpriv", path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin")
    if path is None:
        raise Unavailable(
            code="postgres.setpriv",
            zh="缺少 setpriv（util-linux）；请安装，或以普通用户运行。",
            en="setpriv (util-linux) is missing; install it, or run as an ordinary user.",
        )
    return path
