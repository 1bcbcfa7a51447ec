"""The files of papers: made from one value, so that PDF and docx hold the same; kept with an issued one as they were sent."""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import NotFound, Unavailable
from anlan.response.engine import paper as engine
from anlan.response.engine.paper_bounds import paper_of
from anlan.response.formats.fonts import paper_folders
from anlan.response.models import Paper, PaperFile, PaperVersion
from anlan.response.services.papers import missing, write
from anlan.warning.services.moment import pinned

FONTS_JOB = "anlan.paper_fonts"
NAMES = ("zh.pdf", "zh.docx", "en.pdf", "en.docx")
MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
_ONE = threading.Semaphore(1)  # a page may set one paper at a time; typst lets other threads run meanwhile


def paper_value(row: Paper, language: str, version: int | None = None) -> engine.Paper:
    """Return a version as it is printed: with its number and day once issued, its signer once signed."""
    kept = PaperVersion.objects.filter(paper=row, version=version or row.version).first()
    if kept is None:
        raise NotFound(
            code="paper.version", zh="没有这个版本。", en="There is no such version.", field="version", value=version
        )
    body = paper_of(kept.body[language])
    current = kept.version == row.version
    number = msgspec.structs.replace(body.number, word=row.word)
    day = body.dated
    if current and row.number is not None:
        number = engine.Number(row.word, row.year or 0, row.number)
    moment = (row.signed_at if current else None) or row.made_at
    local = moment.astimezone(ZoneInfo(options.time_zone)).date()
    number = number if number.year else msgspec.structs.replace(number, year=local.year)
    return msgspec.structs.replace(
        body, number=number, dated=day or local, printed=body.printed or (local if body.printer else None), drill=row.drill
    )  # fmt: skip


def file_made(value: engine.Paper, kind: str, *, make_fonts: bool = False) -> bytes:
    """Return the paper as `pdf` or `docx`. Unavailable `paper.fonts_not_ready` while the worker makes the fonts ready."""
    # What sets papers takes as long to load as the rest of a page's process: only where one is set.
    if kind == "docx":
        from anlan.response.formats.gbt9704_docx import paper_docx

        return paper_docx(value)
    from anlan.response.formats.gbt9704_pdf import paper_pdf

    fonts = paper_folders(make=True) if make_fonts else fonts_asked()
    with _ONE:
        return paper_pdf(value, fonts=fonts)


def fonts_asked() -> list[Path]:
    """The folders of the papers' fonts; where they are not ready, the worker is told to make them so. Unavailable then."""
    try:
        return paper_folders(make=False)
    except Unavailable as lacking:
        if lacking.code == "paper.fonts_not_ready":
            with suppress(AlreadyEnqueued), transaction.atomic():
                app.configure_task(FONTS_JOB, queueing_lock=FONTS_JOB).defer()
        raise


def paper_file(*, by: Actor, paper: UUID, name: str, version: int | None = None) -> tuple[bytes, str]:
    """Return (bytes, media type) of a file by name (zh.pdf, zh.docx, en.pdf, en.docx): as it was sent, of an issued paper;
    made anew of one that is not, or of an older version."""
    if name not in NAMES:
        raise NotFound(code="paper.file", zh=f"没有文件“{name}”；可用：{'、'.join(NAMES)}。", field="name", value=name,
                       en=f"There is no file “{name}”; choose from {', '.join(NAMES)}.")  # fmt: skip
    row = Paper.objects.filter(pk=paper).first()
    if row is None or not by.scope.sees(row.division):
        raise missing(paper)
    language, _, kind = name.partition(".")
    if version in (None, row.version):
        kept = PaperFile.objects.filter(paper=row, name=name, digest=row.digest).first()
        if kept is not None:
            return bytes(kept.content), MEDIA[kind]
    return file_made(paper_value(row, language, version), kind), MEDIA[kind]


def paper_files_make(paper: UUID) -> int:
    """Make and keep the files of an issued paper; return how many are new. Safe to repeat. The worker's job."""
    row = Paper.objects.get(pk=paper)
    if row.state not in ("issued", "withdrawn") or row.number is None:
        return 0
    wanted = [name for name in NAMES if name not in row.files]
    made = {
        name: file_made(paper_value(row, name.partition(".")[0]), name.partition(".")[2], make_fonts=True)
        for name in wanted
    }
    at = clock.now()
    with pinned(at):
        row = Paper.objects.select_for_update().get(pk=paper)
        told = dict(row.files)
        for name, content in made.items():
            mark = hashlib.sha256(content).hexdigest()
            PaperFile.objects.update_or_create(
                paper=row, name=name, defaults={"division": row.division, "digest": row.digest, "sha256": mark,
                                                "content": content, "made_at": at},
            )  # fmt: skip
            told[name] = {"sha256": mark, "bytes": len(content)}
        if made:
            write(row, {"files": told})
    return len(made)
