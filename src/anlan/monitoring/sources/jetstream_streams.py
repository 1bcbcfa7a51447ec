"""How the streams of the log are made, and what a stream found there must be like to be trusted."""

from __future__ import annotations

from collections.abc import Iterator

from nats.js import JetStreamContext
from nats.js.api import (
    DiscardPolicy,
    PersistMode,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import BadRequestError, NotFoundError

from anlan.kernel import ids
from anlan.kernel.problem import Conflict

DUPLICATES_S = 300.0
MARK = "anlan"
PROBE, PROBE_SUBJECT = "ANLAN_PROBE", "anlan.probe"


def wanted(name: str, subject: str, *, replicas: int, most_bytes: int) -> StreamConfig:
    """Return a stream for readings: on disk, nothing ever dropped; when `most_bytes` are full, no more is taken."""
    return StreamConfig(
        name=name, subjects=[subject], retention=RetentionPolicy.LIMITS, storage=StorageType.FILE,
        discard=DiscardPolicy.NEW, max_bytes=most_bytes, max_msgs=-1, max_age=0, max_consumers=-1,
        duplicate_window=DUPLICATES_S, num_replicas=replicas, deny_delete=True, allow_direct=False,
        metadata={MARK: ids.new_id().hex[-9:]}, description="Readings of Anlan until they are judged",
    )  # fmt: skip


async def made(js: JetStreamContext, config: StreamConfig) -> StreamInfo:
    """Return the stream of this name, made if missing; its own copies and disk bound are brought up to what is wanted."""
    name = config.name or ""
    try:
        found = await js.stream_info(name)
    except NotFoundError:
        try:
            return await js.add_stream(config)
        except BadRequestError as refused:
            if refused.err_code != 10058:  # somebody made it at the same moment
                raise
            found = await js.stream_info(name)
    refuse(found.config, config)
    if (found.config.num_replicas, found.config.max_bytes) != (config.num_replicas, config.max_bytes):
        found.config.num_replicas, found.config.max_bytes = config.num_replicas, config.max_bytes
        found = await js.update_stream(found.config)
    return found


def refuse(found: StreamConfig, config: StreamConfig) -> None:
    """Raise Conflict for a stream that could drop readings which nobody judged yet, or that takes other subjects."""
    for field, value, good in _differences(found, config):
        raise Conflict(
            code="log.stream",
            zh=f"JetStream 中已有流 {found.name}，其 {field} = {value}，应为 {good}，否则可能丢失未评判的读数；"
            "请用 nats stream edit 改正，或换一个 nats_prefix。",
            en=f"JetStream has a stream {found.name} with {field} = {value}; it must be {good}, or readings could be lost"
            " before they are judged. Mend it with nats stream edit, or choose another nats_prefix.",
            field=field,
            value=value,
        )


def _differences(found: StreamConfig, config: StreamConfig) -> Iterator[tuple[str, object, object]]:
    for field in ("subjects", "retention", "storage"):
        if getattr(found, field) != getattr(config, field):
            yield field, getattr(found, field), getattr(config, field)
    if found.discard != DiscardPolicy.NEW and ((found.max_bytes or -1) > 0 or (found.max_msgs or -1) > 0):
        yield "discard", found.discard, DiscardPolicy.NEW
    if found.max_age:
        yield "max_age", found.max_age, 0
    if found.max_msgs_per_subject > 0:
        yield "max_msgs_per_subject", found.max_msgs_per_subject, -1
    if found.no_ack:
        yield "no_ack", True, False
    if found.persist_mode == PersistMode.ASYNC:
        yield "persist_mode", "async", "default"


def identity(info: StreamInfo) -> str:
    """Return what tells this stream from another one made later under its name: at most 12 characters."""
    token = (info.config.metadata or {}).get(MARK) or (f"{info.created:%j%H%M%S}" if info.created else "")
    return f"js-{token[:9]}"


def peers(info: StreamInfo) -> set[str]:
    """Return the names of the servers that hold the stream."""
    cluster = info.cluster
    if cluster is None:
        return set()
    return {name for name in (cluster.leader, *(peer.name for peer in cluster.replicas or [])) if name}


async def probe(js: JetStreamContext, *, replicas: int, seconds: float) -> None:
    """Write one message and wait until it is confirmed: the only sign of health that a wedged server can't give."""
    try:
        await js.publish(PROBE_SUBJECT, b"", timeout=seconds, stream=PROBE)
    except Exception:
        await js.add_stream(
            name=PROBE, subjects=[PROBE_SUBJECT], storage=StorageType.FILE, num_replicas=replicas, max_msgs=1,
            discard=DiscardPolicy.OLD,
        )  # fmt: skip
        await js.publish(PROBE_SUBJECT, b"", timeout=seconds, stream=PROBE)
