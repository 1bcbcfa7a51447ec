"""Is somebody in command where there must be (指挥部是否有主), in the command post and on site; and are leaders crowding?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.response.engine.attendance import POST, Absence, Whereabouts, crowds, unattended
from anlan.response.events import CommandAttended, CommandCrowded, CommandUnattended
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import CommanderTerm, CommandPost, Incident, LeaderCheckin
from anlan.response.selectors.boards import LEADER_ROLES
from anlan.response.services.incidents import incident_close, incident_open
from anlan.response.services.proposals import minutes
from anlan.territory.models import Place, Post

ON_SITE = "post:"


def site_names(site: str) -> dict[str, str]:
    """Return {zh, en} of where a leader is: the command post, an on-site one (`post:<id>`), a place, or the words."""
    if site == POST:
        return {"zh": "指挥部", "en": "Command post"}
    if site.startswith(ON_SITE):
        key = _key(site)
        post = CommandPost.objects.filter(pk=key).first() if key else None
        return {"zh": post.name_zh[:96], "en": post.name_en[:160]} if post else {"zh": site, "en": site}
    place = Place.objects.filter(code=site).first()
    return {"zh": place.name_zh, "en": place.name_en} if place is not None else {"zh": site, "en": site}


def _key(site: str) -> UUID | None:
    try:
        return UUID(site.removeprefix(ON_SITE))
    except ValueError:
        return None


def whereabouts(division: str) -> list[Whereabouts]:
    """Return where the leaders of a division's command are, as they last checked in. Two queries."""
    roles = LEADER_ROLES[:2] if len(division) == 4 else LEADER_ROLES[2:]
    codes = list(Post.objects.filter(division=division, role__in=roles).order_by("code").values_list("code", flat=True))
    rows = LeaderCheckin.objects.filter(post__code__in=codes, until__isnull=True).values_list("post__code", "site")
    sites = dict(rows.order_by("post__code"))
    return [Whereabouts(code, sites.get(code, "")) for code in codes]


def attendance(by: Actor, division: str, arrived: str | None, at: datetime) -> None:
    """Open or close the alarm of a division's command post."""
    found = whereabouts(division)
    absence = unattended(found)
    key = f"unattended:{division}"
    alarm = Incident.objects.filter(key=key, state="open").first()
    if absence is not None and alarm is None:
        _alarm(division, key, absence, len(found), at)
    elif absence is None and alarm is not None and any(one.site == POST for one in found):
        _attended(by, alarm, arrived or "", POST, at)


def _attended(by: Actor, alarm: Incident, arrived: str, site: str, at: datetime) -> None:
    incident_close(by=by, incident=alarm.pk, reason=f"{arrived}: {site}", at=at)
    event = CommandAttended(post=arrived, minutes=minutes(alarm.opened_at, at))
    record(event, by=by, about=f"incident:{alarm.pk}", division=alarm.division, at=at)


def _alarm(division: str, key: str, absence: Absence, leaders: int, at: datetime) -> None:
    title = _title(absence)
    system = Actor.system("response")
    incident = incident_open(
        by=system, kind="command_unattended", title=title, division=division, source="leader board",
        confidence="high", unverified=False, key=key, details={"away": list(absence.away), "site": absence.site}, at=at,
    )  # fmt: skip
    event = CommandUnattended(away=list(absence.away), site=absence.site, leaders=leaders, incident=str(incident.pk))
    record(event, by=system, about=f"incident:{incident.pk}", division=division, at=at)


def _title(absence: Absence) -> dict[str, str]:
    where = LeaderCheckin.objects.filter(site=absence.site, until__isnull=True).first() if absence.site else None
    zh = f"指挥部无主：{len(absence.away)}名领导" + (f"都在{where.site_zh}" if where else "在外")
    en = f"Command post unattended: {len(absence.away)} leaders " + (f"all at {where.site_en}" if where else "are away")
    return {"zh": zh, "en": en}


def sites_attended(by: Actor, leader: Post, at: datetime, left: Sequence[str] = ()) -> None:
    """Open or close the alarms of the on-site command posts this leader commands, has come to or has `left` (sites): an
    on-site post never stands without its commander or another leader. One query where the leader has to do with none."""
    here = LeaderCheckin.objects.filter(post=leader, until__isnull=True).values_list("site", flat=True).first() or ""
    there = [key for site in (here, *left) if site.startswith(ON_SITE) and (key := _key(site)) is not None]
    terms = CommanderTerm.objects.filter(state="current", command_post__state="active").select_related("command_post")
    terms = terms.filter(Q(post=leader) | Q(command_post_id__in=there, post__isnull=False))
    for term in terms.order_by("command_post_id"):
        post, site = term.command_post, f"{ON_SITE}{term.command_post_id}"
        alarm = Incident.objects.filter(key=f"unattended:{site}", state="open").first()
        if LeaderCheckin.objects.filter(site=site, until__isnull=True).exists():
            if alarm is not None:
                _attended(by, alarm, leader.code, site, at)
        elif alarm is None and (term.post_id == leader.pk or site in left):
            _site_alarm(post, leader, at)


def site_closed(by: Actor, post: CommandPost, reason: str, at: datetime) -> None:
    """An on-site command post is closed: nobody need be there any more."""
    for alarm in Incident.objects.filter(key=f"unattended:{ON_SITE}{post.pk}", state="open").order_by("id"):
        incident_close(by=by, incident=alarm.pk, reason=reason, at=at)


def _site_alarm(post: CommandPost, leader: Post, at: datetime) -> None:
    system = Actor.system("response")
    title = {
        "zh": f"现场指挥部无主：{leader.name_zh}已离开{post.name_zh}",
        "en": f"No leader on site: {leader.name_en} has left {post.name_en}",
    }
    alarm = incident_open(
        by=system, kind="command_unattended", title={"zh": title["zh"][:200], "en": title["en"][:300]}, division=post.division,
        source="leader board", confidence="high", unverified=False, key=f"unattended:{ON_SITE}{post.pk}", at=at,
        details={"away": [leader.code], "command_post": str(post.pk)}, lon=post.lon, lat=post.lat,
    )  # fmt: skip
    event = CommandUnattended(away=[leader.code], site="", leaders=1, incident=str(alarm.pk))
    record(event, by=system, about=f"incident:{alarm.pk}", division=post.division, at=at)


def crowd_told(by: Actor, leader: Post, site: str, at: datetime) -> None:
    """Tell at once when a leader's arrival makes a crowd of leaders at one site (F4), and let the alarm say how many."""
    if site == POST:
        return
    found = whereabouts(leader.division)
    crowd = next((one for one in crowds(found, command_pack().limits.crowd) if one.site == site), None)
    if crowd is None:
        return
    alarm = Incident.objects.filter(key=f"unattended:{leader.division}", state="open").first()
    absence = unattended(found)
    if alarm is not None and absence is not None:
        title = _title(absence)
        alarm.title_zh, alarm.title_en = title["zh"], title["en"]
        alarm.details = {**alarm.details, "away": list(absence.away), "site": absence.site}
        alarm.save(update_fields=["title_zh", "title_en", "details"])
    event = CommandCrowded(site=site, site_name=site_names(site), leaders=list(crowd.leaders), of=len(found),
                           unattended=str(alarm.pk) if alarm else None)  # fmt: skip
    about = f"incident:{alarm.pk}" if alarm else f"leader:{leader.pk}"
    record(event, by=Actor.system("response"), about=about, division=leader.division, at=at)
