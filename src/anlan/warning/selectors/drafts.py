"""Warnings being written, as their readers see them: the list, one of them, and the after-checks that are owed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.warning import choices_drafts
from anlan.warning.models import WarningDraft

MOST = 200


def drafts_open(scope: Scope) -> list[WarningDraft]:
    """The drafts inside the scope that wait for somebody, gravest and oldest first. One query."""
    rows = scope.filter(WarningDraft.objects.filter(state__in=choices_drafts.OPEN_STATES)).select_related("references")
    rank = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
    return sorted(rows.order_by("made_at", "id")[:MOST], key=lambda row: rank[row.colour])


def drafts_over(scope: Scope, limit: int = 50) -> list[WarningDraft]:
    """The drafts inside the scope that were issued or dropped, latest first. One query."""
    rows = scope.filter(WarningDraft.objects.filter(state__in=("issued", "dropped")))
    return list(rows.order_by("-ended_at", "-id")[: min(limit, MOST)])


def draft_get(scope: Scope, draft: UUID) -> WarningDraft:
    """One draft; NotFound when there is none inside the scope."""
    rows = WarningDraft.objects.select_related("after_post", "proposal", "references", "warning")
    found: WarningDraft | None = scope.filter(rows.filter(id=draft)).first()
    if found is None:
        raise NotFound(
            code="draft.not_found", zh="没有此预警稿，或不在您的管辖范围内；请从列表中重新进入。", field="draft", value=draft,
            en="There is no such draft, or it is outside your area; go in again from the list.",
        )  # fmt: skip
    return found


def after_checks_owed(scope: Scope) -> list[dict[str, Any]]:
    """The red items of urgent issues nobody has checked yet, the first due on top. One query.

    Each: draft, warning, number, colour, headline, reason, issued_at, by, post {code, zh, en} or None, due_at, late.
    """
    rows = scope.filter(WarningDraft.objects.filter(urgent=True, after_at=None)).select_related("after_post", "warning")
    return [
        {
            "draft": row.id,
            "warning": row.warning_id,
            "number": row.warning.number,
            "colour": row.colour,
            "headline": dict(row.content["headline"]),
            "reason": row.urgent_reason,
            "issued_at": row.ended_at,
            "by": row.ended_by["name"],
            "post": row.after_post
            and {"code": row.after_post.code, "zh": row.after_post.name_zh, "en": row.after_post.name_en},
            "due_at": row.after_due_at,
            "late": row.after_late,
        }
        for row in rows.order_by("after_due_at", "id")[:MOST]
    ]
