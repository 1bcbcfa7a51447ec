"""The lands the generator knows: those shipped with the platform, or a folder in the same form."""

from __future__ import annotations

import csv
import json
import lzma
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path

from anlan.kernel.problem import Invalid
from anlan.territory.codes import VILLAGE
from anlan.territory.engine.land import Land, Outline, Reference
from anlan.territory.engine.spec import Profile, Unit, World
from anlan.territory.engine.staffing import TOTALS
from anlan.territory.engine.worlds import root_of, totals_of, world_of
from anlan.territory.sources import embedded
from anlan.territory.sources.folder import folder_land, outlines_prepared
from anlan.territory.sources.folder_extra import reservoirs_placed, terrain_of
from anlan.territory.sources.folder_extra import totals_of as totals_rows

DATA = resources.files("anlan.territory") / "data"
EDITION = "2023-06-30"


@cache
def shipped(province: str) -> Land:
    """Return the shipped land: "41" Henan, whole; "37" the city of Heze with its province above it."""
    henan = province == "41"
    divisions = embedded.divisions() if henan else _divisions("divisions_heze.csv")
    suffix = "" if henan else "_heze"
    outlines = [
        Outline(item["properties"]["code"], item["geometry"], embedded.ATTRIBUTION)
        for name in ("prefectures", "counties")
        for item in json.loads((DATA / f"{name}{suffix}.geojson").read_text("utf-8"))["features"]
    ]
    units = {code: reference.unit for code, reference in divisions.items()}
    named = embedded.named_places() if henan else ()
    known = {place.name_zh for place in named}
    if henan:
        named += tuple(p for p in reservoirs_placed(_reservoirs(), units, "osm") if p.name_zh not in known)
    return Land(
        name="henan" if henan else "heze",
        edition=EDITION,
        references=divisions,
        villages=tuple(unit for unit in _villages() if unit.code[:9] in divisions),
        population=embedded.population() if henan else _population("population_heze.csv"),
        boundaries=outlines,
        outlines=outlines_prepared(outlines),
        named=named,
        hospitals=embedded.hospitals() if henan else (),
        terrain=terrain_of((DATA / "terrain.asc").read_text("utf-8").splitlines()),
        totals=totals_rows(_rows("real_totals.csv")),
    )


def land_of(profile: Profile, folder: Path | None) -> Land:
    """Return the land a large profile is laid down on."""
    return folder_land(folder) if folder is not None else shipped(profile.root[:2])


def large_world(
    profile: Profile, seed: int, folder: Path | None = None, root: str = "", scale: float = 1.0
) -> tuple[World, Land]:
    """Return the world of a large profile, with its totals settled, and the land it stands on. `scale` is what the numbers
    of guides, information officers and sites are multiplied by; units are the order's.

    Invalid when the land has no division `root`, or none of the profile's scale.
    """
    land = land_of(profile, folder)
    chosen = root_of(land, profile, root)
    if chosen not in land.references:
        raise Invalid(
            code="territory.no_root",
            zh=f"该区域数据中没有“{root or profile.scale}”；请用 --root 指定其中的区划代码。",
            en=f"This territory has no “{root or profile.scale}”; name one of its divisions with --root.",
            field="root",
            value=root,
        )
    settled = {**profile.totals, **(totals_of(land, chosen) if profile.real else {})}
    settled |= {name: round(settled[name] * scale) for name in TOTALS if name in settled}
    wanted = profile if scale == 1 else _scaled(profile, scale)
    return world_of(replace(wanted, totals=settled), seed, land, chosen), land


def _scaled(profile: Profile, scale: float) -> Profile:
    """Return the profile with the numbers of its sites and their figures times `scale`; at least one site of a kind."""
    sites = {kind: rule._replace(total=max(round(rule.total * scale), 1)) for kind, rule in profile.sites.items()}
    return replace(profile, sites=sites, figures={name: round(n * scale) for name, n in profile.figures.items()})


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text("utf-8").splitlines()))


def _divisions(name: str) -> dict[str, Reference]:
    found = {}
    for row in _rows(name):
        lon, lat = (float(row[key]) if row[key] else None for key in ("lon", "lat"))
        unit = Unit(
            row["code"], row["name_zh"], row["name_en"], int(row["level"]), row["kind"], lon, lat, row["coord_src"]
        )
        found[unit.code] = Reference(unit, row["parent"] or None, row["legal_parent"] or None)
    return found


@cache
def _villages() -> tuple[Unit, ...]:
    text = lzma.decompress((DATA / "villages.csv.xz").read_bytes()).decode("utf-8")
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
        for row in csv.DictReader(text.splitlines())
    )


def _population(name: str) -> dict[str, tuple[int, str]]:
    return {row["code"]: (int(row["population"]), row["source"]) for row in _rows(name)}


def _reservoirs() -> list[tuple[str, str, float, float, str]]:
    return [
        (row["name_zh"], row["name_en"], float(row["lon"]), float(row["lat"]), row["county"])
        for row in _rows("reservoirs.csv")
    ]
