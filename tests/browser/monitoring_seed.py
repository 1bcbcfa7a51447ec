"""Lays stations into the node's small territory, once. Run as a program, like `seed`."""

from __future__ import annotations

import django

django.setup()

from anlan.kernel.drill import follow_clock
from anlan.monitoring.models import Station
from tests.monitoring.page_rows import stations_made


def main() -> None:
    """Register stations and let them speak."""
    follow_clock()
    if not Station.objects.filter(code="G000").exists():
        stations_made()


if __name__ == "__main__":
    main()
