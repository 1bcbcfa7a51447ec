"""Our own NATS servers: their configuration syncs first and is private; one store is never taken for another."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Unavailable
from anlan.monitoring.sources import jetstream_servers
from anlan.site import nats
from anlan.site.nats import Nats

ALONE, THREE = (1, 2, 3), tuple(range(1, 10))


def test_every_server_syncs_before_it_confirms_and_listens_on_this_machine_only(tmp_path: Path) -> None:
    for number, ports in enumerate((ALONE, THREE)):
        home = tmp_path / str(number)
        made = Nats(home, ports)
        made.configure()
        texts = [server.folder.with_suffix(".conf").read_text() for server in made.servers]
        assert len(texts) == len(ports) // 3
        for text in texts:
            assert "sync_interval: always" in text
            assert "0.0.0.0" not in text and text.count("127.0.0.1") >= 2
            assert "password" in text


def test_files_with_the_password_are_private(tmp_path: Path) -> None:
    made = Nats(tmp_path, THREE)
    made.configure()
    files = [p for p in (tmp_path / "nats").rglob("*") if p.is_file()]
    assert len(files) == 4
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}


def test_programs_find_the_servers_while_they_run(tmp_path: Path) -> None:
    made = Nats(tmp_path, THREE)
    assert jetstream_servers.own(tmp_path) == ((), ())
    made.configure()
    urls, monitors = jetstream_servers.own(tmp_path)
    assert list(urls) == made.urls and list(monitors) == [server.monitor_url for server in made.servers]
    made.forget()
    assert jetstream_servers.own(tmp_path) == ((), ())


def test_names_are_the_homes_own_and_stay(tmp_path: Path) -> None:
    one, again, other = (Nats(home, THREE) for home in (tmp_path / "a", tmp_path / "a", tmp_path / "b"))
    assert one.name == again.name != other.name
    assert len({server.name for server in one.servers}) == 3


def test_a_store_of_another_shape_is_not_passed_over(tmp_path: Path) -> None:
    alone = Nats(tmp_path, ALONE)
    alone.configure()
    (alone.servers[0].folder / "jetstream").mkdir(parents=True)
    with pytest.raises(Conflict) as refused:
        Nats(tmp_path, THREE).configure()
    assert "nats_replicas = 1" in refused.value.en and "nats_replicas = 1" in refused.value.zh
    alone.configure()


def test_a_missing_program_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(vars(options), "nats_server", str(tmp_path / "nowhere"))
    with pytest.raises(Unavailable) as refused:
        nats.program()
    assert "./anlan mesh" in refused.value.en and "./anlan mesh" in refused.value.zh
