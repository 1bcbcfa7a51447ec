"""Withdrawal when rescuers are in danger (生产安全事故应急条例 art. 22): everybody is counted out, or it is alarmed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.response.engine.headcount import Account, account
from anlan.response.events import WithdrawalComplete, WithdrawalLifted, WithdrawalOrdered, WithdrawalOverdue
from anlan.response.formats.command_groups import command_pack
from anlan.response.models import CommandGroup, CommandPost, TeamIntake, Withdrawal
from anlan.response.services.command_log import entry_put
from anlan.response.services.command_posts import incident_of, post_locked
from anlan.response.services.proposals import minutes
from anlan.warning.services.moment import pinned

MOST_MIN = 24 * 60


def withdraw_order(
    *, by: Actor, command_post: UUID, reason: str, group: str = "", area: str = "", within_min: int | None = None,
    at: datetime | None = None,
) -> Withdrawal:  # fmt: skip
    """Order rescuers out: of the whole site, or of one group. Whoever sees the danger may give it, and reports after.

    Who is inside is written down; until everybody is counted out the page shows who is missing, and at the limit it is
    alarmed. Nobody goes in until it is lifted. Raises Invalid (no reason), Conflict when one holds already.
    """
    at = at or clock.now()
    with pinned(at):
        post = post_locked(by, command_post, "command.withdraw")
        if not reason.strip():
            raise Invalid(code="withdrawal.no_reason", zh="请写明险情。", en="Say what the danger is.", field="reason",
                          value=reason)  # fmt: skip
        unit = _group(post, group) if group else None
        if Withdrawal.objects.filter(command_post=post, group=unit).exclude(state="lifted").exists():
            raise Conflict(code="withdrawal.holds", zh="已有撤离命令有效。", en="A withdrawal holds already.",
                           field="command_post", value=command_post)  # fmt: skip
        expected = _inside(post, unit)
        within = command_pack().limits.withdraw_min if within_min is None else within_min
        if not 1 <= within <= MOST_MIN:
            raise Invalid(code="withdrawal.within_min", zh=f"撤离时限应为1至{MOST_MIN}分钟。", field="within_min", value=within,
                          en=f"Give from 1 to {MOST_MIN} minutes to get out.")  # fmt: skip
        due = at + timedelta(minutes=within)
        row = Withdrawal.objects.create(
            command_post=post, division=post.division, group=unit, reason=reason.strip()[:2000], area=area.strip()[:200],
            ordered_at=at, ordered_by=by.name[:96], expected=expected, due_at=due, next_at=due if expected else None,
            state="open" if expected else "complete", completed_at=None if expected else at,
        )  # fmt: skip
        heads = sum(team["heads"] for team in expected)
        event = WithdrawalOrdered(
            post=str(post.pk), withdrawal=str(row.pk), incident=incident_of(post), reason=row.reason, area=row.area,
            teams=len(expected), heads=heads, due_at=due,
        )  # fmt: skip
        record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
        text = f"撤离：{row.reason}；场内{len(expected)}队{heads}人 · Withdraw: {heads} people of {len(expected)} teams inside"
        entry_put(by=by, post=post, kind="withdrawal", text=text, about=f"withdrawal:{row.pk}", at=at, channel="radio")
    return row


def _group(post: CommandPost, code: str) -> CommandGroup:
    found = CommandGroup.objects.filter(command_post=post, code=code).first()
    if found is None:
        raise NotFound(code="withdrawal.no_group", zh=f"没有工作组“{code}”。", en=f"There is no group “{code}”.",
                       field="group", value=code)  # fmt: skip
    return found


def _inside(post: CommandPost, group: CommandGroup | None) -> list[dict[str, Any]]:
    rows = TeamIntake.objects.filter(command_post=post, heads_inside__gt=0)
    if group is not None:
        rows = rows.filter(group=group)
    return [{"team": str(t.pk), "name": t.name, "heads": t.heads_inside} for t in rows.order_by("number")]


def withdrawal_account(row: Withdrawal) -> Account:
    """Return who is still inside, by team id: those it was ordered for, and whoever of its group or site went in since,
    unasked. One query."""
    asked = [str(team["team"]) for team in row.expected]
    here = Q(command_post=row.command_post_id)
    if row.group_id is not None:
        here &= Q(group=row.group_id)
    found = TeamIntake.objects.filter(Q(pk__in=asked) | here, heads_inside__gt=0).order_by("number")
    now = {str(key): heads for key, heads in found.values_list("pk", "heads_inside")}
    return account(list(dict.fromkeys([*asked, *now])), now)


def withdrawal_progress(by: Actor, post: CommandPost, at: datetime) -> None:
    """Somebody came out or went in: is a withdrawal complete now, or not any more? The caller holds the post's row."""
    for row in Withdrawal.objects.filter(command_post=post).exclude(state="lifted").order_by("ordered_at", "id"):
        clear = withdrawal_account(row).clear
        if not clear and row.state == "complete":
            row.state, row.completed_at, row.next_at = "open", None, row.due_at if row.due_at > at else None
            row.save(update_fields=["state", "completed_at", "next_at"])
        if not clear or row.state != "open":
            continue
        row.state, row.completed_at, row.next_at = "complete", at, None
        row.save(update_fields=["state", "completed_at", "next_at"])
        event = WithdrawalComplete(post=str(post.pk), withdrawal=str(row.pk), incident=incident_of(post),
                                   minutes=minutes(row.ordered_at, at))  # fmt: skip
        record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
        heads = sum(team["heads"] for team in row.expected)
        text = f"撤离清点完毕，{heads}人全部撤出 · All {heads} people counted out"
        entry_put(by=by, post=post, kind="withdrawal", text=text, about=f"withdrawal:{row.pk}", at=at, channel="system")


def withdraw_lift(*, by: Actor, withdrawal: UUID, reason: str, at: datetime | None = None) -> Withdrawal:
    """Let people go in again. Refused while anybody of the withdrawal is not counted out."""
    at = at or clock.now()
    with pinned(at):
        seen = Withdrawal.objects.filter(pk=withdrawal).first()
        if seen is None:
            raise NotFound(code="withdrawal.not_found", zh="没有这项撤离命令。", en="There is no such withdrawal.",
                           field="withdrawal", value=withdrawal)  # fmt: skip
        post = post_locked(by, seen.command_post_id, "command.decide")
        row = Withdrawal.objects.get(pk=withdrawal)
        if row.state != "complete":
            heads = withdrawal_account(row).heads
            raise Conflict(code="withdrawal.not_complete", zh=f"仍有{heads}人未撤出，或命令已解除；全部撤出后方可解除。",
                           en=f"{heads} people are not out, or it is lifted already; it can be lifted once all are out.",
                           field="withdrawal", value=withdrawal)  # fmt: skip
        if not reason.strip():
            raise Invalid(code="withdrawal.no_reason", zh="请写明险情如何排除。", en="Say how the danger was removed.",
                          field="reason", value=reason)  # fmt: skip
        row.state, row.lifted_at, row.lifted_by, row.lift_reason = "lifted", at, by.name[:96], reason.strip()[:2000]
        row.save(update_fields=["state", "lifted_at", "lifted_by", "lift_reason"])
        event = WithdrawalLifted(
            post=str(post.pk), withdrawal=str(row.pk), incident=incident_of(post), reason=row.lift_reason
        )
        record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
        text = f"解除撤离：{row.lift_reason} · Withdrawal lifted: {row.lift_reason}"
        entry_put(by=by, post=post, kind="withdrawal", text=text, about=f"withdrawal:{row.pk}", at=at, channel="system")
    return row


def withdrawals_sweep(*, by: Actor, at: datetime) -> int:
    """Alarm the withdrawals whose limit passes at `at` with people not counted out; return how many."""
    with pinned(at):
        due = Withdrawal.objects.filter(next_at__lte=at)
        posts = CommandPost.objects.select_for_update(skip_locked=True).filter(pk__in=due.values("command_post"))
        held = {
            post.pk: post for post in posts.order_by("id")
        }  # the post first, as at the gate: nobody waits in a ring
        rows = list(due.select_for_update().filter(command_post__in=held).order_by("next_at", "id"))
        for row in rows:
            left, post = withdrawal_account(row), held[row.command_post_id]
            names = list(
                TeamIntake.objects.filter(pk__in=left.inside).order_by("number").values_list("name", flat=True)
            )
            row.next_at, row.overdue_at = None, at
            row.save(update_fields=["next_at", "overdue_at"])
            event = WithdrawalOverdue(post=str(post.pk), withdrawal=str(row.pk), incident=incident_of(post),
                                      heads=left.heads, teams=names)  # fmt: skip
            record(event, by=by, about=f"commandpost:{post.pk}", division=post.division, at=at)
            text = f"到时仍有{left.heads}人未撤出：{'、'.join(names)} · {left.heads} people not out by the limit"
            entry_put(by=by, post=post, kind="hazard", text=text, about=f"withdrawal:{row.pk}", at=at, channel="system")
    return len(rows)
