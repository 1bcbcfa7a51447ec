"""Putting the tally of calls together (并账): many small differences become one row each; no figure changes."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from anlan.kernel.asking import asked
from anlan.warning.services.moment import whole_reach

LOOSE: Final = 4096
# Rows are only added and a fold takes all loose ones, so that their numbers tell how many there are, without counting.
_SPAN: Final = """
SELECT (SELECT max(id) FROM warning_call_tally WHERE NOT folded) - (SELECT min(id) FROM warning_call_tally WHERE NOT folded)
"""
_FOLD: Final = """
WITH gone AS (DELETE FROM warning_call_tally WHERE warning IN (SELECT warning FROM warning_call_tally WHERE NOT folded)
  RETURNING *)
INSERT INTO warning_call_tally (division, warning, level, role, first_placed_at, state, answer, via, n, folded)
SELECT division, warning, level, role, first_placed_at, state, answer, via, sum(n), true
FROM gone GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING sum(n) <> 0
"""


def tally_loose() -> bool:
    """Are there more loose rows than a board should have to add up?"""
    return int(asked(_SPAN)[0] or 0) >= LOOSE


@transaction.atomic
def tally_fold() -> int:
    """Put loose rows together; returns how many rows are left of them. Two at once do each row once."""
    with whole_reach(), connection.cursor() as cursor:
        cursor.execute(_FOLD)
        return int(cursor.rowcount)
