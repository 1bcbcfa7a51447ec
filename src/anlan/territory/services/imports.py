"""Taking a register in from a file: open, map, check, apply, undo, cancel. Each act moves the import to a state that a
worker carries out and takes up again after a crash.

    uploaded → reading → checked → applying → done → undoing → undone ;  failed, cancelled

`import_check`, `import_apply` and `import_undo` do the work here and now (command line); their `_later` twins queue it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound, Problem
from anlan.kernel.scope import Scope
from anlan.territory.engine import mapping as guessing
from anlan.territory.events import ImportMoved
from anlan.territory.formats.tables import format_of
from anlan.territory.models import Import, ImportMapping
from anlan.territory.services import imports_after
from anlan.territory.services.imports_apply import apply_run
from anlan.territory.services.imports_check import check_run
from anlan.territory.services.imports_preview import import_preview
from anlan.territory.services.imports_progress import Progress, Tell
from anlan.territory.services.imports_stage import stage_drop, stage_rows
from anlan.territory.services.imports_undo import undo_run
from anlan.territory.sources.home import columns_of, store
from anlan.territory.sources.registers import register as register_named

__all__ = [
    "actor_of_import",
    "import_apply",
    "import_apply_later",
    "import_cancel",
    "import_check",
    "import_check_later",
    "import_map",
    "import_open",
    "import_preview",
    "import_run",
    "import_undo",
    "import_undo_later",
    "imports_resume",
]

ACT = "imports.run"
JOB = "anlan.import"
RUNNING = ("reading", "applying", "undoing")
READING = ("sheet", "header_row", "encoding", "separator")
OPTIONS = frozenset(
    {"sheet", "header_row", "encoding", "separator", "datum", "blank", "keep_extra", "only_good", "apply"}
)


def import_open(
    *, by: Actor, register: str, file_name: str, source: BinaryIO | Path, options: Mapping[str, Any] | None = None
) -> Import:
    """Keep a file and open an import of it into a register; nothing is read yet.

    `options`: sheet, header_row, encoding, separator; datum (wgs84, gcj02, bd09); blank (keep: an empty cell leaves what
    is there; clear); keep_extra (columns that are no field go into `extra`); only_good (False: nothing goes in unless
    every row is good); apply (True: a check goes on to apply). Forbidden without the act `imports.run`; Invalid for an
    unknown format, register or option.
    """
    register_named(register)
    chosen = dict(options or {})
    strange = sorted(set(chosen) - OPTIONS)
    if strange:
        raise Invalid(
            code="import.option", field="options", value=strange[0],
            zh=f"没有选项“{strange[0]}”；可用：{'、'.join(sorted(OPTIONS))}。",
            en=f"There is no option “{strange[0]}”; there are: {', '.join(sorted(OPTIONS))}.",
        )  # fmt: skip
    division = _home(by)
    by.must(ACT, division)
    kind = format_of(file_name)
    sha256, size = store(source)
    with transaction.atomic():
        batch = Import.objects.create(
            register=register, division=division, file_name=Path(file_name).name[:255], sha256=sha256, bytes=size,
            format=kind, options=chosen, state="uploaded", by=by.as_json(), scope=list(by.scope.prefixes),
            opened_at=clock.now(),
        )  # fmt: skip
        _tell(batch, by)
    return batch


def import_map(
    *,
    by: Actor,
    batch: UUID,
    mapping: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    remember: bool = True,
) -> Import:
    """Say which column (heading) is which field ("" for none); remembered for this sender's next file by its heading."""
    found = _mine(by, batch, ("uploaded", "checked", "failed"))
    with transaction.atomic():
        found.mapping, found.state = dict(mapping), "uploaded"
        if options is not None:
            if any(options.get(name) != found.options.get(name) for name in READING):
                columns_of(found.pk).unlink(missing_ok=True)
            found.options = dict(options)
        found.save(update_fields=["mapping", "options", "state"])
        if remember:
            ImportMapping.objects.update_or_create(
                register=found.register, header=guessing.header_hash(list(mapping)), division=found.division,
                defaults={"mapping": dict(mapping), "used_at": clock.now()},
            )  # fmt: skip
        _tell(found, by)
    return found


def import_check(*, by: Actor, batch: UUID, tell: Tell | None = None) -> Import:
    """Read, check and stage the file and count what applying would do (a dry run), here and now."""
    found = _mine(by, batch, ("uploaded", "checked", "failed", "reading"))
    return import_run(_move(found, "reading", by).pk, tell=tell)


def import_check_later(*, by: Actor, batch: UUID) -> Import:
    """As `import_check`, by the worker."""
    return _queue(_move(_mine(by, batch, ("uploaded", "checked", "failed")), "reading", by))


def import_apply(*, by: Actor, batch: UUID, tell: Tell | None = None) -> Import:
    """Put the good rows of a checked import in, in one transaction, here and now."""
    found = _mine(by, batch, ("checked", "applying"))
    _may_apply(found)
    return import_run(_move(found, "applying", by).pk, tell=tell)


def import_apply_later(*, by: Actor, batch: UUID) -> Import:
    """As `import_apply`, by the worker."""
    found = _mine(by, batch, ("checked",))
    _may_apply(found)
    return _queue(_move(found, "applying", by))


def import_undo(*, by: Actor, batch: UUID, reason: str, tell: Tell | None = None) -> Import:
    """Take a finished import back, here and now. Rows changed since stay as they are and are named as issues."""
    return import_run(_undoing(by, batch, reason).pk, tell=tell)


def import_undo_later(*, by: Actor, batch: UUID, reason: str) -> Import:
    """As `import_undo`, by the worker."""
    return _queue(_undoing(by, batch, reason))


def import_cancel(*, by: Actor, batch: UUID) -> Import:
    """Let an import go that has not been applied; its staged rows and columns are removed."""
    found = _mine(by, batch, ("uploaded", "reading", "checked", "failed"))
    stage_drop(found.pk)
    columns_of(found.pk).unlink(missing_ok=True)
    return _move(found, "cancelled", by)


def import_run(batch: UUID, *, tell: Tell | None = None) -> Import:
    """Carry out what an import's state asks for, from the start or after a crash; the worker's and everyone's way.

    Conflict when another process is at it. A refusal (Problem) is kept with the import, which is then `failed`.
    """
    with Progress(batch, tell) as progress:
        found = Import.objects.get(pk=batch)
        by = actor_of_import(found)
        try:
            if found.state == "reading":
                at_once = bool(found.options.get("apply"))
                _checked(found, check_run(found, progress, compare=not at_once), by)
                if at_once:
                    _may_apply(found)
                    found = _move(found, "applying", by)
            if found.state == "applying":
                _apply(found, by, progress)
            elif found.state == "undoing":
                undo_run(found, by, progress)
        except Problem as problem:
            found.error = problem.as_dict()
            _move(found, "failed", by, "error")
            raise
    return found


def imports_resume() -> list[UUID]:
    """Queue every import that a dead process left in the middle; called when a worker starts. Returns which."""
    left = list(Import.objects.filter(state__in=RUNNING).order_by("opened_at"))
    return [_queue(batch).pk for batch in left]


def actor_of_import(batch: Import) -> Actor:
    """Return who started an import, with the scope of that moment."""
    person, post, organisation = (UUID(batch.by[name]) if name in batch.by else None for name in ("person", "post", "organisation"))  # fmt: skip
    scope = Scope(tuple(batch.scope))
    return Actor(batch.by["kind"], batch.by["name"], scope, person=person, post=post, organisation=organisation)


def _apply(batch: Import, by: Actor, progress: Progress) -> None:
    """Apply; where the staged rows were lost (a crash of the server), read again first."""
    if stage_rows(batch.pk) != batch.counts.get("good"):
        batch.counts = check_run(batch, progress, compare=False)
    fields = imports_after.fields_of(batch)
    apply_run(batch, by, progress, fields)
    stage_drop(batch.pk)
    columns_of(batch.pk).unlink(missing_ok=True)
    imports_after.follow_up(batch, progress)


def _checked(batch: Import, counts: dict[str, int], by: Actor) -> None:
    batch.counts, batch.checked_at, batch.error = counts, clock.now(), None
    _move(batch, "checked", by, "counts", "checked_at", "error", "mapping")


def _may_apply(batch: Import) -> None:
    if batch.options.get("only_good", True) is False and batch.counts.get("bad"):
        raise Invalid(
            code="import.not_all_good", zh=f"有{batch.counts['bad']}行有误，而此批次要求全部合格；请修正后重传。",
            en=f"{batch.counts['bad']} rows are at fault and this import takes all or nothing; mend and send it again.",
            field="batch", value=batch.pk,
        )  # fmt: skip


def _undoing(by: Actor, batch: UUID, reason: str) -> Import:
    found = _mine(by, batch, ("done", "undoing"))
    if len(reason.strip()) < 4:
        raise Invalid(
            code="import.no_reason", zh="请写明撤销的理由（不少于4个字）。", en="Say why it is undone (at least 4 characters).",
            field="reason", value=reason,
        )  # fmt: skip
    found.options = {**found.options, "undo_reason": reason.strip()}
    return _move(found, "undoing", by, "options")


def _mine(by: Actor, batch: UUID, states: tuple[str, ...]) -> Import:
    found: Import | None = by.scope.filter(Import.objects.filter(pk=batch)).first()
    if found is None:
        raise NotFound(
            code="import.none", zh="没有这个导入批次；请核对编号。", en="There is no such import; check its id.",
            field="batch", value=batch,
        )  # fmt: skip
    by.must(ACT, found.division)
    if found.state not in states:
        raise Conflict(
            code="import.state", zh=f"此批次现为“{found.state}”，不能这样做。",
            en=f"The import is {found.state}; that can't be done now.", field="batch", value=found.state,
        )  # fmt: skip
    return found


@transaction.atomic
def _move(batch: Import, state: str, by: Actor, *fields: str) -> Import:
    batch.state = state
    batch.save(update_fields=["state", *fields])
    _tell(batch, by)
    return batch


def _tell(batch: Import, by: Actor) -> None:
    counts = {name: value for name, value in batch.counts.items() if isinstance(value, int)}
    code = (batch.error or {}).get("code", "") if batch.state == "failed" else ""
    event = ImportMoved(
        batch=batch.pk, register=batch.register, state=batch.state, sha256=batch.sha256, counts=counts, code=code
    )
    record(event, by=by, about=f"import:{batch.pk}", division=batch.division)


def _queue(batch: Import) -> Import:
    app.configure_task(JOB).defer(batch=str(batch.pk))
    return batch


def _home(by: Actor) -> str:
    """Return the division an import belongs to: the actor's own, or the first of several; nobody's reach is none."""
    return sorted(by.scope.prefixes)[0] if by.scope.prefixes else "none"
