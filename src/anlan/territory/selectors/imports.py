"""Imports for pages, interfaces and the command line: where each stands, and what is wrong with which rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory.engine.faults import FAULTS, words
from anlan.territory.engine.register import Register
from anlan.territory.models import Import, ImportIssue
from anlan.territory.sources import place_columns
from anlan.territory.sources.bad_rows import write_bad_rows
from anlan.territory.sources.home import columns_of, file_of, folder

PAGE = 100


@dataclass(frozen=True)
class Issues:
    """A page of issues: rows {row, column, field, code, value, zh, en, mend_zh, mend_en, fatal}; `next` is what `after`
    is for the page that follows, None at the end."""

    rows: list[dict[str, Any]]
    next: int | None


def imports_list(scope: Scope, *, register: str = "", limit: int = 50) -> list[Import]:
    """Return the newest imports in scope. One query."""
    rows = scope.filter(Import.objects.filter(**({"register": register} if register else {})))
    return list(rows.order_by("-opened_at")[:limit])


def import_get(scope: Scope, batch: UUID) -> Import:
    """Return one import; NotFound outside the scope too. One query."""
    found: Import | None = scope.filter(Import.objects.filter(pk=batch)).first()
    if found is None:
        raise NotFound(
            code="import.none", zh="没有这个导入批次；请核对编号。", en="There is no such import; check its id.",
            field="batch", value=batch,
        )  # fmt: skip
    return found


def issue_counts(scope: Scope, batch: UUID) -> list[dict[str, Any]]:
    """Return [{code, zh, en, fatal, count}], the most frequent first. Two queries."""
    found = import_get(scope, batch)
    rows = (
        ImportIssue.objects.filter(batch=found)
        .values_list("code")
        .annotate(count=Count("id"))
        .order_by("-count", "code")
    )
    return [_kind(code) | {"count": count} for code, count in rows]


def import_issues(scope: Scope, batch: UUID, *, after: int = 0, limit: int = PAGE, code: str = "") -> Issues:
    """Return issues in the order of the file's rows; `after` is `next` of the page before. Two queries, three after the
    first page."""
    found = import_get(scope, batch)
    rows = ImportIssue.objects.filter(batch=found, **({"code": code} if code else {}))
    last = ImportIssue.objects.filter(batch=found, pk=after).values_list("row", flat=True).first() if after else None
    if last is not None:
        rows = rows.filter(Q(row__gt=last) | Q(row=last, pk__gt=after))
    page = list(rows.order_by("row", "pk")[: limit + 1])
    more = page[limit - 1].pk if len(page) > limit else None
    return Issues([_issue(row) for row in page[:limit]], more)


def bad_rows_file(scope: Scope, batch: UUID) -> Path:
    """Return a workbook of just the rows with faults, as they came, with a column of reasons; to be mended and sent
    again. Made anew at each call; the file's columns are read again where they are gone."""
    found = import_get(scope, batch)
    if not file_of(found.sha256).exists():
        raise NotFound(
            code="import.forgotten",
            zh="这次导入的原件已按保留期限清除；请重新上传文件。",
            en="The file of this import was removed when its keeping time ended; hand the file in again.",
            field="batch",
            value=batch,
        )
    reasons: dict[int, list[str]] = {}
    rows = ImportIssue.objects.filter(batch=found, fatal=True, row__gt=0).order_by("row", "pk")
    for issue in rows.iterator(chunk_size=5000):
        told = _issue(issue)
        column = f"“{told['column']}”" if told["column"] else ""
        reasons.setdefault(issue.row, []).append(f"{column}{told['zh']}；{told['mend_zh']}")
    out = folder() / f"{batch}.bad.xlsx"
    write_bad_rows(
        file_of(found.sha256), columns_of(found.pk), out, register=found.register, kind=found.format, options=found.options,
        reasons=reasons,
    )  # fmt: skip
    return out


def template(register: Register, language: str) -> bytes:
    """Return an empty workbook for a register in one language ("zh" or "en"): headings, choices, hints, an example."""
    return place_columns.template(register, language)


def reasons_of(issues: Sequence[dict[str, Any]], *, chinese: bool) -> list[str]:
    """Return issues as lines of text: row, column, value, what is wrong, what to do."""
    tongue = "zh" if chinese else "en"
    return [
        f"{issue['row']}\t{issue['column']}\t{issue['value']}\t{issue[tongue]}\t{issue['mend_' + tongue]}"
        for issue in issues
    ]


def _kind(code: str) -> dict[str, Any]:
    fault = FAULTS.get(code)
    plain = words(code, column="…", value="…", detail={})
    return {"code": code, "zh": plain["zh"], "en": plain["en"], "fatal": fault.fatal if fault else True}


def _issue(row: ImportIssue) -> dict[str, Any]:
    told = words(row.code, column=row.column, value=row.value, detail=row.detail)
    place = {"row": row.row, "column": row.column, "field": row.field, "code": row.code, "value": row.value}
    return {**place, **told, "fatal": row.fatal}
