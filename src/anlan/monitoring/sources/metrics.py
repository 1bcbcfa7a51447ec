"""Counters of the gateway in Prometheus' text form."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """What the gateway counts; one registry for each gateway."""

    def __init__(self) -> None:
        own = self.registry = CollectorRegistry()
        self.readings = Counter("anlan_gateway_readings", "Readings durable in the log", ["source"], registry=own)
        self.frames = Counter("anlan_gateway_frames", "Frames, payloads and bodies that came", ["source"], registry=own)
        self.refused = Counter("anlan_gateway_refused", "Frames that were not understood", ["source"], registry=own)
        self.unknown = Counter(
            "anlan_gateway_unknown", "Readings of series nobody registered", ["source"], registry=own
        )
        self.busy = Counter("anlan_gateway_busy", "Requests asked to come again", registry=own)
        self.commits = Counter("anlan_gateway_commits", "Batches written", registry=own)
        self.failures = Counter("anlan_gateway_write_failures", "Writes that failed and were tried again", registry=own)
        self.waiting = Gauge("anlan_gateway_waiting_readings", "Readings waiting for the durable write", registry=own)
        self.peers = Gauge("anlan_gateway_peers", "Connected devices", ["source"], registry=own)
        self.up = Gauge("anlan_gateway_connection_up", "1 while a connection works", ["source"], registry=own)
        self.commit_seconds = Histogram(
            "anlan_gateway_commit_seconds", "Time of a durable write", registry=own,
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
        )  # fmt: skip

    def text(self) -> bytes:
        """Return all of it as text."""
        return generate_latest(self.registry)
