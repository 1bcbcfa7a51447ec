"""The journal on a real database: sealed in order, proved, reacted to once, exported and replayed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from anlan.kernel import clock, journal
from anlan.kernel.actor import Actor
from anlan.kernel.journal import reactor
from anlan.kernel.journal.checkpoint import checkpoint, checkpoints_broken
from anlan.kernel.journal.export import export
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.journal.replay import replay, state_digest
from anlan.kernel.models import Entry, Parked, Seal
from anlan.kernel.problem import Conflict, Invalid
from anlan.territory.models import Organisation
from tests.kernel.events import Made

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


def make(name: str, division: str = "410181") -> Organisation:
    with transaction.atomic():
        row = Organisation.objects.create(
            code=f"{division}.{name}", name_zh=name, name_en=name, kind="test", division=division
        )
        journal.record(Made(name=name), by=BY, about=f"organisation:{row.id}", division=division)
    return row


def rename(row: Organisation, name: str) -> None:
    with transaction.atomic():
        row.name_zh = name
        row.save()
        journal.record(Made(name=name), by=BY, about=f"organisation:{row.id}", division=row.division)


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        journal.record(Made(name="x"), by=BY, about="x:1", division="41")


def test_sealing_orders_entries_and_the_chain_holds() -> None:
    for name in ("a", "b", "c"):
        make(name)
    assert journal.seal() == 3 and journal.seal() == 0
    assert list(Seal.objects.order_by("seq").values_list("entry__data__name", flat=True)) == ["a", "b", "c"]
    assert journal.verify() is None and journal.head()[0] == 3


@pytest.mark.parametrize("table", ["kernel_entry", "kernel_change", "kernel_seal"])
def test_the_journal_refuses_change_and_removal(table: str) -> None:
    make("a")
    journal.seal()
    column = {"kernel_entry": "division", "kernel_change": "division", "kernel_seal": "hash"}[table]
    value = {"kernel_seal": "'\\x00'"}.get(table, "'42'")
    for sql in (f"UPDATE {table} SET {column} = {value}", f"DELETE FROM {table}"):
        with (
            pytest.raises((InternalError, Exception), match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kernel_entry SET data = jsonb_set(data, '{name}', '\"B\"') WHERE data ->> 'name' = 'b'",
        "UPDATE kernel_entry SET at = at + interval '1 microsecond' WHERE data ->> 'name' = 'b'",
        "UPDATE kernel_entry SET actor = jsonb_set(actor, '{name}', '\"Test\"') WHERE data ->> 'name' = 'b'",
        "UPDATE kernel_change SET row = jsonb_set(row, '{name_zh}', '\"B\"') WHERE row ->> 'name_zh' = 'b'",
        "UPDATE kernel_seal SET hash = set_byte(hash, 3, (get_byte(hash, 3) + 1) % 256) WHERE seq = 2",
    ],
)
def test_one_byte_changed_behind_the_guards_is_found_and_the_row_named(sql: str) -> None:
    for name in ("a", "b", "c"):
        make(name)
    journal.seal()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        assert cursor.rowcount == 1
        cursor.execute("SET session_replication_role = origin")
    broken = journal.verify()
    assert broken is not None and broken.seq == 2
    assert broken.entry == Entry.objects.order_by("id")[1].id and "2" in broken.zh and "2" in broken.en


@pytest.mark.django_db(transaction=True)
def test_a_removed_entry_is_found() -> None:
    for name in ("a", "b", "c"):
        make(name)
    journal.seal()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM kernel_entry WHERE data ->> 'name' = 'b'")
        cursor.execute("SET session_replication_role = origin")
    broken = journal.verify()
    assert broken is not None and broken.seq == 2


def test_a_rewritten_chain_shows_against_an_older_signature() -> None:
    make("a")
    journal.seal()
    signed = checkpoint()
    assert signed is not None and checkpoint() is None and checkpoints_broken() == []
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE kernel_seal SET hash = '\\x00' WHERE seq = 1")
        cursor.execute("SET session_replication_role = origin")
    assert checkpoints_broken() == [1]


def test_rows_written_behind_the_services_back_are_found() -> None:
    Organisation.objects.create(code="x", name_zh="x", name_en="x", kind="test", division="41")
    broken = journal.verify()
    assert broken is not None and "territory_organisation" in broken.en


def test_rows_of_a_reaction_without_an_event_are_sealed_too(reactions: dict[str, Any]) -> None:
    @journal.react(Made)
    def follow(event: Made, entry: journal.EntryRow) -> None:
        Organisation.objects.filter(id=entry.about.partition(":")[2]).update(name_en="reacted")

    make("a")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.act', '-1', true)")  # a reaction is an act of its own
    run_until_quiet(strict=True)
    assert Entry.objects.last().kind == "journal.rows_kept" and journal.verify() is None  # type: ignore[union-attr]


def test_tables_can_be_read_as_they_stood() -> None:
    row = make("before")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('anlan.now', %s, true)", [str(clock.now() + timedelta(hours=1))])
    rename(row, "after")
    then = clock.now() + timedelta(minutes=30)
    assert [r["name_zh"] for r in journal.rows_at(Organisation, then)] == ["before"]
    assert [r["name_zh"] for r in journal.rows_at(Organisation, None)] == ["after"]
    assert journal.rows_at(Organisation, then - timedelta(days=1)) == []
    assert len(journal.rows_at(Organisation, None, "t.division = %s", ["410182"])) == 0


@pytest.fixture
def reactions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    found: dict[str, Any] = {}
    monkeypatch.setattr(reactor, "_reactions", found)
    return found


def test_reactions_run_once_in_order_at_the_events_time(reactions: dict[str, Any]) -> None:
    seen: list[tuple[str, bool]] = []

    @journal.react(Made)
    def follow(event: Made, entry: journal.EntryRow) -> None:
        seen.append((event.name, clock.now() == entry.at))

    for name in ("a", "b"):
        make(name)
    run_until_quiet(strict=True)
    run_until_quiet(strict=True)
    assert seen == [("a", True), ("b", True)]


def test_a_failing_reaction_is_parked_and_stops_nothing(reactions: dict[str, Any]) -> None:
    seen: list[str] = []
    broken = True

    @journal.react(Made)
    def follow(event: Made, entry: journal.EntryRow) -> None:
        Organisation.objects.filter(id=entry.about.partition(":")[2]).update(name_en="reacted")
        if broken and event.name == "bad":
            raise ValueError("not today")
        seen.append(event.name)

    for name in ("good", "bad", "later"):
        make(name)
    run_until_quiet()
    parked = Parked.objects.get()
    assert "not today" in parked.error and parked.seq == 2
    assert Organisation.objects.get(name_zh="bad").name_en == "bad", "the failed reaction left nothing behind"
    assert Organisation.objects.get(name_zh="later").name_en == "reacted"
    broken = False
    assert reactor.retry_parked() == 1 and not Parked.objects.exists()


def test_a_batch_reaction_gets_consecutive_entries_together(reactions: dict[str, Any]) -> None:
    sizes: list[int] = []

    @journal.react(Made, batch=True)
    def follow(items: list[tuple[Made, journal.EntryRow]]) -> None:
        sizes.append(len(items))

    for index in range(7):
        make(str(index))
    run_until_quiet(strict=True)
    assert sizes == [7]


@pytest.mark.django_db(transaction=True)
def test_an_exported_journal_replayed_into_an_empty_database_gives_equal_state(tmp_path: Path) -> None:
    row = make("first")
    rename(row, "second")
    make("other", "4101")
    journal.seal()
    before, head = state_digest(), journal.digest()
    path = tmp_path / "journal.zip"
    manifest = export(path)
    assert manifest["head"] == head
    with pytest.raises(Conflict):
        replay(path)
    _empty()
    replay(path)
    assert state_digest() == before and journal.digest() == head and journal.verify() is None
    make("third")
    assert journal.seal() == 1 and journal.verify() is None, "life goes on in the replayed database"


@pytest.mark.django_db(transaction=True)
def test_a_damaged_export_is_refused_whole(tmp_path: Path) -> None:
    import zipfile

    make("first")
    journal.seal()
    export(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as good, zipfile.ZipFile(tmp_path / "b.zip", "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            bad.writestr(name, data.replace(b"first", b"worst") if name == "kernel_change.copy" else data)
    _empty()
    with pytest.raises(Invalid, match="kernel_change"):
        replay(tmp_path / "b.zip")
    assert not Organisation.objects.exists() and not Entry.objects.exists()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename NOT IN ('django_migrations', 'kernel_secret', 'django_content_type')"
        )
        cursor.execute(f"TRUNCATE {cursor.fetchone()[0]} RESTART IDENTITY CASCADE")
