"""Feeds: the public's, open to anybody and cacheable, and the signed-in reader's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from anlan.kernel.actor import Actor
from anlan.warning import selectors
from anlan.warning.api.schemas import Refusal
from anlan.warning.formats.feed import (
    CAP_TYPE,
    FeedEntry,
    FeedHead,
    atom_write,
    entity_tag,
    http_date,
    unchanged,
)
from anlan.warning.selectors.public import Rendered, Variant, shelf

router = Router(tags=["warning"])
# A cache in front may answer for ten seconds, and longer while we are busy or away.
FRESH = "public, max-age=10, stale-while-revalidate=30, stale-if-error=3600"
FOREVER = "public, max-age=86400, immutable"
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml"}
# Addresses of public feeds asked for so far, checked once, and what each of them names.
MOST_ADDRESSES = 256
_asked: dict[tuple[str, str], Variant] = {}
Language = Annotated[Literal["zh", "en"], Query(description="Language of titles; each CAP file holds both")]
Fat = Annotated[bool, Query(description="Whole CAP messages inside the entries, not only links to them")]
Identifier = Annotated[str, Path(max_length=64, description="CAP identifier")]


@router.get("/public/feed.atom", response={200: None, 422: Refusal}, auth=None, summary="Public Atom feed")
def public_atom(request: HttpRequest, language: Language = "zh", fat: Fat = False) -> HttpResponse:
    """Return the messages in force as Atom, each linking to its CAP file; no account needed.

    Expired messages are left out, updated ones replaced, cancellations listed for 24 hours. Honours If-None-Match and
    If-Modified-Since (304). Exercises are never listed. 422 when a parameter is not one of those named.
    """
    return _public(request, "atom", language, fat)


@router.get("/public/feed.rss", response={200: None, 422: Refusal}, auth=None, summary="Public RSS feed")
def public_rss(request: HttpRequest, language: Language = "zh", fat: Fat = False) -> HttpResponse:
    """Return the same as the public Atom feed, as RSS 2.0. 422 when a parameter is not one of those named."""
    return _public(request, "rss", language, fat)


@router.get("/public/alerts/{identifier}.xml", response={200: None, 404: Refusal, 422: Refusal}, auth=None,
            summary="CAP file of a public message")  # fmt: skip
def public_alert(request: HttpRequest, identifier: Identifier) -> HttpResponse:
    """Return a published message as CAP 1.2, exactly the bytes that were sent. 404 `warning.no_message`."""
    return _answer(request, shelf.file(identifier), CAP_TYPE, FOREVER, dated=False)


@router.get("/feed.xml", response={200: None, 401: Refusal, 403: Refusal, 422: Refusal}, summary="Your Atom feed")
def feed(request: HttpRequest) -> HttpResponse:
    """Return the latest warnings that bind in the reader's area as Atom, whatever their state, exercises too.

    Each entry links to its CAP file; honours If-None-Match and If-Modified-Since.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    entries = [
        FeedEntry(
            row.cancel_number or row.number,
            row.headline_zh,
            row.instruction_zh,
            row.state_at,
            request.build_absolute_uri(f"/api/warning/warnings/{row.id}/cap.xml"),
            "Cancel" if row.cancel_number else "Update" if row.references_id else "Alert",
        )
        for row in selectors.warnings_recent(actor.scope)
    ]
    changed = max((entry.updated for entry in entries), default=datetime.fromisoformat("1970-01-01T00:00:00+00:00"))
    home = request.build_absolute_uri("/api/warning/feed.xml")
    raw = atom_write(FeedHead(home, home, "安澜预警 Anlan warnings", "zh-CN", changed), entries)
    return _answer(request, Rendered(raw, entity_tag(raw), changed), TYPES["atom"], "private, max-age=0")


def ready(request: HttpRequest) -> HttpResponse | None:
    """The answer to an address of a public feed that was asked for before, without session, account or database.

    None for everything else, which goes the long way. The site's first middleware asks here, so a rush stays out.
    """
    variant = _asked.get(_address(request)) if request.method == "GET" else None
    return _answer(request, shelf.feed(variant), TYPES[variant.form], FRESH) if variant is not None else None


def _address(request: HttpRequest) -> tuple[str, str]:
    return str(request.scheme) + "://" + request.get_host(), request.get_full_path()


def _public(request: HttpRequest, form: str, language: str, fat: bool) -> HttpResponse:
    address = _address(request)
    variant = Variant(form, language, fat, address[0])
    if len(_asked) < MOST_ADDRESSES:
        _asked[address] = variant
    return _answer(request, shelf.feed(variant), TYPES[form], FRESH)


def _answer(request: HttpRequest, found: Rendered, kind: str, cache: str, *, dated: bool = True) -> HttpResponse:
    headers: dict[str, Any] = {"ETag": found.tag, "Cache-Control": cache}
    if dated:
        headers["Last-Modified"] = http_date(found.changed)
    if cache.startswith("public"):
        headers["Access-Control-Allow-Origin"] = "*"
    asked = request.headers
    if unchanged(
        found.tag, found.changed, asked.get("If-None-Match"), asked.get("If-Modified-Since") if dated else None
    ):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(found.raw, content_type=kind, headers=headers)
