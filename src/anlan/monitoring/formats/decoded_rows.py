"""A decoded frame's elements as rows of readings, by the names of a connection's mapping."""

from __future__ import annotations

from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.formats.connection_settings import Mapping
from anlan.monitoring.formats.decoded import Decoded
from anlan.monitoring.formats.readings_batch import Row


def decoded_rows(decoded: Decoded, mapping: Mapping) -> list[Row]:
    """Return the readings of a frame; missing values and elements mapped to "-" are left out.

    The mapping speaks of the id in the frame first, then of our element; an id that no table knows stands for itself,
    so that it is counted as unknown instead of vanishing.
    """
    rows: list[Row] = []
    station = mapping.station(decoded.station)
    for element in decoded.elements:
        at = element.at or decoded.at or decoded.sent_at
        if element.value is None or at is None:
            continue
        came = element.code if element.code in mapping.elements else element.element or element.code
        name = mapping.element(came)
        if name is not None:
            rows.append((station, name[:24], microseconds(at), element.value, element.quality))
    return rows
