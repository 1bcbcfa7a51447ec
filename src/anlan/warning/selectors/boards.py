"""Boards: who was called, who answered, and above all who has not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.journal.asof import source_sql
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory import choices as territory_choices
from anlan.territory.selectors import division_names
from anlan.warning import choices
from anlan.warning.channels import switchboard
from anlan.warning.engine import targeting
from anlan.warning.models import Call, ChannelUse, Warning, WarningProposal
from anlan.warning.selectors.frames import FUNNEL, FUNNEL_KEYS, chain, counts_sql, inside, rows, stamp
from anlan.warning.selectors.live import proposal_items, warning_items
from anlan.warning.services import audience
from anlan.warning.services.compose import compose

MAX_ROWS = 500


def warnings_active(scope: Scope, at: datetime | None = None) -> dict[str, dict[str, Any]]:
    """Warnings in force that bind in the scope, by id, as the live feed shows them. One query."""
    return warning_items(scope, None, at)


def proposals_open(scope: Scope, at: datetime | None = None) -> dict[str, dict[str, Any]]:
    """Open proposals that bind in the scope, by id, as the live feed shows them. One query."""
    return proposal_items(scope, None, at)


def warning_get(scope: Scope, warning: UUID) -> Warning:
    """One warning, whatever its state; NotFound when there is none or it does not bind in the scope."""
    found: Warning | None = scope.filter_chain(Warning.objects.filter(id=warning)).first()
    if found is None:
        raise _none("warning", warning)
    return found


def proposal_get(scope: Scope, proposal: UUID) -> WarningProposal:
    """One proposal, whatever its state; NotFound when there is none or it does not bind in the scope."""
    found: WarningProposal | None = scope.filter_chain(WarningProposal.objects.filter(id=proposal)).first()
    if found is None:
        raise _none("proposal", proposal)
    return found


def call_get(scope: Scope, call: UUID) -> Call:
    """One call; NotFound when there is none inside the scope."""
    found: Call | None = scope.filter(Call.objects.filter(id=call)).first()
    if found is None:
        raise _none("call", call)
    return found


def _none(field: str, value: UUID) -> NotFound:
    return NotFound(
        code=f"{field}.not_found",
        zh="没有此项，或不在您的管辖范围内；请从列表中重新进入。",
        en="There is no such thing, or it is outside your area; go in again from the list.",
        field=field,
        value=value,
    )


def warnings_recent(scope: Scope, limit: int = 100) -> list[Warning]:
    """The latest warnings that bind in the scope, whatever their state, newest first. One query."""
    return list(scope.filter_chain(Warning.objects.all()).order_by("-issued_at", "-id")[: min(limit, MAX_ROWS)])


def call_board(scope: Scope, warning: UUID, at: datetime | None = None) -> dict[str, Any]:
    """The funnel of one warning's calls inside the scope: in all, by level, by role and by township. Two queries."""
    within, i_params = inside(scope, "k")
    item, params = counts_sql(scope, at, f"k.warning_id = %s AND {within}")
    sql = f"""SELECT grouping(c.level, c.role, c.division) AS cut, c.level, c.role,
  c.division AS township, {FUNNEL}
FROM {item} c GROUP BY GROUPING SETS ((), (c.level), (c.role), (c.division)) ORDER BY 1, 2, 3, 4"""
    found = rows(sql, [warning, *i_params, *params])
    names = division_names([row["township"] for row in found if row["township"]])
    return {
        "warning": str(warning),
        "at": stamp(at),
        "total": next((_counts(row) for row in found if row["cut"] == 7), dict.fromkeys(FUNNEL_KEYS, 0)),
        "levels": [
            {"code": level, "name": choices.name(choices.LEVELS, level), **_counts(row)}
            for level in targeting.LEVELS
            for row in found
            if row["cut"] == 3 and row["level"] == level
        ],
        "roles": [
            {
                "code": row["role"],
                "name": territory_choices.name(territory_choices.POST_ROLES, row["role"]),
                **_counts(row),
            }
            for row in found
            if row["cut"] == 5
        ],
        "townships": [
            {
                "code": row["township"],
                "name": names.get(row["township"], {"zh": row["township"], "en": row["township"]}),
                **_counts(row),
            }
            for row in found
            if row["cut"] == 6
        ],
    }


def _counts(row: dict[str, Any]) -> dict[str, int]:
    return {key: row[key] for key in FUNNEL_KEYS}


def missing_channels(scope: Scope, at: datetime | None = None) -> list[dict[str, Any]]:
    """Required channels that were not used: the red items. One query."""
    use, u_params = source_sql(ChannelUse, at)
    seen, s_params = chain(scope, "u")
    sql = f"""SELECT u.warning_id, u.channel, u.at, w.number, w.colour, w.headline_zh, w.headline_en
FROM {use} u JOIN warning_warning w ON w.id = u.warning_id WHERE u.state = 'missing' AND {seen} ORDER BY u.at, u.id"""
    return [
        {
            "warning": str(row["warning_id"]),
            "number": row["number"],
            "colour": row["colour"],
            "headline": {"zh": row["headline_zh"], "en": row["headline_en"]},
            "channel": row["channel"],
            "name": choices.name(choices.CHANNELS, row["channel"]),
            "at": stamp(row["at"]),
        }
        for row in rows(sql, [*u_params, *s_params])
    ]


def warning_compose_preview(
    scope: Scope, area: Sequence[str], colour: str, hazard: str = "11B03", at: datetime | None = None
) -> dict[str, Any]:
    """Before issuing: how many people would be called, by level and role, by which channels, in which words.

    Counts are whole, as the platform will call; NotFound when the area lies outside the scope.
    """
    for code in area:
        if not scope.covers(code):
            raise NotFound(
                code="warning.area",
                zh="该区域不在您的管辖范围内。",
                en="That area is outside your scope.",
                field="area",
                value=code,
            )
    moment = at or clock.now()
    rule = audience.ladder_rule(hazard, colour, moment)
    found = audience.reach(area, rule, moment, 0)
    ready = switchboard.available()
    return {
        "count": found.count,
        "levels": dict(found.levels),
        "roles": dict(found.roles),
        "channels": [code for code in rule.channels if code in ready],
        "required": list(rule.required_channels),
        "missing": [code for code in rule.required_channels if code not in ready],
        "answer_limit_s": rule.limit_s,
        "steps": list(rule.steps),
        "texts": compose(hazard, colour, area),
    }
