"""What a file brought besides its rows goes after its keeping time; what the import did stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from anlan.kernel import clock, journal
from anlan.kernel.problem import Forbidden, NotFound
from anlan.territory.models import ImportIssue, Unit
from anlan.territory.selectors import imports as read
from anlan.territory.services import generate
from anlan.territory.services import imports as act
from anlan.territory.services.imports_forget import imports_forget
from anlan.territory.sources.home import file_of
from tests.territory.importing import CLERK, NODE, bring, sheet, unit

pytestmark = pytest.mark.django_db(transaction=True)


def test_file_and_values_go_after_their_time_and_rows_stay(tmp_path: Path) -> None:
    generate("tiny", 7)
    batch = bring(sheet(tmp_path / "a.xlsx", [unit(1), unit(2, phone="没有电话")]))
    file = file_of(batch.sha256)
    assert imports_forget(by=NODE) == 0
    assert file.exists()
    later = clock.now() + timedelta(days=31)
    with pytest.raises(Forbidden):
        imports_forget(by=CLERK, at=later)
    again = act.import_open(by=NODE, register="units", file_name="a.xlsx", source=file)
    assert imports_forget(by=NODE, at=later) == 1
    assert file.exists(), "another import still needs it"
    act.import_cancel(by=NODE, batch=again.pk)
    assert imports_forget(by=NODE, at=later) == 1
    assert not file.exists()
    assert set(ImportIssue.objects.filter(batch=batch).values_list("value", flat=True)) == {""}
    assert Unit.objects.count() == 1
    assert imports_forget(by=NODE, at=later) == 0
    with pytest.raises(NotFound):
        read.bad_rows_file(NODE.scope, batch.pk)
    journal.seal()
    assert journal.verify() is None
