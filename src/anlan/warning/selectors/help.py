"""Who has asked for help in an answer and still waits for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.territory import choices as territory_choices
from anlan.territory.engine.mask import mask_phone
from anlan.territory.models import Person
from anlan.territory.selectors import division_names
from anlan.warning import choices
from anlan.warning.models import HelpRequest
from anlan.warning.selectors.frames import inside, rows, stamp

MAX_ROWS = 500
_WAITING = """
SELECT h.id, h.call_id, h.warning_id, h.division, h.person, h.asked_at, h.state, h.taken_at, h.taken_by ->> 'name' AS taker,
  c.role, c.level, w.number, w.colour, t.code AS post_code, t.name_zh AS post_zh, t.name_en AS post_en,
  p.name_zh AS place_zh, p.name_en AS place_en
FROM warning_help h JOIN warning_call c ON c.id = h.call_id JOIN warning_warning w ON w.id = h.warning_id
JOIN territory_post t ON t.id = c.post_id LEFT JOIN territory_place p ON p.id = c.place_id
WHERE h.state <> 'closed' AND {within} AND (%s::uuid IS NULL OR h.warning_id = %s::uuid)
ORDER BY h.state = 'taken', h.asked_at, h.id LIMIT %s
"""


def help_requests(scope: Scope, warning: UUID | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Requests for help inside the scope that are not closed: those nobody has taken first, the oldest first. Three
    queries. Telephone numbers are masked; people outside the scope show their post only."""
    within, params = inside(scope, "h")
    found = rows(_WAITING.format(within=within), [*params, warning, warning, max(1, min(limit, MAX_ROWS))])
    wanted = [row["person"] for row in found if row["person"]]
    seen = scope.filter(Person.objects.filter(id__in=wanted)).order_by("id").values_list("id", "name", "phone")
    people = {ident: {"name": name, "phone": mask_phone(phone)} for ident, name, phone in seen}
    names = division_names(sorted({row["division"] for row in found}))
    return [_item(row, people, names) for row in found]


def help_get(scope: Scope, request: UUID) -> HelpRequest:
    """One request for help inside the scope; NotFound otherwise."""
    row: HelpRequest | None = scope.filter(HelpRequest.objects.filter(id=request)).first()
    if row is None:
        raise NotFound(
            code="help.not_found", zh="没有这条支援请求，或不在您的范围内。", field="help", value=request,
            en="There is no such request for help, or it is outside your scope.",
        )  # fmt: skip
    return row


def _item(row: dict[str, Any], people: dict[UUID, dict[str, str]], names: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "call": str(row["call_id"]),
        "warning": str(row["warning_id"]),
        "number": row["number"],
        "colour": row["colour"],
        "division": row["division"],
        "division_name": names.get(row["division"], {"zh": row["division"], "en": row["division"]}),
        "post": {"code": row["post_code"], "name": {"zh": row["post_zh"], "en": row["post_en"]}},
        "role": {"code": row["role"], **territory_choices.name(territory_choices.POST_ROLES, row["role"])},
        "level": row["level"],
        "place": {"zh": row["place_zh"], "en": row["place_en"]} if row["place_zh"] else None,
        "who": people.get(row["person"], {"name": "", "phone": ""}),
        "asked_at": stamp(row["asked_at"]),
        "state": row["state"],
        "state_name": choices.name(choices.HELP_STATES, row["state"]),
        "taken_at": stamp(row["taken_at"]),
        "taken_by": row["taker"] or "",
    }
