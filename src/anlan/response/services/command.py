"""Command bodies and leaders: one event, one level an area; and somebody in the command post, always."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine.attendance import POST, Absence, Whereabouts, unattended
from anlan.response.events import (
    BodyLevelSet,
    CommandAttended,
    CommandMismatch,
    CommandUnattended,
    LeaderCheckedIn,
    MismatchClosed,
)
from anlan.response.models import BodyLevel, CommandBody, Incident, LeaderCheckin, Mismatch
from anlan.response.services.incidents import incident_close, incident_open
from anlan.response.services.proposals import minutes
from anlan.territory.models import Place, Post
from anlan.warning.services.moment import pinned

LEADER_ROLES = ("city_commander", "city_deputy", "county_commander", "county_deputy")


def body_level_set(
    *, by: Actor, body: str, level: int, track: str = "main", post: UUID | None = None, note: str = "",
    at: datetime | None = None,
) -> BodyLevel:  # fmt: skip
    """A command body takes a level (0: none). Bodies it leads that stand elsewhere are shown as a mismatch; one of its
    own is settled when it now stands where its lead does. Taking the level it has changes nothing."""
    at = at or clock.now()
    with pinned(at):
        row = _body(body)
        by.must("command.adopt", row.division)
        if level not in (0, 1, 2, 3, 4):
            raise Invalid(code="command.level", zh="级别应为0至4。", en="Give a level from 0 to 4.", field="level",
                          value=level)  # fmt: skip
        old = BodyLevel.objects.select_for_update().filter(body=row, track=track, until__isnull=True).first()
        if old is not None and old.level == level:
            return old
        if old is not None:
            old.until = at
            old.save(update_fields=["until"])
        new = BodyLevel.objects.create(body=row, division=row.division, track=track, level=level, since=at,
                                       by_post_id=post or by.post, note=note)  # fmt: skip
        chosen = Post.objects.filter(pk=new.by_post_id).first() if new.by_post_id else None
        event = BodyLevelSet(
            body=body, track=track, level=level, previous=old.level if old else 0, post=chosen.code if chosen else None
        )
        record(event, by=by, about=f"body:{row.pk}", division=row.division, at=at)
        for other in CommandBody.objects.filter(lead=row).order_by("code"):
            _compare(by, row, other, track, at)
        if row.lead is not None:
            _compare(by, row.lead, row, track, at)
    return new


def _body(code: str) -> CommandBody:
    row = CommandBody.objects.select_related("lead").filter(code=code).first()
    if row is None:
        raise NotFound(code="command.no_body", zh=f"没有指挥机构“{code}”；请先导入预案。",
                       en=f"There is no command body “{code}”; load its plan first.", field="body", value=code)  # fmt: skip
    return row


def _stands(body: CommandBody, track: str) -> int:
    found = BodyLevel.objects.filter(body=body, track=track, until__isnull=True).first()
    return found.level if found else 0


def _compare(by: Actor, lead: CommandBody, body: CommandBody, track: str, at: datetime) -> None:
    """Open, renew or settle the mismatch between a body and the one that leads it."""
    ours, theirs = _stands(body, track), _stands(lead, track)
    opened = Mismatch.objects.select_for_update(of=("self",)).filter(body=body, track=track, state="open").first()
    if ours == theirs:
        if opened is not None:
            _settle(by, opened, "adopted", "", at)
        return
    if opened is not None:
        opened.lead_level, opened.body_level = theirs, ours
        opened.save(update_fields=["lead_level", "body_level"])
    else:
        opened = Mismatch.objects.create(lead=lead, body=body, division=body.division, track=track, lead_level=theirs,
                                         body_level=ours, opened_at=at)  # fmt: skip
    event = CommandMismatch(mismatch=str(opened.pk), lead=lead.code, body=body.code, track=track, lead_level=theirs,
                            body_level=ours)  # fmt: skip
    record(event, by=by, about=f"mismatch:{opened.pk}", division=body.division, at=at)


def mismatch_refuse(*, by: Actor, mismatch: UUID, reason: str, at: datetime | None = None) -> Mismatch:
    """A body keeps its own level, with a reason on record. Adopting is `body_level_set` to the lead's level."""
    at = at or clock.now()
    with pinned(at):
        row = Mismatch.objects.select_for_update(of=("self",)).select_related("body").filter(pk=mismatch).first()
        if row is None or not by.scope.sees(row.division):
            raise NotFound(code="command.no_mismatch", zh="没有这项不一致。", en="There is no such mismatch.",
                           field="mismatch", value=mismatch)  # fmt: skip
        by.must("command.adopt", row.division)
        if row.state != "open":
            raise Conflict(code="command.settled", zh="该不一致已处理。", en="The mismatch is settled already.",
                           field="mismatch", value=mismatch)  # fmt: skip
        if not reason.strip():
            raise Invalid(code="command.no_reason", zh="不跟进须写明理由。", en="Refusing needs a reason.",
                          field="reason", value=reason)  # fmt: skip
        _settle(by, row, "refused", reason, at)
    return row


def _settle(by: Actor, row: Mismatch, state: str, reason: str, at: datetime) -> None:
    row.state, row.closed_at, row.reason = state, at, reason
    row.save(update_fields=["state", "closed_at", "reason"])
    event = MismatchClosed(mismatch=str(row.pk), body=row.body.code, track=row.track, state=state,
                           minutes=minutes(row.opened_at, at), reason=reason)  # fmt: skip
    record(event, by=by, about=f"mismatch:{row.pk}", division=row.division, at=at)


def leader_checkin(
    *, by: Actor, post: str, site: str, handover_to: str | None = None, at: datetime | None = None
) -> LeaderCheckin:
    """A leader (post code) tells where they are: a place's code, words, or "command_post".

    Leaving may name who holds command meanwhile; that post then counts as in the command post. When nobody is left
    there the alarm "command post unattended" (指挥部无主) opens as an incident; it closes when a leader is back.
    """
    at = at or clock.now()
    with pinned(at):
        leader = _leader(post)
        by.must("command.checkin", leader.division)
        stand_in = _leader(handover_to) if handover_to else None
        row = _move(by, leader, site, stand_in, at)
        if stand_in is not None:
            _move(by, stand_in, POST, None, at)
        _attendance(by, leader.division, post if site == POST else handover_to, at)
    return row


def _leader(code: str) -> Post:
    found = Post.objects.filter(code=code, role__in=LEADER_ROLES).first()
    if found is None:
        raise NotFound(code="command.no_leader", zh=f"没有指挥岗位“{code}”。", en=f"There is no leader's post “{code}”.",
                       field="post", value=code)  # fmt: skip
    return found


def _move(by: Actor, leader: Post, site: str, stand_in: Post | None, at: datetime) -> LeaderCheckin:
    LeaderCheckin.objects.filter(post=leader, until__isnull=True).update(until=at)
    place = Place.objects.filter(code=site).first()
    names = {"zh": "指挥部", "en": "Command post"} if site == POST else {"zh": site, "en": site}
    if place is not None:
        names = {"zh": place.name_zh, "en": place.name_en}
    row = LeaderCheckin.objects.create(
        post=leader, division=leader.division, site=site, site_zh=names["zh"], site_en=names["en"], since=at,
        handover_to=stand_in,
    )  # fmt: skip
    event = LeaderCheckedIn(post=leader.code, site=site, site_name=names,
                            handover_to=stand_in.code if stand_in else None)  # fmt: skip
    record(event, by=by, about=f"leader:{leader.pk}", division=leader.division, at=at)
    return row


def _attendance(by: Actor, division: str, arrived: str | None, at: datetime) -> None:
    """Open or close the alarm of a division's command post."""
    roles = LEADER_ROLES[:2] if len(division) == 4 else LEADER_ROLES[2:]
    codes = list(Post.objects.filter(division=division, role__in=roles).order_by("code").values_list("code", flat=True))
    rows = LeaderCheckin.objects.filter(post__code__in=codes, until__isnull=True).values_list("post__code", "site")
    sites = dict(rows.order_by("post__code"))
    absence = unattended([Whereabouts(code, sites.get(code, "")) for code in codes])
    key = f"unattended:{division}"
    alarm = Incident.objects.filter(key=key, state="open").first()
    if absence is not None and alarm is None:
        _alarm(by, division, key, absence, len(codes), at)
    elif absence is None and alarm is not None and POST in sites.values():
        incident_close(by=by, incident=alarm.pk, reason=f"{arrived}: {POST}", at=at)
        event = CommandAttended(post=arrived or "", minutes=minutes(alarm.opened_at, at))
        record(event, by=by, about=f"incident:{alarm.pk}", division=division, at=at)


def _alarm(by: Actor, division: str, key: str, absence: Absence, leaders: int, at: datetime) -> None:
    where = LeaderCheckin.objects.filter(site=absence.site, until__isnull=True).first() if absence.site else None
    zh = f"指挥部无主：{len(absence.away)}名领导" + (f"都在{where.site_zh}" if where else "在外")
    en = f"Command post unattended: {len(absence.away)} leaders " + (f"all at {where.site_en}" if where else "are away")
    system = Actor.system("response")
    incident = incident_open(
        by=system, kind="command_unattended", title={"zh": zh, "en": en}, division=division, source="leader board",
        confidence="high", unverified=False, key=key, details={"away": list(absence.away), "site": absence.site}, at=at,
    )  # fmt: skip
    event = CommandUnattended(away=list(absence.away), site=absence.site, leaders=leaders, incident=str(incident.pk))
    record(event, by=system, about=f"incident:{incident.pk}", division=division, at=at)
