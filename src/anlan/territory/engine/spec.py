"""What the generator is given and what it gives: frozen values, referring to each other by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry

from anlan.territory.codes import TOWNSHIP


class Unit(NamedTuple):
    """One division, prefix-form code. lon/lat in degrees WGS-84, None where no point is known."""

    code: str
    name_zh: str
    name_en: str
    level: int
    kind: str
    lon: float | None
    lat: float | None
    coord_src: str


class NamedPlace(NamedTuple):
    """A place that really exists, with the township it is put in; its point may be an estimate (coord_src)."""

    kind: str
    township: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    coord_src: str
    attributes: dict[str, Any]


class Hospital(NamedTuple):
    """A hospital known by name; `county` is "" where the list does not tell it."""

    name_zh: str
    name_en: str
    county: str


class SiteRule(NamedTuple):
    """How many sites of a kind there are, named ones included, and how they share out over the counties.

    Empty `weights`: in proportion to the number of villages.
    """

    total: int
    weights: Mapping[str, int]


@dataclass(frozen=True)
class Profile:
    """A territory to generate. Counts are exact totals; shares are turned into exact counts.

    `scale`: "city" or "province" for the large profiles, "" for the small. `totals`: what must be met, by metric, where
    the territory's own `real_totals.csv` does not say otherwise. `hilly`: kinds of sites that stand in hills only.
    `real`: False, the territory's own totals are left alone. `licences`: units get licences and major hazard sources.
    """

    name: str
    version: int
    root: str
    townships: tuple[str, ...]
    departments_city: tuple[str, ...]
    departments_county: tuple[str, ...]
    sites: Mapping[str, SiteRule]
    figures: Mapping[str, int]
    defaults: Mapping[str, Any]
    officers_vacant: float
    officers_with_second: float
    valid_from: str
    scale: str = ""
    totals: Mapping[str, int] = field(default_factory=dict)
    hilly: tuple[str, ...] = ()
    real: bool = True
    licences: bool = False


@dataclass(frozen=True)
class World:
    """All the generator reads. `units` holds the divisions of the profile only, in code order. `hills`: townships with
    relief, None where the terrain is not known."""

    profile: Profile
    seed: int
    units: Mapping[str, Unit]
    population: Mapping[str, int]
    outlines: Mapping[str, BaseGeometry]
    named: tuple[NamedPlace, ...]
    hospitals: tuple[Hospital, ...]
    below: Mapping[str, tuple[str, ...]]
    hills: frozenset[str] | None = None

    @cached_property
    def ordinals(self) -> dict[str, int]:
        """Return township → its place among all of the world, in code order."""
        return {unit.code: place for place, unit in enumerate(self.of_level(TOWNSHIP))}

    def of_level(self, level: int) -> list[Unit]:
        """Return the units of one level in code order."""
        return [unit for unit in self.units.values() if unit.level == level]


class OrganisationRow(NamedTuple):
    """An organisation."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    division: str


class PostRow(NamedTuple):
    """A post; `superior` and `place` are codes or None."""

    code: str
    name_zh: str
    name_en: str
    role: str
    organisation: str
    superior: str | None
    place: str | None
    division: str


class PersonRow(NamedTuple):
    """A holder: a role name, never an invented personal name, and a number no network uses."""

    code: str
    name: str
    phone: str
    division: str


class AppointmentRow(NamedTuple):
    """Who holds a post; `holder` is "A" or "B"; `valid_from` an ISO date."""

    post: str
    person: str
    holder: str
    valid_from: str
    division: str


class PlaceRow(NamedTuple):
    """A place where people can come to harm."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    lon: float
    lat: float
    organisation: str | None
    attributes: dict[str, Any]
    division: str


class DutyRow(NamedTuple):
    """What a post answers for: a division, and a place in it or None."""

    post: str
    kind: str
    place: str | None
    division: str


@dataclass
class Part:
    """What the generator made for one division itself (not for those below it), or for several joined."""

    organisations: list[OrganisationRow] = field(default_factory=list)
    posts: list[PostRow] = field(default_factory=list)
    persons: list[PersonRow] = field(default_factory=list)
    appointments: list[AppointmentRow] = field(default_factory=list)
    places: list[PlaceRow] = field(default_factory=list)
    duties: list[DutyRow] = field(default_factory=list)

    def extend(self, other: Part) -> None:
        """Append all rows of `other`."""
        self.organisations += other.organisations
        self.posts += other.posts
        self.persons += other.persons
        self.appointments += other.appointments
        self.places += other.places
        self.duties += other.duties

    def counts(self) -> dict[str, int]:
        """Return rows per table."""
        return {name: len(rows) for name, rows in vars(self).items()}
