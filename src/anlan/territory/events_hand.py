"""What is done to registers by hand: units, places and organisations entered, changed, closed, put back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from anlan.kernel.journal import Event


class UnitSaved(Event, kind="unit.saved"):
    """A production unit was entered or changed by hand (生产经营单位信息).

    unit: which one; new: entered just now; fields: names of what was changed.
    """

    unit: UUID
    new: bool
    fields: list[str]


class UnitClosed(Event, kind="unit.closed"):
    """A production unit closed for good (单位注销). unit: which one; on: from which day; reason: why."""

    unit: UUID
    on: date
    reason: str


class PlaceSaved(Event, kind="place.saved"):
    """A place was entered or changed by hand (重点部位信息).

    place: which one; code: its code; new: entered just now; fields: names of what was changed.
    """

    place: UUID
    code: str
    new: bool
    fields: list[str]


class PlaceClosed(Event, kind="place.closed"):
    """A place is no longer in use (重点部位停用). place: which one; code: its code; reason: why."""

    place: UUID
    code: str
    reason: str


class OrganisationSaved(Event, kind="organisation.saved"):
    """An organisation was entered or changed by hand (机构信息).

    organisation: which one; code: its code; new: entered just now; fields: names of what was changed.
    """

    organisation: UUID
    code: str
    new: bool
    fields: list[str]


class RowRestored(Event, kind="register.row_restored"):
    """The last change of a row by hand was taken back by the one who made it (撤销修改).

    register: of which register; row: which one; fields: names of what went back.
    """

    register: str
    row: UUID
    fields: list[str]
