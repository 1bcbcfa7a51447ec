"""A counterpart that speaks a real protocol, in a thread beside the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

Serve = Callable[[asyncio.Event, threading.Event], Coroutine[Any, Any, None]]


@contextmanager
def served(serve: Serve) -> Iterator[asyncio.AbstractEventLoop]:
    """Run a server in a thread of its own until the block ends: it tells when it has begun, and waits to be stopped."""
    loop, begun = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(stop, begun)), daemon=True)
    thread.start()
    assert begun.wait(30)
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
    assert not thread.is_alive()
