"""The sample frames as bytes, the code tables, and how a frame is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from anlan.monitoring.sources.code_tables import code_table

DATA = Path(__file__).resolve().parents[1] / "data"
ELEMENTS, FACTORS = code_table("sl651_elements"), code_table("hj212_factors")


def _lines(name: str) -> list[str]:
    return [line.strip() for line in (DATA / name).read_text("utf-8").splitlines() if line.strip()]


SL651 = [bytes.fromhex(line) for line in _lines("sl651_frames.txt") if not line.startswith("#")]
HJ212 = [line.encode() for line in _lines("hj212_frames.txt") if line.startswith("##")]
JT808 = [bytes.fromhex(line) for line in _lines("jt808_frame.txt") if not line.startswith("#")]


def flips(frame: bytes) -> Iterator[bytes]:
    """Yield the frame with each single bit turned over."""
    for bit in range(len(frame) * 8):
        damaged = bytearray(frame)
        damaged[bit // 8] ^= 1 << bit % 8
        yield bytes(damaged)
