"""What village loudspeakers and emergency broadcast platforms are given. Pure.

The file follows the subject matter of QX/T 433-2018 (exchange between the warning release system and emergency broadcast):
who sends to whom, message identity and type, times, area codes, text to be spoken, how often. Element names are ours
until the bureau's platform states its own; the CAP file of the warning stays the authoritative message.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

LEVELS = {"red": 1, "orange": 2, "yellow": 3, "blue": 4}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message to be read out: identity, colour, hazard, areas (division prefixes), times, words, repeats."""

    reference: str
    number: str
    hazard: str
    colour: str
    area: tuple[str, ...]
    sent: datetime
    expires: datetime
    headline: str
    words: str
    repeat: int
    volume: int = 100


def spoken_json(spoken: Spoken, division: str) -> bytes:
    """The MQTT payload for the loudspeakers of one division; `id` makes a repeat recognisable."""
    return json.dumps(
        {
            "id": spoken.reference, "number": spoken.number, "division": division, "level": LEVELS[spoken.colour],
            "colour": spoken.colour, "event": spoken.hazard, "sent": spoken.sent.isoformat(),
            "expires": spoken.expires.isoformat(), "text": spoken.words, "repeat": spoken.repeat,
            "volume": spoken.volume,
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip


def spoken_xml(spoken: Spoken, sender: str, receivers: tuple[str, ...]) -> bytes:
    """The broadcast file, UTF-8."""
    to = "".join(f"<receiver>{escape(code)}</receiver>" for code in receivers)
    areas = "".join(f"<areaCode>{escape(code.ljust(12, '0'))}</areaCode>" for code in spoken.area)
    fields = {
        "messageId": spoken.reference, "alertId": spoken.number, "eventType": spoken.hazard,
        "severity": str(LEVELS[spoken.colour]), "sendTime": spoken.sent.isoformat(timespec="seconds"),
        "endTime": spoken.expires.isoformat(timespec="seconds"), "title": spoken.headline,
        "content": spoken.words, "repeat": str(spoken.repeat),
    }  # fmt: skip
    body = "".join(f"<{name}>{escape(_clean(value))}</{name}>" for name, value in fields.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<broadcast version="1"><sender>{escape(sender)}</sender>{to}<areas>{areas}</areas>{body}</broadcast>\n'
    ).encode()


def _clean(value: str) -> str:
    return "".join(char for char in value if char in "\t\n\r" or ord(char) >= 32)
