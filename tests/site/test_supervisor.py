"""The supervisor on small honest processes: restart, back-off, silence, leftovers, order of stopping."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from anlan.site.processes import LOG_BYTES, Stopped, free_port, rotate, run_beside, spawn
from anlan.site.supervisor import PROBES_MISSED, Service, Supervisor, sweep_orphans


def service(
    tmp_path: Path, code: str, name: str = "one", answers: Callable[[], bool] = lambda: True, **words: object
) -> Service:
    def start() -> subprocess.Popen[bytes]:
        return spawn([sys.executable, "-c", code], os.environ, tmp_path / "logs" / f"{name}.log")

    return Service(name, start, answers, **words)


def until(crew: Supervisor, what: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        crew.step(0.02)


SLEEP = "import time; time.sleep(600)"


def test_what_dies_comes_back(tmp_path: Path):
    crew = Supervisor()
    crew.add(service(tmp_path, SLEEP))
    one = crew["one"]
    until(crew, one.ready.is_set)
    first = one.pid
    os.kill(first, signal.SIGKILL)
    until(crew, lambda: one.restarts == 1 and one.pid not in (None, first))
    crew.stop([["one"]])
    assert one.pid is None


def test_what_keeps_dying_is_tried_ever_less_often(tmp_path: Path):
    crew = Supervisor()
    crew.add(service(tmp_path, "raise SystemExit(3)", answers=lambda: False))
    until(crew, lambda: crew["one"].restarts == 3)
    assert crew["one"].pause == pytest.approx(0.2 * 2**3)
    crew.stop([["one"]])


def test_a_child_of_the_dead_is_swept_away(tmp_path: Path):
    note = tmp_path / "child"
    code = f"import subprocess, time; p = subprocess.Popen(['sleep', '600']); open({str(note)!r}, 'w').write(str(p.pid)); time.sleep(600)"
    crew = Supervisor()
    crew.add(service(tmp_path, code))
    until(crew, lambda: note.exists() and note.read_text() != "")
    child, leader = int(note.read_text()), crew["one"].pid
    os.kill(leader, signal.SIGKILL)
    until(crew, lambda: crew["one"].restarts == 1 and not alive(child))
    crew.stop([["one"]])


def test_one_that_no_longer_answers_is_restarted(tmp_path: Path):
    crew = Supervisor()
    crew.add(service(tmp_path, SLEEP))
    one = crew["one"]
    until(crew, one.ready.is_set)
    first, one.missed = one.pid, PROBES_MISSED
    until(crew, lambda: one.pid not in (None, first))
    crew.stop([["one"]])


def test_one_that_never_answers_is_started_anew_unless_it_may_take_its_time(tmp_path: Path):
    crew = Supervisor()
    crew.add(service(tmp_path, SLEEP, "database", answers=lambda: False, start_patience=None))
    crew.add(service(tmp_path, SLEEP, answers=lambda: crew["one"].restarts > 0, start_patience=0.2))
    recovering = crew["database"].pid
    until(crew, crew["one"].ready.is_set)
    assert (crew["one"].restarts, crew["database"].restarts, crew["database"].pid) == (1, 0, recovering)
    crew.stop([["one", "database"]])


def test_a_dependent_waits_for_what_it_needs(tmp_path: Path):
    crew = Supervisor()
    up = tmp_path / "up"
    crew.add(service(tmp_path, SLEEP, "base", answers=up.exists))
    crew.add(service(tmp_path, SLEEP, "top", needs="base"))
    os.kill(crew["top"].pid, signal.SIGKILL)
    until(crew, lambda: crew["top"].restarts == 1)
    for _ in range(20):
        crew.step(0.02)
    assert crew["top"].pid is None
    up.touch()
    until(crew, lambda: crew["top"].pid is not None)
    crew.stop([["top"], ["base"]])


def test_stopping_goes_in_order_and_forces_the_deaf(tmp_path: Path):
    order = tmp_path / "order"
    polite = (
        "import signal, sys, time\ndef bye(*_): open({f!r}, 'a').write({n!r}); sys.exit()\n"
        "signal.signal(15, bye)\nopen({g!r}, 'w')\ntime.sleep(600)"
    )
    deaf = f"import signal, time\nsignal.signal(15, signal.SIG_IGN)\nopen({str(tmp_path / 'g-deaf')!r}, 'w')\ntime.sleep(600)"
    crew = Supervisor()
    for name in ("a", "b"):
        mark = str(tmp_path / f"g-{name}")
        crew.add(service(tmp_path, polite.format(f=str(order), n=name, g=mark), name))
    crew.add(service(tmp_path, deaf, "deaf", patience=0.3))
    until(crew, lambda: all((tmp_path / f"g-{name}").exists() for name in ("a", "b", "deaf")))
    pid = crew["deaf"].pid
    crew.stop([["b"], ["deaf"], ["a"]])
    assert order.read_text() == "ba"
    assert not alive(pid)


def test_children_die_with_a_killed_supervisor(tmp_path: Path):
    note = tmp_path / "pid"
    script = (
        "import os, signal, sys; from pathlib import Path; from anlan.site.processes import spawn\n"
        f"p = spawn(['sleep', '600'], os.environ, Path({str(tmp_path / 'logs/x.log')!r}))\n"
        f"import time; time.sleep(0.3); open({str(note)!r}, 'w').write(str(p.pid)); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    child, end = int(note.read_text()), time.monotonic() + 10
    while alive(child):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_leftovers_are_known_by_their_mark():
    mark = f"ANLAN_SUPERVISED=/test/{os.getpid()}"
    name, value = mark.split("=")
    left = subprocess.Popen(["sleep", "600"], env={**os.environ, name: value})
    other = subprocess.Popen(["sleep", "600"], env={**os.environ, name: value + "0"})
    time.sleep(0.2)
    sweep_orphans(mark)
    assert left.wait(10) == -signal.SIGKILL
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_taken_port_is_passed_over():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port(port) < port + 100


def test_logs_stay_bounded(tmp_path: Path):
    log = tmp_path / "web.log"
    for _ in range(6):
        log.write_bytes(b"x" * (LOG_BYTES + 1))
        rotate(tmp_path)
    assert log.stat().st_size == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2", "web.log.3"]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_runs_beside_us_may_say_much_and_ends_when_we_do():
    words, stopping = [sys.executable, "-c", "print('x' * 1_000_000)"], threading.Event()
    assert run_beside(words, os.environ, stopping) == (0, "x" * 1_000_000 + "\n")
    threading.Timer(0.2, stopping.set).start()
    with pytest.raises(Stopped):
        run_beside([sys.executable, "-c", SLEEP], os.environ, stopping)
