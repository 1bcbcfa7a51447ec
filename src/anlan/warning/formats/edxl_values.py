"""The values of an EDXL-DE 1.0 envelope: frozen, in the words of the standard (§3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

STATUSES: Final = ("Actual", "Exercise", "System", "Test")
TYPES: Final = ("Report", "Update", "Cancel", "Request", "Response", "Dispatch", "Ack", "Error", "SensorConfiguration",
                "SensorControl", "SensorStatus", "SensorDetection")  # fmt: skip


@dataclass(frozen=True, slots=True)
class EdxlList:
    """Values out of a list that a urn names: a keyword or a role. `name`: senderRole, keyword, contentKeyword …"""

    name: str
    urn: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EdxlTarget:
    """Where the envelope is meant to go (targetArea), in the standard's words.

    circles: `lat,lon radius_km`; polygons: `lat,lon lat,lon …`, closed; countries: ISO 3166-1; subdivisions:
    ISO 3166-2; places: UN/LOCODE.
    """

    circles: tuple[str, ...] = ()
    polygons: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    subdivisions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EdxlContent:
    """One contentObject: embedded XML documents as bytes, or other data with its media type.

    key_xml: excerpts that sort the content (keyXMLContent); digest: of the data as the sender gives it (SHA-1).
    """

    description: str = ""
    incident: str = ""
    incident_description: str = ""
    confidentiality: str = ""
    lists: tuple[EdxlList, ...] = ()
    key_xml: tuple[bytes, ...] = ()
    xml: tuple[bytes, ...] = ()
    mime_type: str = ""
    digest: str = ""
    uri: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class EdxlDistribution:
    """One envelope. `sent` None: missing or unreadable. `kind` is the distributionType, one of TYPES.

    addresses: explicitAddress as (scheme, values); references: `id,sender,sent` triples of earlier envelopes.
    """

    distribution_id: str
    sender_id: str
    sent: datetime | None
    status: str
    kind: str
    confidentiality: str
    language: str = ""
    lists: tuple[EdxlList, ...] = ()
    references: tuple[str, ...] = ()
    addresses: tuple[tuple[str, tuple[str, ...]], ...] = ()
    targets: tuple[EdxlTarget, ...] = ()
    contents: tuple[EdxlContent, ...] = ()


@dataclass(frozen=True, slots=True)
class EdxlFinding:
    """One broken rule of the standard, in both languages."""

    code: str
    zh: str
    en: str


class EdxlError(ValueError):
    """The envelope may not be sent, or the bytes are no EDXL-DE 1.0. `findings` names every reason."""

    def __init__(self, findings: tuple[EdxlFinding, ...]) -> None:
        super().__init__("; ".join(finding.en for finding in findings))
        self.findings = findings
