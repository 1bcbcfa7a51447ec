"""A process that starts: nothing it loads is ever garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load modules without looking for garbage among them, and leave them out of every later search: a process is up a
    fifth sooner, and answers are not held up by walks over a million objects that stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
