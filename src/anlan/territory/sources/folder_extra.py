"""The optional files of a territory folder: terrain, reservoirs, hospitals, totals."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from anlan.kernel.ids import draw
from anlan.kernel.problem import Invalid
from anlan.territory.codes import TOWNSHIP, any_form
from anlan.territory.engine.land import Terrain
from anlan.territory.engine.spec import Hospital, NamedPlace, Unit


def terrain_read(folder: Path) -> Terrain | None:
    """Return the first height grid of `terrain/`, None when there is none."""
    found = sorted((folder / "terrain").glob("*.asc"))
    return terrain_of(found[0].read_text("utf-8").splitlines()) if found else None


def terrain_of(lines: list[str]) -> Terrain:
    """Return the grid an ESRI ASCII file holds (corner or centre form)."""
    head: dict[str, float] = {}
    start = 0
    for start, line in enumerate(lines):  # noqa: B007
        words = line.split()
        if not words or not words[0][0].isalpha():
            break
        head[words[0].lower()] = float(words[1])
    step, rows = head["cellsize"], int(head["nrows"])
    half = step / 2
    west = head.get("xllcenter", head.get("xllcorner", 0.0) + half)
    south = head.get("yllcenter", head.get("yllcorner", 0.0) + half)
    height = np.array([float(word) for line in lines[start:] for word in line.split()]).reshape(rows, -1)
    height[height == head.get("nodata_value", -9999.0)] = np.nan
    return Terrain(height, west, south + (rows - 1) * step, step)


def totals_read(folder: Path) -> dict[str, dict[str, int]]:
    """Return territory → metric → number; shares and other fractions are left out."""
    path = folder / "real_totals.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        return totals_of(csv.DictReader(file))


def totals_of(rows: Iterable[Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """Return the same from rows already read."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        value = (row.get("value") or "").strip()
        if value.isdigit():
            found.setdefault(row["territory"].strip(), {})[row["metric"].strip()] = int(value)
    return found


def hospitals(folder: Path) -> tuple[Hospital, ...]:
    """Return the hospitals known by name; those of no county are left out, for a folder may hold several provinces."""
    found = []
    path = folder / "places" / "hospitals.csv"
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if row.get("county_code") and row.get("name"):
                found.append(
                    Hospital(row["name"][:180], (row.get("name_en") or row["name"])[:280], _form(row["county_code"]))
                )
    return tuple(found)  # fmt: skip


def reservoirs(folder: Path, units: Mapping[str, Unit]) -> tuple[NamedPlace, ...]:
    """Return the listed large reservoirs, each put into the nearest township of its county."""
    path = folder / "hydro" / "reservoirs_large.csv"
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8-sig", newline="") as file:
        listed = [row for row in csv.DictReader(file) if row.get("lon") and row.get("lat")]
    rows = [
        (r["name"], r.get("name_en") or r["name"], float(r["lon"]), float(r["lat"]), _form(r.get("county_code", "")))
        for r in listed
    ]
    return reservoirs_placed(rows, units, "osm")


def reservoirs_placed(
    rows: Iterable[tuple[str, str, float, float, str]], units: Mapping[str, Unit], source: str
) -> tuple[NamedPlace, ...]:
    """Return reservoirs (zh, en, lon, lat, county) as places of townships; storage and levels are assumptions (mark G)."""
    by_county: dict[str, list[Unit]] = {}
    for unit in units.values():
        if unit.level == TOWNSHIP and unit.lon is not None:
            by_county.setdefault(unit.code[:6], []).append(unit)
    found = []
    for zh, en, lon, lat, county in rows:
        near = by_county.get(county, [])
        if near:
            town = min(near, key=lambda u: ((u.lon or 0) - lon) ** 2 + ((u.lat or 0) - lat) ** 2)
            storage = round(10_000 + 40_000 * draw("storage", zh) ** 2)
            extra = {"class": "large", "storage_10k_m3": storage, "mark": "G"}
            found.append(NamedPlace("reservoir", town.code, zh[:180], en[:280], lon, lat, source, extra))
    return tuple(found)


def _form(code: str) -> str:
    try:
        return any_form(code)
    except Invalid:
        return ""
