"""Questions with a kept plan: they see what stands now, in and out of transactions, and fail like any other."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from anlan.kernel.asking import asked
from anlan.kernel.models import Parked

pytestmark = pytest.mark.django_db
NEWEST = "SELECT (SELECT max(seq) FROM kernel_parked), (SELECT min(seq) FROM kernel_parked)"


def parked(seq: int) -> None:
    Parked.objects.create(reaction="a", seq=seq, error="", parked_at="2021-07-20T00:00:00Z")


def test_the_answer_follows_the_table_and_a_rollback() -> None:
    assert asked(NEWEST) == (None, None)
    parked(7)
    with pytest.raises(RuntimeError), transaction.atomic():
        parked(9)
        assert asked(NEWEST) == (9, 7)
        raise RuntimeError
    assert asked(NEWEST) == (7, 7)


def test_the_server_keeps_the_plan() -> None:
    for _ in range(3):
        asked(NEWEST)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [NEWEST])
        assert cursor.fetchone() == (1,)


def test_a_wrong_question_fails_as_the_others_do() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        asked("SELECT nothing FROM kernel_parked")
    with pytest.raises(ValueError, match="no row"):
        asked("SELECT 1 WHERE false")


def test_seals_have_no_check_whose_plan_grows_old() -> None:
    """The server keeps the plan of a foreign key's check; made over a short journal it reads the whole of a long one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'kernel_seal'::regclass")
        assert cursor.fetchall() == []
