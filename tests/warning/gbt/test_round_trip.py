"""CAP → national → CAP and the other way round: nothing is lost, changed or added that the report doesn't name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.warning.formats import gbt
from anlan.warning.formats.cap import values as cap
from tests.warning.gbt.strategies import CAP_ALERT, GBT_MESSAGE, IDENTITY, ISSUER

# Field → element, written down here anew: the report's own list is what is being tried.
CAP_ELEMENTS = {
    "msg_type": "msgType", "codes": "code", "infos": "info", "categories": "category", "responses": "responseType",
    "event_codes": "eventCode", "sender_name": "senderName", "parameters": "parameter", "resources": "resource",
    "areas": "area", "desc": "*Desc", "mime": "mimeType", "deref": "derefUri", "polygons": "polygon",
    "circles": "circle", "geocodes": "geocode", "version": "@version",
}  # fmt: skip
GBT_ELEMENTS = {
    "sender_code": "senderCode", "sent": "sendTime", "msg_type": "msgType", "methods": "code/method",
    "classification": "secClassification", "infos": "info", "event_type": "eventType", "signer": "senderName",
    "resources": "resource", "areas": "area", "desc": "areaDesc", "polygons": "polygon", "circles": "circle",
    "geocodes": "geocode", "groups": "audienceGrp", "persons": "audiencePrt",
}  # fmt: skip
METHOD_ELEMENTS = {"name": "methodName", "text": "message"}
OPEN = gbt.load("\n".join(
    re.sub(r"^private: .*", "private: []", line)
    for line in __import__("importlib.resources").resources.files("anlan.warning.formats.gbt")
    .joinpath("table.yaml").read_text("utf-8").splitlines()
), "open")  # fmt: skip


def leaves(thing: Any, path: str, elements: dict[str, str]) -> Iterator[tuple[str, str]]:
    """(path without places, text) of every leaf that says something."""
    if isinstance(thing, cap.Coded):
        yield path, f"{thing.name} = {thing.value}"
    elif isinstance(thing, msgspec.Struct):
        names = elements
        if isinstance(thing, gbt.Method):
            names = elements | METHOD_ELEMENTS
        elif isinstance(thing, gbt.Resource):
            names = elements | {"name": "resourceDesc"}
        for field in thing.__struct_fields__:
            name = names.get(field, field).replace("*", "resource" if isinstance(thing, cap.Resource) else "area")
            yield from leaves(getattr(thing, field), f"{path}/{name}", elements)
    elif isinstance(thing, tuple):
        for one in thing:
            yield from leaves(one, path, elements)
    elif thing and path == "/alert/references":
        yield from ((path, triple) for triple in thing.split())
    elif thing:
        yield path, thing


def placeless(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def named_exactly(before: Any, after: Any, report: gbt.Report, elements: dict[str, str]) -> None:
    """The report's items are the difference of the two, neither more nor less (a change of order aside)."""
    old, new = (Counter(leaves(one, "/alert", elements)) for one in (before, after))
    gone = Counter((placeless(i.path), i.value) for i in report.items if i.value is not None)
    come = Counter((placeless(i.path), i.becomes) for i in report.items if i.becomes is not None)
    unnamed = {leaf for leaf in (old - new) if leaf not in gone} | {leaf for leaf in (new - old) if leaf not in come}
    assert unnamed == set()
    assert all(item.zh and item.en and item.value != item.becomes for item in report.items)
    if not report.items:
        assert list(leaves(before, "", elements)) == list(leaves(after, "", elements))


@settings(max_examples=250)
@given(CAP_ALERT)
def test_cap_through_the_national_message_loses_nothing_unnamed(alert: cap.Alert) -> None:
    message, report = gbt.to_gbt(alert)
    again, _ = gbt.read(gbt.write(message, strict=False))
    back, _ = gbt.from_gbt(again, table=OPEN)
    named_exactly(alert, back, report, CAP_ELEMENTS)


@settings(max_examples=250)
@given(GBT_MESSAGE, st.booleans())
def test_a_national_message_through_cap_loses_nothing_unnamed(message: gbt.Message, private: bool) -> None:
    table = gbt.table() if private else OPEN
    alert, report = gbt.from_gbt(message, table=table)
    back, _ = gbt.to_gbt(alert, table=table)
    named_exactly(message, back, report, GBT_ELEMENTS)


@settings(max_examples=100)
@given(GBT_MESSAGE)
def test_the_xml_of_a_national_message_loses_nothing_at_all(message: gbt.Message) -> None:
    again, findings = gbt.read(gbt.write(message, strict=False))
    assert findings == ()
    assert list(leaves(again, "", GBT_ELEMENTS)) == list(leaves(message, "", GBT_ELEMENTS))


@settings(max_examples=60)
@given(CAP_ALERT, ISSUER, st.integers(0, 9))
def test_under_a_new_identity_the_old_one_is_named(alert: cap.Alert, issuer: str, serial: int) -> None:
    message, report = gbt.to_gbt(alert, issuer=issuer, serial=serial)
    back, _ = gbt.from_gbt(message, table=OPEN)
    named_exactly(alert, back, report, CAP_ELEMENTS)


@given(IDENTITY)
def test_an_identity_reads_as_what_it_was_written_from(text: str) -> None:
    from anlan.warning.formats.gbt.identity import identity, identity_text

    found = identity(text)
    if found is not None and found.serial:
        assert identity_text(found.issuer, found.entered, int(found.serial)) == text
    else:
        assert found is None or len(text) == 29
