"""What a response must state by law (突发事件应对法): when it starts (art. 72), when it changes, and when it ends (art. 86)."""

from __future__ import annotations

from collections.abc import Sequence

PARTS = {
    "matter": ("响应事项", "the matter responded to"),
    "level": ("级别", "the level"),
    "expected_duration_h": ("预计期限", "the expected duration in hours"),
    "measures": ("应急处置措施", "the measures"),
    "reason": ("理由", "the reason"),
    "basis": ("依据", "the ground it stands on"),
    "announced": ("宣布解除的内容", "the words that announce the end"),
    "stopped": ("停止执行的措施", "the measures that stop"),
    "watch": ("防范次生、衍生事件的措施", "how secondary disasters are watched for"),
}

LONGEST_H = 24 * 366
"""Hours a response may be expected to last: what is said to take longer was not estimated."""


def missing(matter: str, level: int, expected_duration_h: float | None, measures: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the parts of a start that are missing, in the law's order; () when it is complete (art. 72)."""
    held = {
        "matter": bool(matter.strip()),
        "level": level in (1, 2, 3, 4),
        "expected_duration_h": bool(expected_duration_h and 0 < expected_duration_h <= LONGEST_H),
        "measures": _some(measures),
    }
    return _lacking(held)


def missing_grounds(reason: str, basis: str) -> tuple[str, ...]:
    """Return which of reason and ground a decision lacks: nobody starts or changes a response without saying why."""
    return _lacking({"reason": bool(reason.strip()), "basis": bool(basis.strip())})


def missing_end(reason: str, announced: str, stopped: Sequence[str], watch: str) -> tuple[str, ...]:
    """Return what an end lacks: it is announced, measures stop, secondary disasters stay watched (art. 86)."""
    held = {
        "reason": bool(reason.strip()),
        "announced": bool(announced.strip()),
        "stopped": _some(stopped),
        "watch": bool(watch.strip()),
    }
    return _lacking(held)


def _some(texts: Sequence[str]) -> bool:
    return any(text.strip() for text in texts)


def _lacking(held: dict[str, bool]) -> tuple[str, ...]:
    return tuple(part for part, there in held.items() if not there)
