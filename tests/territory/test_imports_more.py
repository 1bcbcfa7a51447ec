"""Imports of every register, there and back, and after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from anlan.kernel import journal
from anlan.kernel.problem import Conflict
from anlan.kernel.scope import Scope
from anlan.territory.engine.query import Query
from anlan.territory.models import (
    Appointment,
    Import,
    ImportIssue,
    Licence,
    Organisation,
    Person,
    Place,
    Post,
    Unit,
)
from anlan.territory.selectors import imports as read
from anlan.territory.services import generate
from anlan.territory.services import imports as act
from anlan.territory.services.exports import export_open, export_stream
from anlan.territory.services.imports_progress import Progress
from anlan.territory.sources.home import columns_of
from tests.territory.importing import NODE, bring, sheet, unit, uscc

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def territory(transactional_db: None) -> Iterator[None]:
    generate("tiny", 7)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS anlan_import CASCADE")


def faults(batch: Import) -> list[tuple[int, str, str, str]]:
    rows = ImportIssue.objects.filter(batch=batch).order_by("row", "code")
    return [(row.row, row.column, row.code, row.value) for row in rows]


def test_units_get_their_regulator_as_they_come_in(tmp_path: Path) -> None:
    department = Organisation.objects.get(code="410181.department.emergency")
    named = Organisation.objects.exclude(pk=department.pk).first()
    assert named is not None
    rows = [unit(1, flags="危险化学品", industry="C2614"), unit(2, regulator=named.code)]
    bring(sheet(tmp_path / "a.xlsx", rows))
    by_rule, by_file = Unit.objects.order_by("key")
    assert by_rule.regulator_rule
    assert by_rule.regulator_id == department.pk
    assert (by_file.regulator_id, by_file.regulator_rule) == (named.pk, "")
    from anlan.territory.services.regulators import regulators_assign

    assert regulators_assign(by=NODE).changed == 0


def test_a_killed_import_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sheet(tmp_path / "a.xlsx", [unit(n) for n in range(20)])
    opened = act.import_open(by=NODE, register="units", file_name="a.xlsx", source=path, options={"apply": True})

    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr("anlan.territory.services.imports_apply._insert", die)
        act.import_check(by=NODE, batch=opened.pk)
    assert (Import.objects.get().state, Unit.objects.count()) == ("applying", 0)
    assert act.imports_resume() == [opened.pk]
    _work_off_the_queue()
    assert (Import.objects.get().state, Unit.objects.count()) == ("done", 20)
    assert act.imports_resume() == []


def _work_off_the_queue() -> None:
    from anlan.site import tasks

    async def work() -> None:
        worker = tasks.worker_app()
        async with worker.open_async():
            await asyncio.wait_for(
                worker.run_worker_async(wait=False, install_signal_handlers=False, queues=["imports"]), 60
            )

    asyncio.run(work())


def test_two_processes_are_never_at_one_import(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", [unit(1)])
    opened = act.import_open(by=NODE, register="units", file_name="a.xlsx", source=path)
    with Progress(opened.pk), pytest.raises(Conflict):
        act.import_check(by=NODE, batch=opened.pk)
    assert act.import_check(by=NODE, batch=opened.pk).state == "checked"


def test_staged_rows_lost_in_a_crash_are_read_again(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", [unit(n) for n in range(5)])
    opened = act.import_open(by=NODE, register="units", file_name="a.xlsx", source=path)
    act.import_check(by=NODE, batch=opened.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE anlan_import.s_{opened.pk.hex}")
    columns_of(opened.pk).write_bytes(b"torn")
    assert act.import_apply(by=NODE, batch=opened.pk).counts["new"] == 5


def test_other_registers(tmp_path: Path) -> None:
    organisations = [{"code": "410181.x", "name_zh": "某机构", "kind": "部门", "division": "410181"}]
    assert bring(sheet(tmp_path / "o.xlsx", organisations, "organisations"), "organisations").counts["new"] == 1
    places = [
        {"code": "p1", "kind": "学校", "name_zh": "某小学", "division": "410181100000", "lon": 113.03, "lat": 34.75,
         "organisation": "某机构", "学生数": 500, "寄宿生数": "十"},
        {"code": "p2", "kind": "学校", "name_zh": "某中学", "division": "410181100000", "lon": 113.03, "lat": 34.75,
         "organisation": "410181.x", "学生数": 900, "寄宿生数": 30},
    ]  # fmt: skip
    batch = bring(sheet(tmp_path / "p.xlsx", places, "places"), "places")
    assert [(row, code) for row, _, code, _ in faults(batch)] == [(2, "number.form")]
    place = Place.objects.get(code="p2")
    assert (place.attributes, place.name_en) == ({"pupils": 900, "boarders": 30}, "某中学")
    posts = [
        {
            "code": "410181.x.duty",
            "name_zh": "值班",
            "role": "部门值班",
            "organisation": "410181.x",
            "division": "410181",
        }
    ]
    assert bring(sheet(tmp_path / "q.xlsx", posts, "posts"), "posts").counts["new"] == 1
    bring(sheet(tmp_path / "u.xlsx", [unit(1)]))
    licences = [{"unit": uscc(1), "kind": "燃气经营许可证", "number": "R-1", "expires_on": "2027/3/1"}]
    assert bring(sheet(tmp_path / "l.xlsx", licences, "licences"), "licences").counts["new"] == 1
    licence = Licence.objects.get()
    assert (licence.division, licence.state, str(licence.expires_on)) == ("410181100", "valid", "2027-03-01")
    for name in ("o", "q", "l"):
        register = {"o": "organisations", "q": "posts", "l": "licences"}[name]
        again = bring(tmp_path / f"{name}.xlsx", register)
        assert (again.counts["new"], again.counts["changed"]) == (0, 0)


def test_people_come_with_their_posts_and_go_again(tmp_path: Path) -> None:
    post = Post.objects.filter(division__startswith="410181").order_by("code").first()
    assert post is not None
    held = Appointment.objects.get(post=post, holder="A", valid_to__isnull=True)
    people = [
        {"code": "n1", "name": "值班员甲", "phone": "10000000001", "division": "410181100000", "post": post.code,
         "citizen": "410182190001010013"},
        {"code": "n2", "name": "值班员乙", "phone": "10000000002", "division": "410181100000", "post": post.code, "holder": "A"},
        {"code": "n3", "name": "值班员丙", "phone": "10000000003", "division": "410181100000"},
    ]  # fmt: skip
    path = sheet(tmp_path / "a.xlsx", people, "persons")
    batch = bring(path, "persons")
    assert [(row, code) for row, _, code, _ in faults(batch)] == [(3, "appointment.twice")]
    assert (batch.counts["new"], batch.counts["appointments"]) == (2, 1)
    person = Person.objects.get(code="n1")
    assert person.citizen_mask == "4101**********0013"
    assert "19000101" not in str(Person.objects.filter(pk=person.pk).values().get())
    assert Appointment.objects.get(post=post, holder="A", valid_to__isnull=True).person_id == person.pk
    assert bring(path, "persons").counts["same"] == 2
    act.import_undo(by=NODE, batch=batch.pk, reason="文件发错了")
    assert not Person.objects.filter(code__in=("n1", "n3")).exists()
    assert Appointment.objects.get(post=post, holder="A", valid_to__isnull=True).pk == held.pk
    journal.seal()
    assert journal.verify() is None


@pytest.mark.parametrize("kind", ["xlsx", "csv", "parquet", "geojson"])
def test_what_goes_out_comes_in_again_as_it_was(tmp_path: Path, kind: str) -> None:
    rows = [unit(n, address="=1+1" if n == 3 else f"第{n}号院", lon=113.03 + n / 1e5) for n in range(12)]
    rows[4] |= {"lon": None, "lat": None, "flags": "粉尘涉爆；有限空间", "industry": None, "established": None}
    bring(sheet(tmp_path / "a.xlsx", rows))
    for unmasked in (True, False):
        export = export_open(
            by=NODE,
            register="units",
            query=Query(),
            format=kind,
            unmasked=unmasked,
            reason="年度核对" if unmasked else "",
        )
        path = tmp_path / f"{unmasked}.{kind}"
        path.write_bytes(b"".join(export_stream(Scope.whole(), export)))
        before = list(Unit.objects.order_by("key").values())
        batch = bring(path)
        assert (batch.counts["new"], batch.counts["changed"]) == (0, 0)
        if unmasked:
            assert (batch.counts["same"], batch.counts["bad"]) == (12, 0)
        else:  # masked telephones are no telephones: nothing is written over what they hide
            assert {issue["code"] for issue in read.issue_counts(Scope.whole(), batch.pk)} == {"masked"}
        assert list(Unit.objects.order_by("key").values()) == before
