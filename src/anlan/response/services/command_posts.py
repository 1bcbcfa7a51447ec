"""On-site command posts: set up from a template, moved, linked under a higher one, closed; their groups."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine.command_template import Chosen, GroupRule, choose
from anlan.response.events import CommandPostClosed, CommandPostLinked, CommandPostMoved, CommandPostSetUp
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import CommandGroup, CommandLogEntry, CommandPost, Incident, Level, TeamIntake, Withdrawal
from anlan.response.services.attending import site_closed
from anlan.response.services.bounds import fits, within_world
from anlan.response.services.command_log import entry_put
from anlan.response.services.proposals import minutes
from anlan.response.services.writing import rows_insert
from anlan.territory.choices import DEPARTMENTS
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned

COUNTY, CITY = 6, 4


def command_post_set_up(
    *, by: Actor, incident: UUID | None = None, level: UUID | None = None, template: str = "", name: dict[str, str] | None = None,
    place: str = "", lon: float | None = None, lat: float | None = None, under: UUID | None = None, at: datetime | None = None,
) -> CommandPost:  # fmt: skip
    """Set up an on-site command post for an incident, or for a response in force to a danger to a whole area.

    The template follows the event's class unless `template` names one; its groups get their lead posts from the roster.
    `under`: the post that commands this one. Raises NotFound, Forbidden, Conflict when one stands for it already.
    """
    at = at or clock.now()
    with pinned(at):
        event, response = _incident(by, incident), _level(by, level)
        division = event.division if event else response.area if response else ""
        if not division:
            raise Invalid(code="command.of_nothing", zh="请指明事件或响应。", en="Say which incident or response it is for.",
                          field="incident", value=incident)  # fmt: skip
        by.must("command.set_up", division)
        higher = post_locked(by, under, "command.set_up") if under else None
        _none_yet(event, response, higher)
        chosen = _chosen(event, response, template)
        names = name or _name(event, response, higher)
        fits(CommandPost, name_zh=names["zh"], name_en=names["en"], place_words=place)
        within_world(lon, lat)
        row = CommandPost.objects.create(
            incident=event, level=response, division=division, under=higher, name_zh=names["zh"], name_en=names["en"],
            template=chosen.template.code, template_version=command_pack().version, tier=min(len(division), COUNTY),
            lon=lon if lon is not None else getattr(event, "lon", None),
            lat=lat if lat is not None else getattr(event, "lat", None),
            place_words=place or getattr(event, "place_words", ""), set_up_at=at, set_up_by_post_id=by.post,
        )  # fmt: skip
        _groups(row, chosen)
        told = CommandPostSetUp(
            post=str(row.pk), incident=_id(event), level=_id(response), name=names, template=row.template,
            template_version=row.template_version, groups=[rule.code for rule in chosen.groups], place=row.place_words,
        )  # fmt: skip
        record(told, by=by, about=f"commandpost:{row.pk}", division=division, at=at)
        entry_put(
            by=by, post=row, kind="decision", text=f"设立{row.name_zh} · {row.name_en} set up", at=at, channel="system"
        )
    return row


def _id(row: Any) -> str | None:
    return str(row.pk) if row is not None else None


def _incident(by: Actor, key: UUID | None) -> Incident | None:
    if key is None:
        return None
    row = Incident.objects.select_for_update().filter(pk=key).first()
    if row is None or not by.scope.sees(row.division):
        raise NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。",
                       en="There is no such incident, or it is not in your scope.", field="incident", value=key)  # fmt: skip
    if row.state != "open":
        raise Conflict(code="command.incident_over", zh="事件已结束或已并入其他事件，请对后者设立指挥部。", field="incident",
                       en="The incident is closed or went into another one; set the post up for that one.", value=key)  # fmt: skip
    return row


def _level(by: Actor, key: UUID | None) -> Level | None:
    if key is None:
        return None
    row = (
        Level.objects.select_for_update(of=("self",)).select_related("plan").filter(pk=key, until__isnull=True).first()
    )
    if row is None or not by.scope.sees(row.area):
        raise NotFound(code="command.no_level", zh="没有这个生效中的响应，或不在您的范围内。", field="level", value=key,
                       en="There is no such response in force, or it is not in your scope.")  # fmt: skip
    return row


def _none_yet(event: Incident | None, response: Level | None, higher: CommandPost | None) -> None:
    if higher is None:
        _stands_alone(event.pk if event else None, response.pk if response else None)


def _stands_alone(incident: UUID | None, level: UUID | None, but: UUID | None = None) -> None:
    """Conflict where another post stands by itself already for this incident, or for this response."""
    standing = CommandPost.objects.filter(state="active", under__isnull=True)
    if but is not None:
        standing = standing.exclude(pk=but)
    of = Q(incident=incident) if incident else Q()
    found = standing.filter(of | Q(level=level) if level else of).order_by("set_up_at").first()
    if found is not None:
        raise Conflict(code="command.post_stands", zh=f"已有{found.name_zh}；请在其下设前方指挥部，或使用该指挥部。",
                       en=f"{found.name_en} stands already; use it, or set up a forward post under it.", field="incident",
                       value=found.pk, post=str(found.pk))  # fmt: skip


def _chosen(event: Incident | None, response: Level | None, template: str) -> Chosen:
    pack = command_pack()
    if template and template not in {one.code for one in pack.templates}:
        raise Invalid(code="command.template", zh=f"没有模板“{template}”，可选：{'、'.join(t.name.zh for t in pack.templates)}。",
                      en=f"There is no template “{template}”; one of: {', '.join(t.code for t in pack.templates)}.",
                      field="template", value=template)  # fmt: skip
    hazards = response.plan.hazards if response else []
    type_code = event.type_code if event else (hazards[0] if hazards else "")
    return choose(pack, type_code=type_code, kind=event.kind if event else "", code=template)


def _name(event: Incident | None, response: Level | None, higher: CommandPost | None) -> dict[str, str]:
    """现场指挥部; one under another is a forward post (前方指挥部)."""
    zh = event.title_zh if event else response.matter if response else ""
    en = event.title_en if event else response.plan.name_en if response else ""
    if higher is not None:
        return {"zh": f"{zh[:180]}前方指挥部", "en": f"Forward command: {en[:270]}"}
    return {"zh": f"{zh[:180]}现场指挥部", "en": f"On-site command: {en[:270]}"}


def _groups(row: CommandPost, chosen: Chosen) -> None:
    """Lay the template's groups down; the lead's duty desk of the county, else of the city, is its post on the roster."""
    areas = [row.division[:n] for n in (COUNTY, CITY) if n <= len(row.division)]
    codes = [f"{area}.department.{rule.lead}" for rule in chosen.groups for area in areas]
    posts = {post.code: post for post in Post.objects.filter(code__in=codes)}
    made = []
    for place, rule in enumerate(chosen.groups):
        lead = next((posts[c] for area in areas if (c := f"{area}.department.{rule.lead}") in posts), None)
        words = {"zh": lead.organisation.name_zh, "en": lead.organisation.name_en} if lead else unit_words(rule.lead)
        made.append(_group(row, rule, place, lead, words))
    rows_insert(made)


def _group(row: CommandPost, rule: GroupRule, place: int, lead: Post | None, words: dict[str, str]) -> CommandGroup:
    return CommandGroup(
        command_post=row, division=row.division, code=rule.code, place_in_line=place, name_zh=rule.name.zh,
        name_en=rule.name.en, lead_post=lead, lead_zh=words["zh"][:96], lead_en=words["en"][:160],
        members=[{"code": unit, **unit_words(unit)} for unit in rule.members], shift=list(rule.shift),
        duties=[duty.as_dict() for duty in rule.duties], channel=rule.channel,
    )  # fmt: skip


def unit_words(code: str) -> dict[str, str]:
    """Return {zh, en} of a department or of a unit the pack names itself; an unknown code shows as itself."""
    if code in DEPARTMENTS:
        return {"zh": DEPARTMENTS[code].zh, "en": DEPARTMENTS[code].en}
    words = command_pack().units.get(code)
    return words.as_dict() if words else {"zh": code, "en": code}


def post_locked(by: Actor, key: UUID, act: str, *, active: bool = True) -> CommandPost:
    """Return a command post for changing, its row locked. Raises NotFound, Forbidden, Conflict when it is closed."""
    seen = CommandPost.objects.filter(pk=key).first()
    if seen is None or not by.scope.sees(seen.division):
        raise NotFound(code="command.no_post", zh="没有这个现场指挥部，或不在您的范围内。", field="command_post", value=key,
                       en="There is no such command post, or it is not in your scope.")  # fmt: skip
    by.must(act, seen.division)
    row = CommandPost.objects.select_for_update().get(pk=key)
    if active and row.state != "active":
        raise Conflict(code="command.post_closed", zh="该现场指挥部已撤销；记录仍可查看，不再更改。", field="command_post",
                       en="The command post is closed; its record can be read, not added to.", value=key)  # fmt: skip
    return row


def incident_of(row: CommandPost) -> str | None:
    """Return the id of the incident a command post is for, as events carry it."""
    return str(row.incident_id) if row.incident_id else None


def command_post_move(
    *, by: Actor, command_post: UUID, place: str, lon: float | None = None, lat: float | None = None, at: datetime | None = None
) -> CommandPost:  # fmt: skip
    """Move a command post, or mend where it stands: words, and a point in degrees WGS-84 or none."""
    at = at or clock.now()
    with pinned(at):
        row = post_locked(by, command_post, "command.set_up")
        if not place.strip():
            raise Invalid(code="command.no_place", zh="请写明指挥部位置。", en="Say where the command post stands.",
                          field="place", value=place)  # fmt: skip
        within_world(lon, lat)
        row.place_words, row.lon, row.lat = place.strip()[:200], lon, lat
        row.save(update_fields=["place_words", "lon", "lat"])
        event = CommandPostMoved(post=str(row.pk), incident=incident_of(row), place=row.place_words, lon=lon, lat=lat)
        record(event, by=by, about=f"commandpost:{row.pk}", division=row.division, at=at)
        text = f"指挥部移至{row.place_words} · Command post moved to {row.place_words}"
        entry_put(by=by, post=row, kind="decision", text=text, at=at, channel="system")
    return row


def command_post_link(*, by: Actor, command_post: UUID, under: UUID | None, at: datetime | None = None) -> CommandPost:
    """Put a command post under a higher one (`None`: it stands by itself again). Raises Invalid for a ring of posts,
    Conflict where another one stands by itself for the same incident or response."""
    at = at or clock.now()
    with pinned(at):
        row = post_locked(by, command_post, "command.set_up")
        higher = post_locked(by, under, "command.log") if under else None
        above: CommandPost | None = higher
        while above is not None:
            if above.pk == row.pk:
                raise Invalid(code="command.ring", zh="上级指挥部不能是其自身或其下级。", field="under", value=under,
                              en="A command post can't be under itself or under one below it.")  # fmt: skip
            above = above.under
        if higher is None:
            _stands_alone(row.incident_id, row.level_id, but=row.pk)
        row.under = higher
        row.save(update_fields=["under"])
        event = CommandPostLinked(post=str(row.pk), incident=incident_of(row), under=_id(higher))
        record(event, by=by, about=f"commandpost:{row.pk}", division=row.division, at=at)
    return row


def command_post_close(*, by: Actor, command_post: UUID, reason: str, at: datetime | None = None) -> CommandPost:
    """Close a command post. Refused while anybody is inside, a withdrawal runs or a hand-over waits for its signature."""
    at = at or clock.now()
    with pinned(at):
        row = post_locked(by, command_post, "command.set_up")
        if not reason.strip():
            raise Invalid(code="command.no_reason", zh="请写明撤销理由。", en="Say why it is closed.", field="reason",
                          value=reason)  # fmt: skip
        _nothing_open(row)
        site_closed(by, row, reason, at)
        entries = CommandLogEntry.objects.filter(command_post=row).count()
        entry_put(
            by=by,
            post=row,
            kind="decision",
            text=f"撤销指挥部：{reason} · Post closed: {reason}",
            at=at,
            channel="system",
        )
        row.terms.filter(state="current").update(state="ended", until=at)
        row.state, row.closed_at, row.close_reason = "closed", at, reason
        row.save(update_fields=["state", "closed_at", "close_reason"])
        event = CommandPostClosed(post=str(row.pk), incident=incident_of(row), minutes=minutes(row.set_up_at, at),
                                  entries=entries + 1, reason=reason)  # fmt: skip
        record(event, by=by, about=f"commandpost:{row.pk}", division=row.division, at=at)
    return row


def _nothing_open(row: CommandPost) -> None:
    inside = list(TeamIntake.objects.filter(command_post=row, heads_inside__gt=0).order_by("number"))
    if inside:
        names = "、".join(f"{team.name} {team.heads_inside}人" for team in inside)
        told = ", ".join(f"{team.name}: {team.heads_inside}" for team in inside)
        raise Conflict(code="command.people_inside", zh=f"仍有人员未撤出：{names}。请清点撤出后再撤销。", field="command_post",
                       en=f"People are still inside ({told}); count them out first.", value=row.pk)  # fmt: skip
    below = CommandPost.objects.filter(under=row, state="active").order_by("set_up_at").first()
    if below is not None:
        raise Conflict(code="command.posts_below", zh=f"其下还有{below.name_zh}；请先撤销或改挂到其他指挥部。", field="command_post",
                       en=f"{below.name_en} stands under it; close it or put it under another post first.", value=row.pk)  # fmt: skip
    if row.terms.filter(state="offered").exists() or Withdrawal.objects.filter(command_post=row, state="open").exists():
        raise Conflict(code="command.open_matters", zh="有待签收的指挥权移交或进行中的撤离；请先办结。", field="command_post",
                       en="A hand-over waits to be signed, or a withdrawal runs; finish it first.", value=row.pk)  # fmt: skip
