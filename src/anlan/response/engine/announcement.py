"""What a started response must state (突发事件应对法 art. 72): matter, level, expected duration, measures."""

from __future__ import annotations

from collections.abc import Sequence

PARTS = {
    "matter": ("响应事项", "the matter responded to"),
    "level": ("级别", "the level"),
    "expected_duration_h": ("预计期限", "the expected duration in hours"),
    "measures": ("应急处置措施", "the measures"),
}


def missing(matter: str, level: int, expected_duration_h: float | None, measures: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the parts that are missing, in the law's order; () when the announcement is complete."""
    held = {
        "matter": bool(matter.strip()),
        "level": level in (1, 2, 3, 4),
        "expected_duration_h": bool(expected_duration_h and expected_duration_h > 0),
        "measures": any(text.strip() for text in measures),
    }
    return tuple(part for part in PARTS if not held[part])
