"""What the text of the standard asks of an area: rings, circles, heights, geocodes (CAP 1.2 §3.2.4). Pure."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from typing import Final

from anlan.warning.formats.cap import geometry, rings
from anlan.warning.formats.cap.values import Alert, Area, Finding
from anlan.warning.formats.cap.wording import finding

_DECIMAL: Final = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)\Z", re.ASCII)


class Rings:
    """The sound rings of one message, to be asked together whether they cross themselves; and how many points it has.

    `plain`: all of them were looked at in one pass and nothing is wrong with them but perhaps crossings.
    """

    def __init__(self, alert: Alert) -> None:
        self.points = 0
        self.rings: list[Sequence[float]] = []
        self.paths: list[str] = []
        texts = [text for info in alert.infos for area in info.areas for text in area.polygons]
        self.crossings = rings.crossings(texts) if texts else None
        self.plain = self.crossings is not None

    def cross(self, alert: Alert, found: list[Finding]) -> None:
        """Add to `found` the rings that cross or touch themselves."""
        if self.crossings is not None:
            if not any(one is not False for one in self.crossings):
                return
            paths, crossings = _paths(alert), self.crossings
        elif self.rings:
            paths, crossings = self.paths, geometry.crossing(self.rings)
        else:
            return
        for path, crosses in zip(paths, crossings, strict=True):
            if crosses is None:
                found.append(finding("ring_unchecked", path))
            elif crosses:
                found.append(finding("ring_crosses", path))


def _paths(alert: Alert) -> list[str]:
    return [
        f"/alert/info[{i}]/area[{a}]/polygon[{p}]"
        for i, info in enumerate(alert.infos, 1)
        for a, area in enumerate(info.areas, 1)
        for p in range(1, len(area.polygons) + 1)
    ]


def check(area: Area, version: str, info_path: str, at: int, found: list[Finding], rings: Rings) -> None:
    """Add to `found` what the area of this number breaks; rings good so far are left in `rings`."""
    path = f"{info_path}/area[{at}]"
    if not area.desc:
        found.append(finding("element_empty", f"{path}/areaDesc", "areaDesc"))
    if not rings.plain:
        for number, text in enumerate(area.polygons, 1):
            _ring(text, f"{path}/polygon[{number}]", found, rings)
    for number, text in enumerate(area.circles, 1):
        _circle(text, f"{path}/circle[{number}]", found)
    for number, pair in enumerate(area.geocodes, 1):
        if not pair.name:
            found.append(finding("name_empty", f"{path}/geocode[{number}]", "geocode"))
    if area.altitude is not None or area.ceiling is not None:
        _heights(area, version, path, found)


def _ring(text: str, path: str, found: list[Finding], rings: Rings) -> None:
    try:
        numbers = geometry.flat(text)
    except ValueError:
        found.append(finding("ring_form", path, text))
        return
    count = len(numbers) // 2
    rings.points += count
    if rings.points > geometry.MOST_POINTS:
        found.append(finding("points_too_many", path, str(rings.points)))
        return
    if count < 4:
        found.append(finding("ring_short", path, str(count)))
        return
    if numbers[0] != numbers[-2] or numbers[1] != numbers[-1]:
        found.append(finding("ring_open", path))
        return
    lat, lon = numbers[::2], numbers[1::2]
    west, east = min(lon), max(lon)
    if east > 180 or west < -180 or max(lat) > 90 or min(lat) < -90:
        found.append(finding("ring_range", path, text))
        return
    if east - west > 180 and geometry.crosses_180(numbers):
        found.append(finding("ring_antimeridian", path))
    rings.rings.append(array("d", numbers))  # a quarter of a list: there may be tens of thousands
    rings.paths.append(path)


def _circle(text: str, path: str, found: list[Finding]) -> None:
    try:
        lon, lat, radius = geometry.circle(text)
    except ValueError:
        found.append(finding("circle_form", path, text))
        return
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        found.append(finding("circle_range", path, text))
    if not 0 <= radius <= geometry.HALF_EARTH_KM:
        found.append(finding("circle_radius", path, text))


def _heights(area: Area, version: str, path: str, found: list[Finding]) -> None:
    good = True
    for name, text in (("altitude", area.altitude), ("ceiling", area.ceiling)):
        if text is not None and (len(text) > 40 or not _DECIMAL.match(text)):
            good = False  # before 1.2 the schema took any text
            found.append(
                finding("height_form", f"{path}/{name}", text, severity=None if version == "1.2" else "warning")
            )
    if area.ceiling is not None:
        if area.altitude is None:
            found.append(finding("ceiling_alone", f"{path}/ceiling"))
        elif good and float(area.ceiling) < float(area.altitude):
            found.append(finding("ceiling_below", f"{path}/ceiling", f"{area.ceiling} < {area.altitude}"))
