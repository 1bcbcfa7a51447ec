"""Addresses of the built front end: source name → hashed file, from Vite's manifest."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent / "static" / "built"
PREFIX = "/static/built/"


@lru_cache(maxsize=2)
def _manifest(stamp: float) -> dict[str, Any]:
    """The manifest as built at `stamp` (its file time, so that a rebuild is seen without a restart)."""
    data: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text("utf-8"))
    return data


def manifest() -> dict[str, Any]:
    """Vite's manifest, or an empty one when the front end was never built (pages then work unstyled)."""
    try:
        return _manifest((ROOT / "manifest.json").stat().st_mtime)
    except FileNotFoundError:
        return {}


def script(entry: str) -> str:
    """Address of the module script of an entry, e.g. `src/console.ts`; "" when not built."""
    chunk = manifest().get(entry)
    return PREFIX + chunk["file"] if chunk else ""


def styles(entry: str) -> list[str]:
    """Addresses of the style sheets an entry needs, its shared chunks' first."""
    table = manifest()
    found: list[str] = []

    def walk(name: str) -> None:
        chunk = table.get(name)
        if chunk is None:
            return
        for parent in chunk.get("imports", ()):
            walk(parent)
        for sheet in chunk.get("css", ()):
            if PREFIX + sheet not in found:
                found.append(PREFIX + sheet)

    walk(entry)
    return found


def asset(name: str) -> str:
    """Address of a plain file of the build by its source name, e.g. `icons.svg`; "" when not built."""
    chunk = manifest().get(name)
    return PREFIX + chunk["file"] if chunk else ""
