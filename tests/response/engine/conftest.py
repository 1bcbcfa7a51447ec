"""Engines need no territory and no database."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="package", autouse=True)
def tiny() -> None:
    """Nothing is laid down for pure functions."""
