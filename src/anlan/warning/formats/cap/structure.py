"""The elements of CAP in schema order, their enumerations, and the compiled schemas (CAP 1.0, 1.1, 1.2)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from lxml import etree

from anlan.warning.formats.cap.values import Version

NAMESPACES: Final[dict[Version, str]] = {
    "1.0": "http://www.incident.com/cap/1.0",
    "1.1": "urn:oasis:names:tc:emergency:cap:1.1",
    "1.2": "urn:oasis:names:tc:emergency:cap:1.2",
}
VERSIONS: Final[dict[str, Version]] = {namespace: version for version, namespace in NAMESPACES.items()}
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"

ONE, MANY, CODED, PART = 0, 1, 2, 3
"""How an element stands: once with text, several times with text, several valueName/value pairs, a part of its own."""

Table = tuple[tuple[str, str, int], ...]
ALERT: Final[Table] = (
    ("identifier", "identifier", ONE), ("sender", "sender", ONE), ("sent", "sent", ONE), ("status", "status", ONE),
    ("msgType", "msg_type", ONE), ("source", "source", ONE), ("scope", "scope", ONE),
    ("restriction", "restriction", ONE), ("addresses", "addresses", ONE), ("code", "codes", MANY), ("note", "note", ONE),
    ("references", "references", ONE), ("incidents", "incidents", ONE), ("info", "infos", PART),
)  # fmt: skip
INFO: Final[Table] = (
    ("language", "language", ONE), ("category", "categories", MANY), ("event", "event", ONE),
    ("responseType", "responses", MANY), ("urgency", "urgency", ONE), ("severity", "severity", ONE),
    ("certainty", "certainty", ONE), ("audience", "audience", ONE), ("eventCode", "event_codes", CODED),
    ("effective", "effective", ONE), ("onset", "onset", ONE), ("expires", "expires", ONE),
    ("senderName", "sender_name", ONE), ("headline", "headline", ONE), ("description", "description", ONE),
    ("instruction", "instruction", ONE), ("web", "web", ONE), ("contact", "contact", ONE),
    ("parameter", "parameters", CODED), ("resource", "resources", PART), ("area", "areas", PART),
)  # fmt: skip
RESOURCE: Final[Table] = (
    ("resourceDesc", "desc", ONE), ("mimeType", "mime", ONE), ("size", "size", ONE), ("uri", "uri", ONE),
    ("derefUri", "deref", ONE), ("digest", "digest", ONE),
)  # fmt: skip
AREA: Final[Table] = (
    ("areaDesc", "desc", ONE), ("polygon", "polygons", MANY), ("circle", "circles", MANY),
    ("geocode", "geocodes", CODED), ("altitude", "altitude", ONE), ("ceiling", "ceiling", ONE),
)  # fmt: skip
CODES: Final[Table] = (("valueName", "name", ONE), ("value", "value", ONE))
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "alert": ("identifier", "sender", "sent", "status", "msg_type", "scope"),
    "info": ("categories", "event", "urgency", "severity", "certainty"),
    "resource": ("desc", "mime"),
    "area": ("desc",),
    "coded": ("name", "value"),
}
# What older versions allow to be left out, and what stands for it in the model (None: nothing does).
FILLED: Final[dict[Version, dict[str, str | None]]] = {
    "1.0": {"scope": "Public", "categories": None, "mime": "application/octet-stream"},
    "1.1": {"mime": "application/octet-stream"},
    "1.2": {},
}

STATUSES: Final = frozenset(("Actual", "Exercise", "System", "Test", "Draft"))
MSG_TYPES: Final = frozenset(("Alert", "Update", "Cancel", "Ack", "Error"))
SCOPES: Final = frozenset(("Public", "Restricted", "Private"))
CATEGORIES: Final = frozenset(
    ("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other")
)
RESPONSES: Final = frozenset(
    ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
)
URGENCIES: Final = frozenset(("Immediate", "Expected", "Future", "Past", "Unknown"))
SEVERITIES: Final = frozenset(("Extreme", "Severe", "Moderate", "Minor", "Unknown"))
CERTAINTIES: Final = frozenset(("Observed", "Likely", "Possible", "Unlikely", "Unknown"))


class Slot(NamedTuple):
    """Where an element belongs: its place in the order, its field, how it stands, its name."""

    order: int
    field: str
    kind: int
    name: str


class Slots(NamedTuple):
    """The tables of one version by full tag, as the reader asks them."""

    alert: dict[str, Slot]
    info: dict[str, Slot]
    resource: dict[str, Slot]
    area: dict[str, Slot]
    coded: dict[str, Slot]


@cache
def slots(namespace: str) -> Slots:
    """The elements of CAP under a namespace."""

    def of(table: Table) -> dict[str, Slot]:
        return {f"{{{namespace}}}{name}": Slot(at, field, kind, name) for at, (name, field, kind) in enumerate(table)}

    return Slots(of(ALERT), of(INFO), of(RESOURCE), of(AREA), of(CODES))


def schema(version: Version = "1.2") -> etree.XMLSchema:
    """The compiled schema of a version."""
    return _compiled(version)  # one each, whether the version was named or not


@cache
def _compiled(version: Version) -> etree.XMLSchema:
    raw = resources.files(__package__).joinpath(f"schema/CAP-v{version}.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(raw))
