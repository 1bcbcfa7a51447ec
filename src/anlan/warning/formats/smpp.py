"""SMPP 3.4 protocol data units that a sender of text messages needs. Pure.

Source: SMPP Protocol Specification v3.4, Issue 1.2: §3.2 (layout), §4.1 (bind), §4.4 (submit), §4.6 (deliver), §5
(parameters), Appendix B (delivery receipt text).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from anlan.warning.formats.sms_text import EXTENSION, GSM

BIND_TRANSCEIVER, UNBIND, ENQUIRE_LINK, SUBMIT_SM, DELIVER_SM, GENERIC_NACK = 0x9, 0x6, 0x15, 0x4, 0x5, 0x80000000
RESP: Final = 0x80000000
OK, RINVCMDLEN, RTHROTTLED, RMSGQFUL = 0x0, 0x2, 0x58, 0x14
FOR_NOW: Final = frozenset((RTHROTTLED, RMSGQFUL, 0x08, 0x45, 0x64, 0xFF))
"""Statuses that say "not now": throttled, queue full, system error, submit failed, delivery failure, unknown."""
USER_MESSAGE_REFERENCE, RECEIPTED_MESSAGE_ID, MESSAGE_STATE, MESSAGE_PAYLOAD = 0x0204, 0x001E, 0x0427, 0x0424
UDHI, RECEIPT = 0x40, 0x04
LONGEST: Final = 65_536
DELIVERED, FAILED = frozenset((2,)), frozenset((3, 4, 5, 8))
_RECEIPT = re.compile(r"id:(?P<id>\S+).*?stat:(?P<stat>[A-Z]+)(?:.*?err:(?P<err>\S+))?", re.S | re.I)
STATES: Final = {"DELIVRD": "delivered", "EXPIRED": "failed", "DELETED": "failed", "UNDELIV": "failed",
                 "REJECTD": "failed"}  # fmt: skip
_EXTENDED: Final = {code: char for char, code in EXTENSION.items()}


@dataclass(frozen=True, slots=True)
class Pdu:
    """One unit: command, status, sequence number, body."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def packed(self) -> bytes:
        """The octets of it (§3.2)."""
        return struct.pack(">IIII", 16 + len(self.body), self.command, self.status, self.sequence) + self.body


@dataclass(slots=True)
class Units:
    """Takes octets as they come and gives whole units. Raises ValueError for a length that can't be."""

    held: bytearray = field(default_factory=bytearray)

    def fed(self, data: bytes) -> Iterator[Pdu]:
        """The units that are whole now."""
        self.held += data
        at, size = 0, len(self.held)
        while size - at >= 16:
            length, command, status, sequence = struct.unpack_from(">IIII", self.held, at)
            if not 16 <= length <= LONGEST:
                raise ValueError(f"a unit of {length} octets")
            if size - at < length:
                break
            yield Pdu(command, status, sequence, bytes(self.held[at + 16 : at + length]))
            at += length
        del self.held[:at]


def text(value: str) -> bytes:
    """A C-octet string (§3.1)."""
    return value.encode("ascii", "replace") + b"\0"


def bind(system_id: str, password: str, system_type: str) -> bytes:
    """Body of bind_transceiver (§4.1.5)."""
    return text(system_id) + text(password) + text(system_type) + b"\x34\0\0\0"


@dataclass(frozen=True, slots=True)
class Address:
    """A number with its type and plan (§5.2.5, §5.2.6)."""

    number: str
    ton: int = 0
    npi: int = 0

    def packed(self) -> bytes:
        """The octets of it."""
        return bytes((self.ton, self.npi)) + text(self.number)


def submit(
    source: Address,
    target: Address,
    message: bytes,
    *,
    ucs2: bool,
    header: bool = False,
    service: str = "",
    priority: int = 0,
    receipt: bool = True,
    reference: int = 0,
) -> bytes:
    """Body of submit_sm (§4.4.1). `header`: the message begins with a user data header; `reference`: our
    user_message_reference (§5.3.2.17), the same at every try."""
    return b"".join(
        (
            text(service), source.packed(), target.packed(),
            bytes((UDHI if header else 0, 0, priority)), b"\0\0",
            bytes((1 if receipt else 0, 0, 8 if ucs2 else 0, 0, len(message))), message,
            struct.pack(">HHH", USER_MESSAGE_REFERENCE, 2, reference & 0xFFFF),
        )
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a deliver_sm carries: from whom, the words, and for a receipt the message's id and state ("" when still on
    its way)."""

    source: str
    words: str
    receipt: bool
    message_id: str = ""
    state: str = ""
    detail: str = ""


def deliver(body: bytes) -> Delivered:
    """Read the body of deliver_sm (§4.6.1). Raises ValueError when it is cut short."""
    try:
        at = body.index(0) + 1
        source, at = _address(body, at)
        _, at = _address(body, at)
        esm, coding = body[at], 0
        at += 3
        for _ in range(2):
            at = body.index(0, at) + 1
        coding, length = body[at + 2], body[at + 4]
        raw, at = body[at + 5 : at + 5 + length], at + 5 + length
        options = dict(_options(body, at))
    except (IndexError, struct.error) as error:
        raise ValueError(f"deliver_sm is cut short: {error}") from error
    raw = raw or options.get(MESSAGE_PAYLOAD, b"")
    if esm & UDHI and raw:
        raw = raw[1 + raw[0] :]
    words = decoded(raw, coding)
    if esm & 60 != RECEIPT:
        return Delivered(source, words, receipt=False)
    found = _RECEIPT.search(words)
    named = options.get(RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("ascii", "replace")
    number = options.get(MESSAGE_STATE, b"\0")[0] if options.get(MESSAGE_STATE) else 0
    state = "delivered" if number in DELIVERED else "failed" if number in FAILED else ""
    if found is not None:
        state = state or STATES.get(found["stat"].upper(), "")
        named = named or found["id"]
    return Delivered(
        source, words, True, named, state, f"{found['stat']} {found['err'] or ''}".strip() if found else ""
    )


def decoded(raw: bytes, coding: int) -> str:
    """The words of a message (§5.2.19): UCS-2, Latin-1, else the GSM alphabet."""
    if coding == 8:
        return raw.decode("utf-16-be", "replace")
    if coding in (1, 3):
        return raw.decode("latin-1")
    words, escaped = [], False
    for octet in raw:
        if escaped:
            words.append(_EXTENDED.get(octet, " "))
            escaped = False
        elif octet == 0x1B:
            escaped = True
        else:
            words.append(GSM[octet] if octet < 128 else "�")
    return "".join(words)


def message_id(body: bytes) -> str:
    """The id in submit_sm_resp (§4.4.2)."""
    return body.split(b"\0", 1)[0].decode("ascii", "replace")


def _address(body: bytes, at: int) -> tuple[str, int]:
    end = body.index(0, at + 2)
    return body[at + 2 : end].decode("ascii", "replace"), end + 1


def _options(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(body):
        tag, length = struct.unpack_from(">HH", body, at)
        yield tag, body[at + 4 : at + 4 + length]
        at += 4 + length
