"""The short form of a warning for one text message (短信): as many clauses of the action as fit. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from anlan.warning.formats.sms_text import UCS_ALONE, sms

_MARKS: Final = "，。；！,.;! "
# Where a clause ends: a Chinese mark anywhere, a Latin one before a blank (not the one in 1.5).
_END: Final = re.compile(r"[，。；！]|[,.;!](?=\s)|$")


@dataclass(frozen=True, slots=True)
class Size:
    """How long a text is: characters counted as the network counts them, parts it takes, alphabet gsm or ucs2."""

    characters: int
    parts: int
    alphabet: str


def size_of(text: str) -> Size:
    """The size of a text message. A character outside the first plane counts twice, as the network does it."""
    carried = sms(text)
    octets = sum(map(len, carried.parts))
    return Size(octets if carried.alphabet == "gsm" else octets // 2, len(carried.parts), carried.alphabet)


def short_form(head: str, action: str, stop: str, room: int = UCS_ALONE) -> str:
    """`head`, and of `action` the leading clauses that fit into `room` characters in one part, ended by `stop`.

    A first clause that does not fit is left out: half a clause tells people the wrong thing.
    """
    kept = ""
    for end in _END.finditer(action):
        clauses = action[: end.start()].strip(_MARKS)
        if len(head) + len(clauses) + len(stop) > room:
            break
        kept = clauses
    return f"{head}{kept}{stop}" if kept else head
