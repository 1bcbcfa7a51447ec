"""Feed the CAP reader N damaged and random documents: `python -m tests.faults.fuzz_cap N [--seed S]`.

Nothing may be raised; a verdict is always one of its mode's; what strict mode calls valid must be written again and be
read equal; what recording mode takes must come back equal too; what is read quickly must be what the careful reader reads,
finding by finding; memory must stay bounded.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from anlan.warning.formats import cap
from anlan.warning.formats.cap import door

DATA = Path(__file__).resolve().parents[1] / "warning" / "cap" / "data"
SAMPLES = [path.read_bytes() for path in sorted(DATA.iterdir()) if path.suffix != ".md"]
LEAF = re.compile(rb">([^<>]*)<")
TAG = re.compile(rb"<[^<>]+>")
VERDICTS = {"strict": {"valid", "invalid"}, "record": {"valid", "accepted_with_findings", "rejected"}}
TEXTS = (
    b"", b" ", b"0", b"-1", b"1e9", b"NaN", b"...", b"Very Likely", b"actual", b"2021-07-19T13:59:00Z", b"2021-02-30T00:00:00+08:00",
    b"0000-01-01T00:00:00+00:00", b"9999-12-31T23:59:59-14:00", b"1,2 3,4", b"1,2 3,4 5,6 1,2", b"91,181 0,0 1,1 91,181", b"0,0 0,0 0,0 0,0",
    b"34,113 5", b"34,113,5", b"a,b,c", b"\xe6\x9a\xb4\xe9\x9b\xa8", b"&lt;b&gt;", b"&#x10FFFF;", b"]]&gt;", b"zh_CN", b"1" * 400, b"\"x y\"",
)  # fmt: skip


def ring(chance: random.Random) -> bytes:
    """Return a polygon long enough to be judged with others in one pass: round, rough, crossing itself, or damaged."""
    points, turns, rough = chance.choice((70, 90, 200)), chance.choice((1, 1, 1, 2, 7)), chance.choice((0.0, 0.2, 0.9))
    lat, lon = chance.uniform(-88, 88), chance.choice((0.0, 113.0, 179.0, -179.5, 180.5))
    pairs = []
    for number in range(points):
        angle, radius = 2 * math.pi * turns * number / points, chance.uniform(1 - rough, 1)
        pairs.append(f"{lat + radius * math.sin(angle):.4f},{lon + radius * math.cos(angle):.4f}")
    pairs.append(pairs[0] if chance.randrange(8) else chance.choice(pairs))
    if not chance.randrange(4):
        pairs[chance.randrange(points)] = chance.choice(
            ("", "x", "1,2,3", "+1,.5", "91,0", "0,999", "-0,00.1", "1,2;3,4", pairs[0])
        )
    return chance.choice((" ", " ", "\n  ", "  ")).join(pairs).encode()


def damaged(chance: random.Random, raw: bytes) -> bytes:
    """Return a document with bytes, texts or tags changed, cut, doubled or moved, or made at random."""
    kind = chance.randrange(10)
    if kind == 0:
        return chance.randbytes(chance.randrange(300))
    body = bytearray(raw)
    for _ in range(chance.randrange(1, 4)):
        if kind < 4:
            leaves = list(LEAF.finditer(body))
            if leaves:
                one = chance.choice(leaves)
                round_here = body[one.start(1) - 9 : one.start(1)] == b"<polygon>" or not chance.randrange(20)
                body[one.start(1) : one.end(1)] = ring(chance) if round_here else chance.choice(TEXTS)
        elif kind < 6:
            tags = list(TAG.finditer(body))
            if len(tags) > 1:
                one, other = chance.choice(tags), chance.choice(tags)
                body[one.start() : one.end()] = other[0] if chance.randrange(2) else b""
        elif body:
            at = chance.randrange(len(body))
            if kind == 6:
                body[at] = chance.randrange(256)
            elif kind == 7:
                del body[at : at + chance.randrange(1, 200)]
            elif kind == 8:
                body[at:at] = body[at : at + chance.randrange(1, 400)]
            else:
                body[at:at] = chance.randbytes(chance.randrange(1, 6))
    return bytes(body)


def one(chance: random.Random, seen: Counter[str]) -> None:
    """Read one damaged document in both modes and hold the reader to its word."""
    raw = damaged(chance, chance.choice(SAMPLES))
    for mode in ("strict", "record"):
        result = cap.read(raw, mode)
        root, found = door.enter(raw)
        if root is not None and cap.read_tree(root, mode, found) != result:
            raise AssertionError(f"{mode}: the quick and the careful reader differ: {raw!r}")
        if result.verdict not in VERDICTS[mode]:
            raise AssertionError(f"{mode}: {result.verdict}")
        seen[f"{mode} {result.kind} {result.verdict}"] += 1
        if result.verdict != "valid" and not any(told.severity == "error" for told in result.findings):
            raise AssertionError(f"{mode}: {result.verdict} for no reason: {raw!r}")
        if result.alert is None or result.version != "1.2" or result.verdict not in {"valid", "accepted_with_findings"}:
            continue
        if result.verdict == "valid":
            again = cap.read(cap.write(result.alert)).alert
        else:
            again = cap.read(cap.render_bytes(result.alert), "strict").alert
        if again != result.alert:
            raise AssertionError(f"{mode}: written and read, it is another message: {raw!r}")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("documents", type=int)
    words.add_argument("--seed", type=int, default=7)
    wish = words.parse_args()
    chance, seen, begun = random.Random(wish.seed), Counter[str](), time.monotonic()
    for number in range(wish.documents):
        one(chance, seen)
        if number % 100_000 == 99_999:
            print(f"{number + 1:,} documents, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, count in sorted(seen.items()):
        print(f"{name:42} {count:12,}")
    print(f"{wish.documents:,} documents, none raised anything, {time.monotonic() - begun:.0f} s, peak {peak:.1f} MB")
    return 0 if peak < 150 else 1


if __name__ == "__main__":
    sys.exit(main())
