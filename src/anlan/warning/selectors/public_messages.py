"""Published messages as anybody may read them: everything out of the CAP file that was sent, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from anlan.warning.engine.publishing import Listed
from anlan.warning.engine.spherical import circle_polygon
from anlan.warning.formats import cap
from anlan.warning.formats.cap import geometry
from anlan.warning.selectors.public import published
from anlan.warning.services.received_reading import Shape

SEVERITY: Final = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}


@dataclass(frozen=True, slots=True)
class Message:
    """One published message. `infos` by language, zh and en; `kind` Alert, Update, Cancel, or "" when it is over."""

    identifier: str
    kind: str
    colour: str
    infos: dict[str, cap.Info]
    first: cap.Info
    sent: datetime
    effective: datetime
    expires: datetime

    @property
    def shape(self) -> Shape:
        """Where it holds: rings and circles as they were sent."""
        areas = self.first.areas
        return Shape(
            tuple(geometry.ring(text) for area in areas for text in area.polygons),
            tuple(geometry.circle(text) for area in areas for text in area.circles),
            tuple(area.desc for area in areas),
        )


def messages(listed: Iterable[Listed]) -> tuple[Message, ...]:
    """The listed messages, those in force first, the gravest and then the newest of them."""
    entries = list(listed)
    files = published([one.identifier for one in entries])
    found = [_read(one.identifier, one.kind, files[one.identifier]) for one in entries if one.identifier in files]
    known = [one for one in found if one is not None]
    known.sort(key=lambda one: one.sent, reverse=True)
    return tuple(sorted(known, key=lambda one: (one.kind == "Cancel", SEVERITY.get(one.colour, 9))))


def message(identifier: str) -> Message | None:
    """A message that was once published, whatever became of it; None when there never was one."""
    raw = published([identifier]).get(identifier)
    return _read(identifier, "", raw) if raw else None


def _read(identifier: str, kind: str, raw: bytes) -> Message | None:
    alert = cap.read(raw, "record").alert
    if alert is None or alert.status != "Actual" or not alert.infos:
        return None
    infos = {"zh" if (info.language or "").startswith("zh") else "en": info for info in alert.infos}
    first = alert.infos[0]
    sent = cap.instant(alert.sent)
    colours = [one.value for one in first.parameters if one.name == "colour"]
    return Message(
        identifier, kind, colours[0] if colours else "", infos, first, sent,
        cap.instant(first.effective) if first.effective else sent,
        cap.instant(first.expires) if first.expires else sent,
    )  # fmt: skip


def drawn(shape: Shape) -> list[Any]:
    """The coordinates of a GeoJSON MultiPolygon: rings as sent, circles as polygons."""
    found: list[Any] = [[list(ring)] for ring in shape.rings]
    for lon, lat, km in shape.circles:
        if km > 0:
            circle = circle_polygon(lon, lat, km)
            found += [[list(part.exterior.coords)] for part in getattr(circle, "geoms", [circle])]
    return found


def features(found: Iterable[Message]) -> dict[str, Any]:
    """GeoJSON of the areas of messages in force, the mildest first so that the gravest is drawn on top."""
    ordered = sorted((one for one in found if one.kind != "Cancel"), key=lambda one: -SEVERITY.get(one.colour, 9))
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "MultiPolygon", "coordinates": drawn(one.shape)},
                "properties": {"id": one.identifier, "colour": one.colour,
                               **{name: info.headline for name, info in one.infos.items()}},
            }
            for one in ordered
        ],
    }  # fmt: skip
