"""Routes of papers: list, fill from the record, draft, change, check, sign, issue, withdraw, files. All scoped to the reader."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from anlan.kernel.problem import Invalid
from anlan.response.api.schemas import READ, WRITE, Problem
from anlan.response.engine.paper import Paper as Content
from anlan.response.engine.paper_bounds import body_of, paper_of
from anlan.response.models import Paper
from anlan.response.selectors.papers import paper_get, paper_versions, papers_list
from anlan.response.services.paper_files import paper_file
from anlan.response.services.papers import Of, paper_change, paper_make
from anlan.response.services.papers_filled import Source, paper_filled
from anlan.response.services.papers_flow import paper_check, paper_issue, paper_return, paper_sign, paper_withdraw
from anlan.territory.pages.access import actor as _actor

router = Router(tags=["response"])
Short = Annotated[str, Field(max_length=64)]
Digest = Annotated[str, Field(min_length=64, max_length=64)]
Bodies = Annotated[dict[str, dict[str, Any]], Field(max_length=2)]


class SourceIn(Schema):
    """What a paper is filled from; which of them depends on its kind."""

    incident: UUID | None = None
    level: UUID | None = None
    order: UUID | None = None
    disaster: UUID | None = None
    plan: Short = ""
    division: Annotated[str, Field(max_length=12)] = ""
    day: date | None = None


class PaperIn(Schema):
    """A paper to draft: both texts ({"zh": …, "en": …}, each as `filled` gives it), or none to keep what the record fills in."""

    kind: Short
    source: SourceIn
    bodies: Bodies | None = None
    word: Annotated[str, Field(max_length=40)] = ""
    replaces: UUID | None = None


class PaperChangeIn(Schema):
    """Another content; `seen` is the digest of the one it was made on."""

    bodies: Bodies
    seen: Digest
    word: Annotated[str, Field(max_length=40)] | None = None


class PaperSeenIn(Schema):
    """The digest of the content that was read."""

    seen: Digest


class PaperReasonIn(Schema):
    """Why, in your words."""

    reason: Annotated[str, Field(max_length=1000)]


class PaperOut(Schema):
    """A paper: its state, number, hands (names), and the digest that a check or a signature holds for."""

    id: UUID
    kind: str
    state: str
    title: dict[str, str]
    division: str
    organ: str
    word: str
    year: int | None
    number: int | None
    version: int
    digest: str
    incident: UUID | None
    level: UUID | None
    of: str
    replaces: UUID | None
    as_of: datetime
    drill: bool
    made_by: str
    made_at: datetime
    checked_by: str | None
    signed_by: str | None
    issued_by: str | None
    issued_at: datetime | None
    reason: str
    files: dict[str, dict[str, Any]]


class PaperWhole(PaperOut):
    """A paper with its texts, and what the record had filled in."""

    bodies: dict[str, dict[str, Any]]
    built: dict[str, dict[str, Any]]


class FilledOut(Schema):
    """A paper as the record fills it; nothing is written."""

    kind: str
    division: str
    word: str
    as_of: datetime
    bodies: dict[str, dict[str, Any]]


def _out(row: Paper) -> dict[str, Any]:
    plain = ("id", "kind", "state", "division", "organ", "word", "year", "number", "version", "digest", "as_of", "drill",
             "made_at", "issued_at", "reason", "files")  # fmt: skip
    hands = ("made_by", "checked_by", "signed_by", "issued_by")
    return {
        **{name: getattr(row, name) for name in plain},
        **{name: hand["name"] if (hand := getattr(row, name)) else None for name in hands},
        "title": {"zh": row.title_zh, "en": row.title_en}, "incident": row.incident_id, "level": row.level_id,
        "of": row.about, "replaces": row.replaces_id,
    }  # fmt: skip


def _contents(bodies: dict[str, dict[str, Any]]) -> dict[str, Content]:
    try:
        return {key: paper_of(body) for key, body in bodies.items()}
    except ValueError as fault:
        raise Invalid(code="paper.body", zh=f"文书内容格式有误（{fault}）；请按接口说明改正。", field="bodies", value=str(fault)[:200],
                      en=f"The content can't be read ({fault}); write it as the interface says.") from fault  # fmt: skip


def _whole(row: Paper) -> dict[str, Any]:
    kept = paper_versions(row)[-1]
    return {**_out(row), "bodies": kept.body, "built": kept.built}


@router.get("/papers", response={200: list[PaperOut], **READ}, summary="Papers")
def papers(
    request: HttpRequest,
    kind: Annotated[str, Query(max_length=16)] = "",
    state: Annotated[str, Query(max_length=10, description="a state, or open: waits for somebody")] = "",
    words: Annotated[str, Query(max_length=80)] = "",
    incident: UUID | None = None,
    page: Annotated[int, Query(ge=1, le=2000)] = 1,
) -> list[dict[str, Any]]:
    """Return the papers inside the reader's area, latest first, fifty a page."""
    found = papers_list(_actor(request).scope, kind=kind, state=state, words=words, incident=incident, page=page)
    return [_out(row) for row in found["rows"]]


@router.post("/papers/filled", response={200: FilledOut, **WRITE}, summary="A paper filled from the record")
def filled(request: HttpRequest, body: PaperIn) -> dict[str, Any]:
    """Return the paper of a kind as the record fills it now, in both languages; nothing is written."""
    found = paper_filled(by=_actor(request), kind=body.kind, source=Source(**body.source.dict()))
    return {"kind": body.kind, "division": found.division, "word": found.word, "as_of": found.as_of,
            "bodies": {key: body_of(found.bodies[key]) for key in found.bodies}}  # fmt: skip


@router.post("/papers", response={201: PaperOut, **WRITE}, summary="Draft a paper")
def make(request: HttpRequest, body: PaperIn) -> Status[dict[str, Any]]:
    """Draft a paper, filled from the record where no texts are given. Nothing goes out."""
    actor = _actor(request)
    found = paper_filled(by=actor, kind=body.kind, source=Source(**body.source.dict()))
    own = _contents(body.bodies) if body.bodies else found.bodies
    row = paper_make(
        by=actor, kind=body.kind, bodies=own, built=found.bodies, division=found.division, word=body.word or found.word,
        of=Of(*found.of), as_of=found.as_of, replaces=body.replaces,
    )  # fmt: skip
    return Status(201, _out(row))


@router.get("/papers/{paper}", response={200: PaperWhole, **READ}, summary="One paper")
def one(request: HttpRequest, paper: UUID) -> dict[str, Any]:
    """Return one paper with its texts in both languages and what the record had filled in."""
    return _whole(paper_get(_actor(request).scope, paper))


@router.put("/papers/{paper}", response={200: PaperOut, **WRITE}, summary="Change a paper")
def change(request: HttpRequest, paper: UUID, body: PaperChangeIn) -> dict[str, Any]:
    """Give it another content: a new version, to be checked again. 409 `paper.moved` when somebody changed it meanwhile."""
    own = _contents(body.bodies)
    return _out(paper_change(by=_actor(request), paper=paper, bodies=own, seen=body.seen, word=body.word))


@router.post("/papers/{paper}/check", response={200: PaperOut, **WRITE}, summary="Check a paper")
def check(request: HttpRequest, paper: UUID, body: PaperSeenIn) -> dict[str, Any]:
    """Say that it was read and is right. 403 for its makers."""
    return _out(paper_check(by=_actor(request), paper=paper, seen=body.seen))


@router.post("/papers/{paper}/sign", response={200: PaperOut, **WRITE}, summary="Sign a paper")
def sign(request: HttpRequest, paper: UUID, body: PaperSeenIn) -> dict[str, Any]:
    """Sign what was checked. 403 for its makers and its checker, and for who may not decide there."""
    return _out(paper_sign(by=_actor(request), paper=paper, seen=body.seen))


@router.post("/papers/{paper}/issue", response={200: PaperOut, **WRITE}, summary="Number and issue a paper")
def issue(request: HttpRequest, paper: UUID, body: PaperSeenIn) -> dict[str, Any]:
    """Give it the next number of its organ's word and let it out. Its files are made in the background."""
    return _out(paper_issue(by=_actor(request), paper=paper, seen=body.seen))


@router.post("/papers/{paper}/return", response={200: PaperOut, **WRITE}, summary="Send a paper back")
def send_back(request: HttpRequest, paper: UUID, body: PaperReasonIn) -> dict[str, Any]:
    """Send it back to its maker with a reason."""
    return _out(paper_return(by=_actor(request), paper=paper, reason=body.reason))


@router.post("/papers/{paper}/withdraw", response={200: PaperOut, **WRITE}, summary="Withdraw a paper")
def withdraw(request: HttpRequest, paper: UUID, body: PaperReasonIn) -> dict[str, Any]:
    """It no longer counts; an issued one keeps its number."""
    return _out(paper_withdraw(by=_actor(request), paper=paper, reason=body.reason))


@router.get("/papers/{paper}/files/{name}", response={200: None, **READ, 503: Problem}, summary="A file of a paper")
def file(request: HttpRequest, paper: UUID, name: str) -> HttpResponse:
    """Return zh.pdf, zh.docx, en.pdf or en.docx: as it was sent, of an issued paper. 503 while the fonts are made ready."""
    content, media = paper_file(by=_actor(request), paper=paper, name=name)
    return HttpResponse(content, content_type=media)
