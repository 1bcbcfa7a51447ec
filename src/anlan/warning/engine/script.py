"""What to say on the telephone (叫应话术): short sentences in the order in which they are asked back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Both = Mapping[str, str]
"""{"zh": …, "en": …}"""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: what it is for (who, what, where, when, do, ask), and its words."""

    part: str
    zh: str
    en: str


def script(
    *, caller: Both, headline: Both, where: Both, until: datetime, action: Both, exercise: bool, steps: Both
) -> tuple[Line, ...]:
    """The sentences of one telephone call. `caller` who rings, `where` the called post's own area or place, `until` in
    local time, `action` what the person must do, `steps` how the answer is asked for."""
    mark = Line("who", "这是演练，不是真实险情。", "This is an exercise, not a real danger.")
    hour, hour_en = f"{until.month}月{until.day}日{until:%H:%M}", f"{until:%H:%M} on {until.day} {until:%B}"
    said = (
        Line("who", f"您好，这里是{caller['zh']}。", f"Hello, this is {caller['en']}."),
        Line("what", _ended(headline["zh"], "。"), _ended(headline["en"], ".")),
        Line("where", f"涉及您负责的{where['zh']}。", f"It concerns {where['en']}, which is in your charge."),
        Line("when", f"现在生效，到{hour}为止。", f"It is in force now, until {hour_en}."),
        Line("do", f"请您：{_ended(action['zh'], '。')}", f"Please: {_ended(action['en'], '.')}"),
        Line("ask", steps["zh"], steps["en"]),
    )
    return (mark, *said) if exercise else said


def _ended(text: str, stop: str) -> str:
    return text if text.endswith((".", "。", "!", "！")) else text + stop
