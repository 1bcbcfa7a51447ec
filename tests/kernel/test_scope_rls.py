"""The second wall: the database itself, as the web's role, keeps each reader to their scope."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from anlan.kernel import journal
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.schema import scoped_models
from anlan.kernel.scope import Scope, activate
from anlan.territory.models import Organisation
from tests.kernel.events import Made

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_counties(db: None) -> None:
    with transaction.atomic():
        for division in ("4101", "410181", "410182"):
            Organisation.objects.create(code=division, name_zh=division, name_en="", kind="t", division=division)
            journal.record(Made(name=division), by=Actor.system("t"), about=f"x:{division}", division=division)
    journal.seal()


def seen(sql: str = "SELECT division FROM territory_organisation ORDER BY 1") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def test_without_a_scope_nothing_is_seen(web_role: None) -> None:
    assert seen() == [] and seen("SELECT division FROM kernel_entry") == []


def test_a_county_sees_itself_and_what_is_above_it(web_role: None) -> None:
    activate(Scope(("410181",)), options.secret_key)
    assert seen() == ["4101", "410181"]
    assert seen("SELECT division FROM kernel_entry ORDER BY 1") == ["4101", "410181"]
    assert "410182" not in seen("SELECT division FROM kernel_change")


def test_a_scope_nobody_signed_is_no_scope(web_role: None) -> None:
    activate(Scope(("410181",)), options.secret_key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('anlan.scope')")
        signature = cursor.fetchone()[0].partition(":")[2]
        for forged in ("", ":" + signature, "41:" + signature, "410182:" + "0" * 64, "41"):
            cursor.execute("SELECT set_config('anlan.scope', %s, false)", [forged])
            assert seen() == [], forged


def test_the_web_cannot_write_outside_its_scope_nor_touch_what_is_append_only(web_role: None) -> None:
    activate(Scope(("410181",)), options.secret_key)
    forbidden = [
        "INSERT INTO territory_organisation (id, code, name_zh, name_en, kind, division)"
        " VALUES (gen_random_uuid(), 'x', 'x', 'x', 'x', '410182')",
        "SELECT * FROM kernel_secret",
        "INSERT INTO kernel_change (act, tbl, op, key, division, reach, at) VALUES (1, 'x', 'I', '1', '41', 'down', now())",
        "DELETE FROM territory_organisation",
        "UPDATE kernel_entry SET division = '42'",
        "SET session_replication_role = replica",
    ]
    for sql in forbidden:
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE territory_organisation SET name_zh = 'mine'")
        assert cursor.rowcount == 1, "only its own row is within reach; the city's can be read but not changed"


def test_every_stage_table_has_row_security_and_the_web_is_no_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'")
        secured = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'anlan_web'")
        assert cursor.fetchone() == (False,)
    assert {model._meta.db_table for model in scoped_models()} <= secured
    assert {"kernel_entry", "kernel_change"} <= secured
