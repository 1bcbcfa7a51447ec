"""How checks of a desk rang, and by which way each was answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anlan.response.choices_duty import CHECK_WAYS
from anlan.response.choices_rings import CHECK
from anlan.response.models import DutyCheck
from anlan.response.selectors.rings import rings_of
from anlan.territory.choices import name

Json = dict[str, Any]


def with_rings(checks: Iterable[DutyCheck]) -> list[Json]:
    """The checks with how each rang: [{row, rings, way}]; rings as `rings_of`, the way it was answered. One query."""
    listed = list(checks)
    found = rings_of(f"{CHECK}{row.pk}" for row in listed)
    return [
        {"row": row, "rings": found[f"{CHECK}{row.pk}"], "way": name(CHECK_WAYS, row.way) if row.way else None}
        for row in listed
    ]
