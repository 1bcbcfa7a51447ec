"""In whose name a level is decided: the plan's decider, whom it climbed to, and for the way down who started it."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.response.engine import plan as rulebook
from anlan.response.models import LevelProposal
from anlan.response.selectors.plans import post_of, standing
from anlan.territory.models import Post

STEPS_UP = 8


def starter_of(row: LevelProposal) -> Post | None:
    """The post that decided the level a downward proposal would lower or end; None for an upward one."""
    if row.upward:
        return None
    now = standing(row.plan, row.track, row.incident_id)
    return now.level.decided_by_post if now.level is not None else None


def deciding_post(
    by: Actor,
    post: UUID | None,
    proposal: LevelProposal | None,
    rules: rulebook.Plan,
    level: int,
    starter: Post | None = None,
) -> Post:
    """Return the post in whose name `by` decides. The platform never decides; a person decides from their own post.

    Upward that must be the plan's decider for the level or the post the proposal has climbed to. Downward it is the post
    that decided the level in force (谁启动谁终止, `starter`), one above it, or the one the proposal has climbed to.
    """
    if by.kind == "system":
        raise Invalid(code="level.person_decides", zh="系统只建议，由有权岗位决定。",
                      en="The platform proposes; a named post decides.", field="by", value=by.name)  # fmt: skip
    rule = rules.level(level) if level else rules.levels[0]
    fallback = proposal.decider_post if proposal is not None else starter or post_of(rule.deciders, rules.area)
    if by.kind == "scenario":
        chosen = Post.objects.filter(pk=post).first() if post else fallback
    else:
        chosen = Post.objects.filter(pk=by.post).first() if by.post else None
    climbed = proposal is not None and chosen is not None and proposal.holder_post_id == chosen.pk
    free = by.kind == "scenario" or climbed or "admin" in by.roles
    if chosen is None:
        raise _not_decider(rule, by.name)
    if starter is not None and not free and not _is_or_above(chosen, starter):
        raise Invalid(
            code="level.not_starter",
            zh=f"谁启动、谁终止：该级响应由{starter.name_zh}决定启动，降级或终止由其本人或上级决定。",
            en=f"Who starts ends: this level was decided by {starter.name_en}; it or a post above it lowers or ends it.",
            field="by",
            value=chosen.code,
        )
    if starter is None and not free and chosen.role not in rule.deciders:
        raise _not_decider(rule, chosen.code)
    return chosen


def _not_decider(rule: rulebook.LevelRule, value: str) -> Invalid:
    return Invalid(
        code="level.not_decider",
        zh=f"该级别由{'、'.join(rule.deciders)}岗位决定；请由其本人办理。",
        en=f"This level is decided by {', '.join(rule.deciders)}; it must act itself.",
        field="by",
        value=value,
    )


def _is_or_above(chosen: Post, starter: Post) -> bool:
    """Is `chosen` the starter itself or one of the posts above it?"""
    post: Post | None = starter
    for _ in range(STEPS_UP):
        if post is None:
            return False
        if post.pk == chosen.pk:
            return True
        post = post.superior
    return False
