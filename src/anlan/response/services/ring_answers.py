"""What a key or a text message does, other than for checks of a desk: it signs for a stop-line, and has seen a proposal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.scope import Scope
from anlan.response.choices_rings import PROPOSAL, TASK
from anlan.response.events import LevelSeen
from anlan.response.models import LevelProposal, Task
from anlan.response.services.rings import name_of
from anlan.response.services.tasks import Receipt, task_receive_many
from anlan.response.services.verification import task_help
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned, whole_reach

HELP = {"need_help": "电话应答：需要支援 · answered by telephone: needs help",
        "cannot": "电话应答：无法执行 · answered by telephone: cannot do it"}  # fmt: skip


def task_keyed(*, task: UUID, step: int, person: UUID | None, content: str, at: datetime) -> bool:
    """The post on the spot pressed a key: its task is signed for at that moment, in the name of post and person; who needs
    help or can't do it has asked for help as well. The act itself is still to be reported. A superior's key has heard, and
    signs for nobody. False when nothing changed."""
    if step != 0:
        return False
    with pinned(at), whole_reach():
        row = Task.objects.select_related("owner_post").filter(pk=task, stop_line=True).first()
        if row is None:
            return False
        by = _rung(person, row.owner_post, row.division)
        signed = task_receive_many(by=by, receipts=[Receipt(row.pk, at)])
        if signed and content in HELP:
            task_help(by=by, task=row.pk, text=HELP[content], at=at)
    return bool(signed)


def proposal_seen(*, proposal: UUID, step: int, person: UUID | None, channel: str, at: datetime) -> None:
    """Who was rung about a proposal has seen it. No key decides."""
    with pinned(at), whole_reach():
        row = LevelProposal.objects.select_related("holder_post").filter(pk=proposal).first()
        if row is None:
            return
        holder = row.holder_post.code if row.holder_post is not None else None
        code = row.undecided[step]["post"] if step < len(row.undecided) else holder
        post = Post.objects.filter(code=code).first() if code is not None else None
        event = LevelSeen(proposal=str(row.pk), track=row.track, level=row.level, post=code, step=step, channel=channel)
        by = _rung(person, post, row.division)
        record(event, by=by, about=f"{PROPOSAL}{row.pk}", division=row.division, at=at)


def rung_heard(*, about: str, step: int, person: UUID | None, content: str, channel: str, at: datetime) -> None:
    """Somebody rung about a stop-line or a proposal has answered; what else was rung about is left alone."""
    if about.startswith(TASK):
        task_keyed(task=UUID(about.removeprefix(TASK)), step=step, person=person, content=content, at=at)
    elif about.startswith(PROPOSAL):
        key = UUID(about.removeprefix(PROPOSAL))
        proposal_seen(proposal=key, step=step, person=person, channel=channel, at=at)


def _rung(person: UUID | None, post: Post | None, division: str) -> Actor:
    """Who was rung, as holder of the post, with no further reach than what it was about."""
    return Actor(
        "person", name_of(person) or (post.name_zh if post is not None else ""), Scope((division,)), person=person,
        post=post.pk if post is not None else None, organisation=post.organisation_id if post is not None else None,
        roles=frozenset({"responder"}),
    )  # fmt: skip
