"""Care of the registers over everything the database holds: regulators by rule, checks, duplicates, the daily look.

Measured on the database of ANLAN_DATABASE_URL; lay a territory down first (`anlan generate --profile heze --dirty 0.03`).
Each step is done twice, the second time with nothing left to change, and all of it is rolled back.

    ./anlan bench care [--write]
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from anlan.site.bench import publish, table

BARS = {"quality_check units": 60, "duplicates_find units": 60}
Line = tuple[str, str, str, str, str]


def timed(name: str, act: Callable[[], Any], told: Callable[[Any], str]) -> Line:
    """Do it twice; return a line of the table."""
    seconds: list[float] = []
    said = ""
    for _ in range(2):
        started = time.perf_counter()
        found = act()
        seconds.append(time.perf_counter() - started)
        said = said or told(found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bar = f" (bar {BARS[name]})" if name in BARS else ""
    return name, f"{seconds[0]:.1f}{bar}", f"{seconds[1]:.1f}", f"{peak:.0f}", said


def measure() -> list[Line]:
    """Return the table's lines; nothing stays in the database."""
    from django.db import transaction

    from anlan.kernel.actor import Actor
    from anlan.territory.services.gaps import gaps_look
    from anlan.territory.services.merging import duplicates_find
    from anlan.territory.services.quality import quality_check
    from anlan.territory.services.regulators import regulators_assign

    by = Actor.system("bench")
    lines: list[Line] = []
    with transaction.atomic():
        lines.append(
            timed("regulators_assign", lambda: regulators_assign(by=by),
                  lambda e: f"{e.units:,} units, {e.changed:,} written, {sum(e.unassigned.values()):,} unassigned")
        )  # fmt: skip
        for register in ("units", "places", "persons"):
            lines.append(
                timed(f"quality_check {register}", lambda register=register: quality_check(by=by, register=register),
                      lambda e: f"{e.rows:,} rows, {e.opened:,} findings")
            )  # fmt: skip
            lines.append(
                timed(f"duplicates_find {register}", lambda register=register: duplicates_find(by=by, register=register),
                      lambda e: f"{e.rows:,} rows, {e.pairs:,} pairs")
            )  # fmt: skip
        lines.append(timed("gaps_look", gaps_look, lambda e: f"{sum(e.opened.values()):,} opened, {e.left:,} left"))
        transaction.set_rollback(True)
    return lines


def main(words: list[str]) -> None:
    """Measure and publish."""
    import django

    django.setup()
    heads = ("what", "seconds", "again", "peak memory so far, MB", "outcome")
    publish(table("care", "Care of the registers", heads, measure()), "care", write="--write" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
