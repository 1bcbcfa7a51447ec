"""Teams that come to help: registered, accepted, put on hold or declined, counted in and out (力量登记)."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response import choices_command
from anlan.response.choices_levels import PURGED
from anlan.response.events import TeamContactShown, TeamDecided, TeamLeft, TeamMoved, TeamRegistered
from anlan.response.models import CommandGroup, CommandPost, PurgeClock, TeamIntake, TeamMovement, Withdrawal
from anlan.response.selectors.family import family
from anlan.response.selectors.registered_teams import RegisteredTeam, team_registered
from anlan.response.services.bounds import within_world
from anlan.response.services.command_log import entry_put
from anlan.response.services.command_posts import incident_of, post_locked
from anlan.response.services.purging import Gathered, events_apart, gathered_register, in_area_and_time
from anlan.response.services.withdrawing import withdrawal_progress
from anlan.warning.services.moment import pinned

MOST_PEOPLE, MOST_VEHICLES, MOST_HOURS = 5000, 1000, 24 * 30
_PHONE = re.compile(r"[+\d][\d\s-]{4,30}")


def team_register(
    *, by: Actor, command_post: UUID, name: str, leader: str, people: int, contact: str = "", kind: str = "social",
    organisation: str = "", vehicles: int = 0, equipment: str = "", skills: str = "", self_support_h: int = 0,
    insured: bool | None = None, arrived: bool = True, register_code: str = "", at: datetime | None = None,
) -> TeamIntake:  # fmt: skip
    """Register a team that has come, or is on its way (`arrived` False). It waits until somebody decides. With the
    `register_code` of a team on the standing register its name, kind and insurance are taken from there.

    Raises NotFound, Forbidden, Invalid (no name or leader, people out of 1 to 5,000, a code the register doesn't hold),
    Conflict when a team of this name is registered at this post and has not left.
    """
    at = at or clock.now()
    with pinned(at):
        post = post_locked(by, command_post, "command.intake")
        listed = _listed(register_code)
        if listed is not None:
            name, kind = name.strip() or listed.name_zh, listed.kind
            today = at.astimezone(clock.BEIJING).date()
            insured = listed.insured_to >= today if insured is None and listed.insured_to is not None else insured
        _check(name, leader, contact, kind)
        _counts(people, vehicles, self_support_h)
        called = name.strip()[:120]
        known = TeamIntake.objects.filter(command_post=post, name=called).exclude(decision="left").first()
        if known is not None:
            raise Conflict(code="team.known", zh=f"“{known.name}”已登记（第{known.number}号）。", field="name", value=name,
                           en=f"“{known.name}” is registered already (no. {known.number}).")  # fmt: skip
        last = TeamIntake.objects.filter(command_post=post).aggregate(last=Max("number"))["last"] or 0
        row = TeamIntake.objects.create(
            command_post=post, division=post.division, number=last + 1, name=called, team_kind=kind,
            organisation=organisation.strip()[:120], register_code=listed.code if listed is not None else "",
            leader=leader.strip()[:64], contact=contact.strip()[:32], people=people,
            vehicles=vehicles, equipment=equipment.strip()[:2000], skills=skills.strip()[:200],
            self_support_h=self_support_h, insured=insured, registered_at=at, arrived_at=at if arrived else None,
        )  # fmt: skip
        event = TeamRegistered(
            team=str(row.pk), post=str(post.pk), incident=incident_of(post), number=row.number, name=row.name,
            team_kind=kind, people=people, vehicles=row.vehicles, register_code=row.register_code,
        )  # fmt: skip
        record(event, by=by, about=f"teamintake:{row.pk}", division=post.division, at=at)
        if arrived:
            _log(
                by, post, row, "arrival", f"{row.name} {people}人到场登记 · {row.name} ({people} people) registered", at
            )
    return row


def _counts(people: int, vehicles: int, self_support_h: int) -> None:
    for field, value, least, most, zh, en in (
        ("people", people, 1, MOST_PEOPLE, "人数", "how many people"),
        ("vehicles", vehicles, 0, MOST_VEHICLES, "车辆数", "how many vehicles"),
        ("self_support_h", self_support_h, 0, MOST_HOURS, "自持小时数", "for how many hours it lives on its own"),
    ):  # fmt: skip
        if not least <= value <= most:
            raise Invalid(code=f"team.{field}", zh=f"{zh}应为{least}至{most}。", field=field, value=value,
                          en=f"Give {en}: {least} to {most}.")  # fmt: skip


def _listed(code: str) -> RegisteredTeam | None:
    if not code.strip():
        return None
    found = team_registered(code.strip())
    if found is None:
        raise Invalid(code="team.not_listed", zh=f"队伍名录中没有“{code}”；请从名录选择，或留空按临时队伍登记。", field="register_code",
                      value=code, en=f"The register of teams has no “{code}”; choose one, or leave it empty for a team not on it.")  # fmt: skip
    return found


def _check(name: str, leader: str, contact: str, kind: str) -> None:
    for field, value in (("name", name), ("leader", leader)):
        if not value.strip():
            raise Invalid(code=f"team.{field}", zh="请填写队伍名称和负责人。", en="Give the team's name and its leader.",
                          field=field, value=value)  # fmt: skip
    if contact.strip() and not _PHONE.fullmatch(contact.strip()):
        raise Invalid(code="team.contact", zh="电话只写数字、空格、连字符。", field="contact", value="",
                      en="Write the telephone in digits, spaces and hyphens.")  # fmt: skip
    if kind not in choices_command.TEAM_KINDS:
        raise Invalid(code="team.kind", zh=f"没有队伍类型“{kind}”。", en=f"There is no kind of team “{kind}”.", field="kind",
                      value=kind)  # fmt: skip


def team_decide(
    *, by: Actor, team: UUID, decision: str, reason: str = "", group: str = "", area: str = "", lon: float | None = None,
    lat: float | None = None, at: datetime | None = None,
) -> TeamIntake:  # fmt: skip
    """Accept a team (it joins a `group`, works in an `area`), put it on hold, or decline it, which needs a reason.

    A decision may be changed, but a team with people inside can't be declined. Raises Invalid, Conflict.
    """
    at = at or clock.now()
    with pinned(at):
        row, post = _locked(by, team, "command.decide")
        within_world(lon, lat)
        if decision not in ("accept", "hold", "decline"):
            raise Invalid(code="team.decision", zh="请选择接纳、待命或婉拒。", field="decision", value=decision,
                          en="Choose accept, hold or decline.")  # fmt: skip
        if decision == "decline" and not reason.strip():
            raise Invalid(code="team.no_reason", zh="婉拒须写明理由，理由会告知该队伍。", field="reason", value=reason,
                          en="Declining needs a reason; the team is told.")  # fmt: skip
        if decision != "accept" and row.heads_inside:
            raise Conflict(code="team.inside", zh=f"该队仍有{row.heads_inside}人在现场内，请先清点撤出。", field="team", value=team,
                           en=f"{row.heads_inside} of its people are inside; count them out first.")  # fmt: skip
        row.group = _group(post, group) if group else (row.group if decision == "accept" else None)
        if decision == "accept" and row.group is None and not (area or row.area).strip():
            raise Invalid(code="team.nowhere", zh="接纳须指定工作组或作业区域。", field="group", value=group,
                          en="Accepting needs a group or an area of work.")  # fmt: skip
        row.decision, row.reason, row.decided_at = decision, reason.strip()[:2000], at
        row.decided_by, row.decided_by_post_id = by.name[:96], by.post
        row.area = area.strip()[:200] or row.area
        row.lon, row.lat = (lon, lat) if lon is not None and lat is not None else (row.lon, row.lat)
        row.unasked = row.unasked and decision != "accept"
        row.save()
        event = TeamDecided(
            team=str(row.pk), post=str(post.pk), incident=incident_of(post), name=row.name, decision=decision,
            group=row.group.code if row.group else "", area=row.area, reason=row.reason,
        )  # fmt: skip
        record(event, by=by, about=f"teamintake:{row.pk}", division=post.division, at=at)
        word = choices_command.TEAM_DECISIONS[decision]
        where = row.group.name_zh if row.group else row.area
        text = f"{word.zh}{row.name}{f'（{where}）' if where else ''}{f'：{reason}' if reason else ''} · {word.en}: {row.name}"
        _log(by, post, row, "decision", text, at)
    return row


def _group(post: CommandPost, code: str) -> CommandGroup:
    found = CommandGroup.objects.filter(command_post=post, code=code, active=True).first()
    if found is None:
        raise NotFound(code="team.no_group", zh=f"本指挥部没有工作组“{code}”。", field="group", value=code,
                       en=f"This command post has no group “{code}”.")  # fmt: skip
    return found


def team_move(
    *, by: Actor, team: UUID, inward: bool, heads: int, area: str = "", note: str = "", unasked: bool = False,
    at: datetime | None = None,
) -> TeamIntake:  # fmt: skip
    """Count people of a team in or out. Only accepted teams go in, and nobody while a withdrawal holds; that some went in
    unasked is a fact and is taken with `unasked`, marked red. More can't come out than are inside."""
    at = at or clock.now()
    with pinned(at):
        row, post = _locked(by, team, "command.intake")
        if inward:
            _may_enter(row, post, heads, unasked)
        elif not 1 <= heads <= row.heads_inside:
            raise Invalid(code="team.heads", zh=f"场内登记{row.heads_inside}人，撤出人数应为1至{row.heads_inside}；若登记有误，先补登进入。",
                          en=f"{row.heads_inside} are inside: count 1 to {row.heads_inside} out; if that is wrong, count the missing ones in first.",
                          field="heads", value=heads)  # fmt: skip
        row.heads_inside += heads if inward else -heads
        row.arrived_at = row.arrived_at or at
        row.unasked = row.unasked or (unasked and row.decision != "accept")
        row.save(update_fields=["heads_inside", "arrived_at", "unasked"])
        TeamMovement.objects.create(team=row, division=row.division, inward=inward, heads=heads, at=at,
                                    area=area.strip()[:200] or row.area, by_name=by.name[:96], note=note[:200])  # fmt: skip
        event = TeamMoved(
            team=str(row.pk), post=str(post.pk), incident=incident_of(post), name=row.name, inward=inward, heads=heads,
            inside=row.heads_inside, unasked=row.unasked,
        )  # fmt: skip
        record(event, by=by, about=f"teamintake:{row.pk}", division=post.division, at=at)
        way = ("进入", "in") if inward else ("撤出", "out")
        text = f"{row.name} {way[0]}{heads}人，场内{row.heads_inside}人 · {row.name}: {heads} {way[1]}, {row.heads_inside} inside"
        _log(by, post, row, "arrival" if inward else "departure", text, at)
        withdrawal_progress(by, post, at)
    return row


def _may_enter(row: TeamIntake, post: CommandPost, heads: int, unasked: bool) -> None:
    most = row.people - row.heads_inside
    if not 1 <= heads <= most:
        raise Invalid(code="team.heads", zh=f"该队登记{row.people}人，场内已有{row.heads_inside}人；本次最多进入{most}人。",
                      en=f"{row.people} are registered and {row.heads_inside} inside: at most {most} more can go in.",
                      field="heads", value=heads)  # fmt: skip
    if unasked:  # a fact; a withdrawal that runs counts them from now on
        return
    if row.decision != "accept":
        raise Conflict(code="team.not_accepted", zh="未接纳的队伍不得进入；先作决定，或如实登记为“擅自进入”。", field="team",
                       en="Only accepted teams go in; decide first, or write down that they went in unasked.", value=row.pk)  # fmt: skip
    holding = Withdrawal.objects.filter(command_post=post).exclude(state="lifted")
    if any(w.group_id in (None, row.group_id) for w in holding):
        raise Conflict(code="team.withdrawn", zh="撤离命令有效，解除前任何人不得进入。", field="team", value=row.pk,
                       en="A withdrawal holds: nobody goes in until it is lifted.")  # fmt: skip


def team_leave(*, by: Actor, team: UUID, reason: str = "", at: datetime | None = None) -> TeamIntake:
    """A team leaves for good. Refused while any of its people are inside."""
    at = at or clock.now()
    with pinned(at):
        row, post = _locked(by, team, "command.intake")
        if row.heads_inside:
            raise Conflict(code="team.inside", zh=f"该队仍有{row.heads_inside}人在现场内，请先清点撤出。", field="team", value=team,
                           en=f"{row.heads_inside} of its people are inside; count them out first.")  # fmt: skip
        row.decision, row.left_at = "left", at
        row.save(update_fields=["decision", "left_at"])
        event = TeamLeft(team=str(row.pk), post=str(post.pk), incident=incident_of(post), name=row.name, reason=reason)
        record(event, by=by, about=f"teamintake:{row.pk}", division=post.division, at=at)
        _log(by, post, row, "departure", f"{row.name}离场{f'：{reason}' if reason else ''} · {row.name} has left", at)
    return row


def team_contact(*, by: Actor, team: UUID, reason: str, at: datetime | None = None) -> str:
    """Return the leader's telephone in full, and journal who asked and why."""
    at = at or clock.now()
    with pinned(at):
        row, post = _locked(by, team, "command.intake", active=False)
        if not reason.strip():
            raise Invalid(code="team.no_reason", zh="查看完整号码须写明用途。", en="Say what you need the number for.",
                          field="reason", value=reason)  # fmt: skip
        event = TeamContactShown(team=str(row.pk), reason=reason.strip()[:200])
        record(event, by=by, about=f"teamintake:{row.pk}", division=post.division, at=at)
    return row.contact


def _locked(by: Actor, key: UUID, act: str, *, active: bool = True) -> tuple[TeamIntake, CommandPost]:
    """Return a team and its command post for changing, the post's row locked first."""
    seen = TeamIntake.objects.filter(pk=key).first()
    if seen is None:
        raise NotFound(code="team.not_found", zh="没有这支队伍，或不在您的范围内。", field="team", value=key,
                       en="There is no such team, or it is not in your scope.")  # fmt: skip
    post = post_locked(by, seen.command_post_id, act, active=active)
    row = TeamIntake.objects.select_for_update(of=("self",)).select_related("group").get(pk=key)
    if row.decision == "left" and active:
        raise Conflict(code="team.left", zh="该队已离场；再来请重新登记。", field="team", value=key,
                       en="The team has left; register it again when it comes back.")  # fmt: skip
    return row, post


def _log(by: Actor, post: CommandPost, row: TeamIntake, kind: str, text: str, at: datetime) -> None:
    entry_put(by=by, post=post, kind=kind, text=text, sender=row.name, about=f"team:{row.pk}", at=at, channel="system")


def _gathered(purge: PurgeClock) -> QuerySet[TeamIntake]:
    """Teams taken in at the event's command posts; or in the response's area and time, save at posts of events with their
    own response."""
    if purge.incident_id is not None:
        return TeamIntake.objects.filter(command_post__incident__in=family(purge.incident_id))
    rows = in_area_and_time(purge, TeamIntake.objects.all(), "registered_at")
    return rows.exclude(command_post__incident__isnull=False, command_post__incident__in=events_apart())


gathered_register(Gathered("teams", TeamIntake, {"leader": PURGED, "contact": PURGED}, _gathered))
