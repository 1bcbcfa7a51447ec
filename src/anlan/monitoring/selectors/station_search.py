"""Stations found by words: code, part of a name, pinyin initials of the Chinese name."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from anlan.kernel.scope import Scope
from anlan.monitoring.models import Station
from anlan.territory.engine.pinyin import Pinyin
from anlan.territory.engine.words import Words
from anlan.territory.engine.words_build import folded, words_build
from anlan.territory.sources.pinyin import pinyin

KEPT_S = 30.0  # a station registered just now is found by its initials after half a minute at most
MOST_KEPT = 8
LEAST_LETTERS, MOST_FOUND = 2, 20_000


class Names(NamedTuple):
    """Chinese names of the stations of a scope, indexed; ids in the order of the index."""

    ids: list[Any]
    words: Words
    readings: np.ndarray
    made: float


_kept: OrderedDict[tuple[str, ...], Names] = OrderedDict()
_lock = Lock()


def words_where(scope: Scope, q: str) -> tuple[str, list[Any]]:
    """Return the SQL condition (over `t`) for stations that have the words `q`, with its parameters; "" for none.

    One query at most, when the words may be initials and no index is kept.
    """
    if not q:
        return "", []
    like = "%" + q.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
    parts, params = ["t.code LIKE %s", "t.name_zh LIKE %s", "t.name_en ILIKE %s"], [like[1:], like, like]
    found = by_initials(scope, q.lower()) if _letters(q) else []
    if found:
        parts.append("t.id = ANY(%s::uuid[])")
    return f"AND ({' OR '.join(parts)})", [*params, *([found] if found else [])]


def by_initials(scope: Scope, letters: str) -> list[Any]:
    """Return the ids of the stations in scope where neighbouring characters of the name begin with these letters."""
    names = _names(scope)
    found = names.words.initials(letters, names.readings) if names.ids else None
    return [] if found is None else [names.ids[at] for at in np.flatnonzero(found)[:MOST_FOUND].tolist()]


def _letters(q: str) -> bool:
    return len(q) >= LEAST_LETTERS and q.isascii() and q.isalpha()


def _names(scope: Scope) -> Names:
    """Return the index of a scope's names, at most `KEPT_S` old. One query when it has to be made."""
    with _lock:
        kept = _kept.get(scope.prefixes)
    if kept is not None and time.monotonic() - kept.made < KEPT_S:
        return kept
    rows = scope.filter(Station.objects.all()).order_by("code").values_list("id", "name_zh")
    made = _indexed(list(rows), pinyin())
    with _lock:
        _kept[scope.prefixes] = made
        _kept.move_to_end(scope.prefixes)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _indexed(rows: list[tuple[Any, str]], read: Pinyin) -> Names:
    words = words_build(folded(pa.array([name for _, name in rows], pa.string())))
    return Names([key for key, _ in rows], words, read.readings(words.alphabet), time.monotonic())
