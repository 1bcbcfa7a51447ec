"""Survey records made up so that their number and all categories are met exactly (mark G)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from anlan.territory.engine.allot import largest_remainder
from anlan.territory.engine.mix import Draws

SCATTER_DEG = 0.006
STEPS = ("county", "city", "province")
CHECKED = np.array([0.1, 0.2, 0.7])
PARTS_PER_MILLION = 1_000_000


class Spot(NamedTuple):
    """A settlement: its code, name, point, and the post that surveys there (code)."""

    division: str
    name: str
    lon: float
    lat: float
    post: str


class Known(NamedTuple):
    """A place records can be about: code, name, point, division."""

    code: str
    name: str
    lon: float
    lat: float
    division: str


@dataclass(frozen=True)
class Mix:
    """Shares of categories and types, the span of survey days, and which types are about which kinds of places."""

    categories: Mapping[str, tuple[float, Mapping[str, float]]]
    first: date
    days: int
    places: Mapping[str, tuple[str, ...]]


class Record(NamedTuple):
    """One record; `surveyor` and `place` are codes."""

    survey_code: str
    category: str
    type: str
    name: str
    lon: float
    lat: float
    hazard_class: int
    attributes: dict[str, Any]
    surveyed_on: date
    surveyor: str
    quality: str
    place: str | None
    division: str


def records_make(
    seed: int,
    total: int,
    mix: Mix,
    spots: Sequence[Spot],
    places: Mapping[str, Sequence[Known]],
    names: Mapping[str, str],
) -> list[Record]:
    """Return exactly `total` records in code order; every category gets at least one where `total` allows.

    `spots` in code order; `places`: kind → places in code order; `names`: type → Chinese name. ValueError without spots.
    """
    if not spots:
        raise ValueError("no settlement to survey")
    shares = [max(int(share * PARTS_PER_MILLION), 1) for share, _ in mix.categories.values()]
    least = min(1, total // len(shares))
    counts = [least + n for n in largest_remainder(total - least * len(shares), shares)]
    found: list[Record] = []
    for category, count in zip(mix.categories, counts, strict=True):
        found += _category(seed, category, count, mix, spots, places, names)
    return found


def _category(
    seed: int, category: str, count: int, mix: Mix, spots: Sequence[Spot],
    places: Mapping[str, Sequence[Known]], names: Mapping[str, str],
) -> list[Record]:  # fmt: skip
    types = mix.categories[category][1]
    draws = Draws(seed, "survey", category, np.arange(count))
    of_type = draws.pick("type", np.array(list(types.values())))
    spot, known = draws.below("spot", len(spots)), draws.bits("place")
    east, north = draws.unit("x") - 0.5, draws.unit("y") - 0.5
    grade, day = draws.pick("class", np.array([0.05, 0.15, 0.4, 0.25, 0.15])), draws.below("day", mix.days)
    step, size = draws.pick("quality", CHECKED), draws.unit("size")
    listed, found = list(types), []
    for i in range(count):
        kind = listed[int(of_type[i])]
        at = spots[int(spot[i])]
        held = [place for kind_ in mix.places.get(kind, ()) for place in places.get(kind_, ())]
        place = held[int(known[i]) % len(held)] if held else None
        lon = place.lon if place else round(at.lon + SCATTER_DEG * float(east[i]), 6)
        lat = place.lat if place else round(at.lat + SCATTER_DEG * float(north[i]), 6)
        found.append(
            Record(
                f"{category[:2].upper()}{i + 1:06d}", category, kind,
                (place.name if place else at.name)[:150] + f"{names[kind]}{i + 1}号", lon, lat, int(grade[i]) + 1,
                {"mark": "G", "generated": True, "size": round(float(size[i]) * 100)},
                mix.first + timedelta(days=int(day[i])), at.post, STEPS[int(step[i])],
                place.code if place else None, place.division if place else at.division,
            )
        )  # fmt: skip
    return found
