"""A small province to try code lists on: one city, two counties, three townships, five villages, rows in them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from anlan.kernel.actor import Actor
from anlan.kernel.scope import Scope
from anlan.territory.engine.keys import stable_id
from anlan.territory.models import Division, Edition, Organisation, Person, Place, Post, Unit
from anlan.territory.services.divisions import changes_decide, edition_apply, edition_open

ADMIN = Actor("person", "区划管理员", Scope(("41",)), roles=frozenset({"admin"}))
DAY = date(2024, 1, 1)
NOW = datetime(2024, 3, 1, tzinfo=UTC)

LIST = """code,name,lon,lat,coord_src
410000,河南省,113.6,34.7,amap_center
410100,甲市,113.6,34.7,amap_center
410102,东县,113.05,34.05,amap_center
410103,西县,113.15,34.05,amap_center
410102100,河口镇,,,
410102101,石桥镇,,,
410103100,柳林镇,,,
410102100201,前村村委会,,,
410102100202,后村村委会,,,
410102101201,上店村委会,,,
410102101202,下店村委会,,,
410103100201,东沟村委会,,,
"""


def lay_land() -> None:
    """A province with one city, two counties, three townships, five villages; rows of the registers in them."""
    rows = [line.split(",") for line in LIST.splitlines()[1:]]
    for official, name, lon, lat, src in rows:
        code = official.rstrip("0") if len(official) == 6 and official.endswith("00") else official
        code = {"41": "41", "41010": "4101", "4101": "4101"}.get(code, code)
        Division.objects.create(
            code=code, name_zh=name, name_en=f"en {name}", level={2: 1, 4: 2, 6: 3, 9: 4, 12: 5}[len(code)], kind="county",
            parent_id=code[: {4: 2, 6: 4, 9: 6, 12: 9}.get(len(code), 0)] or None,
            legal_parent_id=code[: {4: 2, 6: 4, 9: 6, 12: 9}.get(len(code), 0)] or None,
            lon=float(lon) if lon else None, lat=float(lat) if lat else None, coord_src=src, population=10 * len(code),
            population_src="census", valid_from=date(2023, 6, 30),
        )  # fmt: skip
    for code in ("410102100", "410102101", "410102100201", "410103100"):
        registers_in(code)


def registers_in(code: str, lon: float = 113.02, lat: float = 34.02) -> None:
    organisation = Organisation.objects.create(
        division=code, code=f"o{code}", name_zh="办", name_en="o", kind="government"
    )
    place = Place.objects.create(division=code, code=f"p{code}", kind="school", name_zh="校", name_en="s", lon=lon, lat=lat,
                                 organisation=organisation, coord_src="osm")  # fmt: skip
    post = Post.objects.create(division=code, code=f"{code}.head", name_zh="岗", name_en="p", role="school_head",
                               organisation=organisation, place=place)  # fmt: skip
    person = Person.objects.create(division=code, code=f"h{code}", name="负责人", phone="10000000000")
    post.appointments.create(division=code, person=person, holder="A", valid_from=date(2023, 7, 1))
    post.duties.create(division=code, kind="site_safety", place=place)
    Unit.objects.create(id=stable_id("unit", f"L:{code}"), division=code, key=f"L:{code}", name="厂", lon=lon, lat=lat,
                        coord_src="osm", updated_at=NOW)  # fmt: skip


def text(*changes: tuple[str, str], drop: tuple[str, ...] = (), add: tuple[str, ...] = ()) -> bytes:
    lines = [line for line in LIST.splitlines() if line.split(",")[0] not in drop]
    body = "\n".join([*lines, *add]) + "\n"
    for old, new in changes:
        body = body.replace(old, new)
    return body.encode()


def opened(file: bytes, **extra: Any) -> Edition:
    return edition_open(by=ADMIN, name="2023年版", valid_from=DAY, source="国家统计局", file=file, at=NOW, **extra)


def applied(file: bytes, **extra: Any) -> Any:
    edition = opened(file)
    changes_decide(by=ADMIN, edition=edition.pk, accept=True, at=NOW)
    return edition_apply(by=ADMIN, edition=edition.pk, at=NOW, **extra)


def kinds(edition: Edition) -> set[tuple[str, str, str]]:
    return set(edition.changes.values_list("kind", "old", "new"))


RECODE = (("410102", "410107"), ("东县", "东区"))


BOXES = {
    "410102": {"type": "Polygon", "coordinates": [[[113, 34], [113.1, 34], [113.1, 34.1], [113, 34.1], [113, 34]]]},
    "410102100": {"type": "Polygon", "coordinates": [[[113, 34], [113.05, 34], [113.05, 34.1], [113, 34.1], [113, 34]]]},
    "410102003": {"type": "Polygon", "coordinates": [[[113.05, 34], [113.1, 34], [113.1, 34.1], [113.05, 34.1], [113.05, 34]]]},
}  # fmt: skip


def geojson(*codes: str, **as_code: str) -> bytes:
    features = [
        {"type": "Feature", "properties": {"code": as_code.get(code, code)}, "geometry": BOXES[code]} for code in codes
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


SPLIT = text(
    drop=("410102101201", "410102101202"),
    add=("410102003,新城街道,,,", "410102003001,上店社区,,,", "410102003002,下店社区,,,"),
)


def edition_apply_all(file: bytes, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    edition = edition_open(by=ADMIN, name=f"{day.year}", valid_from=day, source="s", file=file, at=moment)
    changes_decide(by=ADMIN, edition=edition.pk, accept=True, at=moment)
    edition_apply(by=ADMIN, edition=edition.pk, at=moment)
