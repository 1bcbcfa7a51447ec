"""A sheet filled in from what the platform itself knows: a signal of a station, a warning in force, a telephone record."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Signal
from anlan.response.selectors.duty_board import sheet_of_call
from anlan.territory.selectors import division_names
from anlan.warning.models import Warning

#: What a station of a kind may be the first to see; of other kinds a person says the class.
TYPES = {"rain": "11B03", "level": "11A01", "flow": "11A01", "slide": "11D01", "gas": "12D00", "wind": "11B06"}


def sheet_from(scope: Scope, about: str) -> dict[str, str]:
    """Return the fields of a sheet about "signal:ID", "warning:ID" or "phonerecord:ID"; {} for anything else or outside the scope."""
    kind, _, key = about.partition(":")
    try:
        ident = UUID(key)
    except ValueError:
        return {}
    if kind == "phonerecord":
        return sheet_of_call(scope, ident, about)
    if kind == "signal":
        return _signal(scope, ident, about)
    return _warning(scope, ident, about) if kind == "warning" else {}


def _signal(scope: Scope, key: UUID, about: str) -> dict[str, str]:
    row = scope.filter(Signal.objects.select_related("station", "area").filter(pk=key)).first()
    at = (row.station or row.area) if row is not None else None
    if row is None or at is None:
        return {}
    name = say({"zh": at.name_zh, "en": at.name_en})
    told = {
        "door": "sensor", "about": about, "place": name, "division": row.division,
        "what": say(row.explanation) or f"{name} {row.value:g}", "when": _local(row.opened_at),
    }  # fmt: skip
    if row.station is None:
        return told | {"type": "11B03"}
    point = {"lon": f"{row.station.lon:.5f}", "lat": f"{row.station.lat:.5f}"}
    return told | point | {"type": TYPES.get(row.station.kind, "")}


def _warning(scope: Scope, key: UUID, about: str) -> dict[str, str]:
    row = Warning.objects.filter(pk=key).first()
    inside = next((code for code in map(partial(_part, scope), row.area) if code), None) if row is not None else None
    if row is None or inside is None:
        return {}
    place = division_names([inside]).get(inside, {"zh": inside, "en": inside})
    return {"door": "warning", "about": about, "division": inside, "place": say(place), "type": row.hazard,
            "what": say({"zh": row.headline_zh, "en": row.headline_en})}  # fmt: skip


def _part(scope: Scope, area: str) -> str:
    """What of an area is the reader's own: all of it, or their division inside it."""
    return area if scope.covers(area) else next((own for own in scope.prefixes if own.startswith(area)), "")


def _local(moment: datetime) -> str:
    return moment.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M")
