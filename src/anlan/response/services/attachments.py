"""Files that belong to something: taken once, checked by their content, kept with their hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound, TooLarge
from anlan.response.events import AttachmentAdded
from anlan.response.formats.images import picture
from anlan.response.models import Attachment, AttachmentBytes, Incident, Order, Task
from anlan.response.services.bounds import within_world
from anlan.response.services.in_turn import in_turn
from anlan.warning.services.moment import pinned

MOST = 5_000_000
"""Bytes of one file. The browser makes photos far smaller before it sends them."""
PER_THING = 40

_KINDS: dict[str, Any] = {"task": Task, "order": Order, "incident": Incident}


def attachment_add(
    *,
    by: Actor,
    about: str,
    name: str,
    content: bytes,
    taken_at: datetime | None = None,
    lon: float | None = None,
    lat: float | None = None,
    at: datetime | None = None,
) -> Attachment:
    """Keep a picture (JPEG, PNG or WebP, up to 5 MB) of `about`: `task:id`, `order:id` or `incident:id`. The same bytes
    sent again for the same thing give the attachment that exists.

    Raises NotFound when there is no such thing in scope, Forbidden, TooLarge, Invalid: no picture by its content.
    """
    at = at or clock.now()
    if len(content) > MOST:
        raise TooLarge(code="attachment.large", zh="文件超过5 MB；请压缩后再传。", field="content", value=len(content),
                       en="The file is over 5 MB; make it smaller and send it again.")  # fmt: skip
    seen = picture(content)
    if seen is None:
        raise Invalid(code="attachment.kind", zh="只收照片（JPEG、PNG、WebP），按内容判断；请改传照片。", field="content",
                      en="Only pictures are taken (JPEG, PNG, WebP), by their content; send one of these.", value=name)  # fmt: skip
    within_world(lon, lat)
    with pinned(at):
        division, about = _home(by, about)
        in_turn(f"attachment:{about}")
        digest = hashlib.sha256(content).hexdigest()
        found = Attachment.objects.filter(about=about, sha256=digest).first()
        if found is not None:
            return found
        if Attachment.objects.filter(about=about).count() >= PER_THING:
            raise TooLarge(code="attachment.many", zh=f"附件已有{PER_THING}个；请先办结，或在新的任务下上传。", field="about",
                           en=f"There are {PER_THING} files already; report it done first.", value=about)  # fmt: skip
        row = Attachment.objects.create(
            division=division, about=about, name=_name(name), media_type=seen.media_type, bytes=len(content),
            width=seen.width, height=seen.height, sha256=digest, taken_at=taken_at, lon=lon, lat=lat, added_at=at,
            added_by=by.name[:96],
        )  # fmt: skip
        AttachmentBytes.objects.create(attachment=row, division=division, content=content)
        event = AttachmentAdded(
            attachment=str(row.pk), of=about, media_type=row.media_type, bytes=row.bytes, sha256=digest,
            taken_at=taken_at, lon=lon, lat=lat,
        )  # fmt: skip
        record(event, by=by, about=about, division=division, at=at)
    return row


def files_of(about: str, files: Sequence[str]) -> list[str]:
    """The ids of attachments given as evidence of `about`, in the order given; Invalid for one that is not its own."""
    try:
        wanted = list(dict.fromkeys(UUID(str(each)) for each in files))
    except ValueError:
        raise _not_its_own(files) from None
    known = set(Attachment.objects.filter(about=about, pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    if known != set(wanted):
        raise _not_its_own([str(each) for each in wanted if each not in known])
    return [str(each) for each in wanted]


def _not_its_own(files: Sequence[str]) -> Invalid:
    return Invalid(code="attachment.unknown", zh="证据中的文件不属于此项；请先上传到此项。", field="files",
                   en="A file given as evidence does not belong here; upload it here first.",
                   value=",".join(str(each) for each in files))  # fmt: skip


def _home(by: Actor, about: str) -> tuple[str, str]:
    """The division of what it belongs to, and how that is written."""
    kind, _, key = about.partition(":")
    model = _KINDS.get(kind)
    try:
        row = model.objects.filter(pk=UUID(key)).values_list("division", flat=True).first() if model else None
    except ValueError:
        row = None
    if row is None or not by.scope.covers(row):
        raise NotFound(code="attachment.about", zh="没有要附件的这件事，或不在您的范围内。", field="about", value=about,
                       en="There is nothing such to attach to, or it is not in your scope.")  # fmt: skip
    by.must("attachment.add", row)
    return str(row), f"{kind}:{UUID(key)}"


def _name(name: str) -> str:
    """A file name without folders and control characters."""
    return re.sub(r"[\x00-\x1f\x7f/\\]+", "_", name).strip(" .")[:120] or "photo"
