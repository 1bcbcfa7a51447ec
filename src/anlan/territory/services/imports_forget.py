"""Letting go of what a file brought besides its rows (数据最小化): the file itself, and the values of its bad cells.

Some days after an import is over nobody mends that file any more, and it may hold telephones and names of people who
were never taken in. What the import did stays: its counts, its hash, and what it replaced.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.options import options
from anlan.territory.events import ImportForgotten
from anlan.territory.models import Import, ImportIssue
from anlan.territory.sources.home import columns_of, file_of

OVER = ("done", "failed", "cancelled", "undone")
ACT = "people.purge"
MARK = "forgotten"


def imports_forget(*, by: Actor, at: datetime | None = None) -> int:
    """Remove file and bad cells' values of every import that has been over for `import_keep_days`; return how many.

    Forbidden without the act `people.purge`. A file another import still needs stays until that one is over too.
    """
    now = at or clock.now()
    before = now - timedelta(days=int(options.import_keep_days))
    due = Import.objects.filter(state__in=OVER, opened_at__lt=before).exclude(options__has_key=MARK)
    done = 0
    for batch in due.order_by("opened_at", "pk"):
        by.must(ACT, batch.division)
        _forget(batch, by, now)
        done += 1
    return done


@transaction.atomic
def _forget(batch: Import, by: Actor, now: datetime) -> None:
    values = ImportIssue.objects.filter(batch=batch).exclude(value="").update(value="")
    batch.options = {**batch.options, MARK: True}
    batch.save(update_fields=["options"])
    event = ImportForgotten(batch=batch.pk, sha256=batch.sha256, values=values)
    record(event, by=by, about=f"import:{batch.pk}", division=batch.division, at=now)
    needed = Import.objects.filter(sha256=batch.sha256).exclude(options__has_key=MARK)
    if not needed.exists():
        transaction.on_commit(lambda: file_of(batch.sha256).unlink(missing_ok=True))
    columns_of(batch.pk).unlink(missing_ok=True)
