"""The list that matters most: the calls nobody has answered, who is being waited for, and what happens next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.journal.asof import source_sql
from anlan.kernel.scope import Scope
from anlan.territory import choices as territory_choices
from anlan.territory.engine.mask import mask_phone
from anlan.territory.models import Person
from anlan.territory.selectors import division_names
from anlan.warning import choices
from anlan.warning.models import Warning
from anlan.warning.selectors.frames import calls_sql, inside, rows, stamp, unpacked

MAX_ROWS = 500
_WAITING = "('placed', 'escalated', 'exhausted')"
_COLUMNS = """c.id, c.warning_id, c.division, c.role, c.level, c.place_kind, c.state, c.step, c.holder,
  c.first_placed_at, c.placed_at, c.due_at, c.route, c.reason, w.colour, w.number, t.code AS post_code,
  t.name_zh AS post_zh, t.name_en AS post_en, p.name_zh AS place_zh, p.name_en AS place_en"""
_NAMES = "JOIN territory_post t ON t.id = c.post_id LEFT JOIN territory_place p ON p.id = c.place_id"
# Special sites first; then who has nobody left to climb to; then whose time runs out next.
_URGENCY = "c.place_kind = '', coalesce(c.due_at, '-infinity'), c.id"


def unanswered(
    scope: Scope,
    warning: UUID | None = None,
    limit: int = 100,
    after: UUID | None = None,
    at: datetime | None = None,
) -> list[dict[str, Any]]:
    """Calls of warnings in force without an answer inside the scope, in the order they were placed. Three queries.

    `warning` None: of all warnings in force. `after` is the id of the last row of the page before. Telephone numbers
    are masked; holders outside the scope show their post only.
    """
    warnings, w_params = source_sql(Warning, at)
    within, i_params = inside(scope, "k")
    narrowed = f"""k.warning_id IN (SELECT w.id FROM w) AND {within}
  AND (%s::uuid IS NULL OR k.warning_id = %s::uuid) AND (%s::uuid IS NULL OR k.id > %s::uuid)"""
    call, c_params = calls_sql(at, narrowed)
    sql = f"""
WITH w AS MATERIALIZED (SELECT w.id, w.colour, w.number FROM {warnings} w WHERE w.state = 'in_force')
SELECT {_COLUMNS} FROM {call} c JOIN w ON w.id = c.warning_id {_NAMES}
WHERE c.state IN {_WAITING} ORDER BY c.id LIMIT %s"""
    narrow = [*i_params, warning, warning, after, after]
    return _items(scope, rows(sql, [*w_params, *narrow, *c_params, max(1, min(limit, MAX_ROWS))]))


def urgent(
    scope: Scope, warning: UUID, limit: int = 50, after: str = "", at: datetime | None = None, only: UUID | None = None
) -> tuple[list[dict[str, Any]], str]:
    """Calls of one warning without an answer, the most urgent first: (rows as `unanswered`, where the next page begins).

    `after` is that second value of the page before, "" at the start; `only` looks at one call whatever its state. Each
    row carries `place_in_line`, to go on after it. Three queries.
    """
    within, i_params = inside(scope, "k")
    narrowed = f"k.warning_id = %s AND {within} AND (%s::uuid IS NULL OR k.id = %s::uuid)"
    call, c_params = calls_sql(at, narrowed)
    rank, due, ident = _place(after)
    sql = f"""
SELECT {_COLUMNS}, (c.place_kind = '') AS later FROM {call} c JOIN warning_warning w ON w.id = c.warning_id {_NAMES}
WHERE (c.state IN {_WAITING} OR %s) AND (%s::boolean IS NULL OR (c.place_kind = '', coalesce(c.due_at, '-infinity'), c.id)
  > (%s::boolean, coalesce(%s::timestamptz, '-infinity'), %s::uuid)) ORDER BY {_URGENCY} LIMIT %s"""
    limit = max(1, min(limit, MAX_ROWS))
    keys = [rank, rank, due, ident, limit]
    found = rows(sql, [warning, *i_params, only, only, *c_params, only is not None, *keys])
    items = _items(scope, found)
    for item, row in zip(items, found, strict=True):
        item["place_in_line"] = f"{int(row['later'])}~{stamp(row['due_at']) or ''}~{row['id']}"
    return items, items[-1]["place_in_line"] if len(items) == limit else ""


def _place(after: str) -> tuple[bool | None, str | None, str | None]:
    """Read `place_in_line`; one that is not ours begins at the start."""
    rank, _, rest = after.partition("~")
    due, _, ident = rest.partition("~")
    try:
        UUID(ident)
        if due:
            datetime.fromisoformat(due)
    except ValueError:
        return None, None, None
    return rank == "1", due or None, ident


def _items(scope: Scope, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in found:
        row["route"], row["reason"] = unpacked(row["route"]), unpacked(row["reason"])
    people = _people(scope, found)
    names = division_names(sorted({row["division"] for row in found}))
    return [_item(row, people, names) for row in found]


def _people(scope: Scope, found: Iterable[dict[str, Any]]) -> dict[str, dict[str, str]]:
    wanted = sorted({contact[3] for row in found for contact in _called(row)})
    seen = scope.filter(Person.objects.filter(id__in=wanted)).order_by("id").values_list("id", "name", "phone")
    return {str(ident): {"person": str(ident), "name": name, "phone": mask_phone(phone)} for ident, name, phone in seen}


def _called(row: dict[str, Any]) -> list[list[str]]:
    route = row["route"]
    return list(route[row["step"]]["contacts"]) if route else []


def _item(row: dict[str, Any], people: dict[str, dict[str, str]], names: dict[str, dict[str, str]]) -> dict[str, Any]:
    route, step = row["route"], row["step"]
    following = route[step + 1]["holder"] if step + 1 < len(route) and row["state"] != "exhausted" else None
    place = {"zh": row["place_zh"], "en": row["place_en"]} if row["place_zh"] else None
    return {
        "id": str(row["id"]),
        "warning": str(row["warning_id"]),
        "number": row["number"],
        "colour": row["colour"],
        "division": row["division"],
        "division_name": names.get(row["division"], {"zh": row["division"], "en": row["division"]}),
        "post": {"code": row["post_code"], "name": {"zh": row["post_zh"], "en": row["post_en"]}},
        "role": {"code": row["role"], **territory_choices.name(territory_choices.POST_ROLES, row["role"])},
        "level": row["level"],
        "place": place,
        "reason": row["reason"],
        "who": [
            {"post": post, "holder": row["holder"], **people.get(person, {"person": "", "name": "", "phone": ""})}
            for _, post, _, person in _called(row)
        ],
        "state": row["state"],
        "state_name": choices.name(choices.CALL_STATES, row["state"]),
        "waiting_since": stamp(row["first_placed_at"]),
        "step_since": stamp(row["placed_at"]),
        "due_at": stamp(row["due_at"]),
        "next": {"holder": following, **choices.name(choices.HOLDERS, following)} if following else None,
    }
