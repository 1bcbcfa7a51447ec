"""Photographs under the purge clock (照片的销毁与存档): destroyed with the other personal data of a response, except those
somebody looked at and kept for the archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.choices_levels import PURGED
from anlan.response.events import AttachmentKept
from anlan.response.models import Attachment, AttachmentBytes, PurgeClock
from anlan.response.selectors.photos import photos_of
from anlan.response.services.purging import ACT, Gathered, gathered_register
from anlan.warning.services.moment import pinned


def attachment_keep(*, by: Actor, attachment: UUID, reason: str, at: datetime | None = None) -> Attachment:
    """Keep a photograph for the archive beyond the purge clock: somebody has looked at it and says why it may be kept, for
    instance that it shows no person. Raises NotFound, Forbidden, Invalid (no reason), Conflict (destroyed or kept already).
    """
    at = at or clock.now()
    with pinned(at):
        row = Attachment.objects.select_for_update().filter(pk=attachment).first()
        if row is None or not by.scope.sees(row.division):
            raise NotFound(code="attachment.not_found", zh="没有这个文件，或不在您的范围内。", field="attachment",
                           value=attachment, en="There is no such file, or it is not in your scope.")  # fmt: skip
        by.must(ACT, row.division)
        if row.name == PURGED or row.kept is not None:
            raise Conflict(code="attachment.decided", zh="这张照片已销毁或已决定存档。", field="attachment", value=attachment,
                           en="This photograph is destroyed, or kept already.")  # fmt: skip
        if not reason.strip():
            raise Invalid(code="attachment.no_reason", zh="存档须写明评估意见，例如不含个人信息。", field="reason", value=reason,
                          en="Write the assessment: why it may be kept, for instance that it shows no person.")  # fmt: skip
        row.kept = {"reason": reason.strip()[:400], "by": by.name, "at": at.isoformat()}
        row.save(update_fields=["kept"])
        event = AttachmentKept(attachment=str(row.pk), of=row.about, sha256=row.sha256, reason=reason.strip()[:400])
        record(event, by=by, about=row.about, division=row.division, at=at)
    return row


def _gathered(purge: PurgeClock) -> QuerySet[Attachment]:
    """What goes: neither kept for the archive nor gone already. Hash, size and time stay, so that it is still proved what
    was there."""
    return photos_of(purge).filter(kept__isnull=True).exclude(name=PURGED)


def _bytes(keys: Sequence[str]) -> None:
    AttachmentBytes.objects.filter(attachment_id__in=[UUID(key) for key in keys]).update(content=b"")


gathered_register(Gathered("photos", Attachment, {"name": PURGED, "lon": None, "lat": None}, _gathered, _bytes))
