"""How many units, places, posts and vacant posts lie inside each division: counted once for a reader's whole area and kept for
half a minute, so that opening a branch of the tree never counts hundreds of thousands of rows again."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from django.db import connection

from anlan.kernel.scope import Scope

FRESH_S = 30.0
LAST = "\x7f"  # sorts after every digit
COUNTED = ("units", "posts", "vacant", "places")
_SQL = {
    "units": "SELECT division, count(*) FROM territory_unit WHERE merged_into IS NULL GROUP BY 1",
    "posts": "SELECT division, count(*) FROM territory_post GROUP BY 1",
    "places": "SELECT division, count(*) FROM territory_place WHERE state = 'active' GROUP BY 1",
    "vacant": "SELECT p.division, count(*) FROM territory_post p WHERE NOT EXISTS (SELECT 1 FROM territory_appointment a"
    " WHERE a.post_id = p.id AND a.holder = 'A' AND a.valid_to IS NULL) GROUP BY 1",
}


class Tally(NamedTuple):
    """Rows by division: the codes in order, and how many rows lie before each."""

    codes: Sequence[str]
    before: Sequence[int]

    def inside(self, code: str) -> int:
        """Return how many rows lie in a division or below it."""
        return self.before[bisect_right(self.codes, code + LAST)] - self.before[bisect_left(self.codes, code)]


def division_tallies(scope: Scope, codes: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return code → {units, posts, vacant, places} inside each, at most half a minute old; rows of the scope only. No query
    when they are kept, else four."""
    tallies = _tallies(scope.prefixes, int(time.monotonic() // FRESH_S))
    return {code: {name: tally.inside(code) for name, tally in zip(COUNTED, tallies, strict=True)} for code in codes}


@lru_cache(maxsize=32)
def _tallies(prefixes: tuple[str, ...], period: int) -> tuple[Tally, ...]:
    return tuple(_tally(Scope(prefixes), name) for name in COUNTED)


def _tally(scope: Scope, name: str) -> Tally:
    with connection.cursor() as cursor:
        cursor.execute(_SQL[name])
        rows = sorted((str(code), int(count)) for code, count in cursor.fetchall() if scope.covers(code))
    return Tally([code for code, _ in rows], [0, *accumulate(count for _, count in rows)])
