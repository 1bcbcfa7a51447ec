"""A leader asks before going: who would leave the command post empty is refused, with the reason (F4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict
from anlan.response.engine.attendance import may_leave
from anlan.response.models import CommanderTerm, LeaderCheckin
from anlan.response.services.attending import ON_SITE, site_names, whereabouts
from anlan.response.services.command import leader_checkin, leader_post
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned


def leader_leave(
    *, by: Actor, post: str, site: str, handover_to: str | None = None, at: datetime | None = None
) -> LeaderCheckin:
    """A leader goes to `site`. Refused when the command post would be left without a leader and nobody present takes
    over, or when the one in command of an on-site post goes without handing command over.

    What has happened already is `leader_checkin`, which is never refused but alarmed. Raises NotFound, Forbidden, Conflict.
    """
    at = at or clock.now()
    with pinned(at):
        leader = leader_post(by, post)
        _may_leave_post(leader, site, handover_to or "")
        _may_leave_site(leader, site)
        return leader_checkin(by=by, post=post, site=site, handover_to=handover_to, at=at)


def _may_leave_post(leader: Post, site: str, stand_in: str) -> None:
    refusal = may_leave(whereabouts(leader.division), leader.code, site, stand_in)
    if refusal == "not_present":
        raise Conflict(code="command.stand_in_absent", zh=f"“{stand_in}”不在指挥部，不能代理；请移交给在场的领导。",
                       en=f"“{stand_in}” is not in the command post; hand over to a leader who is.", field="handover_to",
                       value=stand_in)  # fmt: skip
    if refusal == "empty":
        raise Conflict(code="command.post_empty", zh="您离开后指挥部将无人坐镇；请先有指挥长或副指挥长到指挥部签到并接手。",
                       en="The command post would be without a leader; let a commander or deputy check in there first.",
                       field="post", value=leader.code)  # fmt: skip


def _may_leave_site(leader: Post, site: str) -> None:
    """The commander of an on-site post hands command over before leaving it."""
    held = CommanderTerm.objects.filter(state="current", post=leader, command_post__state="active")
    for key in held.order_by("command_post_id").values_list("command_post_id", flat=True):
        if site != f"{ON_SITE}{key}" and _is_at(leader, key):
            name = site_names(f"{ON_SITE}{key}")
            raise Conflict(code="command.hand_over_first", zh=f"您是{name['zh']}总指挥；请先移交指挥权再离开。", field="post",
                           en=f"You command {name['en']}; hand command over before you leave.", value=leader.code)  # fmt: skip


def _is_at(leader: Post, command_post: UUID) -> bool:
    return LeaderCheckin.objects.filter(post=leader, site=f"{ON_SITE}{command_post}", until__isnull=True).exists()
