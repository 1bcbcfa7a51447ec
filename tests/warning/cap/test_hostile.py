"""Whatever is sent: an answer within a second and a little memory, no file opened, no address called, nothing raised."""

from __future__ import annotations

import builtins
import codecs
import math
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warning.formats import cap
from anlan.warning.formats.cap.wording import MOST_FINDINGS
from tests.faults import fuzz_cap
from tests.warning.cap.hostile import HOSTILE, PAYLOAD, REFUSED, doctype
from tests.warning.cap.messages import raw, with_area

# Reads every document it is sent where the kernel itself lets nothing be opened or called any more; says what Python saw,
# the verdicts, and the most memory it ever took.
CHILD = """
import json, resource, sys
from anlan.warning.formats import cap
sent = sys.stdin.buffer
cap.read(sent.read(int(sent.readline())))
for version in ("1.0", "1.1"):
    cap.schema(version)
seen, verdicts, peaks = [], [], []
status, clear = open("/proc/self/status"), open("/proc/self/clear_refs", "w")  # before nothing can be opened any more
sys.addaudithook(lambda name, given: seen.append(name) if name.split(".")[0] in {"open", "os", "socket", "subprocess"} else None)
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
try:
    open("/dev/null")
    raise SystemExit("a file could still be opened")
except OSError:
    seen.clear()
while size := sent.readline():
    document = sent.read(int(size))
    print("5", file=clear, flush=True)  # the most it ever took counts from here
    verdicts.append([cap.read(document, mode).verdict for mode in ("strict", "record")])
    status.seek(0)
    peaks.append(int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024)
print(json.dumps([seen, verdicts, peaks]))
"""


def ring(chance: random.Random, points: int) -> list[str]:
    """A closed ring of so many points round a place, rough as an outline is."""
    lat, lon = chance.uniform(32, 36), chance.uniform(111, 116)
    turns = [2 * math.pi * number / (points - 1) for number in range(points - 1)]
    found = [(chance.uniform(0.2, 0.3), turn) for turn in turns]
    pairs = [f"{lat + size * math.sin(turn):.4f},{lon + size * math.cos(turn):.4f}" for size, turn in found]
    return [*pairs, pairs[0]]


def in_a_child(*documents: bytes) -> tuple[list[str], list[list[str]], list[float]]:
    """Return what a child saw opened or called while it read documents, the verdicts, and its peaks of memory in MB."""
    warm = raw(with_area(polygons=(" ".join(["0,0 1,1 0,1 1,0"] * 100) + " 0,0", "0,0 1,1 0,1 1,0 0,0")))
    sent = b"".join(b"%d\n%s" % (len(one), one) for one in (warm, *documents))
    run = subprocess.run([sys.executable, "-c", CHILD], input=sent, capture_output=True, check=True)
    return msgspec.json.decode(run.stdout, type=tuple[list[str], list[list[str]], list[float]])


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be opened or called; what is imported late is imported first."""
    cap.read(raw(with_area(polygons=("0,0 1,1 0,1 1,0 0,0",))))
    for version in ("1.0", "1.1"):
        cap.schema(version)

    def refuse(*given: Any, **_: Any) -> Any:
        raise AssertionError(f"opened or called: {given[:1]}")

    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture(scope="module")
def second() -> float:
    """Processor time that is a second where an honest message of 1.5 MB takes 16 ms: a busy machine stretches both."""
    chance = random.Random(7)
    rings = tuple(" ".join(ring(chance, 430)) for _ in range(200))
    honest, least = raw(with_area(polygons=rings)), float("inf")
    for _ in range(5):
        begun = time.process_time()
        assert cap.read(honest).verdict == "valid"
        least = min(least, time.process_time() - begun)
    return least / 0.016


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_answered_at_once(name: str, second: float) -> None:
    for mode in ("strict", "record"):
        begun = time.process_time()
        result = cap.read(HOSTILE[name], mode)
        assert time.process_time() - begun < second
        assert sum(len(one.findings) for one in (result, *result.embedded)) <= 30 * MOST_FINDINGS
        if not result.embedded:
            assert len(result.findings) <= 2 * MOST_FINDINGS + 5
        if name in REFUSED:
            assert (result.alert, [one.code for one in result.findings]) == (None, ["doctype"])
        assert "root:" not in repr(result)


@pytest.mark.parametrize(
    "name",
    [
        "empty infos",
        "attributes",
        "pairs",
        "zigzag",
        "huge attribute",
        "tokens",
        "squares",
        "bows",
        "headline",
        "names",
    ],
)
def test_a_hostile_document_takes_less_than_100_mb(name: str) -> None:
    _, _, peaks = in_a_child(HOSTILE[name])
    assert peaks[0] < 100


def test_no_hostile_document_opens_or_calls_anything() -> None:
    """Each in turn in one process that can open nothing, with the verdict it has where everything can be opened."""
    seen, verdicts, _ = in_a_child(*HOSTILE.values())
    assert seen == []
    told = [[cap.read(one, "strict").verdict, cap.read(one, "record").verdict] for one in HOSTILE.values()]
    assert dict(zip(HOSTILE, verdicts, strict=True)) == dict(zip(HOSTILE, told, strict=True))


def test_an_entity_brings_no_file_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    sent = doctype(PAYLOAD.format(secret.as_uri()))
    assert "the secret" not in repr(cap.read(sent, "record"))
    seen, verdicts, _ = in_a_child(sent)
    assert (seen, verdicts) == ([], [["invalid", "rejected"]])


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8 + b" \n"])
def test_a_byte_order_mark_alone_is_an_empty_file(mark: bytes) -> None:
    assert "empty_file" in {one.code for one in cap.read(mark).findings}


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(made: bytes) -> None:
    assert cap.read(made).verdict == "invalid"
    assert cap.read(made, "record").verdict == "rejected"


def test_damaged_samples_are_answered_and_written_again() -> None:
    chance, seen = random.Random(20210720), Counter[str]()
    for _ in range(1_500):
        fuzz_cap.one(chance, seen)
    assert {"strict alert valid", "strict alert invalid", "record alert accepted_with_findings"} <= set(seen)
