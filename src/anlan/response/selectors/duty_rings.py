"""How checks of a desk rang: whom, by which way, how far each message came, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from anlan.response.choices_duty import CHECK_WAYS
from anlan.response.models import DutyCheck
from anlan.territory.choices import name
from anlan.warning import choices
from anlan.warning.models import Ringing

Json = dict[str, Any]
ABOUT = "dutycheck:"
WHO = (
    {"zh": "值班人员", "en": "On duty"},
    {"zh": "带班领导", "en": "Leader on duty"},
    {"zh": "上级值班", "en": "Superior post"},
)


def with_rings(checks: Iterable[DutyCheck]) -> list[Json]:
    """The checks with how each rang: [{row, rings, way}]; a ring as `ring_view`, the way it was answered. One query."""
    listed = list(checks)
    found: dict[UUID, list[Json]] = {row.pk: [] for row in listed}
    for one in Ringing.objects.filter(about__in=[f"{ABOUT}{key}" for key in found]).order_by("step"):
        found[UUID(one.about.removeprefix(ABOUT))].append(ring_view(one))
    return [
        {"row": row, "rings": found[row.pk], "way": name(CHECK_WAYS, row.way) if row.way else None} for row in listed
    ]


def ring_view(row: Ringing) -> Json:
    """One ring: {step, who, at, state, state_name, why, answered_at, via, ways}; `ways` in the order they were tried:
    {channel, setting, state, state_name, tries, at, error}. Nobody is named."""
    tried = sorted(
        row.sent, key=lambda code: (row.channels.index(code) if code in row.channels else len(row.channels), code)
    )
    return {
        "step": row.step, "who": WHO[min(row.step, len(WHO) - 1)], "at": row.rung_at, "state": row.state,
        "state_name": choices.name(choices.RINGING_STATES, row.state),
        "why": choices.name(choices.UNRUNG, row.why) if row.why else None, "answered_at": row.answered_at,
        "via": choices.name(choices.CHANNELS, row.via) if row.via else None,
        "ways": [
            row.sent[code] | {"channel": choices.name(choices.CHANNELS, code),
                              "state_name": choices.name(choices.MESSAGE_STATES, row.sent[code]["state"])}
            for code in tried
        ],
    }  # fmt: skip
