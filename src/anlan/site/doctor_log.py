"""The doctor's look at the log between gateway and worker: where it is, and whether it keeps what it confirms."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from anlan.kernel.options import options
from anlan.kernel.problem import Problem
from anlan.site.doctor import Finding

if TYPE_CHECKING:
    from anlan.monitoring.sources.log_jetstream import JetStreamLog

SLOW_S = 1.0


def log() -> Iterator[Finding]:
    """Look at the log that the options choose."""
    if options.log != "jetstream" or options.drill:
        yield Finding("log", "ok", "读数日志在数据库中", "the log of readings is in the database")
        return
    if find_spec("nats") is None:
        yield Finding("log", "fail", "log = jetstream，但未安装 NATS 组件", "log = jetstream, but what it needs is not installed",
                      "运行 ./anlan mesh", "run ./anlan mesh")  # fmt: skip
        return
    yield from _jetstream()


def _jetstream() -> Iterator[Finding]:
    from anlan.monitoring.sources import jetstream_servers as servers
    from anlan.monitoring.sources.log_jetstream import JetStreamLog, settings

    if not options.nats_url and not servers.own(options.home_path)[0]:
        yield Finding("log", "warn", "自带的 NATS 未在运行，无法查询", "our own NATS is not running, so it can't be asked",
                      "运行 ./anlan up 后再查", "run ./anlan up, then look again")  # fmt: skip
        return
    try:
        opened = JetStreamLog(settings())
    except Problem as problem:
        yield _refused(problem)
        return
    try:
        told = ", ".join(sorted(opened.verified))
        yield Finding("log", "ok", f"JetStream（{told}）先落盘后确认", f"JetStream ({told}) syncs before it confirms")
        yield from _streams(opened)
        yield from _write(opened)
    finally:
        opened.close()


def _streams(opened: JetStreamLog) -> Iterator[Finding]:
    """Look at the streams that are there: on servers that were asked, dropping nothing?"""
    found: list[str] = []
    for shard in range(max(1, options.monitoring_shards)):
        try:
            info = opened.examine(shard)
        except Problem as problem:
            yield _refused(problem)
            return
        if info is not None:
            held = info.state.messages
            found.append(f"{info.config.name}: {held} × {info.config.num_replicas}")
    words = "; ".join(found)
    yield Finding("log streams", "ok", words or "尚无数据流", words or "there is none yet")


def _write(opened: JetStreamLog) -> Iterator[Finding]:
    """Write something: a server may say it is healthy and store nothing."""
    try:
        seconds = opened.probe()
    except Problem as problem:
        yield _refused(problem)
    except Exception as failure:
        yield Finding("log write", "fail", f"JetStream 不能写入：{failure}", f"JetStream can't be written: {failure}",
                      "查看 logs/nats*.log 与磁盘余量，重启 NATS", "see logs/nats*.log and the disk; restart NATS")  # fmt: skip
    else:
        slow = seconds > SLOW_S
        yield Finding("log write", "warn" if slow else "ok", f"写入确认用时 {seconds * 1000:.0f} 毫秒",
                      f"a write was confirmed in {seconds * 1000:.0f} ms",
                      "检查磁盘速度与网络" if slow else "", "look at the disk's speed and the network" if slow else "")  # fmt: skip


def _refused(problem: Problem) -> Finding:
    """Tell the refusal as the log itself would: its words name the remedy."""
    return Finding("log", "fail", problem.zh, problem.en, "按上述办法处理后再查", "do as said, then look again")
