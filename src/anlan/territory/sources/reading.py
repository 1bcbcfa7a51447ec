"""Reading a file in a process of its own, with a limit on its memory; the rows come back as an Arrow file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from anlan.kernel.problem import Invalid

LOOK_S = 0.5


def read_file(
    path: Path,
    out: Path,
    *,
    register: str,
    kind: str,
    options: Mapping[str, Any],
    memory_mb: int,
    tick: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Read `path` into the Arrow file `out`; returns {header, header_row, first_row, rows, sheet}.

    `tick` is called about twice a second while it lasts. Invalid when the file can't be read or wants more memory than
    `memory_mb` (address space; 0: no limit).
    """
    order = {"path": str(path), "out": str(out), "register": register, "format": kind, "options": dict(options), "memory_mb": memory_mb}  # fmt: skip
    environment = {**os.environ, "ARROW_DEFAULT_MEMORY_POOL": "system", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "anlan.territory.sources.read_table"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as child:
        try:
            said, errors = _talk(child, json.dumps(order).encode(), tick)
        except BaseException:
            child.kill()
            raise
    if child.returncode != 0 or not said.strip():
        raise _burst(child.returncode, memory_mb, errors)
    answer = json.loads(said)
    if "problem" in answer:
        words = answer["problem"]
        raise Invalid(code=words["code"], zh=words["zh"], en=words["en"], field="file", value=words["value"])
    done: dict[str, Any] = answer["done"]
    return done


def _talk(child: subprocess.Popen[bytes], order: bytes, tick: Callable[[], None]) -> tuple[bytes, bytes]:
    sent: bytes | None = order
    while True:
        try:
            return child.communicate(sent, timeout=LOOK_S)
        except subprocess.TimeoutExpired:
            sent = None
            tick()


def _burst(code: int, memory_mb: int, errors: bytes) -> Invalid:
    """A reader that died: of too little memory, or of a file no reader understands."""
    last = errors.decode(errors="replace").strip().splitlines()[-1:] or [f"exit {code}"]
    if code < 0 or "memory" in last[0].lower():
        return Invalid(
            code="file.memory",
            zh=f"读取此文件需要超过{memory_mb}MB内存；请分成几个文件，或另存为CSV、Parquet。",
            en=f"Reading this file needs more than {memory_mb} MB; split it, or save it as CSV or Parquet.",
            field="file",
            value=last[0][:200],
        )
    return Invalid(
        code="file.broken",
        zh=f"读不出此文件：{last[0][:200]}",
        en=f"This file can't be read: {last[0][:200]}",
        field="file",
        value=last[0][:200],
    )


def about_of(columns: pa.ipc.RecordBatchFileReader) -> dict[str, Any]:
    """Return header, header_row, first_row and sheet of text columns."""
    found: dict[str, Any] = json.loads((columns.schema.metadata or {})[b"anlan"])
    return found
