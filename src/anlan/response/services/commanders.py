"""Who commands on site (总指挥): command passes on with a recorded hand-over that both sign, or is taken with a reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.response.engine.handover import Content, missing, upward
from anlan.response.events import CommandOffered, CommandTaken
from anlan.response.models import CommanderTerm, CommandPost
from anlan.response.selectors.boards import LEADER_ROLES
from anlan.response.selectors.handing_over import handover_facts
from anlan.response.services.attending import ON_SITE
from anlan.response.services.command import leader_checkin
from anlan.response.services.command_log import entry_put
from anlan.response.services.command_posts import incident_of, post_locked
from anlan.territory.models import Post
from anlan.warning.services.moment import pinned

MAX_TEXT = 4000


def command_offer(
    *, by: Actor, command_post: UUID, situation: str, post: str | None = None, name: dict[str, str] | None = None,
    tier: int | None = None, at: datetime | None = None,
) -> CommanderTerm:  # fmt: skip
    """The one in command hands over to a post (code), or to somebody outside the roster (`name` {zh, en} and `tier`).

    Tasks in progress, teams on site and open requests are written down as they stand; `situation` is in the hander's own
    words. Command passes when the other signs (`command_accept`). Raises Forbidden unless `by` holds command.
    """
    at = at or clock.now()
    with pinned(at):
        row = post_locked(by, command_post, "command.take")
        current = row.terms.filter(state="current").select_related("post").first()
        if current is None:
            raise Conflict(code="command.nobody", zh="尚无总指挥，请直接接任。", field="command_post", value=command_post,
                           en="Nobody is in command yet; take command.")  # fmt: skip
        _own(by, current, "hands")
        if row.terms.filter(state="offered").exists():
            raise Conflict(code="command.offered", zh="已有待签收的移交；请先收回。", field="command_post", value=command_post,
                           en="A hand-over waits to be signed; take it back first.")  # fmt: skip
        term = _term(row, post, name, tier, situation, at)
        if term.post_id is not None and term.post_id == current.post_id:
            raise Invalid(
                code="command.same", zh="不能移交给自己。", en="Hand over to somebody else.", field="post", value=post
            )
        term.handed_by, term.signed_out_by, term.signed_out_at = current, by.name[:96], at
        term.save()
        _told_offer(by, row, term, False, at)
    return term


def command_accept(*, by: Actor, term: UUID, at: datetime | None = None) -> CommanderTerm:
    """Sign for command that was offered: from now on the signer commands. Raises Forbidden for anybody else."""
    at = at or clock.now()
    with pinned(at):
        row, found = _offered(by, term)
        _own(by, found, "takes")
        _take_over(by, row, found, at)
    return found


def command_offer_withdraw(*, by: Actor, term: UUID, at: datetime | None = None) -> CommanderTerm:
    """Take an offer back before it is signed: who offered it may, and who was to take it. Raises as `command_accept`."""
    at = at or clock.now()
    with pinned(at):
        row, found = _offered(by, term)
        if found.handed_by is not None and by.post != found.post_id:
            _own(by, found.handed_by, "hands")
        found.state = "withdrawn"
        found.save(update_fields=["state"])
        _told_offer(by, row, found, True, at)
    return found


def command_take(
    *, by: Actor, command_post: UUID, post: str | None = None, name: dict[str, str] | None = None, tier: int | None = None,
    reason: str = "", situation: str = "", at: datetime | None = None,
) -> CommanderTerm:  # fmt: skip
    """Take command: as the first, or without the other's signature, which needs a reason (cannot be reached, a higher
    level has come). What is in progress is written down all the same. A lower level can't take it from a higher one."""
    at = at or clock.now()
    with pinned(at):
        row = post_locked(by, command_post, "command.take")
        current = row.terms.filter(state="current").select_related("post").first()
        if current is not None and not reason.strip():
            raise Invalid(code="command.no_reason", zh="未经对方签字接任，须写明理由。", field="reason", value=reason,
                          en="Taking command without the other's signature needs a reason.")  # fmt: skip
        if current is not None and post is not None and current.post is not None and current.post.code == post:
            raise Conflict(code="command.same", zh="该岗位已是总指挥。", field="post", value=post,
                           en="This post is in command already.")  # fmt: skip
        text = situation.strip() or (reason.strip() if current is not None else "接任 · first in command")
        found = _term(row, post, name, tier, text, at)
        if current is not None and upward(found.tier, current.tier):
            raise Forbidden(code="command.higher", zh="上级正在指挥；须由其移交。", field="post", value=post,
                            en="A higher level is in command; it must hand over.")  # fmt: skip
        row.terms.filter(state="offered").update(state="withdrawn")
        found.handed_by, found.reason = current, reason.strip()[:MAX_TEXT]
        found.save()
        _take_over(by, row, found, at)
    return found


def _term(
    row: CommandPost, post: str | None, name: dict[str, str] | None, tier: int | None, situation: str, at: datetime
) -> CommanderTerm:
    found = Post.objects.filter(code=post).first() if post else None
    if found is None and (post or not name or not name.get("zh") or tier not in (0, 2, 4, 6, 9)):
        raise NotFound(code="command.no_taker", zh="请选择接任岗位，或写明姓名职务和层级。", field="post", value=post,
                       en="Choose the post that takes command, or give a name and a level.")  # fmt: skip
    facts = handover_facts(row)
    content = Content(situation.strip()[:MAX_TEXT], facts.tasks, facts.resources, facts.requests)
    if missing(content):
        raise Invalid(code="command.no_situation", zh="移交须写明当前情况。", en="A hand-over must say how things stand.",
                      field="situation", value=situation)  # fmt: skip
    words = name or {}
    zh = found.name_zh if found else words["zh"]
    en = found.name_en if found else words.get("en") or words["zh"]
    return CommanderTerm(
        command_post=row, division=row.division, post=found, name_zh=zh[:96], name_en=en[:160], state="offered",
        tier=len(found.division) if found else tier or 0, offered_at=at, situation=content.situation,
        tasks=list(content.tasks), resources=list(content.resources), requests=list(content.requests),
    )  # fmt: skip


def _offered(by: Actor, term: UUID) -> tuple[CommandPost, CommanderTerm]:
    seen = CommanderTerm.objects.filter(pk=term).first()
    if seen is None:
        raise NotFound(
            code="command.no_offer", zh="没有这项移交。", en="There is no such hand-over.", field="term", value=term
        )
    row = post_locked(by, seen.command_post_id, "command.take")
    found = CommanderTerm.objects.select_related("post", "handed_by__post").get(pk=term)
    if found.state != "offered":
        raise Conflict(code="command.signed", zh="该移交已签收或已收回。", field="term", value=term,
                       en="The hand-over is signed or taken back already.")  # fmt: skip
    return row, found


def _own(by: Actor, term: CommanderTerm, act: str) -> None:
    """A person signs for their own post only; for one outside the roster the desk signs on their word."""
    if by.kind != "person" or term.post_id is None or by.post == term.post_id:
        return
    who_zh, who_en = term.name_zh, term.name_en
    told = {"hands": ("移交须由现任总指挥签字", "the one in command signs the hand-over"),
            "takes": ("接任须由本人签字", "the one who takes command signs")}[act]  # fmt: skip
    raise Forbidden(
        code="command.not_yours", zh=f"{told[0]}（{who_zh}）；联系不上时由接任者写明理由接任。", field="by", value=by.name,
        en=f"{told[1][0].upper()}{told[1][1:]} ({who_en}); if they can't be reached, the taker takes command with a reason.",
    )  # fmt: skip


def _told_offer(by: Actor, row: CommandPost, term: CommanderTerm, withdrawn: bool, at: datetime) -> None:
    event = CommandOffered(
        post=str(row.pk), term=str(term.pk), incident=incident_of(row), to={"zh": term.name_zh, "en": term.name_en},
        tier=term.tier, withdrawn=withdrawn,
    )  # fmt: skip
    record(event, by=by, about=f"commandpost:{row.pk}", division=row.division, at=at)


def _take_over(by: Actor, row: CommandPost, term: CommanderTerm, at: datetime) -> None:
    """End the term before and begin this one; the new commander counts as present at the site."""
    before = term.handed_by
    if before is not None:
        before.state, before.until = "ended", at
        before.save(update_fields=["state", "until"])
    term.state, term.since, term.signed_in_by, term.signed_in_at = "current", at, by.name[:96], at
    term.save()
    higher = before is not None and upward(before.tier, term.tier)
    row.tier = term.tier
    row.save(update_fields=["tier"])
    event = CommandTaken(
        post=str(row.pk), term=str(term.pk), incident=incident_of(row), name={"zh": term.name_zh, "en": term.name_en},
        from_name={"zh": before.name_zh, "en": before.name_en} if before else None, tier=term.tier, upward=higher,
        tasks=len(term.tasks), resources=len(term.resources), requests=len(term.requests), reason=term.reason,
    )  # fmt: skip
    record(event, by=by, about=f"commandpost:{row.pk}", division=row.division, at=at)
    zh = f"指挥权由{before.name_zh}移交{term.name_zh}" if before else f"{term.name_zh}任总指挥"
    en = f"Command passes from {before.name_en} to {term.name_en}" if before else f"{term.name_en} takes command"
    why = f"（{term.reason}）" if term.reason else ""
    entry_put(
        by=by, post=row, kind="decision", text=f"{zh}{why} · {en}", about=f"term:{term.pk}", at=at, channel="system"
    )
    if term.post is not None and term.post.role in LEADER_ROLES:
        leader_checkin(by=by, post=term.post.code, site=f"{ON_SITE}{row.pk}", at=at)
