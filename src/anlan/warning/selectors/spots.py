"""Spots a warning's area can be drawn round: stations, places and production units, by name or code."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.models import Station
from anlan.territory.models import Place, Unit

EACH: Final = 6
_KINDS: Final[dict[str, tuple[dict[str, str], Any, tuple[str, ...], str]]] = {
    "station": ({"zh": "测站", "en": "Station"}, Station, ("name_zh", "name_en"), "code"),
    "place": ({"zh": "重点部位", "en": "Place"}, Place, ("name_zh", "name_en"), "code"),
    "unit": ({"zh": "生产经营单位", "en": "Unit"}, Unit, ("name",), "key"),
}


def spots_named(scope: Scope, words: str) -> list[dict[str, Any]]:
    """Stations, places and units inside the scope whose name has `words` or whose code begins so, at most six of each.

    Each: of ("station:CODE", "place:CODE", "unit:UUID"), name {zh, en}, kind {zh, en}. Three queries.
    """
    found = []
    for kind, (title, model, names, code) in _KINDS.items():
        match = Q(**{f"{code}__startswith": words})
        for name in names:
            match |= Q(**{f"{name}__icontains" if name != "name_zh" else f"{name}__contains": words})
        rows: QuerySet[Any] = scope.filter(model.objects.filter(match, lon__isnull=False))
        found += [
            {"of": f"{kind}:{row.pk if kind == 'unit' else row.code}", "name": _name(row), "kind": title}
            for row in rows.order_by(code)[:EACH]
        ]
    return found


def spot_get(scope: Scope, of: str) -> dict[str, Any]:
    """One of them by its `of`: name {zh, en}, lon, lat. NotFound when it is none inside the scope."""
    kind, _, key = of.partition(":")
    row = None
    if kind in _KINDS and key:
        try:
            own: dict[str, Any] = {"id": UUID(key)} if kind == "unit" else {"code": key}
        except ValueError:
            own = {"pk__in": []}
        row = scope.filter(_KINDS[kind][1].objects.filter(lon__isnull=False, **own)).first()
    if row is None:
        raise NotFound(code="draft.spot", zh="没有此测站、部位或单位，或不在您的管辖范围内；请重新查找。", field="of", value=of[:80],
                       en="There is no such station, place or unit in your area; look it up again.")  # fmt: skip
    return {"name": _name(row), "lon": row.lon, "lat": row.lat}


def _name(row: Any) -> dict[str, str]:
    return {"zh": row.name, "en": row.name} if isinstance(row, Unit) else {"zh": row.name_zh, "en": row.name_en}
