"""What is the case now, as the trigger rules want it: firing signals, warnings in force, reservoirs over the limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from anlan.kernel.models import Entry
from anlan.monitoring.models import Signal
from anlan.response.engine.metrics import hazards_of, metrics_of
from anlan.response.engine.plan import Plan, Words
from anlan.response.engine.triggers import Fact
from anlan.response.models import StopLine
from anlan.response.selectors.facts_events import event_facts
from anlan.territory.models import Place
from anlan.warning.models import Warning

COLOURS = {"blue": ("蓝色", "blue"), "yellow": ("黄色", "yellow"), "orange": ("橙色", "orange"), "red": ("红色", "red")}
OVER_LIMIT = "over_limit_m"
RAIN_RULE, LEVEL_RULE = "rainstorm", "water_level"  # the monitoring rules whose signals the plans' conditions speak of


def facts_now(rules: Plan, track: str, at: datetime, incident: UUID | None = None) -> list[Fact]:
    """Return the facts of a plan's area at `at`, of the kinds its conditions speak of: four queries at most, and those of
    `selectors.facts_events` for events. `incident` leaves out the other events.

    On the track "history" only the warnings that were really issued count: gauges' own signals were joined to no plan
    in the past that is replayed, and warnings that answer the platform's own proposals were not issued then.
    """
    spoken = metrics_of(rules)
    found: list[Fact] = []
    if spoken & WARNED:
        found += _warnings(rules, at, played=track == "history")
    if track != "main":
        return found
    if "rain_colour" in spoken:
        found += _signals(rules, at)
    if "reservoir_over_limit" in spoken:
        found += _reservoirs(rules, at)
    if spoken - WARNED - {"reservoir_over_limit"}:
        found += event_facts(rules, spoken, at, incident)
    return found


WARNED = frozenset({"rain_colour", "warning"})


def _in_force(rules: Plan, at: datetime, *, played: bool) -> list[Warning]:
    standing = Q(state__in=("in_force", "expired")) | Q(state_at__gt=at)
    rows = Warning.objects.filter(standing, effective__lte=at, expires__gt=at).order_by("issued_at", "id")
    rows = rows.filter(_of_hazards(hazards_of(rules)))
    near = [w for w in rows if any(c.startswith(rules.area) or rules.area.startswith(c) for c in w.area)]
    if not played:
        return near
    told = Entry.objects.filter(kind="warning.issued", about__in=[f"warning:{w.pk}" for w in near], data__proposal=None)
    dated = set(told.values_list("about", flat=True))
    return [w for w in near if f"warning:{w.pk}" in dated]


def _of_hazards(patterns: frozenset[str]) -> Q:
    """Rows whose hazard one of the codes covers: "11B00" stands for all of 11B."""
    found = Q(pk__in=())
    for pattern in sorted(patterns):
        stem = pattern.rstrip("0") or pattern
        found |= Q(hazard__startswith=stem) if pattern.endswith("0") else Q(hazard=pattern)
    return found


def _warnings(rules: Plan, at: datetime, *, played: bool) -> Iterator[Fact]:
    for row in _in_force(rules, at, played=played):
        text = Words(row.headline_zh, row.headline_en)
        yield Fact(
            "warning", f"warning:{row.pk}", tuple(row.area), row.issued_at, text, row.colour, metric="warning",
            hazard=row.hazard,
        )  # fmt: skip


def _firing(at: datetime) -> Q:
    """Signals that fired at `at`, told by their times, so that a late look sees what a timely one would have."""
    stood = Q(cleared_at__isnull=True) | Q(cleared_at__gt=at)
    return Q(opened_at__lte=at, state__in=("firing", "cleared")) & stood


def _signals(rules: Plan, at: datetime) -> Iterator[Fact]:
    rows = (
        Signal.objects.filter(_firing(at), division__startswith=rules.area, rule=RAIN_RULE, station__kind="rain")
        .order_by("opened_at", "id")
        .values_list("id", "division", "level", "level_at", "station__name_zh", "station__name_en", "value", "window_h")
    )
    for key, division, level, at, zh, en, value, window in rows:
        colour = COLOURS.get(level, (level, level))
        text = Words(
            f"{zh}{window:g}小时雨量{value:g}毫米，达到暴雨{colour[0]}信号",
            f"{en}: {value:g} mm in {window:g} h, a {colour[1]} rain signal",
        )
        yield Fact("signal", f"signal:{key}", (division,), at, text, level)


def _reservoirs(rules: Plan, at: datetime) -> Iterator[Fact]:
    rows = (
        Signal.objects.filter(_firing(at), division__startswith=rules.area, rule=LEVEL_RULE)
        .filter(station__place_code__in=Place.objects.filter(kind="reservoir").values("code"))
        .order_by("opened_at", "id")
        .select_related("station")
    )
    for row in rows:
        name = row.station
        if name is None:  # a signal of an area; the filter leaves none
            continue
        limit = (name.attributes.get("limits") or {}).get("warning_m")
        over = round(row.value - limit, 2) if limit is not None else 0.0
        text = Words(f"{name.name_zh}超汛限水位{over:g}米", f"{name.name_en} is {over:g} m above its limit level")
        yield Fact("signal", f"signal:{row.pk}", (row.division,), row.level_at, text, metres=over)
    lines = (
        StopLine.objects.filter(metric=OVER_LIMIT, value__gte=0, division__startswith=rules.area)
        .order_by("value_at", "id")
        .select_related("place")
    )
    for line in lines:
        place, over, moment = line.place, line.value or 0.0, line.value_at
        if moment is None:
            continue
        text = Words(f"{place.name_zh}超汛限水位{over:g}米", f"{place.name_en} is {over:g} m above its limit level")
        yield Fact("reading", f"stopline:{line.pk}", (line.division,), moment, text, metres=over)
