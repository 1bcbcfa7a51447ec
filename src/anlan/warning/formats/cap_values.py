"""The values of a CAP 1.2 message: frozen, in the words of the standard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

Ring = tuple[tuple[float, float], ...]
"""A closed ring of (longitude, latitude) in WGS-84 degrees, first point = last point."""


@dataclass(frozen=True, slots=True)
class Coded:
    """One valueName/value pair (eventCode, parameter, geocode)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message this one acts on: the triple sender, identifier, sent."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class CapArea:
    """Where: a description, rings in (lon, lat), and geocodes such as GB/T2260 410181."""

    description: str
    polygons: tuple[Ring, ...] = ()
    geocodes: tuple[Coded, ...] = ()


@dataclass(frozen=True, slots=True)
class CapInfo:
    """What and what to do, in one language."""

    language: str
    category: str
    event: str
    urgency: str
    severity: str
    certainty: str
    headline: str
    description: str
    instruction: str
    expires: datetime
    effective: datetime | None = None
    onset: datetime | None = None
    response_types: tuple[str, ...] = ()
    event_codes: tuple[Coded, ...] = ()
    sender_name: str = ""
    parameters: tuple[Coded, ...] = ()
    areas: tuple[CapArea, ...] = ()


@dataclass(frozen=True, slots=True)
class CapAlert:
    """One CAP message. `status` is Actual, Exercise, System, Test or Draft; `msg_type` Alert, Update or Cancel."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    infos: tuple[CapInfo, ...]
    scope: str = "Public"
    note: str = ""
    references: tuple[Reference, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: the field, and what is wrong with it in English."""

    field: str
    text: str


class CapError(ValueError):
    """The alert may not be sent, or the bytes are not a CAP 1.2 message. `faults` names every reason."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.text}" for fault in faults))
        self.faults = faults
