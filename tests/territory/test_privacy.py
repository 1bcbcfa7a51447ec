"""Masked by default, shown with a reason, forgotten after the time of the rules, and the chain still proves itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import rows_at, seal, verify
from anlan.kernel.journal.export import export
from anlan.kernel.models import Change, Entry, Redaction
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.territory import tasks
from anlan.territory.engine.identifiers import citizen_mask
from anlan.territory.engine.mask import mask_name, mask_phone, watermark
from anlan.territory.models import Appointment, Kept, Person, Post
from anlan.territory.services.people import person_leave, person_save, person_unmask
from anlan.territory.services.posts import appoint
from anlan.territory.services.privacy import unit_unmask
from anlan.territory.services.purging import hold_place, hold_release, people_purge
from anlan.territory.sources.care_rules import pack
from tests.territory.care import DESK, NOW, OTHER, READER, TOWN, ZONE, lay_down
from tests.territory.mass import unit

SYSTEM = Actor.system("test")
LEFT = date(2021, 6, 10)
DUE = datetime(2021, 6, 11, 0, 10, tzinfo=ZONE) + timedelta(days=1095)
SECRETS = ("退休值班员", "13800001234", "0371-5612345", "4101**********0013")


def test_masks() -> None:
    assert (mask_name("张三丰"), mask_phone("13800001234")) == ("张*", "138****1234")
    assert citizen_mask("410182190001010013") == "4101**********0013"
    assert watermark("值班员", "2021-07-20 16:30", "") == "值班员 · 2021-07-20 16:30 · 内部资料 请勿外传"


def gone() -> Person:
    """Somebody with everything personal, who held a post and left."""
    lay_down()
    row = person_save(by=DESK, name=SECRETS[0], phone="138 0000 1234", phone_alt="0371-5612345", division=TOWN,
                      citizen="410182190001010013", at=NOW)  # fmt: skip
    appoint(by=DESK, post=Post.objects.get(code=f"{TOWN}.duty").pk, person=row.pk, holder="A", at=NOW)
    Kept.objects.create(register="persons", row=row.pk, division=TOWN, at=NOW, by=None,
                        before={"name": SECRETS[0], "phone": SECRETS[1], "division": TOWN})  # fmt: skip
    person_leave(by=DESK, person=row.pk, on=LEFT, reason="退休离岗", at=NOW)
    return row


def everything() -> str:
    """All text of all tables that may hold something of a person."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("territory_", "kernel_", "warning_")):
                cursor.execute(f'SELECT t::text FROM "{table}" t')
                found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def left_over(row: Person) -> list[str]:
    text = everything()
    return [secret for secret in (*SECRETS, row.citizen_hash) if secret in text]


@pytest.mark.django_db
def test_unmasking_a_unit_needs_scope_right_and_reason_and_is_journalled() -> None:
    lay_down()
    row = unit(1, phone="13800001234")
    assert unit_unmask(by=DESK, unit=row.pk, reason="现场核查联系").phone == "13800001234"
    told = Entry.objects.get(kind="unit.unmasked").data
    assert told == {"unit": str(row.pk), "reason": "现场核查联系"}
    for by, reason, refusal in ((OTHER, "现场核查联系", NotFound), (DESK, "看", Invalid)):
        with pytest.raises(refusal):
            unit_unmask(by=by, unit=row.pk, reason=reason)
    with pytest.raises(Forbidden):
        unit_unmask(by=Actor("person", "x", DESK.scope), unit=row.pk, reason="现场核查联系")


@pytest.mark.django_db(transaction=True)
def test_who_left_long_ago_is_forgotten_everywhere_and_the_chain_holds() -> None:
    row = gone()
    seal()
    assert sorted(left_over(row)) == sorted([*SECRETS, row.citizen_hash])
    assert people_purge(by=SYSTEM, at=DUE - timedelta(days=1)) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        before = cursor.fetchone()[0]
    with clock.at(DUE):
        tasks.look()
    assert left_over(row) == []
    told = Entry.objects.get(kind="people.purged").data
    assert (told["people"], told["held"]) == (1, 0)
    assert told["versions"] == Redaction.objects.count() == Entry.objects.get(kind="journal.redacted").data["versions"]
    assert not Change.objects.filter(pk__in=Redaction.objects.values("pk"), salt__isnull=False).exists()
    seal()
    assert verify() is None
    kept = Person.objects.get(pk=row.pk)
    assert (kept.state, kept.name, kept.left_on) == ("purged", "（已清除）", LEFT)
    assert Appointment.objects.filter(person=row).count() == 1  # who held what when stays, without a name
    past = rows_at(Person, before, "t.id = %s", [row.pk])
    assert [entry["name"] for entry in past] == ["（已清除）"]
    assert people_purge(by=SYSTEM, at=DUE) is None


@pytest.mark.django_db(transaction=True)
def test_the_export_of_a_purged_journal_is_clean_and_proves_itself(tmp_path: Path) -> None:
    import zipfile

    row = gone()
    people_purge(by=SYSTEM, at=DUE)
    seal()
    export(tmp_path / "journal.zip")
    with zipfile.ZipFile(tmp_path / "journal.zip") as archive:
        assert "kernel_redaction.copy" in archive.namelist()
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert [secret for secret in (*SECRETS, row.citizen_hash) if secret in text] == []


def alter(sql: str, *words: Any) -> None:
    """Do what a person with the database in hand could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE kernel_change DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE kernel_redaction DISABLE TRIGGER USER")
        cursor.execute(sql, words)
        cursor.execute("ALTER TABLE kernel_change ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE kernel_redaction ENABLE TRIGGER USER")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kernel_change SET row = jsonb_set(row, '{division}', '\"410182\"') WHERE id IN (SELECT change_id FROM kernel_redaction)",
        "UPDATE kernel_redaction SET before = sha256('x')",
        "DELETE FROM kernel_redaction",
        "INSERT INTO kernel_redaction SELECT c.id, 77, sha256('x') FROM kernel_change c WHERE c.tbl = 'territory_post' LIMIT 1",
        "UPDATE kernel_change SET salt = gen_random_uuid() WHERE salt IS NOT NULL",
        "UPDATE kernel_change SET row = jsonb_set(row, '{phone}', '\"1\"') WHERE salt IS NOT NULL",
    ],
)
def test_tampering_with_a_redaction_is_found(sql: str) -> None:
    gone()
    people_purge(by=SYSTEM, at=DUE)
    seal()
    assert verify() is None
    alter(sql)
    assert verify() is not None


@pytest.mark.django_db
def test_a_version_can_be_blanked_only_by_an_act_that_says_so() -> None:
    row = gone()
    change = Change.objects.filter(tbl="territory_person", key=str(row.pk)).order_by("id").first()
    assert change is not None
    for sql in (
        "UPDATE kernel_change SET row = '{}', salt = NULL WHERE id = %s",
        "DELETE FROM kernel_change WHERE id = %s",
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [change.pk])


@pytest.mark.django_db
def test_the_web_may_neither_redact_nor_purge(web_role: None) -> None:
    from anlan.kernel.options import options
    from anlan.kernel.scope import activate

    activate(DESK.scope, options.secret_key)
    for sql in ("INSERT INTO kernel_redaction (change_id, act, before) VALUES (1, 1, sha256('x'))",
                "UPDATE kernel_change SET salt = NULL", "SELECT * FROM kernel_redaction"):  # fmt: skip
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.django_db
def test_a_hold_keeps_the_data_until_it_ends() -> None:
    row = gone()
    with pytest.raises(Invalid):
        hold_place(by=DESK, person=row.pk, reason="查", at=NOW)
    with pytest.raises(NotFound):
        hold_place(by=OTHER, person=row.pk, reason="事故调查取证", at=NOW)
    with pytest.raises(Forbidden):
        hold_place(by=Actor("person", "x", DESK.scope), person=row.pk, reason="事故调查取证", at=NOW)
    hold = hold_place(by=READER, person=row.pk, reason="事故调查取证", until=DUE.date() + timedelta(days=5), at=NOW)
    with pytest.raises(Conflict):
        hold_place(by=DESK, person=row.pk, reason="事故调查取证", at=NOW)
    assert people_purge(by=SYSTEM, at=DUE) is None
    assert Person.objects.get(pk=row.pk).name == SECRETS[0]
    hold_release(by=DESK, hold=hold.pk, reason="调查已结束", at=DUE)
    with pytest.raises(Conflict):
        hold_release(by=DESK, hold=hold.pk, reason="调查已结束", at=DUE)
    done = people_purge(by=SYSTEM, at=DUE)
    assert done is not None and done.people == 1
    assert [e.kind for e in Entry.objects.filter(kind__startswith="hold.").order_by("id")] == [
        "hold.placed",
        "hold.released",
    ]
    with pytest.raises(Conflict):
        hold_place(by=DESK, person=row.pk, reason="事故调查取证", at=DUE)


@pytest.mark.django_db
def test_a_hold_that_ran_out_holds_nothing() -> None:
    row = gone()
    hold_place(by=DESK, person=row.pk, reason="事故调查取证", until=DUE.date(), at=NOW)
    assert people_purge(by=SYSTEM, at=DUE) is None
    done = people_purge(by=SYSTEM, at=DUE + timedelta(days=1))
    assert done is not None and done.people == 1


@pytest.mark.django_db
def test_events_of_this_stage_carry_nothing_personal() -> None:
    row = gone()
    person_unmask(by=DESK, person=row.pk, reason="核对历史记录")
    text = "\n".join(str(entry.data) for entry in Entry.objects.all())
    assert [secret for secret in (*SECRETS, row.citizen_hash) if secret in text] == []
    assert pack("duty_cover")["purge_days"] == 1095
