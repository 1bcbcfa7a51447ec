"""What is assumed about shelters, depots, bridges, hazard points, fire and monitoring stations (all mark G).

Names of attributes: `rules/place_attributes.yaml`.
"""

from __future__ import annotations

from typing import Any

from anlan.kernel.ids import draw
from anlan.territory.engine.plan import Plan
from anlan.territory.engine.spec import World

HAZARDS = ("slide", "slide", "slide", "collapse", "collapse", "debris_flow", "subsidence", "flash_flood")
METRICS = ("rain_mm", "rain_mm", "level_m")
LOADS_T = (20, 30, 55)
PERSON_M2 = 1.8  # short stay, per person


def more_attributes(world: World, plan: Plan, kind: str, code: str) -> dict[str, Any]:
    """Return the attributes of one site; every value follows from seed and code alone, or from the plan."""
    if kind == "shelter":
        capacity = plan.figures.get(("shelter_persons", code), 0)
        indoor = _d(world, code, "indoor") < 0.4
        return {"capacity": capacity, "indoor": indoor, "area_m2": round(capacity * PERSON_M2)}
    if kind == "depot":
        return {"area_m2": 200 + 50 * int(_d(world, code, "area") ** 2 * 60)}
    if kind == "bridge":
        length = 12 + int(_d(world, code, "length") ** 2 * 400)
        clear, load = round(2.5 + 4 * _d(world, code, "clear"), 1), LOADS_T[int(_d(world, code, "load") * len(LOADS_T))]
        return {"length_m": length, "clearance_m": clear, "load_t": load}
    if kind == "hazard_point":
        households = 2 + int(_d(world, code, "households") ** 2 * 60)
        return {
            "hazard": HAZARDS[int(_d(world, code, "hazard") * len(HAZARDS))],
            "households": households,
            "people": round(households * 3.2),
            "rain_limit_mm": 20 + 5 * int(_d(world, code, "rain") * 6),
        }
    if kind == "fire_station":
        engines = 2 + int(_d(world, code, "engines") * 6)
        return {"engines": engines, "boats": int(_d(world, code, "boats") * 5), "staff": engines * 6}
    return {"metric": METRICS[int(_d(world, code, "metric") * len(METRICS))]}


def _d(world: World, code: str, name: str) -> float:
    return draw(world.seed, name, code)
