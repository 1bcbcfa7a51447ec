"""Reads the files shipped beside this stage. Where each comes from and its licence: territory/data/SOURCES.md."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import yaml
from shapely import prepare
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from anlan.kernel.problem import NotFound
from anlan.territory.codes import TOWNSHIP, VILLAGE, parent_of
from anlan.territory.engine.land import Reference
from anlan.territory.engine.spec import Hospital, NamedPlace, Profile, SiteRule, Unit, World

__all__ = [
    "ATTRIBUTION",
    "PROFILES",
    "Reference",
    "divisions",
    "features",
    "outlines",
    "population",
    "profile",
    "world",
]

PROFILES = ("tiny", "zhengzhou", "heze", "henan", "stress")
SMALL = ("tiny", "zhengzhou")  # laid down in one piece, with all Henan's counties round them
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0 (via mapchina)"


def _text(folder: str, name: str) -> str:
    return (resources.files("anlan.territory") / folder / name).read_text(encoding="utf-8")


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(_text("data", name).splitlines())


@cache
def divisions() -> dict[str, Reference]:
    """Return the divisions of Henan down to the township, in code order."""
    found = {}
    for row in sorted(_rows("divisions.csv"), key=lambda row: row["code"]):
        lon, lat = (float(row[key]) if row[key] else None for key in ("lon", "lat"))
        names = (row["code"], row["name_zh"], row["name_en"])
        unit = Unit(*names, int(row["level"]), row["kind"], lon, lat, row["coord_src"])
        found[unit.code] = Reference(unit, row["parent"] or None, row["legal_parent"] or None)
    return found


@cache
def villages() -> tuple[Unit, ...]:
    """Return the villages and communities of Zhengzhou in code order; the list knows no points."""
    return tuple(
        Unit(
            row["code"],
            row["name_zh"],
            row["name_en"],
            VILLAGE,
            "community" if row["name_zh"].endswith("社区") else "village",
            None,
            None,
            "",
        )
        for row in sorted(_rows("villages_zhengzhou.csv"), key=lambda row: row["code"])
    )


@cache
def population() -> dict[str, tuple[int, str]]:
    """Return code → (residents, source) of the province, its prefectures and counties."""
    return {row["code"]: (int(row["population"]), row["source"]) for row in _rows("population.csv")}


@cache
def features(name: str) -> list[dict[str, Any]]:
    """Return the GeoJSON features of `counties`, `prefectures` or `rivers`."""
    found: list[dict[str, Any]] = json.loads(_text("data", f"{name}.geojson"))["features"]
    return found


@cache
def outlines() -> dict[str, BaseGeometry]:
    """Return county code → outline, prepared for many point tests."""
    found = {item["properties"]["code"]: shape(item["geometry"]) for item in features("counties")}
    for outline in found.values():
        prepare(outline)
    return found


@cache
def profile(name: str) -> Profile:
    """Return a profile from territory/rules; NotFound when there is none of that name."""
    if name not in PROFILES:
        raise NotFound(
            code="territory.no_profile",
            zh=f"没有名为“{name}”的区域模板；可用：{'、'.join(PROFILES)}。",
            en=f"There is no profile “{name}”; take one of: {', '.join(PROFILES)}.",
            field="profile",
            value=name,
        )
    body = yaml.safe_load(_text("rules", f"profile_{name}.yaml"))
    return Profile(
        name=body["name"],
        version=body["version"],
        root=body["root"],
        townships=tuple(body["townships"]),
        departments_city=tuple(body["departments_city"]),
        departments_county=tuple(body["departments_county"]),
        sites={kind: SiteRule(rule["total"], rule["weights"]) for kind, rule in body["sites"].items()},
        figures=body["figures"],
        defaults=body["defaults"],
        officers_vacant=body["officers_vacant"],
        officers_with_second=body["officers_with_second"],
        valid_from=body["valid_from"],
        scale=body.get("scale", ""),
        totals=body.get("totals", {}),
        hilly=tuple(body.get("hilly", ())),
        real=body.get("real", True),
        licences=body.get("licences", False),
    )


def world(name: str, seed: int) -> World:
    """Return all the generator reads for a profile and seed: province, city, and the chosen part below."""
    chosen = profile(name)
    townships = [
        reference.unit
        for reference in divisions().values()
        if reference.unit.level == TOWNSHIP
        and reference.unit.code.startswith(chosen.root)
        and (not chosen.townships or reference.unit.code in chosen.townships)
    ]
    inside = {unit.code for unit in townships}
    above = {code[:length] for code in inside for length in (2, 4, 6)}
    units = [divisions()[code].unit for code in above] + townships
    units += [unit for unit in villages() if unit.code[:9] in inside]
    below: dict[str, tuple[str, ...]] = {}
    for unit in sorted(units):
        if parent := parent_of(unit.code):
            below[parent] = (*below.get(parent, ()), unit.code)
    return World(
        profile=chosen,
        seed=seed,
        units={unit.code: unit for unit in sorted(units)},
        population={code: count for code, (count, _) in population().items()},
        outlines=outlines(),
        named=named_places(),
        hospitals=hospitals(),
        below=below,
    )


@cache
def hospitals() -> tuple[Hospital, ...]:
    """Return the hospitals of Zhengzhou known by name."""
    return tuple(Hospital(**row) for row in _rows("hospitals_zhengzhou.csv"))


@cache
def named_places() -> tuple[NamedPlace, ...]:
    """Return the places known by name."""
    return tuple(
        NamedPlace(
            row["kind"],
            row["township"],
            row["name_zh"],
            row["name_en"],
            float(row["lon"]),
            float(row["lat"]),
            row["coord_src"],
            json.loads(row["attributes"]),
        )
        for row in _rows("places_named.csv")
    )
