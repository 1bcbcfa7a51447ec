"""Everything red that a hand-over must acknowledge (红项): a registry that every part of the chain adds its own to.

A part registers a source with `@red("kind", zh="…", en="…")`: a function (scope, at) → iterable of `Red`, one query where it
can. `red_items` asks them all. What is red is open now: it is gone when it is dealt with, not when it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anlan.kernel.scope import Scope
from anlan.warning.selectors.frames import stamp

Json = dict[str, Any]


@dataclass(frozen=True)
class Red:
    """One red item. `id`: the same as long as it is the same thing; `zh`, `en`: what it is, with its figures; `since`: since
    when; `link`: the page where it is dealt with; `division`: whose it is."""

    id: str
    zh: str
    en: str
    since: datetime | None
    link: str
    division: str = ""


Source = Callable[[Scope, datetime], Iterable[Red]]


@dataclass(frozen=True)
class _Kind:
    zh: str
    en: str
    source: Source


_KINDS: dict[str, _Kind] = {}


def red(kind: str, *, zh: str, en: str) -> Callable[[Source], Source]:
    """Register a source of red items under `kind`; ValueError when another holds the name."""

    def register(source: Source) -> Source:
        if kind in _KINDS and _KINDS[kind].source.__qualname__ != source.__qualname__:
            raise ValueError(f"red items {kind!r} come from {_KINDS[kind].source.__qualname__} already")
        _KINDS[kind] = _Kind(zh, en, source)
        return source

    return register


def red_kinds() -> dict[str, Json]:
    """Return kind → {zh, en}, in the order registered."""
    return {code: {"zh": kind.zh, "en": kind.en} for code, kind in _KINDS.items()}


def red_items(scope: Scope, at: datetime) -> list[Json]:
    """Return all red items inside the scope at `at`, the oldest first within the order of kinds.

    Each: key (`kind:id`), kind, kind_name {zh, en}, id, text {zh, en}, since (ISO or None), link, division."""
    found: list[Json] = []
    for code, kind in _KINDS.items():
        items = sorted(kind.source(scope, at), key=lambda item: (item.since or at, item.id))
        found += [
            {
                "key": f"{code}:{item.id}",
                "kind": code,
                "kind_name": {"zh": kind.zh, "en": kind.en},
                "id": item.id,
                "text": {"zh": item.zh, "en": item.en},
                "since": stamp(item.since),
                "link": item.link,
                "division": item.division,
            }
            for item in items
        ]
    return found
