"""Reads a territory folder: `admin/divisions.csv` and whatever else of the form is there, with official codes.

Every other file may be missing; what is then estimated is said in the land's notes. Nothing here knows a province.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from shapely import prepare
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anlan.kernel.problem import Invalid, NotFound
from anlan.territory.codes import ancestors, any_form, from_official, kind_of, legal_parent_of, level_of, parent_of
from anlan.territory.engine.estimate import points_filled
from anlan.territory.engine.land import Land, Note, Outline, Reference
from anlan.territory.engine.names import village_name
from anlan.territory.engine.spec import Unit
from anlan.territory.sources.folder_extra import hospitals, reservoirs, terrain_read, totals_read

NAME, NAME_EN = 200, 280
KINDS = {
    "province", "prefecture", "placeholder", "district", "county", "county_city", "functional_zone", "subdistrict",
    "town", "township", "quasi",
}  # fmt: skip
FILES: dict[str, tuple[str, str]] = {
    "admin/villages.csv": (
        "没有村级名录：按乡镇生成，乡镇本身作为责任单元。",
        "No list of villages: everything is made for townships.",
    ),
    "admin/county_population.csv": (
        "没有县级人口：按下级单位数分摊上级人口。",
        "No residents of counties: the figure above is shared out by the number of divisions below.",
    ),
    "admin/prefecture_population_2020.csv": ("没有地级人口。", "No residents of prefectures."),
    "boundaries/counties.geojson": (
        "没有县界：点位围绕驻地估计，不作越界校验。",
        "No outlines of counties: points are put round the seats and not checked against any outline.",
    ),
    "terrain/*.asc": (
        "没有地形：只在名录有水库的县生成水库和隐患点。",
        "No terrain: reservoirs and hazard points only in counties with a listed reservoir.",
    ),
    "hydro/reservoirs_large.csv": ("没有水库名录。", "No list of reservoirs."),
    "places/hospitals.csv": ("没有医院名录：医院按乡镇命名。", "No list of hospitals: they are named by township."),
    "real_totals.csv": ("没有实际总数：采用模板的总数。", "No real totals: the profile's own are taken."),
}


class Listed(NamedTuple):
    """The divisions as the list holds them, and what had to be mended."""

    units: dict[str, Unit]
    notes: list[Note]


def folder_land(folder: Path) -> Land:
    """Return the land a folder describes. NotFound without `admin/divisions.csv`, Invalid for a faulty file."""
    if not (folder / "admin" / "divisions.csv").is_file():
        raise NotFound(
            code="territory.no_folder",
            zh=f"{folder} 中没有 admin/divisions.csv；请给出区划数据目录。",
            en=f"There is no admin/divisions.csv in {folder}; name a folder of territory data.",
            field="territory",
            value=str(folder),
        )
    listed = _divisions(folder)
    outlines, shapes = _boundaries(folder)
    filled = points_filled(listed.units, shapes)
    estimated = sum(unit.lon is None for unit in listed.units.values())
    villages, odd = _villages(folder, filled)
    notes = [*listed.notes, *_missing(folder)]
    if estimated:
        zh, en = f"{estimated}个单位没有坐标，已估计。", f"{estimated} divisions had no point; estimated."
        notes.append(Note("points", zh, en))
    if odd:
        notes.append(
            Note("villages", f"{odd}个村的乡镇不在名录，略去。", f"{odd} villages of unlisted townships left out.")
        )
    return Land(
        name=folder.resolve().name,
        edition="2023-06-30",
        references={
            code: Reference(unit, parent_of(code) or None, legal_parent_of(code) or None)
            for code, unit in sorted(filled.items())
        },
        villages=villages,
        population=_population(folder, filled),
        boundaries=[outline for outline in outlines if outline.code in filled],
        outlines=shapes,
        named=reservoirs(folder, filled),
        hospitals=hospitals(folder),
        terrain=terrain_read(folder),
        totals=totals_read(folder),
        notes=tuple(notes),
    )


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, values stripped; nothing when there is no file."""
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield {key: (value or "").strip() for key, value in row.items() if key}


def outlines_prepared(outlines: list[Outline]) -> dict[str, BaseGeometry]:
    """Return shapes by code, prepared; a county without one takes its prefecture's where it is the only such county."""
    found = {outline.code: shape(outline.geometry) for outline in outlines}
    for outline in found.values():
        prepare(outline)
    return found


def _divisions(folder: Path) -> Listed:
    units: dict[str, Unit] = {}
    notes: list[Note] = []
    for number, row in enumerate(rows_of(folder / "admin" / "divisions.csv"), start=2):
        code = _code(row.get("code", ""), number)
        name = row.get("name") or row.get("name_zh") or code
        if code in units or level_of(code) > 4:
            continue
        kind = row.get("kind", "")
        lon, lat = _number(row.get("lon")), _number(row.get("lat"))
        units[code] = Unit(
            code,
            name[:NAME],
            (row.get("name_en") or name)[:NAME_EN],
            level_of(code),
            kind if kind in KINDS else kind_of(code, name),
            lon if lat is not None else None,
            lat if lon is not None else None,
            row.get("coord_src", "")[:16] or ("approx" if lon is not None else ""),
        )
    lost = sorted({above for code in units for above in ancestors(code)} - set(units))
    for code in lost:
        units[code] = Unit(code, code, code, level_of(code), kind_of(code), None, None, "")
    if lost:
        codes = "、".join(lost[:5])
        zh, en = f"名录缺上级单位，以代码代名：{codes}", f"Superiors not listed stand under their code: {codes}"
        notes.append(Note("divisions", zh, en))
    return Listed(units, notes)


def _villages(folder: Path, units: dict[str, Unit]) -> tuple[list[Unit], int]:
    found: dict[str, Unit] = {}
    odd = 0
    for number, row in enumerate(rows_of(folder / "admin" / "villages.csv"), start=2):
        code = _code(row.get("code", ""), number, "admin/villages.csv")
        if code[:9] not in units or level_of(code) != 5:
            odd += 1
            continue
        name, kind = village_name(row.get("name") or code)
        lon, lat = _number(row.get("lon")), _number(row.get("lat"))
        source = "approx" if lon is not None and lat is not None else ""
        found[code] = Unit(code, name[:NAME], (row.get("name_en") or name)[:NAME_EN], 5, kind, lon, lat, source)
    return [found[code] for code in sorted(found)], odd


def _population(folder: Path, units: dict[str, Unit]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    files = (("prefecture_population_2020.csv", "census_2020"), ("county_population.csv", "scaled_2020"))
    for name, source in files:
        for row in rows_of(folder / "admin" / name):
            code = any_form(row.get("code", ""))
            figures = [row.get("pop_2020_est"), row.get("pop_census_2020"), row.get("population")]
            figures += [value for key, value in row.items() if key.startswith("pop")]
            count = next((int(float(value)) for value in figures if value), None)
            if code in units and count is not None:
                found[code] = (count, source)
    provinces = {code for code in units if len(code) == 2} - set(found)
    for code in provinces:
        below = [found[c][0] for c in found if len(c) == 4 and c.startswith(code)]
        if below and len(below) == sum(len(c) == 4 and c.startswith(code) for c in units):
            found[code] = (sum(below), "sum")
    return found


def _boundaries(folder: Path) -> tuple[list[Outline], dict[str, BaseGeometry]]:
    found: list[Outline] = []
    for name in ("provinces", "prefectures", "counties"):
        path = folder / "boundaries" / f"{name}.geojson"
        if path.is_file():
            found += [_outline(item) for item in json.loads(path.read_text("utf-8"))["features"]]
    kept = [outline for outline in found if outline.code]
    try:
        return [outline for outline in kept if len(outline.code) > 2], outlines_prepared(kept)
    except (ShapelyError, KeyError, TypeError, ValueError) as failure:
        raise _bad("boundaries", str(failure)[:80], "boundaries/*.geojson") from failure


def _outline(item: dict[str, Any]) -> Outline:
    code = str(item.get("properties", {}).get("code", ""))
    try:
        return Outline(from_official(code), item["geometry"], "© OpenStreetMap contributors, ODbL 1.0 (via mapchina)")
    except Invalid:
        return Outline("", {}, "")


def _missing(folder: Path) -> list[Note]:
    return [Note(name, zh, en) for name, (zh, en) in FILES.items() if not any(folder.glob(name))]


def _code(text: str, row: int, file: str = "admin/divisions.csv") -> str:
    try:
        return any_form(text)
    except Invalid:
        raise _bad("code", text, f"{file} {row}") from None


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _bad(field: str, value: str, where: str) -> Invalid:
    return Invalid(
        code="territory.bad_folder",
        zh=f"{where}：{field} 的值“{value}”不对；请改正该文件。",
        en=f"{where}: {field} can't be “{value}”; mend that file.",
        field=field,
        value=value,
    )
