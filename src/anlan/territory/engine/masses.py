"""Production units (生产经营单位) of one township as columns: who, where, what trade, how big, how dangerous.

All draws are by (seed, "unit", township, index), so that one township made alone is its slice of the whole, and the
first n units of a township are the same however many there are. Names are composites of place, number and trade, never
a real name; telephones begin with 100, which no network uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from anlan.territory.choices import RISK_FLAGS, UNIT_SIZES, UNIT_STATES
from anlan.territory.engine.mix import Draws
from anlan.territory.engine.uscc_make import registration_make, uscc_make

KM_PER_DEGREE = 111.32
REACH_KM = 0.9
SPAN = 600_000  # organisation codes kept free for each township; there are some 41,000 in the nation
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
CYCLE = [STEMS[i % 10] + BRANCHES[i % 12] for i in range(60)]  # stands where a firm's own name would
FLAG_BITS = {code: 1 << place for place, code in enumerate(RISK_FLAGS)}
SIZES = tuple(UNIT_SIZES)  # individual, micro, small, medium, large
STAFF = np.array([[1, 8], [1, 20], [20, 150], [150, 500], [500, 3000]], np.float64)
STATES = tuple(UNIT_STATES)
STATE_SHARES = np.array([0.93, 0.05, 0.005, 0.015])
CREDIT_SHARES = np.array([0.2, 0.7, 0.08, 0.02])
GRADE_SHARES = np.array([0.7, 0.01, 0.05, 0.24])  # standardisation 0, 1, 2, 3
EPOCH = date(1970, 1, 1)


class Trade(NamedTuple):
    """One line of the mix: GB/T 4754 code, its word in names, its weight, shares of self-employed, grown and flagged."""

    code: str
    zh: str
    weight: float
    alone: float
    grown: float
    flags: Mapping[str, float]


@dataclass(frozen=True)
class Mix:
    """What units do (`rules/unit_trades.yaml`); `as_of` is the day the dates lie round."""

    trades: tuple[Trade, ...]
    as_of: date
    without_uscc: float
    without_phone: float
    cooperative_sections: tuple[str, ...]

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Return the weight of each trade."""
        return np.array([trade.weight for trade in self.trades], np.float64)

    @cached_property
    def alone(self) -> NDArray[np.float64]:
        """Return the share of self-employed of each trade."""
        return np.array([trade.alone for trade in self.trades], np.float64)

    @cached_property
    def grown(self) -> NDArray[np.float64]:
        """Return the share of medium and large ones of each trade."""
        return np.array([trade.grown for trade in self.trades], np.float64)

    @cached_property
    def cooperative(self) -> NDArray[np.bool_]:
        """Return which trades have cooperatives for companies."""
        return np.array([trade.code[0] in self.cooperative_sections for trade in self.trades], bool)

    @cached_property
    def flagged(self) -> dict[str, NDArray[np.float64]]:
        """Return flag → share of each trade that has it; flags of no trade left out."""
        shares = {flag: np.array([trade.flags.get(flag, 0.0) for trade in self.trades]) for flag in FLAG_BITS}
        return {flag: share for flag, share in shares.items() if share.any()}


@dataclass(frozen=True)
class Patch:
    """Where the units of one township stand: its settlements (villages, or the township itself) and its names.

    `place` begins every address ("菏泽市牡丹区东城街道"), `brief` every company's name ("牡丹区"). `ordinal`: the township's
    place among all of the territory, for organisation codes are unique in the nation. `outline`: that of the county
    where it is known; every unit lies in it.
    """

    township: str
    place: str
    brief: str
    codes: Sequence[str]
    names: Sequence[str]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    ordinal: int
    outline: BaseGeometry | None = field(default=None, compare=False)


def unit_points(
    seed: int, patch: Patch, mix: Mix, index: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return lon, lat, settlement and trade of the units with these indices: what a spatial bench needs, no more."""
    draws = Draws(seed, "unit", patch.township, index)
    settlement = draws.pick("settlement", 0.3 + Draws(seed, "settlement", patch.township, _range(patch)).unit("weight"))
    distance = REACH_KM / KM_PER_DEGREE * draws.unit("r") ** 1.5
    angle = 2 * np.pi * draws.unit("a")
    lat0 = patch.lat[settlement]
    lon = patch.lon[settlement] + distance * np.cos(angle) / np.cos(np.radians(lat0))
    lon, lat = _inside(patch, settlement, np.round(lon, 6), np.round(lat0 + distance * np.sin(angle), 6))
    return lon, lat, settlement, draws.pick("trade", mix.weights)


def units_make(seed: int, patch: Patch, mix: Mix, index: NDArray[np.int64]) -> pa.RecordBatch:
    """Return the units with these indices: the importable columns of the register in its order and `key`,
    `open_dangers`; choices as codes, `flags` as bit mask, dates as date32. Pure; 1,000,000 rows in some ten seconds."""
    draws = Draws(seed, "unit", patch.township, index)
    lon, lat, settlement, trade = unit_points(seed, patch, mix, index)
    alone, size = _size(draws, mix, trade)
    names = _names(patch, mix, index, settlement, trade, alone, draws)
    flags = _flags(draws, mix, trade)
    columns = {
        **_identity(patch, mix, draws, index, alone, trade),
        "name": names,
        "division": _taken([code.ljust(12, "0") for code in patch.codes], settlement),
        "address": _joined(patch.place, _taken(patch.names, settlement), _number(index), "号"),
        "lon": pa.array(lon),
        "lat": pa.array(lat),
        "industry": _taken([item.code for item in mix.trades], trade),
        "size": _taken(SIZES, size),
        "staff": pa.array(_staff(draws, size)),
        "status": _taken(STATES, draws.pick("status", STATE_SHARES)),
        "principal": _taken(["主要负责人"], np.zeros(len(index), np.int64)),
        "phone": _phones(draws, mix),
        "flags": pa.array(flags.astype(np.int32)),
        "regulator": _taken([""], np.zeros(len(index), np.int64)),
        **_standing(draws, mix, alone, flags),
    }
    key = pc.if_else(pc.equal(columns["uscc"], ""), _joined("L:", columns["legacy_id"]), columns["uscc"])
    dangers = np.where(draws.unit("dangers") < 0.06, 1 + draws.below("danger count", 4), 0)
    columns |= {"key": key, "open_dangers": pa.array(dangers.astype(np.int16))}
    return pa.record_batch(columns)


def _range(patch: Patch) -> NDArray[np.int64]:
    return np.arange(len(patch.codes))


def _inside(
    patch: Patch, settlement: NDArray[np.int64], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw points outside the outline towards their settlement, and what then still lies outside towards its middle."""
    if patch.outline is None:
        return lon, lat
    out = np.flatnonzero(~shapely.contains_xy(patch.outline, lon, lat))
    middle = patch.outline.representative_point()
    for share in (0.5, 0.75, 1.0):
        if not out.size:
            return lon, lat
        home = settlement[out]
        lon[out] = np.round(lon[out] + (patch.lon[home] - lon[out]) * share, 6)
        lat[out] = np.round(lat[out] + (patch.lat[home] - lat[out]) * share, 6)
        out = out[~shapely.contains_xy(patch.outline, lon[out], lat[out])]
    for step in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0):
        lon[out] = np.round(lon[out] + (middle.x - lon[out]) * step, 6)
        lat[out] = np.round(lat[out] + (middle.y - lat[out]) * step, 6)
        out = out[~shapely.contains_xy(patch.outline, lon[out], lat[out])]
    return lon, lat


def _identity(
    patch: Patch,
    mix: Mix,
    draws: Draws,
    index: NDArray[np.int64],
    alone: NDArray[np.bool_],
    trade: NDArray[np.int64],
) -> dict[str, pa.Array]:
    area, serial = patch.township[:6], patch.ordinal * SPAN + index
    section = mix.cooperative[trade]
    kind = np.where(alone, ord("2"), np.where(section, ord("3"), ord("1"))).astype(np.uint8)
    legacy = draws.unit("legacy") < mix.without_uscc
    old = int(patch.township[6:9]) * 100_000 + index
    uscc = np.where(legacy, b"", uscc_make(area, serial, kind))
    return {
        "uscc": pa.array(uscc.astype("U18"), pa.string()),
        "legacy_id": pa.array(np.where(legacy, registration_make(area, old), b"").astype("U15"), pa.string()),
    }


def _size(draws: Draws, mix: Mix, trade: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return which are self-employed, and the index of each one's size in SIZES."""
    alone = draws.unit("alone") < mix.alone[trade]
    grown = draws.unit("grown") < mix.grown[trade]
    small = np.where(draws.unit("small") < 0.3, 2, 1)
    large = np.where(draws.unit("large") < 0.15, 4, 3)
    return alone, np.where(alone, 0, np.where(grown, large, small))


def _staff(draws: Draws, size: NDArray[np.int64]) -> NDArray[np.int32]:
    low, high = STAFF[size].T
    found: NDArray[np.int32] = np.floor(low * (high / low) ** draws.unit("staff")).astype(np.int32)
    return found


def _flags(draws: Draws, mix: Mix, trade: NDArray[np.int64]) -> NDArray[np.int64]:
    found = np.zeros(len(trade), np.int64)
    for flag, bit in FLAG_BITS.items():
        shares = mix.flagged.get(flag)
        if shares is not None:
            found |= np.where(draws.unit(f"flag {flag}") < shares[trade], bit, 0)
    return found


def _names(
    patch: Patch,
    mix: Mix,
    index: NDArray[np.int64],
    settlement: NDArray[np.int64],
    trade: NDArray[np.int64],
    alone: NDArray[np.bool_],
    draws: Draws,
) -> pa.Array:
    section = mix.cooperative[trade]
    ending = np.where(alone, draws.below("ending", 3), np.where(section, 4, 3))
    return _joined(
        _taken(["", patch.brief], (~alone).astype(np.int64)),
        _taken(patch.names, settlement),
        _taken(CYCLE, draws.below("cycle", len(CYCLE))),
        _number(index),
        "号",
        _taken([item.zh for item in mix.trades], trade),
        _taken(["店", "部", "经营户", "有限公司", "专业合作社"], ending),
    )


def _phones(draws: Draws, mix: Mix) -> pa.Array:
    digits = pc.utf8_lpad(pc.cast(pa.array(draws.below("phone", 10**8)), pa.string()), 8, "0")
    missing = draws.unit("no phone") < mix.without_phone
    return pc.if_else(pa.array(missing), "", _joined("100", digits))


def _standing(draws: Draws, mix: Mix, alone: NDArray[np.bool_], flags: NDArray[np.int64]) -> dict[str, pa.Array]:
    """Return grade of standardisation, insurance, credit and the dates; null where there is none."""
    day = (mix.as_of - EPOCH).days
    grade = draws.pick("grade", GRADE_SHARES)
    insured = draws.unit("insured") < np.where(flags > 0, 0.92, 0.1)
    until = day - 60 + draws.below("insured to", 425)
    founded = day - 200 - (11_000 * draws.unit("established") ** 2).astype(np.int64)
    checked = draws.unit("checked") < np.where(flags > 0, 0.9, 0.45)
    last = np.maximum(day - 1 - draws.below("last check", 900), founded)
    return {
        "standardisation": pa.array(grade.astype(np.int16), mask=alone),
        "insured_to": pa.array(until.astype(np.int32), mask=~insured).cast(pa.date32()),
        "credit": _taken("ABCD", draws.pick("credit", CREDIT_SHARES)),
        "established": pa.array(founded.astype(np.int32)).cast(pa.date32()),
        "last_check": pa.array(last.astype(np.int32), mask=~checked).cast(pa.date32()),
    }


def _taken(words: Sequence[str], places: NDArray[np.int64]) -> pa.Array:
    return pa.array(list(words), pa.string()).take(pa.array(places))


def _number(index: NDArray[np.int64]) -> pa.Array:
    return pc.cast(pa.array(np.asarray(index) + 1), pa.string())


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
