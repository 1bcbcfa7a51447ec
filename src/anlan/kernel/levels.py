"""The three four-step scales, as three types that can't be compared with one another (突发事件应对法 art. 3, 63, 71).

Event grade says how bad a thing turned out; warning colour says how bad it may become; response level says how
much the government has set in motion. Each orders only within itself: comparing across scales raises TypeError.
"""

from __future__ import annotations

import enum
from functools import total_ordering
from typing import Any


@total_ordering
class _Scale(enum.Enum):
    """A four-step scale; `severity` 1 (least) to 4 (gravest). Equality and order hold within one scale only."""

    def __init__(self, code: str, severity: int, zh: str, en: str) -> None:
        self.code, self.severity, self.zh, self.en = code, severity, zh, en

    def __lt__(self, other: Any) -> bool:
        self._same(other)
        return bool(self.severity < other.severity)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, _Scale):
            self._same(other)
        return self is other

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.code))

    def _same(self, other: object) -> None:
        if type(other) is not type(self):
            raise TypeError(f"{type(self).__name__} and {type(other).__name__} are different scales")

    @classmethod
    def of(cls, code: str | int) -> Any:
        """Return the step with this code; KeyError names the code and the scale."""
        for step in cls:
            if step.code == str(code):
                return step
        raise KeyError(f"{cls.__name__} has no step {code!r}; it has {[s.code for s in cls]}")


class EventGrade(_Scale):
    """Grade of an event by its harm (事件分级)."""

    ORDINARY = ("ordinary", 1, "一般", "Ordinary")
    LARGER = ("larger", 2, "较大", "Larger")
    MAJOR = ("major", 3, "重大", "Major")
    EXTRAORDINARY = ("extraordinary", 4, "特别重大", "Extraordinarily major")


class WarningColour(_Scale):
    """Colour of a warning by what may come (预警级别)."""

    BLUE = ("blue", 1, "蓝色", "Blue")
    YELLOW = ("yellow", 2, "黄色", "Yellow")
    ORANGE = ("orange", 3, "橙色", "Orange")
    RED = ("red", 4, "红色", "Red")


class ResponseLevel(_Scale):
    """Level of a response by what is set in motion (应急响应级别); level I is the highest."""

    IV = ("4", 1, "四级", "Level IV")
    III = ("3", 2, "三级", "Level III")
    II = ("2", 3, "二级", "Level II")
    I = ("1", 4, "一级", "Level I")  # noqa: E741 - the field's own numeral
