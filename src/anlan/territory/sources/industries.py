"""Reads the list of industries: `data/industries.csv`."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from anlan.territory.engine.industry import Industries, Industry


@cache
def industries() -> Industries:
    """Return the tree of GB/T 4754—2017."""
    text = (resources.files("anlan.territory") / "data" / "industries.csv").read_text(encoding="utf-8")
    return Industries(Industry(**row) for row in csv.DictReader(text.splitlines()))
