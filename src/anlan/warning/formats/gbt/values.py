"""A national warning message as frozen values, and the report of a mapping (GB/T 35965.1-2018).

Every leaf is the text of its element with the blanks around it taken off. The national message writes empty elements
for what it doesn't say, so "" means both: empty, and not there.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from anlan.warning.formats.cap.values import Finding


class Method(msgspec.Struct, frozen=True, gc=False):
    """One way of release (发布手段): its code such as SMS, its own text ("" = the description), and to whom."""

    name: str = ""
    text: str = ""
    groups: str = ""
    persons: str = ""


class Resource(msgspec.Struct, frozen=True, gc=False):
    """A file that goes with the message (附件): its name, size in bytes, SHA-1."""

    name: str = ""
    size: str = ""
    digest: str = ""


class Area(msgspec.Struct, frozen=True):
    """Where (发布区域): `polygons` "lat,lon lat,lon …", `circles` "lat,lon metres", `geocodes` of 6, 9 or 12 digits."""

    desc: str = ""
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[str, ...] = ()


class Info(msgspec.Struct, frozen=True):
    """What happens and what to do. `severity` is the colour word; `signer` the signing officer (签发员) or the unit.

    Times in the extended form "YYYY-MM-DD hh:mm:ss+08:00"; `language` "" means zh-CN.
    """

    language: str = ""
    event_type: str = ""
    urgency: str = ""
    severity: str = ""
    certainty: str = ""
    effective: str = ""
    onset: str = ""
    expires: str = ""
    signer: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


class Message(msgspec.Struct, frozen=True):
    """One message. `identifier` is issuer_YYYYMMDDhhmmss_N, `sender` the unit's name, `sender_code` its 14 digits."""

    identifier: str = ""
    sender: str = ""
    sender_code: str = ""
    phone: str = ""
    sent: str = ""
    status: str = ""
    msg_type: str = ""
    scope: str = ""
    methods: tuple[Method, ...] = ()
    classification: str = ""
    note: str = ""
    references: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()


class Item(msgspec.Struct, frozen=True, gc=False):
    """One thing that doesn't come through as it was: where it stands in the message given, its text, what it becomes.

    lost: `becomes` is None. changed: `becomes` is what the other side gives back. added: `value` is None.
    """

    kind: Literal["lost", "changed", "added"]
    path: str
    value: str | None
    becomes: str | None
    zh: str
    en: str


class Report(msgspec.Struct, frozen=True):
    """What a mapping can't carry (`items`), and which value rules the national message breaks (`findings`)."""

    items: tuple[Item, ...]
    findings: tuple[Finding, ...]

    @property
    def fit(self) -> bool:
        """Does the national message keep the value rules, so that the national platform can take it?"""
        return all(finding.severity != "error" for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """{"fit", "items": […], "findings": […]} for JSON."""
        body: dict[str, Any] = msgspec.to_builtins(self)
        return {"fit": self.fit} | body
