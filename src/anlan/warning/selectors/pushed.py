"""What a pushed message said, for the page on which it is answered: who holds its token has read it already."""

from __future__ import annotations

from anlan.kernel.options import options
from anlan.kernel.scope import Scope, lent
from anlan.warning.models import OutboxMessage, OutboxText


def pushed_words(reference: str) -> dict[str, str] | None:
    """The words {zh, en} that went out under a reference of ours; None when they are no longer kept. Two queries.

    Ask only with a token that was proved: the reader's own area doesn't limit it.
    """
    with lent(Scope.whole(), options.secret_key):
        message = OutboxMessage.objects.filter(id=int(reference.rpartition("-")[2], 16)).values("text").first()
        text = OutboxText.objects.filter(id=message["text"]).first() if message else None
    return {"zh": text.zh, "en": text.en} if text else None
