"""Beside a decision: what the nation's relief table says of an event (国家自然灾害救助应急预案的对照)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from anlan.response.engine.metrics import covers
from anlan.response.engine.plan import NUMERALS, NUMERALS_EN
from anlan.response.engine.relief import METRICS, Relief, ReliefTable, neighbours_of, of_returns, relief_level
from anlan.response.formats.relief_table import relief_table
from anlan.response.models import Disaster, Incident, ReturnTotal
from anlan.response.selectors.facts_events import Stands, figures_standing
from anlan.response.selectors.family import family

Json = dict[str, Any]


def relief_standing(incident: Incident, at: datetime, *, weak: bool = False) -> Json | None:
    """Return the level the nation's table asks for on an event's figures and on the roll-up of the disaster counted for it,
    the greater of each. None for an event it doesn't cover or figures below it: `level`, `text` and `citation` {zh, en},
    `mark`, `decider`, `weak`. A bordering province's event of the same class counts as the table says. `weak`: with the
    thresholds lowered for a weak area. Nine queries."""
    table = relief_table()
    if relief_choice(incident.type_code, weak=weak) is None:
        return None
    beside = Incident.objects.filter(state="open", type_code__startswith=incident.type_code[:3])
    near = [row for row in beside.order_by("id") if row.division[:2] in neighbours_of(table, incident.division)]
    figures = figures_standing([incident.pk, *(row.pk for row in near)], at)
    others = [relief_level(table, _figures(figures.get(row.pk, {})), factor=_factor(table, weak=weak)) for row in near]
    neighbour = min((found.level for found in others if found is not None), default=0)
    told = _figures(figures.get(incident.pk, {}))
    for counted in _rolled_up(Disaster.objects.filter(incident__in=family(incident.pk)).exclude(state="closed")):
        told = {metric: max(told.get(metric, 0), counted.get(metric, 0)) for metric in sorted({*told, *counted})}
    found = relief_level(table, told, neighbour=neighbour, factor=_factor(table, weak=weak))
    return _told(table, found, weak=weak) if found is not None else None


def relief_choice(type_code: str, *, weak: bool) -> Json | None:
    """Return how the comparison of a class of event may be read: {weak, factor}; None where the table doesn't cover it."""
    table = relief_table()
    covered = bool(type_code) and any(covers(hazard, type_code) for hazard in table.hazards)
    return {"weak": weak, "factor": table.weak_factor} if covered else None


def relief_of_disaster(disaster: Disaster, *, weak: bool = False) -> Json | None:
    """Return the level the nation's table asks for on a disaster's roll-up, as `relief_standing`; disasters of the same kind
    that bordering provinces count go into the linkage. Four queries."""
    table = relief_table()
    same = Disaster.objects.filter(kind=disaster.kind).exclude(state="closed")
    near = same.filter(division__regex=f"^({'|'.join(neighbours_of(table, disaster.division)) or 'x'})")
    others = [relief_level(table, told, factor=_factor(table, weak=weak)) for told in _rolled_up(near)]
    neighbour = min((found.level for found in others if found is not None), default=0)
    told = next(iter(_rolled_up(Disaster.objects.filter(pk=disaster.pk))), {})
    found = relief_level(table, told, neighbour=neighbour, factor=_factor(table, weak=weak))
    return _told(table, found, weak=weak) if found is not None else None


def _rolled_up(disasters: QuerySet[Disaster]) -> list[dict[str, float]]:
    """The table's figures of disasters, each by what counts at its own division: its own report, else the sum below."""
    kinds = dict(disasters.values_list("pk", "kind"))
    homes = dict(disasters.values_list("pk", "division"))
    rows = ReturnTotal.objects.filter(disaster__in=list(kinds)).order_by("disaster")
    return [
        of_returns({**(row.below or {}), **(row.own or {})}, drought=kinds[row.disaster_id] == "drought")
        for row in rows.filter(division__in=set(homes.values()))
        if row.division == homes[row.disaster_id]
    ]


def _factor(table: ReliefTable, *, weak: bool) -> float:
    return table.weak_factor if weak else 1.0


def _figures(stands: Stands) -> dict[str, float]:
    told = {metric: row.value for metric, row in stands.items() if metric in METRICS and row.value is not None}
    parts = [stands[m].value or 0 for m in ("deaths", "missing") if m in stands]
    if parts:
        told["dead_missing"] = max(sum(parts), told.get("dead_missing", 0))
    if "relocated" in stands and "need_relief" not in told and stands["relocated"].value is not None:
        told["need_relief"] = stands["relocated"].value
    return told


def _told(table: ReliefTable, found: Relief, *, weak: bool) -> Json:
    return {
        "level": found.level,
        "numeral": {"zh": NUMERALS[found.level], "en": NUMERALS_EN[found.level]},
        "text": found.trigger.text.as_dict(),
        "citation": {
            "zh": f"《{table.name.zh}》（{table.source.zh}）{found.trigger.id}",
            "en": f"{table.name.en} ({table.source.en}) {found.trigger.id}",
        },
        "mark": found.trigger.mark,
        "decider": found.decider.as_dict(),
        "weak": table.weak_factor if weak else None,
    }
