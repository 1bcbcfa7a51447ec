"""Makes a territory folder nobody has seen: another province, mountains, odd branches, long names, files left out."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

LONG = "彝族苗族哈尼族傣族拉祜族佤族景颇族布朗族纳西族怒族独龙族普米族德昂族基诺族阿昌族布依族瑶族壮族回族藏族白族傈僳族满族蒙古族自治"
# code, name, parent, level, kind, lon, lat: Yunnan's digits, but no place in it
DIVISIONS = [
    ("530000", "山岭省", "", 1, "province", "", ""),
    ("530100", "高山市", "530000", 2, "prefecture", 102.0, 25.0),
    ("530102", "东岭区", "530100", 3, "district", 102.05, 25.02),
    ("530121", LONG + "县", "530100", 3, "county", 102.4, 25.3),
    ("530400", "无县市", "530000", 2, "prefecture", 103.0, 24.0),
    ("539000", "省直辖县级行政区划", "530000", 2, "placeholder", "", ""),
    ("539001", "直辖山县", "539000", 3, "county_city", 104.0, 26.0),
    ("530102001", "岭上街道", "530102", 4, "subdistrict", 102.05, 25.03),
    ("530102100", "坡下镇", "530102", 4, "town", "", ""),
    ("530121101", LONG + "镇", "530121", 4, "town", 102.41, 25.31),
    ("530121201", "云端乡", "530121", 4, "township", "", ""),
    ("530121401", "某农场", "530121", 4, "quasi", "", ""),
    ("530400001", "直管街道", "530400", 4, "subdistrict", 103.01, 24.01),
    ("530400002", "又一直管镇", "530400", 4, "town", "", ""),
    ("539001001", "直辖街道", "539001", 4, "subdistrict", "", ""),
]
PEOPLE = [("530100", "高山市", 240_001), ("530400", "无县市", 90_007), ("539000", "", 30_011)]
VILLAGES = [
    ("530102001001", "岭上社区居民委员会"),
    ("530102100201", "坡底村民委员会"),
    ("530121101201", LONG + "村委会"),
    ("530400001001", "直管社区居委会"),
    ("539001001001", "直辖社区居委会"),
    ("530999999001", "没有乡镇的村委会"),
]


def folder_make(
    base: Path, *, villages: bool = True, outlines: bool = True, terrain: bool = True, totals: bool = True
) -> Path:
    """Write the folder under `base` and return it; each flag leaves a file out."""
    _csv(
        base / "admin" / "divisions.csv",
        "code,name,parent,level,kind,lon,lat,coord_src",
        [(*row, "") for row in DIVISIONS],
    )
    if villages:
        _csv(base / "admin" / "villages.csv", "code,name", VILLAGES)
    _csv(
        base / "admin" / "prefecture_population_2020.csv",
        "code,name,pop_census_2020",
        PEOPLE,
    )
    if outlines:
        squares = [
            _square("530102", 101.9, 24.9, 0.25),
            _square("530121", 102.3, 25.2, 0.3),
            _square("530400", 102.9, 23.9, 0.3),
        ]
        _json(base / "boundaries" / "counties.geojson", squares)
    if terrain:
        rows = "\n".join(" ".join(str(500 + 90 * ((x + y) % 7)) for x in range(60)) for y in range(60))
        head = "ncols 60\nnrows 60\nxllcenter 100.0\nyllcenter 22.0\ncellsize 0.1\nNODATA_value -9999\n"
        (base / "terrain").mkdir(parents=True)
        (base / "terrain" / "heights.asc").write_text(head + rows + "\n")
    if totals:
        rows = [("高山", "production_units", 900, ""), ("高山", "risk_survey_records", 41, ""), ("高山", "professional_teams", 3, ""),
                ("高山", "social_rescuers", 121, ""), ("高山", "reserve_capacity_people", 500, ""), ("高山", "special_plans", 4, ""),
                ("高山", "share_old", 0.1, ""), ("山岭省", "safety_guides", 37, ""), ("山岭省", "disaster_information_officers", 21, "")]  # fmt: skip
        _csv(base / "real_totals.csv", "territory,metric,value,note", rows)
    return base  # fmt: skip


def _square(code: str, west: float, south: float, side: float) -> dict[str, object]:
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _csv(path: Path, head: str, rows: Sequence[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(head.split(","))
        write.writerows(rows)


def _json(path: Path, features: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
