"""What is known or assumed about a place by its kind: levels, stop-lines, heads, substances (all mark G)."""

from __future__ import annotations

from typing import Any

from anlan.kernel.ids import draw
from anlan.territory.engine.plan import FIGURES, Plan
from anlan.territory.engine.spec import Unit, World
from anlan.territory.engine.works_more import more_attributes

SUBSTANCES = ("液氯", "液氨", "甲醇", "液化石油气", "铝粉", "电石")
# These give off heat or gas with water: a flooded store is a second disaster.
WATER_REACTIVE = {"铝粉", "电石"}
DOWNSTREAM = 4
METRO_LINES = 7


def works_attributes(world: World, plan: Plan, township: Unit, kind: str, code: str) -> dict[str, Any]:
    """Return the attributes of the site `code`; every value follows from seed and code alone, or from the plan."""
    found: dict[str, Any] = {"mark": "G"}
    for figure, figure_kind in FIGURES.items():
        if kind == figure_kind:
            found[figure] = plan.figures[figure, code]
    if kind == "reservoir":
        return found | _reservoir(world, township, code)
    if kind == "tunnel":
        length = 80 + int(_d(world, code, "length") * 40) * 10
        return found | {"stop_line_cm": world.profile.defaults["tunnel_stop_line_cm"], "length_m": length}
    if kind == "metro_station":
        line = 1 + int(_d(world, code, "line") * METRO_LINES)
        return found | {"stop_line_cm": world.profile.defaults["metro_stop_line_cm"], "line": line, "depot": False}
    if kind == "care_home":
        return found | _care_home(world, code, int(found["residents"]))
    if kind == "school":
        return found | {"boarders": int(found["pupils"] * 0.2 * _d(world, code, "boarders"))}
    if kind == "hospital":
        return found | {"intensive_beds": max(1, int(found["beds"]) // 25)}
    if kind == "chemical_plant":
        return found | _plant(world, code)
    return found | more_attributes(world, plan, kind, code)


def _reservoir(world: World, township: Unit, code: str) -> dict[str, Any]:
    """A generated reservoir is a small one: class 2 (10-100 万 m³) four times in five, else class 1 (100-1,000)."""
    first = _d(world, code, "class") < 0.2
    storage = (100 + 900 * _d(world, code, "m3")) if first else (10 + 90 * _d(world, code, "m3"))
    limit = round(120 + 200 * _d(world, code, "level"), 2)
    return {
        "class": "small1" if first else "small2",
        "storage_10k_m3": round(storage, 1),
        "flood_limit_level_m": limit,
        "check_level_m": round(limit + 2.5, 2),
        "crest_level_m": round(limit + 4, 2),
        "unsafe": _d(world, code, "unsafe") < 0.08,
        "downstream": downstream(world, township, code),
    }


def downstream(world: World, township: Unit, code: str) -> list[dict[str, Any]]:
    """Return the villages below a reservoir with the assumed travel time of a breach wave, nearest first."""
    villages = world.below.get(township.code, ())
    drawn = sorted((draw(world.seed, "downstream", code, village), village) for village in villages)[:DOWNSTREAM]
    times = sorted(8 + int(draw(world.seed, "minutes", code, village) * 80) for _, village in drawn)
    return [{"division": village, "minutes": m} for (_, village), m in zip(drawn, times, strict=True)]


def _care_home(world: World, code: str, residents: int) -> dict[str, Any]:
    disabled = int(residents * (0.2 + 0.25 * _d(world, code, "disabled")))
    return {"disabled": disabled, "bedridden": int(disabled * (0.2 + 0.4 * _d(world, code, "bedridden")))}


def _plant(world: World, code: str) -> dict[str, Any]:
    first = int(_d(world, code, "substance") * len(SUBSTANCES))
    second = (first + 1 + int(_d(world, code, "other") * (len(SUBSTANCES) - 1))) % len(SUBSTANCES)
    substances = [SUBSTANCES[first], SUBSTANCES[second]]
    return {
        "major_hazard_grade": 1 + int(_d(world, code, "grade") * 4),
        "substances": substances,
        "storage_t": 5 + int(_d(world, code, "storage") * 500),
        "water_reactive": bool(WATER_REACTIVE & set(substances)),
    }


def _d(world: World, code: str, name: str) -> float:
    return draw(world.seed, name, code)
