"""Leaders: where they are, and somebody in the command post, always. Levels of command bodies are in `bodies`."""

from __future__ import annotations

from datetime import datetime

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Invalid, NotFound
from anlan.response.engine.attendance import POST
from anlan.response.events import LeaderCheckedIn
from anlan.response.models import LeaderCheckin
from anlan.response.selectors.boards import LEADER_ROLES
from anlan.response.services.attending import attendance, crowd_told, site_names, sites_attended
from anlan.response.services.bounds import fits
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned


def leader_checkin(
    *, by: Actor, post: str, site: str, handover_to: str | None = None, at: datetime | None = None
) -> LeaderCheckin:
    """A leader (post code) tells where they are: a place's code, words, or "command_post".

    Leaving may name who holds command meanwhile; that post then counts as in the command post. When nobody is left
    there the alarm "command post unattended" (指挥部无主) opens as an incident; it closes when a leader is back. Where a
    leader is is a fact and never refused; who asks before going uses `leader_leave`, which is.

    Raises NotFound, Forbidden, Invalid (no words for where; a stand-in who is the leader, or of another command).
    """
    at = at or clock.now()
    with pinned(at):
        leader = leader_post(by, post)
        stand_in = _stand_in(leader, handover_to) if handover_to else None
        _site(site)
        row, left = _move(by, leader, site, stand_in, at)
        others = {left}
        if stand_in is not None:
            others.add(_move(by, stand_in, POST, None, at)[1])
        attendance(by, leader.division, post if site == POST else handover_to, at)
        for one in (leader, stand_in):
            if one is not None:
                sites_attended(by, one, at, left=sorted(others - {""}))
        crowd_told(by, leader, site, at)
    return row


def leader_post(by: Actor, code: str) -> Post:
    """Return a leader's post that `by` may speak for, with all leaders' posts of its division locked: two who leave at once
    each see that the other goes. Raises NotFound, Forbidden."""
    found = Post.objects.filter(code=code, role__in=LEADER_ROLES).first()
    if found is None:
        raise NotFound(code="command.no_leader", zh=f"没有指挥岗位“{code}”。", en=f"There is no leader's post “{code}”.",
                       field="post", value=code)  # fmt: skip
    by.must("command.checkin", found.division)
    list(Post.objects.select_for_update().filter(division=found.division, role__in=LEADER_ROLES).order_by("code"))
    return found


def _stand_in(leader: Post, code: str) -> Post:
    found = (
        Post.objects.filter(code=code, role__in=LEADER_ROLES, division=leader.division).exclude(pk=leader.pk).first()
    )
    if found is None:
        raise Invalid(code="command.stand_in", zh="代理人应为本指挥部的另一位领导；请从名册中选择。", field="handover_to", value=code,
                      en="Who stands in is another leader of the same command; choose one from the roster.")  # fmt: skip
    return found


def _site(site: str) -> None:
    if not site.strip():
        raise Invalid(code="command.no_site", zh="请写明去向：指挥部、现场指挥部、地点或文字。", field="site", value=site,
                      en="Say where: the command post, an on-site one, a place, or words.")  # fmt: skip
    fits(LeaderCheckin, site=site)


def _move(by: Actor, leader: Post, site: str, stand_in: Post | None, at: datetime) -> tuple[LeaderCheckin, str]:
    """Write where a leader is now; return the row, and the site left ("" for none)."""
    before = LeaderCheckin.objects.filter(post=leader, until__isnull=True)
    left = before.values_list("site", flat=True).first() or ""
    before.update(until=at)
    names = site_names(site)
    row = LeaderCheckin.objects.create(
        post=leader, division=leader.division, site=site, site_zh=names["zh"], site_en=names["en"], since=at,
        handover_to=stand_in,
    )  # fmt: skip
    event = LeaderCheckedIn(post=leader.code, site=site, site_name=names,
                            handover_to=stand_in.code if stand_in else None)  # fmt: skip
    record(event, by=by, about=f"leader:{leader.pk}", division=leader.division, at=at)
    return row, left
