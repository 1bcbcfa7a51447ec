"""What anybody may read without signing in: the messages in force, from memory (公众发布).

Rendered once per change, whoever asks: a rush costs a look at a dictionary. The database is asked at most once a second
by each process, by one request, while the others are served what is there.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope, lent
from anlan.warning.engine.publishing import CANCEL_KEPT, Issued, Listed, listed
from anlan.warning.formats.feed import FeedEntry, FeedHead, atom_write, entity_tag, rss_write
from anlan.warning.models import Warning

log = structlog.get_logger()
LOOK_S: Final = 1.0
MOST_KEPT: Final = 64
MOST_FILES: Final = 512
MOST_LISTED: Final = 2_000
TITLES: Final = {"zh": "安澜预警信息", "en": "Anlan warnings"}
LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
_WRITERS: Final = {"atom": atom_write, "rss": rss_write}
_FIELDS: Final = ("number", "references_id", "issued_at", "expires", "state", "state_at", "cancel_number",
                  "headline_zh", "headline_en", "instruction_zh", "instruction_en")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rendered:
    """Bytes to serve, their entity tag, and when their content last changed."""

    raw: bytes
    tag: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Variant:
    """Which feed: `form` atom or rss, language zh or en, thin or fat, and the address readers reach us by."""

    form: str
    language: str
    fat: bool
    site: str

    @property
    def path(self) -> str:
        """The feed's own address."""
        asked = [f"language={self.language}"] * (self.language != "zh") + ["fat=true"] * self.fat
        return f"{self.site}/api/warning/public/feed.{self.form}" + ("?" + "&".join(asked) if asked else "")


class Shelf:
    """The feeds and files of this process, ready to serve."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Ask the database anew at the next request."""
        self._looked = float("-inf")
        self._listed: tuple[Listed, ...] = ()
        self._changed = datetime(1970, 1, 1, tzinfo=UTC)
        self._feeds: OrderedDict[Variant, Rendered] = OrderedDict()
        self._files: OrderedDict[str, Rendered] = OrderedDict()

    def feed(self, variant: Variant) -> Rendered:
        """The feed as it stands, at most a second old."""
        self._look()
        found = self._feeds.get(variant)
        if found is None:
            with self._lock:
                found = self._feeds.get(variant) or _keep(self._feeds, variant, self._render(variant), MOST_KEPT)
        return found

    def listing(self) -> tuple[tuple[Listed, ...], datetime]:
        """What is listed, at most a second old, and when that last changed."""
        self._look()
        return self._listed, self._changed

    def file(self, identifier: str) -> Rendered:
        """The CAP file of a message that was published; it never changes. NotFound `warning.no_message`."""
        found = self._files.get(identifier)
        if found is None:
            with self._lock:
                found = self._files.get(identifier) or _keep(self._files, identifier, _file(identifier), MOST_FILES)
        return found

    def _look(self) -> None:
        """See whether anything changed; one request does, the first of all lets the others wait."""
        due = time.monotonic() - self._looked > LOOK_S
        if not due or not self._lock.acquire(blocking=self._looked == float("-inf")):
            return
        try:
            if time.monotonic() - self._looked > LOOK_S:
                self._renew()
        finally:
            self._lock.release()

    def _renew(self) -> None:
        """Take in what changed. While the database is away, what is there goes on being served."""
        try:
            found, changed = listed(_issued(), clock.now())
        except (DatabaseError, InterfaceError) as failure:
            if self._looked == float("-inf"):
                raise
            log.warning("feed.stale", why=str(failure).split("\n")[0])
            connection.close()
        else:
            if (found, changed) != (self._listed, self._changed):
                self._listed, self._changed = found, changed
                self._feeds.clear()
        self._looked = time.monotonic()

    def _render(self, variant: Variant) -> Rendered:
        head = FeedHead(
            f"urn:anlan:feed:{options.node}:{variant.language}",
            variant.path,
            TITLES[variant.language],
            LANGUAGES[variant.language],
            self._changed,
        )
        caps = published([one.identifier for one in self._listed]) if variant.fat else {}
        raw = _WRITERS[variant.form](head, [_entry(one, variant, caps) for one in self._listed])
        return Rendered(raw, entity_tag(raw), self._changed)


shelf = Shelf()


def _keep(kept: OrderedDict[Any, Rendered], key: Any, value: Rendered, most: int) -> Rendered:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
    return value


def _entry(one: Listed, variant: Variant, caps: dict[str, bytes]) -> FeedEntry:
    title = getattr(one.warning, f"headline_{variant.language}")
    over = {"zh": "【解除】", "en": "[Cancelled] "}[variant.language] if one.kind == "Cancel" else ""
    return FeedEntry(
        identifier=one.identifier,
        title=over + title,
        summary=title if over else getattr(one.warning, f"instruction_{variant.language}"),
        updated=one.since,
        href=f"{variant.site}/api/warning/public/alerts/{one.identifier}.xml",
        category=one.kind,
        cap=caps.get(one.identifier, b""),
    )


def _issued() -> list[Issued]:
    """Warnings that may be listed now, and those whose going may be the last change; never an exercise."""
    with lent(Scope.whole(), options.secret_key):
        rows = Warning.objects.filter(drill=False, state__in=("in_force", "updated", "cancelled", "expired"))
        latest = rows.order_by("-state_at").values_list("id", flat=True)[:1]
        recent = Q(state="in_force") | Q(state_at__gte=clock.now() - 2 * CANCEL_KEPT) | Q(id__in=list(latest))
        found = list(rows.filter(recent).order_by("-state_at", "-id").values_list(*_FIELDS)[:MOST_LISTED])
    return [Issued(row[0], row[1] is not None, *row[2:]) for row in found]


def published(identifiers: list[str]) -> dict[str, bytes]:
    """The CAP files of published messages by identifier, never those of an exercise."""
    with lent(Scope.whole(), options.secret_key):
        rows = Warning.objects.filter(Q(number__in=identifiers) | Q(cancel_number__in=identifiers), drill=False)
        found = list(rows.values_list("number", "cap_xml", "cancel_number", "cancel_xml"))
    return {name: text.encode() for row in found for name, text in (row[:2], row[2:]) if name}


def _file(identifier: str) -> Rendered:
    raw = published([identifier]).get(identifier)
    if not raw:
        raise NotFound(
            code="warning.no_message",
            zh="没有此编号的已发布报文；请从预警列表重新进入。",
            en="No message of this identifier was published; go in again from the feed.",
            field="identifier",
            value=identifier,
        )
    return Rendered(raw, entity_tag(raw), datetime(1970, 1, 1, tzinfo=UTC))
