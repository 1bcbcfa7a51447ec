"""The embedded server: made, started, killed, started again; as root and as an ordinary user."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.site import database
from anlan.site.postgres import SOCKET_ROOM, Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that only its owner may enter: as root, the server's account has to be lent the way in."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-pg-"))
    yield folder / "home"
    Server(folder / "home").stop()
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    server = Server(home)
    server.wait(server.start())
    yield server
    server.stop()


def test_it_never_runs_as_root_and_never_listens_on_the_network(server: Server):
    status = Path(f"/proc/{server.pid()}/status").read_text()
    assert "Uid:\t0\t" not in status
    with psycopg.connect(server.superuser()) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_every_role_needs_its_password(server: Server):
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.conninfo("postgres", "guess", "postgres"))


def test_the_web_role_is_under_row_level_security(server: Server):
    addresses = database.prepare(server)
    with psycopg.connect(addresses.web) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        )
        assert row.fetchone() == (False, False, False)
    with psycopg.connect(addresses.owner) as connection:
        assert connection.execute(
            "SELECT datcollate FROM pg_database WHERE datname = current_database()"
        ).fetchone() == ("C",)


def test_kill_9_and_a_reused_process_number(server: Server):
    with psycopg.connect(server.superuser(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS n")
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}/cmdline").exists() and server.pid():
        time.sleep(0.02)
    file = server.data / "postmaster.pid"
    file.write_text(file.read_text().replace(str(pid), str(os.getpid()), 1))  # the number now belongs to us
    assert server.pid() is None
    for _ in range(50):  # backends of the killed server may hold its memory for a moment
        process = server.start()
        try:
            server.wait(process)
            break
        except Unavailable:
            time.sleep(0.1)
    with psycopg.connect(server.superuser()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)


def test_a_busy_child_of_a_killed_server_does_not_keep_the_next_one_out(server: Server):
    busy = psycopg.connect(server.superuser(), autocommit=True)
    child = busy.info.backend_pid
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 4000000000) n WHERE n % 7 = 8")
    time.sleep(0.5)
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    while server.pid() is not None:
        time.sleep(0.01)
    assert runs(child), "it noticed at once, so this shows nothing"
    server.wait(server.start(owned=False), seconds=60)
    assert not runs(child)
    busy.close()


def runs(pid: int) -> bool:
    """Is it there, and not only waiting for somebody to take note of its end?"""
    path = Path(f"/proc/{pid}/stat")
    return path.exists() and path.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_set_up_cut_off_half_way_is_made_anew(home: Path):
    half = home / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = Server(home)
    server.wait(server.start())
    assert server.answers()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(home: Path):
    server = Server(home / ("long" * 30))
    assert len(os.fsencode(server.socket)) <= SOCKET_ROOM
    server.wait(server.start())
    try:
        assert server.socket.stat().st_mode & 0o077 == 0
        assert server.answers()
    finally:
        server.stop()
        shutil.rmtree(server.socket)


def test_unsafe_settings_are_refused_by_name(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(options, "allow_nondurable", False, raising=False)
    server = Server(home, durable=False)
    server.wait(server.start())
    with pytest.raises(Unavailable) as refused:
        database.prepare(server)
    assert refused.value.code == "database.not_durable"
    assert refused.value.value == "off"
    assert "ALTER SYSTEM SET" in refused.value.en
    assert "ALTER SYSTEM SET" in refused.value.zh


def test_the_server_goes_down_in_order_when_its_starter_is_killed(home: Path):
    script = (
        "import os, signal, sys; from pathlib import Path; from anlan.site.postgres import Server\n"
        "s = Server(Path(sys.argv[1])); s.wait(s.start()); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, home], env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
    server, end = Server(home), time.monotonic() + 20
    while server.pid() and time.monotonic() < end:
        time.sleep(0.05)
    assert server.pid() is None
    assert "database system is shut down" in server.log.read_text()


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become an ordinary user")
def test_an_ordinary_user_just_runs_it():
    folder = Path(tempfile.mkdtemp(prefix="anlan-user-", dir="/var/tmp"))
    os.chown(folder, 65534, 65534)
    script = (
        "import os, sys; from pathlib import Path; from anlan.site.postgres import Server; from anlan.site import database\n"
        "s = Server(Path(sys.argv[1])); s.wait(s.start()); database.prepare(s); print(os.geteuid(), s.account.foreign)\n"
        "s.stop()"
    )
    me = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=+dac_read_search",
        "--ambient-caps=+dac_read_search",
    ]  # fmt: skip - so that it can read a checkout under /root
    done = subprocess.run([*me, sys.executable, "-c", script, folder / "home"], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "ANLAN_HOME": str(folder / "home")})  # fmt: skip
    shutil.rmtree(folder)
    assert done.stdout.split() == ["65534", "False"], done.stderr
