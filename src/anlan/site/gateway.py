"""The gateway process: `python -m anlan.site.gateway`. Takes readings in by HTTP and every connection that is set."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")

import django

BEAT_S = 2.0


def main() -> None:
    """Serve until told to stop."""
    django.setup()
    asyncio.run(_serve())


async def _serve() -> None:
    import structlog
    import uvicorn

    from anlan.kernel.options import options
    from anlan.monitoring.sources.gateway import Gateway
    from anlan.monitoring.sources.log import log_open

    gateway = Gateway(log_open())
    config = uvicorn.Config(
        _application(gateway.http), host=options.gateway_host or options.host, port=options.gateway_port,
        log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=3, backlog=1024,
    )  # fmt: skip
    server = uvicorn.Server(config)
    gateway.start()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server._serve())  # serve() would take the signals over
    structlog.get_logger().info("gateway.ready", port=options.gateway_port)
    beat = Path(options.home_path) / "gateway.beat"
    while not stop.is_set() and not serving.done():
        beat.touch()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), BEAT_S)
    server.should_exit = True
    await asyncio.gather(serving, return_exceptions=True)
    await gateway.stop()


def _application(app: Any) -> Any:
    """Return the port as the plain function uvicorn asks for."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    return served


if __name__ == "__main__":
    main()
