"""Projections kept for readers of the same scope: nothing a page shows changes without a journal entry.

What is shown now is kept under how far the journal has come, so the next entry makes it stale at once. A past moment is
kept for two minutes, long enough to play the timeline to and fro; an entry that arrives late shows after that.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Any

from anlan.kernel.live import Items, Projection
from anlan.kernel.scope import Scope

MOST = 96
PAST_S = 120

_kept: OrderedDict[tuple[Any, ...], Items] = OrderedDict()
_lock = Lock()


def project(name: str, projection: Projection, scope: Scope, at: datetime | None, written: tuple[int, int]) -> Items:
    """The collection `name` in `scope`; treat it as read-only, others read the same value."""
    stands = ("now", *written) if at is None else (at, int(time.monotonic() // PAST_S))
    key = (name, scope.prefixes, *stands)
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    fresh = projection.project(scope, None, at)
    with _lock:
        _kept[key] = fresh
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return fresh
