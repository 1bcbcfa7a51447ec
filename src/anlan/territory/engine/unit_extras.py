"""Licences and major hazard sources of generated units (许可证、重大危险源), and the lead regulator each unit gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anlan.territory.engine.hazard_grade import Substance, grade
from anlan.territory.engine.keys import licence_code
from anlan.territory.engine.masses import FLAG_BITS
from anlan.territory.engine.mix import Draws
from anlan.territory.engine.regulator import NONE, Rule, assign

YEARS_DAYS = 1095
EXPIRED_DAYS = 60  # some are over already: that is what the daily look is for
# Beginnings of the industry code, flag (0: none asked) → the licence. The first that fits.
LICENCES = (
    ("F5299", 0, "fireworks"),
    ("B", 0, "mining"),
    ("", FLAG_BITS["gas"], "gas"),
    ("C", FLAG_BITS["hazchem"], "work_safety"),
    ("F", FLAG_BITS["hazchem"], "hazchem_trade"),
    ("G", FLAG_BITS["transport"], "transport"),
    ("G594", 0, "hazchem_trade"),
    ("E", FLAG_BITS["construction"], "work_safety"),
    ("H621", FLAG_BITS["crowded"], "food"),
)
HELD = 0.93  # share of those who need one


class LicenceRow(NamedTuple):
    """A licence: natural key, unit's key, kind, number, issuer, days, division."""

    code: str
    unit: str
    kind: str
    number: str
    issuer: str
    issued_on: date
    expires_on: date
    division: str


class HazardRow(NamedTuple):
    """A major hazard source: natural key, unit's key and the graded values."""

    code: str
    unit: str
    name: str
    lon: float
    lat: float
    people_500m: int
    substances: list[dict[str, Any]]
    r: float
    grade: int
    division: str


class Stock(NamedTuple):
    """What plants may hold (`rules/major_hazard_stock.yaml`), and the rules sources are graded by."""

    share: float
    trades: tuple[str, ...]
    people_500m: tuple[int, ...]
    substances: tuple[Mapping[str, Any], ...]
    rules: Mapping[str, Any]


def licences_make(
    seed: int, township: str, made: pa.RecordBatch, index: NDArray[np.int64], as_of: date
) -> list[LicenceRow]:
    """Return the licences of a township's units, at most one each."""
    industry = np.asarray(made.column("industry").to_pylist())
    flags = made.column("flags").to_numpy()
    kinds = np.full(len(industry), "", "U16")
    for beginning, flag, kind in LICENCES:
        fits = np.char.startswith(industry, beginning) & (kinds == "")
        kinds[fits & ((flags & flag) != 0) if flag else fits] = kind
    draws = Draws(seed, "licence", township, index)
    rows = np.flatnonzero((kinds != "") & (draws.unit("held") < HELD))
    if not rows.size:
        return []
    ends = draws.below("ends", EXPIRED_DAYS + YEARS_DAYS)
    keys, divisions = made.column("key").to_pylist(), made.column("division").to_pylist()
    found = []
    for row in rows.tolist():
        until = as_of + timedelta(days=int(ends[row]) - EXPIRED_DAYS)
        kind, number = str(kinds[row]), f"YL{township}{int(index[row]) + 1:06d}"
        code = licence_code(keys[row], kind, number)
        issued = until - timedelta(days=YEARS_DAYS)
        found.append(LicenceRow(code, keys[row], kind, number, "发证机关", issued, until, divisions[row]))
    return found


def hazards_make(
    seed: int, township: str, made: pa.RecordBatch, index: NDArray[np.int64], stock: Stock
) -> list[HazardRow]:
    """Return the major hazard sources of a township's units, graded; sources whose quantity stays below grade are
    graded too, for their R says so."""
    industry = made.column("industry").to_pylist()
    draws = Draws(seed, "hazard", township, index)
    asked = np.array([code.startswith(stock.trades) for code in industry], bool)
    rows = np.flatnonzero(asked & (draws.unit("has") < stock.share))
    people, which = draws.below("people", len(stock.people_500m)), draws.below("substance", len(stock.substances))
    much = draws.unit("quantity")
    found = []
    for row in rows.tolist():
        item = stock.substances[int(which[row])]
        quantity = round(float(item["limit_t"]) * (1 + 24 * much[row] ** 3), 1)
        substance = Substance(item["name"], quantity, float(item["limit_t"]), item["kind"])
        graded = grade(stock.rules, stock.people_500m[int(people[row])], [substance])
        entry = asdict(substance) | {"beta": graded.parts[0][1], "share": graded.parts[0][2]}
        key = made.column("key")[row].as_py()
        found.append(
            HazardRow(
                f"{key}|H1", key, f"{item['name']}储存单元", made.column("lon")[row].as_py(),
                made.column("lat")[row].as_py(), stock.people_500m[int(people[row])], [entry], graded.r, graded.grade,
                made.column("division")[row].as_py(),
            )
        )  # fmt: skip
    return found


def regulators_of(
    rules: Sequence[Rule], made: pa.RecordBatch, office: Callable[[str, bool], str | None]
) -> tuple[list[str | None], list[str]]:
    """Return for each unit its lead regulator's organisation code (None: no such department) and the rule that says so.
    `office(department, city)` answers with the organisation of this township's county or city."""
    columns = [made.column(name).to_pylist() for name in ("industry", "flags", "size")]
    distinct = {combination: place for place, combination in enumerate(dict.fromkeys(zip(*columns, strict=True)))}
    places = assign(rules, *([part[i] for part in distinct] for i in range(3)))
    answers = []
    for place in places.tolist():
        rule = rules[place] if place >= 0 else None
        answers.append((office(rule.department, rule.city), rule.code) if rule else (None, NONE))
    chosen = [answers[distinct[combination]] for combination in zip(*columns, strict=True)]
    return [organisation for organisation, _ in chosen], [code for _, code in chosen]
