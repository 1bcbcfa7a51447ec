"""Dirt on purpose: what registers in the field are wrong with, put into a known share of rows and written down.

Every kind is what an importer has to find. The dirty rows, what was wrong made of what, go into a list that is the
truth to test an importer against. Draws follow (seed, "dirt", township, index).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anlan.kernel.geo import wgs84_to_gcj02
from anlan.territory.engine.mix import Draws, base_of

# Kind → field it is put into. Order is the order of the draw: append only.
KINDS: dict[str, str] = {
    "missing_phone": "phone",
    "bad_uscc_check": "uscc",
    "gcj02_as_wgs84": "lon",
    "point_outside": "lon",
    "old_division": "division",
    "duplicate": "name",
    "unknown_industry": "industry",
    "full_width": "phone",
    "other_date": "established",
    "trailing_space": "name",
}
# What a typed table can hold; the rest exists in files only.
IN_DATABASE = (
    "missing_phone", "bad_uscc_check", "gcj02_as_wgs84", "point_outside", "old_division", "duplicate",
    "unknown_industry", "trailing_space",
)  # fmt: skip
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FULL = str.maketrans("0123456789", "０１２３４５６７８９")
UNKNOWN = ("Z9999", "C9", "9999", "F53")
OUT_DEG = 3.5  # how far a point is moved that shall lie outside any county


class Dirty(NamedTuple):
    """One row made dirty: its place in the batch, its key (before), the kind, the field, what was and what is there."""

    row: int
    key: str
    kind: str
    field: str
    before: str
    after: str


def dirt_drawn(
    seed: int, township: str, index: NDArray[np.int64], share: float, kinds: tuple[str, ...] = tuple(KINDS)
) -> list[tuple[int, str]]:
    """Return (row, kind) of the rows to make dirty, in order; about `share` of them."""
    draws = Draws(seed, "dirt", township, index)
    chosen = np.flatnonzero(draws.unit("dirty") < share)
    of_kind = draws.below("kind", len(kinds))
    return [(int(row), kinds[int(of_kind[row])]) for row in chosen]


def soiled(
    text: pa.RecordBatch, keys: list[str], drawn: list[tuple[int, str]]
) -> tuple[pa.RecordBatch, list[Dirty], dict[str, NDArray[np.bool_]]]:
    """Return the columns (all text, field names) with the drawn dirt, what was done, and per field which rows are
    touched. A kind that can't be put into a row (no code, first row of a township for a duplicate) leaves it clean."""
    clean = {name: text.column(name).to_pylist() for name in text.schema.names}
    columns = {name: list(values) for name, values in clean.items()}
    done: list[Dirty] = []
    touched = {name: np.zeros(text.num_rows, bool) for name in columns}
    for row, kind in drawn:
        before = {name: values[row] for name, values in clean.items()}
        changes = MAKERS[kind](before, {name: values[row - 1] for name, values in clean.items()} if row else None)
        for name, value in changes.items():
            columns[name][row] = value
            touched[name][row] = True
        if changes:
            field = KINDS[kind] if KINDS[kind] in changes else next(iter(changes))
            done.append(Dirty(row, keys[row], kind, field, before[field], changes[field]))
    arrays = [pa.array(values, pa.string()) for values in columns.values()]
    return pa.record_batch(arrays, names=list(columns)), done, touched


Row = Mapping[str, str]


def _phone(row: Row, _: Row | None) -> dict[str, str]:
    return {"phone": ""}


def _uscc(row: Row, _: Row | None) -> dict[str, str]:
    code = row["uscc"]
    if not code:
        return {}
    return {"uscc": code[:17] + USCC[(USCC.index(code[17]) + 7) % len(USCC)]}


def _gcj(row: Row, _: Row | None) -> dict[str, str]:
    lon, lat = wgs84_to_gcj02(np.array([float(row["lon"])]), np.array([float(row["lat"])]))
    return {"lon": f"{lon[0]:.6f}", "lat": f"{lat[0]:.6f}"}


def _outside(row: Row, _: Row | None) -> dict[str, str]:
    return {"lon": f"{float(row['lon']) + OUT_DEG:.6f}"}


def _division(row: Row, _: Row | None) -> dict[str, str]:
    """A county code of the kind that went with a reform: the same city, a county part nobody has now."""
    return {"division": row["division"][:4] + "69" + row["division"][6:]}


def _duplicate(row: Row, above: Row | None) -> dict[str, str]:
    """The row before once more, without its code, its name written a little differently."""
    if above is None or not above["uscc"]:
        return {}
    name = above["name"].replace("有限公司", "公司") if "有限公司" in above["name"] else above["name"] + "（个体）"
    number = "9" + row["division"][:6] + f"{base_of(row['uscc'], row['legacy_id']) % 10**8:08d}"
    return {**above, "name": name, "uscc": "", "legacy_id": number}


def _industry(row: Row, _: Row | None) -> dict[str, str]:
    return {"industry": UNKNOWN[len(row["name"]) % len(UNKNOWN)]}


def _full_width(row: Row, _: Row | None) -> dict[str, str]:
    return {"phone": row["phone"].translate(FULL)} if row["phone"] else {}


def _date(row: Row, _: Row | None) -> dict[str, str]:
    if not row["established"]:
        return {}
    year, month, day = (int(part) for part in row["established"].split("-"))
    styles = (f"{year}年{month}月{day}日", f"{year}/{month}/{day}", f"{year}.{month:02d}.{day:02d}", f"{year}{month:02d}{day:02d}")  # fmt: skip
    return {"established": styles[(month + day) % len(styles)]}


def _space(row: Row, _: Row | None) -> dict[str, str]:
    return {"name": row["name"] + " "}


MAKERS: dict[str, Callable[[Row, Row | None], dict[str, str]]] = {
    "missing_phone": _phone,
    "bad_uscc_check": _uscc,
    "gcj02_as_wgs84": _gcj,
    "point_outside": _outside,
    "old_division": _division,
    "duplicate": _duplicate,
    "unknown_industry": _industry,
    "full_width": _full_width,
    "other_date": _date,
    "trailing_space": _space,
}
