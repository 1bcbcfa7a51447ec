"""Imports against a real PostgreSQL: what comes in, what is refused, what changes, and how it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from anlan.kernel import journal
from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.territory.models import (
    Division,
    Import,
    ImportIssue,
    ImportMapping,
    Kept,
    Licence,
    Unit,
)
from anlan.territory.selectors import imports as read
from anlan.territory.services import generate
from anlan.territory.services import imports as act
from anlan.territory.services.imports_stage import stage_rows
from anlan.territory.sources.home import columns_of
from tests.territory.importing import CLERK, NODE, bring, sheet, unit, uscc

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


def test_new_rows_come_in_and_the_same_file_changes_nothing(tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", [unit(n) for n in range(30)])
    batch = bring(path)
    assert (batch.state, batch.counts["new"], batch.counts["bad"]) == ("done", 30, 0)
    row = Unit.objects.get(key=uscc(7))
    assert (row.name, row.division, row.staff, row.size, row.origin) == (
        "示例单位7号店",
        "410181100",
        7,
        "small",
        batch.pk,
    )
    before = list(Unit.objects.order_by("key").values())
    again = bring(path)
    assert (again.counts["new"], again.counts["changed"], again.counts["same"]) == (0, 0, 30)
    assert list(Unit.objects.order_by("key").values()) == before
    assert again.content == batch.content
    assert Kept.objects.count() == 0
    told = Entry.objects.filter(kind="territory.imported").order_by("id").first()
    assert told is not None
    assert told.data["content"] == batch.content
    journal.seal()
    assert journal.verify() is None


def test_every_bad_row_is_named_and_the_good_ones_are_in(tmp_path: Path) -> None:
    rows = [unit(n) for n in range(12)]
    rows[1]["uscc"] = rows[1]["uscc"][:17] + ("1" if rows[1]["uscc"][17] != "1" else "2")
    rows[2]["name"] = None
    rows[3]["division"] = "419999999999"
    rows[4]["phone"] = "1380013"
    rows[5]["established"] = "2023-02-30"
    rows[6]["size"] = "巨型"
    rows[7] |= {"lon": 34.75, "lat": 113.03}
    rows[8] |= {"staff": "很多", "industry": "Z9999"}
    rows[9]["uscc"] = rows[0]["uscc"]
    rows[10] = dict(rows[0])
    batch = bring(sheet(tmp_path / "a.xlsx", rows))
    assert faults(batch) == [
        (3, "统一社会信用代码", "uscc.check", rows[1]["uscc"]),
        (4, "单位名称", "required", ""),
        (5, "行政区划代码", "division.unknown", "419999999999"),
        (6, "联系电话", "phone.length", "1380013"),
        (7, "成立日期", "date.real", "2023-02-30"),
        (8, "规模", "choice.unknown", "巨型"),
        (9, "经度", "point.swapped", "34.75"),
        (10, "行业代码", "industry.unknown", "Z9999"),
        (10, "从业人数", "number.form", "很多"),
        (11, "统一社会信用代码", "key.twice", rows[0]["uscc"]),
        (12, "统一社会信用代码", "key.same_row", rows[0]["uscc"]),
    ]
    assert (batch.counts["bad"], batch.counts["new"], batch.counts["duplicates"]) == (9, 2, 2)
    assert set(Unit.objects.values_list("key", flat=True)) == {uscc(0), uscc(11)}
    told = read.import_issues(Scope.whole(), batch.pk, limit=4)
    assert [row["row"] for row in told.rows] == [3, 4, 5, 6]
    assert all(row["mend_zh"] and row["mend_en"] for row in told.rows)
    rest = read.import_issues(Scope.whole(), batch.pk, after=told.next or 0)
    assert [row["row"] for row in rest.rows] == [7, 8, 9, 10, 10, 11, 12]
    assert rest.next is None


def test_the_bad_rows_come_back_as_a_file_that_can_be_mended_and_sent_again(tmp_path: Path) -> None:
    rows = [unit(n) for n in range(5)]
    rows[2]["phone"], rows[3]["size"] = "12", "巨型"
    batch = bring(sheet(tmp_path / "a.xlsx", rows))
    path = read.bad_rows_file(Scope.whole(), batch.pk)
    opened = act.import_open(by=NODE, register="units", file_name="bad.xlsx", source=path)
    seen = act.import_preview(Scope.whole(), opened.pk)
    assert len(seen["rows"]) == 2
    assert seen["mapping"][seen["header"][0]] == ""
    assert "手机" in seen["rows"][0][0]
    mended = [{**rows[2], "phone": "10000000002"}, {**rows[3], "size": "小型"}]
    done = bring(sheet(tmp_path / "b.xlsx", mended))
    assert (done.counts["new"], done.counts["bad"], Unit.objects.count()) == (2, 0, 5)


def test_changed_rows_are_changed_and_what_was_is_kept(tmp_path: Path) -> None:
    bring(sheet(tmp_path / "a.xlsx", [unit(n) for n in range(6)]))
    was = Unit.objects.get(key=uscc(3))
    rows = [unit(n) for n in range(6)]
    rows[3] |= {"name": "新名称", "address": None}
    batch = bring(sheet(tmp_path / "b.xlsx", rows))
    row = Unit.objects.get(key=uscc(3))
    assert (batch.counts["changed"], batch.counts["same"]) == (1, 5)
    assert (row.name, row.address) == ("新名称", was.address)  # an empty cell leaves what is there
    assert row.act > was.act and row.updated_at > was.updated_at
    kept = Kept.objects.get(batch=batch.pk)
    assert kept.row == row.pk and kept.before is not None and kept.before["name"] == was.name
    cleared = bring(sheet(tmp_path / "c.xlsx", rows), blank="clear")
    assert cleared.counts["changed"] == 1
    assert Unit.objects.get(key=uscc(3)).address == ""


def test_an_import_is_taken_back_except_what_was_changed_since(tmp_path: Path) -> None:
    bring(sheet(tmp_path / "a.xlsx", [unit(n) for n in range(4)]))
    before = {row["key"]: row for row in Unit.objects.values()}
    rows = [unit(n, name=f"改名{n}") for n in range(4)] + [unit(n) for n in range(10, 14)]
    batch = bring(sheet(tmp_path / "b.xlsx", rows))
    assert (batch.counts["changed"], batch.counts["new"]) == (4, 4)
    later = bring(sheet(tmp_path / "c.xlsx", [unit(1, name="再改"), unit(11, name="再改")]))
    assert later.counts["changed"] == 2
    used = Unit.objects.get(key=uscc(12))
    Licence.objects.create(code="x", unit=used, kind="gas", number="1", division=used.division)
    with pytest.raises(Invalid):
        act.import_undo(by=NODE, batch=batch.pk, reason=" ")
    undone = act.import_undo(by=NODE, batch=batch.pk, reason="文件发错了")
    assert undone.state == "undone"
    now = {row["key"]: row for row in Unit.objects.values()}
    assert set(now) == {uscc(n) for n in (0, 1, 2, 3, 11, 12)}
    for n in (0, 2, 3):
        same = {name: value for name, value in now[uscc(n)].items() if name not in ("act", "updated_at")}
        assert same == {name: value for name, value in before[uscc(n)].items() if name not in ("act", "updated_at")}
    assert now[uscc(1)]["name"] == "再改"
    left = {(row.value, row.code) for row in ImportIssue.objects.filter(batch=batch, code__startswith="undo.")}
    assert left == {(uscc(1), "undo.changed"), (uscc(11), "undo.changed"), (uscc(12), "undo.in_use")}
    told = Entry.objects.get(kind="territory.import_undone").data
    assert (told["restored"], told["removed"], told["left"], told["reason"]) == (3, 2, 3, "文件发错了")
    with pytest.raises(Conflict):
        act.import_undo(by=NODE, batch=batch.pk, reason="再来一次")


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    bring(sheet(tmp_path / "a.xlsx", [unit(n) for n in range(4)]))
    rows = [unit(0), unit(1, name="改"), unit(9)]
    opened = act.import_open(by=NODE, register="units", file_name="b.xlsx", source=sheet(tmp_path / "b.xlsx", rows))
    checked = act.import_check(by=NODE, batch=opened.pk)
    assert checked.state == "checked"
    assert {name: checked.counts[name] for name in ("new", "changed", "same")} == {"new": 1, "changed": 1, "same": 1}
    assert Unit.objects.count() == 4
    done = act.import_apply(by=NODE, batch=opened.pk)
    assert (done.state, Unit.objects.count()) == ("done", 5)
    assert not columns_of(done.pk).exists()
    assert stage_rows(done.pk) is None


def test_all_or_nothing(tmp_path: Path) -> None:
    rows = [unit(0), unit(1, phone="12")]
    with pytest.raises(Invalid) as refusal:
        bring(sheet(tmp_path / "a.xlsx", rows), only_good=False)
    assert refusal.value.code == "import.not_all_good"
    assert Unit.objects.count() == 0
    assert Import.objects.get().state == "failed"


def test_the_scope_of_the_importer_holds(tmp_path: Path) -> None:
    elsewhere = Division.objects.filter(level=4).exclude(code__startswith="410181").order_by("code").first()
    assert elsewhere is not None
    there = {"division": elsewhere.code, "lon": None, "lat": None}
    bring(sheet(tmp_path / "a.xlsx", [unit(5, **there)]))
    rows = [unit(1), unit(2, **there), unit(5)]
    batch = bring(sheet(tmp_path / "b.xlsx", rows), by=CLERK)
    assert [(row, code) for row, _, code, _ in faults(batch)] == [(3, "division.outside"), (4, "key.elsewhere")]
    assert Unit.objects.get(key=uscc(5)).division == elsewhere.code
    assert batch.division == "410181"
    assert read.imports_list(Scope(("410181",))) == [batch]
    with pytest.raises(NotFound):
        read.import_get(Scope(("410182",)), batch.pk)
    with pytest.raises(Forbidden):
        bring(sheet(tmp_path / "c.xlsx", [unit(1)]), by=Actor("person", "村干部", Scope(("410181100",))))


def test_an_old_division_names_its_successor(tmp_path: Path) -> None:
    heir = Division.objects.filter(level=4).exclude(code="410181100").order_by("code").first()
    assert heir is not None
    Division.objects.filter(code="410181100").update(valid_to="2024-01-01", successor=heir)
    batch = bring(sheet(tmp_path / "a.xlsx", [unit(1)]))
    issue = read.import_issues(Scope.whole(), batch.pk).rows[0]
    assert issue["code"] == "division.old"
    assert f"{heir.code}000" in issue["mend_zh"] and f"{heir.code}000" in issue["mend_en"]


def test_a_mapping_is_remembered_by_the_heading(tmp_path: Path) -> None:
    rows = [{"甲列": uscc(n), "乙列": f"店{n}", "丙列": "410181100000"} for n in range(3)]
    path = sheet(tmp_path / "a.xlsx", rows)
    opened = act.import_open(by=NODE, register="units", file_name="a.xlsx", source=path)
    with pytest.raises(Invalid) as refusal:
        act.import_check(by=NODE, batch=opened.pk)
    assert refusal.value.code == "import.mapping"
    mapping = {"甲列": "uscc", "乙列": "name", "丙列": "division"}
    act.import_map(by=NODE, batch=opened.pk, mapping=mapping)
    assert act.import_check(by=NODE, batch=opened.pk).counts["new"] == 3
    assert ImportMapping.objects.count() == 1
    assert bring(path).counts["new"] == 3
    second = act.import_open(by=NODE, register="units", file_name="a.xlsx", source=path)
    assert act.import_preview(Scope.whole(), second.pk)["mapping"] == mapping


def test_columns_that_are_no_field_are_kept_when_asked(tmp_path: Path) -> None:
    bring(sheet(tmp_path / "a.xlsx", [unit(1) | {"网格员编号": "W-1"}]), keep_extra=True)
    assert Unit.objects.get().extra == {"网格员编号": "W-1"}
    again = bring(sheet(tmp_path / "a.xlsx", [unit(1) | {"网格员编号": "W-1"}]), keep_extra=True)
    assert again.counts["same"] == 1


def test_lists_of_imports_cost_the_same_however_long(tmp_path: Path, django_assert_num_queries: Any) -> None:
    batch = bring(sheet(tmp_path / "a.xlsx", [unit(n, phone="1") for n in range(5)]))
    with django_assert_num_queries(1):
        read.imports_list(Scope.whole())
    with django_assert_num_queries(2):
        read.import_issues(Scope.whole(), batch.pk)
    with django_assert_num_queries(2):
        assert read.issue_counts(Scope.whole(), batch.pk)[0]["count"] == 5
