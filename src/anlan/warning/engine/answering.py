"""What an answer does to a call. Pure.

An answer is a deliberate act of a called person, never a delivery receipt. The same answer taken twice changes
nothing; an answer that comes after the call has climbed still counts, with who gave it and how late it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

CONTENTS: Final = ("received", "acting", "need_help", "cannot")
ENDING: Final = {
    "received": frozenset(("received", "acting", "need_help")),
    "acting": frozenset(("acting", "need_help")),
}
"""The contents that end the ladder, by the step's stop condition (engine.ladder.Stop)."""
Steps = Sequence[tuple[str, Sequence[str]]]
"""The steps of a call's route: as whom they are called, and the ids of the persons."""


@dataclass(frozen=True, slots=True)
class Given:
    """One answer: content, when, by which person (None: not told), under which idempotency key ('' = its content)."""

    content: str
    at: datetime
    person: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The accepted answer: the step of the answerer, seconds late (0 = in time), and whether it is the first."""

    content: str
    at: datetime
    step: int
    holder: str
    person: str | None
    late_s: int
    first: bool
    entry: dict[str, Any]


def accept(
    given: Given, *, steps: Steps, step: int, dues: Sequence[datetime], taken: Sequence[Mapping[str, Any]]
) -> Answered | None:
    """Take `given` for a call now at `step`; None when this very answer was taken before.

    `dues` are the limits of the steps reached so far, as they were set when each was called; `taken` is what the
    call already holds, as the `entry` of earlier results.
    """
    own_step = _step_of(given.person, steps, step)
    key = given.key or f"{given.person or ''}:{own_step}:{given.content}"
    if any(entry["key"] == key for entry in taken):
        return None
    late = max(0, int((given.at - dues[own_step]).total_seconds())) if own_step < len(dues) else 0
    holder = steps[own_step][0] if steps else "duty"
    entry = {
        "key": key,
        "content": given.content,
        "at": given.at.isoformat(),
        "step": own_step,
        "holder": holder,
        "person": given.person,
        "late_s": late,
    }
    return Answered(given.content, given.at, own_step, holder, given.person, late, not taken, entry)


def _step_of(person: str | None, steps: Steps, step: int) -> int:
    """The step at which this person was called; an unnamed answerer counts for the step now reached."""
    if person is not None:  # who was called and is then asked to go there answers for the later step
        for index in range(min(step, len(steps) - 1), -1, -1):
            if person in steps[index][1]:
                return index
    return min(step, max(len(steps) - 1, 0))
