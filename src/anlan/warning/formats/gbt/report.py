"""Mapping with its report: what comes back differently when the result is mapped back is what could not be carried.

So nothing can get lost unnamed: the report is not a list of what somebody thought of, but the difference itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, Literal

import msgspec

from anlan.kernel.problem import Invalid
from anlan.warning.formats.cap import structure
from anlan.warning.formats.cap import values as cap
from anlan.warning.formats.gbt import values as gbt
from anlan.warning.formats.gbt.checking import check
from anlan.warning.formats.gbt.differences import Difference, Names, differences, of_lists
from anlan.warning.formats.gbt.identity import ISSUER
from anlan.warning.formats.gbt.mapping import alert_of, message_of
from anlan.warning.formats.gbt.reasons import FROM_GBT, GENERAL, MANY_MORE, TO_GBT, Reason
from anlan.warning.formats.gbt.table import Table
from anlan.warning.formats.gbt.table import table as default_table

LONGEST: Final = 200
MOST_ITEMS: Final = 10_000
_CAP_NAMES: Final[dict[type[msgspec.Struct], dict[str, str]]] = {
    cap.Alert: {"version": "@version"} | {field: element for element, field, _ in structure.ALERT},
    cap.Info: {field: element for element, field, _ in structure.INFO},
    cap.Resource: {field: element for element, field, _ in structure.RESOURCE},
    cap.Area: {field: element for element, field, _ in structure.AREA},
}


def to_gbt(
    alert: cap.Alert, *, table: Table | None = None, issuer: str = "", serial: int = 0
) -> tuple[gbt.Message, gbt.Report]:
    """The national message of a CAP message, and what it can't carry, with paths in the CAP message.

    issuer: 14-digit issuer code; the message then gets a new identity (issuer, time of `sent`, `serial` 0-9), as a
    message taken over from elsewhere needs. Without it identifier and sender stay as they are.
    Raises Invalid `warning.gbt_issuer` when `issuer` or `serial` is no such code.
    """
    table = table or default_table()
    if issuer and not (ISSUER.fullmatch(issuer) and 0 <= serial <= 9):
        raise Invalid(
            code="warning.gbt_issuer",
            zh="发布单位代码应为14位数字（行政区划6、行业3、单位3、扩展2），序号为0至9；请更正。",
            en="An issuer code has 14 digits (division 6, sector 3, unit 3, extension 2), a serial 0 to 9; correct it.",
            field="issuer",
            value=f"{issuer} {serial}",
        )
    message = message_of(alert, table, issuer, serial)
    found = _differences(alert, alert_of(message, table))
    return message, gbt.Report(_items(found, TO_GBT), check(message, table))


def from_gbt(message: gbt.Message, *, table: Table | None = None) -> tuple[cap.Alert, gbt.Report]:
    """The CAP message of a national one, and what it doesn't carry, with paths in the national message.

    What the table calls private (names and numbers of persons) stays out of CAP and is named in the report.
    """
    table = table or default_table()
    alert = alert_of(message, table)
    back = message_of(alert, table)
    found = differences(message, back, f"/{table.elements.root}", _gbt_names(table), _shown)
    return alert, gbt.Report(_items(found, FROM_GBT), check(message, table))


def _differences(alert: cap.Alert, back: cap.Alert) -> Iterator[Difference]:
    """As `differences`, the references as a list of triples: the blanks between them say nothing."""
    plain, other = (msgspec.structs.replace(one, references=None) for one in (alert, back))
    yield from differences(plain, other, "/alert", _CAP_NAMES.__getitem__, _shown)
    triples, others = (
        [word[0] for word in islice(re.finditer(r"\S+", one.references or ""), 2 * MOST_ITEMS)] for one in (alert, back)
    )
    yield from of_lists(triples, others, "/alert/references", _shown)


def _gbt_names(table: Table) -> Names:
    return lambda struct: {f: e.replace("/", "[1]/") for f, e in table.elements.of(struct).items()}


def _shown(thing: object) -> str:
    """A text, or a pair as "name = value", at most 200 characters."""
    text = f"{thing.name} = {thing.value}" if isinstance(thing, cap.Coded) else str(thing)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _items(found: Iterable[Difference], reasons: Mapping[str, Reason]) -> tuple[gbt.Item, ...]:
    told = tuple(_item(one, reasons) for one in islice(found, MOST_ITEMS + 1))
    return told if len(told) <= MOST_ITEMS else (*told[:MOST_ITEMS], gbt.Item("lost", "/", None, None, *MANY_MORE))


def _item(found: Difference, reasons: Mapping[str, Reason]) -> gbt.Item:
    kind: Literal["lost", "changed", "added"] = (
        "lost" if found.after is None else "added" if found.before is None else "changed"
    )
    element = re.sub(r"\[\d+\]", "", found.path.rpartition("/")[2])
    reason = reasons.get(f"{kind} {element}") or reasons.get(element) or GENERAL[kind]
    value, becomes = (None if text is None else _shown(text) for text in (found.before, found.after))
    return gbt.Item(kind, found.path, value, becomes, reason.zh, reason.en)
