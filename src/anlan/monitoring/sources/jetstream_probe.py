"""A write to JetStream as a sign of health: a server that reports itself healthy may still store nothing."""

from __future__ import annotations

from anlan.monitoring.sources import jetstream_streams as streams
from anlan.monitoring.sources.jetstream_link import PASSING, Away, Link

PROBE_S = 3.0


def writes(url: str, *, replicas: int) -> bool:
    """Tell whether a message written through this one server is confirmed within some seconds."""
    link = Link([url], stubborn=False)

    async def work() -> None:
        await streams.probe(await link.jetstream(), replicas=replicas, seconds=PROBE_S)

    try:
        link.run(work(), 3 * PROBE_S)
    except (*PASSING, Away):
        return False
    finally:
        link.close()
    return True
