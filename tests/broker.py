"""An MQTT broker for tests, never for service."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

BROKER = """
import asyncio, sys
from amqtt.broker import Broker

async def serve(port):
    await Broker({
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }).start()
    await asyncio.Event().wait()

asyncio.run(serve(sys.argv[1]))
"""


@contextmanager
def broker(port: int) -> Iterator[None]:
    """A broker in a process of its own, which dies at the end: its own way to stop may wait for ever for a client."""
    process = subprocess.Popen([sys.executable, "-c", BROKER, str(port)], stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not listening(port):
            assert time.monotonic() < end and process.poll() is None, "the broker never came up"
            time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


def listening(port: int) -> bool:
    """Does anybody take connections on this port of the loopback?"""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False
