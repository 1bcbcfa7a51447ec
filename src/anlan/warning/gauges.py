"""Figures of the ways out for Prometheus, read from the database when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.warning.selectors.ways import ways_list

STATES = ("up", "down", "waiting", "paused")


class Ways(Collector):
    """A family a figure, labelled with the way out's code and its channel."""

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Read every way out. Three queries."""
        labels, now = ("way", "channel"), clock.now()
        queued = GaugeMetricFamily("anlan_way_queued", "Messages that wait for a way out.", labels=labels)
        oldest = GaugeMetricFamily(
            "anlan_way_oldest_waiting_seconds", "Age of the oldest message that waits.", labels=labels
        )
        sent = CounterMetricFamily("anlan_way_sent", "Messages a gateway took over.", labels=labels)
        failed = CounterMetricFamily("anlan_way_failed", "Messages that failed.", labels=labels)
        health = GaugeMetricFamily("anlan_way_state", "1 for the state it is in.", labels=(*labels, "state"))
        for row in ways_list(Scope.whole(), now):
            own = (row["code"], row["carries"]["code"])
            waited = (now - row["oldest"]).total_seconds() if row["oldest"] is not None else 0.0
            queued.add_metric(own, row["queued"])
            oldest.add_metric(own, max(0.0, waited))
            sent.add_metric(own, row["handed"])
            failed.add_metric(own, row["failed"])
            for state in STATES:
                health.add_metric((*own, state), float(row["state"] == state))
        yield from (queued, oldest, sent, failed, health)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is read when it is registered."""
        return iter(())


REGISTRY = CollectorRegistry()
REGISTRY.register(Ways())
