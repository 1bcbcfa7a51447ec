"""Reads the shipped tables of the nation's relief response."""

from __future__ import annotations

from functools import cache

from anlan.response.engine.relief import ReliefTable
from anlan.response.formats.packs import pack_read


@cache
def relief_table() -> ReliefTable:
    """Return the table in force."""
    return pack_read("relief_response.yaml", ReliefTable)
