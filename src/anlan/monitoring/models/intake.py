"""The way in: connections, raw frames kept as evidence, the log between gateway and worker, and how far it was judged."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from anlan.kernel.models import BulkRow, PartitionedRow, Row
from anlan.monitoring.choices import ConnectionState, Protocol


class Connection(Row):
    """A way by which stations are heard or asked (接入): protocol, its settings, and how what it sends is understood.

    settings: by protocol (address, unit, registers, nodes, topic, folder; see sources/). mapping: device code and
    element as they come → station code and element. Secrets are named in anlan.toml, never kept here.
    """

    code = models.CharField(max_length=32, unique=True, db_collation="C")
    name_zh = models.CharField(max_length=96)
    name_en = models.CharField(max_length=160)
    protocol = models.CharField(max_length=12, choices=Protocol.choices)
    enabled = models.BooleanField(default=True)
    settings = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)


class ConnectionHealth(BulkRow):
    """How a connection is doing (接入状况), written by the gateway every few seconds. `code` "http": the HTTP port.

    state: of choices.ConnectionState, since state_at; error: the last fault in words ({"zh", "en"}), at error_at;
    heard_at: when something last came; peers: how many are connected; frames, readings, refused: taken, and frames not
    understood, ever since; unknown: devices nobody registered, "station element" → [frames, last time (ISO), peer].
    """

    SCOPE = "chain"  # the HTTP port belongs to everybody's readings

    code = models.CharField(max_length=32, primary_key=True, db_collation="C")
    protocol = models.CharField(max_length=12, choices=Protocol.choices)
    state = models.CharField(max_length=8, choices=ConnectionState.choices)
    state_at = models.DateTimeField()
    error = models.JSONField(default=dict)
    error_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    peers = models.IntegerField(default=0)
    frames = models.BigIntegerField(default=0)
    readings = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    unknown = models.JSONField(default=dict)
    written_at = models.DateTimeField()


class Frame(PartitionedRow):
    """A raw frame as it came (原始报文), kept some days as evidence. Partitioned by the day it was received.

    station: code, '' when unknown; division of the station, '' then. error: '' when it was understood.
    """

    READS = "division ^@ ANY ((SELECT anlan_scope())::text[])"

    pk = models.CompositePrimaryKey("received_at", "number")
    received_at = models.DateTimeField()
    number = models.BigIntegerField()
    division = models.CharField(max_length=12)
    protocol = models.CharField(max_length=12, choices=Protocol.choices)
    peer = models.CharField(max_length=64)
    station = models.CharField(max_length=32)
    body = models.BinaryField()
    packed = models.BooleanField(default=False)  # zlib
    readings = models.IntegerField()
    error = models.CharField(max_length=200)

    class Meta:
        managed = False
        db_table = "monitoring_frame"


class LogHead(models.Model):
    """The last number given out in a shard's log. The row lock makes numbers gapless and in order of commit."""

    shard = models.SmallIntegerField(primary_key=True)
    head = models.BigIntegerField(default=0)


class LogEntry(models.Model):
    """A message of the log: packed readings (formats/packed.py), until they are judged and some time after."""

    pk = models.CompositePrimaryKey("shard", "number")
    shard = models.SmallIntegerField()
    number = models.BigIntegerField()
    taken_at = models.DateTimeField()
    body = models.BinaryField()


class Progress(models.Model):
    """How far a shard's log is judged (评判进度): the only truth about it, committed together with what came of it.

    Whoever steps a shard holds this row's lock. log: which back end `done` counts in. told: what was judged since the
    last `readings.taken` entry. chain: hash over all messages judged, which tells two histories apart. catalogue: a mark
    renewed whenever series, areas or rules change.
    """

    shard = models.SmallIntegerField(primary_key=True)
    log = models.CharField(max_length=12, default="postgres")
    done = models.BigIntegerField(default=0)
    judged_at = models.DateTimeField(null=True)
    told = models.JSONField(default=dict)
    chain = models.CharField(max_length=64, default="")
    catalogue = models.CharField(max_length=36, default="")

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(done__gte=0), name="progress_done"),)
