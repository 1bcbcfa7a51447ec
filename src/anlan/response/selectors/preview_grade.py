"""What grade an event would have, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from anlan.kernel import clock
from anlan.response.engine.grading import Graded, GradeTable, Inputs, Value, grade
from anlan.response.engine.grading_words import criterion_words
from anlan.response.selectors.local_rules import tables_held


class Preview(NamedTuple):
    """A grade that would be: its table, the criterion in words ({} where none decides), what the worst case would be."""

    grade: str
    table: GradeTable
    why: dict[str, object]
    first_guess: bool
    possible: str
    mark: str


def grade_preview(
    type_code: str, division: str, happened: datetime, figures: Mapping[str, float | str | None]
) -> Preview | None:
    """Return the grade these figures would have; None where no table grades such an event, or nothing is reached."""
    values: dict[str, Value] = {metric: value for metric, value in figures.items() if value is not None}
    on = happened.astimezone(clock.BEIJING).date()
    found: Graded | None = grade(tables_held(), Inputs(type_code, on, values, division)) if type_code else None
    if found is None:
        return None
    mark = (found.criterion.mark if found.criterion else "") or found.table.mark
    return Preview(found.grade, found.table, criterion_words(found), found.first_guess, found.possible, mark)
