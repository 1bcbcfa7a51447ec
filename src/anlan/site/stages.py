"""The stages of the chain, in order, and which rooms each has."""

from __future__ import annotations

from pathlib import Path

STAGES = (
    "territory",
    "risk",
    "prevention",
    "monitoring",
    "warning",
    "response",
    "rescue",
    "relief",
    "readiness",
    "review",
)
_ROOT = Path(__file__).resolve().parent.parent


def having(room: str) -> list[str]:
    """Return the stages that have this room (a module or a package), in the order of the chain."""
    return [s for s in STAGES if (_ROOT / s / f"{room}.py").exists() or (_ROOT / s / room / "__init__.py").exists()]
