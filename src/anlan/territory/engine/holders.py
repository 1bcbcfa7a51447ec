"""Who answers for what, as columns: posts in code order, where each is found, who holds it (A, B) and how they are reached.

A post is found through a place inside the area (PLACE: it stands there or answers for it), through the point of its
village or township (POINT), or through an outline of its division that the area touches (OUTLINE).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from anlan.territory.engine.extent import Area
from anlan.territory.engine.finder_build import coded, ids_of
from anlan.territory.engine.points import PointIndex

Array = np.ndarray
PLACE, POINT, OUTLINE = 1, 2, 4
NOBODY = -1
TOWNSHIP_CHARS = 9  # a division code so long is a township's or a village's


@dataclass(frozen=True)
class Texts:
    """Many short texts in two arrays: UTF-8 bytes u1[b] and starts u4[n+1]."""

    bytes_: Array
    starts: Array

    def __getitem__(self, at: int) -> str:
        return bytes(self.bytes_[self.starts[at] : self.starts[at + 1]]).decode()

    @cached_property
    def filled(self) -> Array:
        """Return bool[n]: which are not empty."""
        return np.diff(self.starts.astype("i8")) > 0

    @staticmethod
    def of(values: Sequence[str]) -> Texts:
        """Return texts packed."""
        raw = [value.encode() for value in values]
        starts = np.concatenate([[0], np.cumsum([len(each) for each in raw], dtype="i8")]).astype("u4")
        return Texts(np.frombuffer(b"".join(raw), dtype="u1"), starts)


TEXTS = ("codes", "refs", "names", "phones", "phones_alt", "outlines")


@dataclass(frozen=True)
class Holders:
    """n posts, p people. `arrays`: post_ids u1[n,16], roles u1[n], division u4[n], a and b i4[n] (rows of people, NOBODY);
    person_ids u1[p,16], person_division u4[p]; "point:*" the points posts are found by, point_post u4, point_ref u4;
    outline_starts u4[o+1], outline_post u4; texts by two arrays each. `meta`: roles, divisions, outline_codes."""

    arrays: Mapping[str, Array]
    meta: Mapping[str, Any]

    def texts(self, name: str) -> Texts:
        """Return one of TEXTS."""
        return self._texts[name]

    @cached_property
    def _texts(self) -> dict[str, Texts]:
        return {name: Texts(self.arrays[f"{name}:bytes"], self.arrays[f"{name}:starts"]) for name in TEXTS}

    @property
    def n(self) -> int:
        """Return the number of posts."""
        return len(self.arrays["roles"])

    @cached_property
    def points(self) -> PointIndex:
        """Return the points posts are found by; class 0 is a place, 1 a village or township."""
        return PointIndex.from_arrays(
            {name[len("point:") :]: array for name, array in self.arrays.items() if name.startswith("point:")}
        )

    @cached_property
    def outlines(self) -> Array:
        """Return the outlines' geometries, by `outline_codes`."""
        texts = self.texts("outlines")
        raw = [bytes(texts.bytes_[low:high]) for low, high in zip(texts.starts[:-1], texts.starts[1:], strict=True)]
        return np.asarray(shapely.from_wkb(raw), dtype=object)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Return the outlines' tree."""
        return shapely.STRtree(self.outlines)

    def touched(self, area: Area) -> Array:
        """Return which outlines the area touches. i8."""
        geometry = area.geometry
        shapely.prepare(geometry)
        return np.sort(self.tree.query(geometry, predicate="intersects"))

    def reasons(self, area: Area) -> Array:
        """Return u1[n]: why each post is called, bits of PLACE, POINT and OUTLINE; 0 for posts that are not."""
        found = np.zeros(self.n, dtype="u1")
        positions = self.points.positions(area)
        posts, place = self.arrays["point_post"][positions], self.points.classes[positions] == 0
        found[posts[place]] |= PLACE
        found[posts[~place]] |= POINT
        starts, listed = self.arrays["outline_starts"], self.arrays["outline_post"]
        for outline in self.touched(area):
            found[listed[starts[outline] : starts[outline + 1]]] |= OUTLINE
        return found

    def division_mask(self, prefixes: Sequence[str], exact: Sequence[str] = ()) -> Array:
        """Return bool[d]: which of `divisions` lie inside the prefixes or are among the exact ones."""
        codes: list[str] = self.meta["divisions"]
        known = set(exact)
        return np.array([code.startswith(tuple(prefixes)) or code in known for code in codes], dtype=bool)

    @cached_property
    def person_rows(self) -> dict[bytes, int]:
        """Return person (id's bytes) → row."""
        raw = np.ascontiguousarray(self.arrays["person_ids"]).view("V16").ravel().tolist()
        return {each: row for row, each in enumerate(raw)}

    @cached_property
    def lengths(self) -> Array:
        """Return u1[d]: the length of each division's code, which tells its level."""
        return np.array([len(code) for code in self.meta["divisions"]], dtype="u1")


def holders_build(
    posts: pa.Table, entries: pa.Table, divisions: pa.Table, outlines: Mapping[str, bytes]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return arrays and meta of `Holders`.

    `posts` (code order): id, code, role, division, and a/b with _id ("" for nobody), _name, _phone, _alt, _division.
    `entries`: post (id), lon, lat (a place's, else null), ref (place code, else division code). `divisions`: code, lon,
    lat, legal. `outlines`: division code → WKB.
    """
    people, a, b = _people(posts)
    role, roles = coded(posts["role"])
    codes = pa.concat_arrays([pc.fill_null(t["division"].combine_chunks(), "") for t in (posts, people)])
    division, known = coded(pa.chunked_array([codes]))
    arrays: dict[str, Array] = {
        "post_ids": ids_of(posts["id"]), "roles": role.astype("u1"), "division": division[: len(posts)].astype("u4"),
        "a": a, "b": b, "person_ids": ids_of(people["id"]), "person_division": division[len(posts) :].astype("u4"),
    }  # fmt: skip
    arrays |= _found_by(posts, entries, divisions, sorted(outlines))
    texts = {
        "codes": posts["code"], "refs": entries["ref"], "names": people["name"], "phones": people["phone"],
        "phones_alt": people["alt"],
    }  # fmt: skip
    packed = {name: Texts.of(column.to_pylist()) for name, column in texts.items()}
    wkb = [outlines[code] for code in sorted(outlines)]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in wkb], dtype="i8")]).astype("u4")
    packed["outlines"] = Texts(np.frombuffer(b"".join(wkb), dtype="u1"), starts)
    for name, each in packed.items():
        arrays |= {f"{name}:bytes": each.bytes_, f"{name}:starts": each.starts}
    return arrays, {"roles": roles, "divisions": known, "outline_codes": sorted(outlines), "rows": len(posts)}


def _people(posts: pa.Table) -> tuple[pa.Table, Array, Array]:
    """Return (each person once, row of the A holder of each post, of the B holder), i4, NOBODY where there is none."""
    parts = [
        posts.select([f"{side}_{name}" for name in ("id", "name", "phone", "alt", "division")]).rename_columns(
            ["id", "name", "phone", "alt", "division"]
        )
        for side in "ab"
    ]
    both = pa.concat_tables(parts)
    ids = pc.fill_null(both["id"].combine_chunks(), "")
    packed = ids.dictionary_encode()
    codes, values = packed.indices.to_numpy(), packed.dictionary
    first = np.full(len(values), len(both), dtype="i8")
    np.minimum.at(first, codes, np.arange(len(both)))
    real = np.flatnonzero(pc.not_equal(values, "").to_numpy(zero_copy_only=False))
    row = np.full(len(values), NOBODY, dtype="i4")
    row[real] = np.arange(len(real))
    holder = row[codes]
    return both.take(pa.array(first[real])), holder[: len(posts)], holder[len(posts) :]


def _found_by(posts: pa.Table, entries: pa.Table, divisions: pa.Table, outlined: list[str]) -> dict[str, Array]:
    """Return the arrays of what posts are found by: points, and posts of each outline."""
    post = pc.index_in(entries["post"].combine_chunks(), posts["id"].combine_chunks()).to_numpy(zero_copy_only=False)
    lon, lat = (entries[name].to_numpy().copy() for name in ("lon", "lat"))
    classes = np.isnan(lon).astype("u1")
    where, listed = _where(divisions, outlined), []
    refs = entries["ref"].to_pylist()
    for at in np.flatnonzero(classes):
        spot = where(refs[at])
        if isinstance(spot, list):
            listed += [(outline, int(post[at])) for outline in spot]
        else:
            lon[at], lat[at] = spot
    there = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
    index, order = PointIndex.build(lon[there], lat[there], classes[there], 2)
    listed.sort()
    own = np.array([outline for outline, _ in listed], dtype="i8")
    found = {f"point:{name}": array for name, array in index.arrays().items()}
    return found | {
        "point_post": post[there[order]].astype("u4"), "point_ref": there[order].astype("u4"),
        "outline_post": np.array([row for _, row in listed], dtype="u4"),
        "outline_starts": np.searchsorted(own, np.arange(len(outlined) + 1)).astype("u4"),
    }  # fmt: skip


def _where(divisions: pa.Table, outlined: list[str]) -> Any:
    """Return a function from division code to its outlines' numbers, or its point (lon, lat; nan where unknown).

    Own outline first. A township or village without one: its point, else that of the township above. Anything higher:
    the outline of the division it legally lies in, else all outlines below it.
    """
    number = {code: at for at, code in enumerate(outlined)}
    rows = divisions.to_pylist()
    point = {
        row["code"]: (row["lon"], row["lat"]) for row in rows if row["lon"] is not None and row["lon"] == row["lon"]
    }
    legal = {row["code"]: row["legal"] for row in rows if row["legal"]}
    known: dict[str, Any] = {}

    def find(code: str) -> Any:
        if code in number:
            return [number[code]]
        if len(code) >= TOWNSHIP_CHARS:
            above = code[:TOWNSHIP_CHARS]
            if code in point:
                return point[code]
            return find(above) if above != code else (np.nan, np.nan)
        seen = {code}
        while (code := legal.get(code, "")) and code not in seen:
            if code in number:
                return [number[code]]
            seen.add(code)
        start = min(seen, key=len)
        return [at for name, at in number.items() if name.startswith(start)]

    def remembered(code: str) -> Any:
        if code not in known:
            known[code] = find(code)
        return known[code]

    return remembered
