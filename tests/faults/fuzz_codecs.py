"""Feed the codecs N damaged and random frames: `python -m tests.faults.fuzz_codecs N [--seed S]`.

Nothing may be raised, no damaged frame believed unless its check value really holds, and memory must stay bounded. One
frame in eight is damaged at its heart and given a right check value again: only so does the inside of the codec see it.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from anlan.monitoring.formats import hj212, influx_line, jt808, sl651
from anlan.monitoring.formats.decoded import Decoded
from anlan.monitoring.formats.hj212_frames import crc
from anlan.monitoring.formats.sl651_build import pack_frame
from anlan.monitoring.formats.sl651_frames import Frame, parse_frame
from anlan.monitoring.sources.code_tables import code_table

DATA = Path(__file__).resolve().parents[1] / "monitoring" / "data"
ELEMENTS, FACTORS = code_table("sl651_elements"), code_table("hj212_factors")


def samples(name: str) -> list[bytes]:
    """Return the frames of a sample file as bytes."""
    lines = [line.strip() for line in (DATA / name).read_text("utf-8").splitlines()]
    if name.startswith("hj212"):
        return [line.encode() for line in lines if line.startswith("##")]
    return [bytes.fromhex(line) for line in lines if line and not line.startswith("#")]


SL651, HJ212, JT808 = samples("sl651_frames.txt"), samples("hj212_frames.txt"), samples("jt808_frame.txt")
WORDS = b"0034260720160005ST 0011223344 H TT 2607201600 PJ 4.0 DRN05 Z 10.49 M DRP 000102030405060708090AFF F2F2"
SL651.append(pack_frame(Frame(False, 1, "0011223344", "0000", 0x32, WORDS, 3, None, True)))
GENUINE = frozenset([*SL651, *HJ212, *JT808])
LINES = [
    b"rain,station=S1,kind=a value=1.5,n=3i 1600000000000000000\n",
    b'm\\ x,a\\,b=c\\=d f="q \\" u",t=true 12\nx y=1\n',
]


def damaged(chance: random.Random, frame: bytes) -> bytes:
    """Return a frame with bytes flipped, cut, doubled, put in or made at random."""
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(chance.randrange(200))
    body = bytearray(frame)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(body)) if body else 0
        if kind == 1 and body:
            body[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            body[at:at] = chance.randbytes(chance.randrange(1, 6))
        elif kind == 3:
            del body[at : at + chance.randrange(1, 8)]
        elif kind == 4 and body:
            body[at] = chance.randrange(256)
        else:
            body[at:at] = body[at : at + chance.randrange(1, 20)]
    return bytes(body)


def believable_sl651(chance: random.Random, frame: bytes) -> bytes:
    """Return a frame with a damaged body, right length and right CRC."""
    found = parse_frame(frame)
    assert isinstance(found, Frame)
    body, function = damaged(chance, found.body)[:4000], chance.choice((found.function, chance.randrange(256)))
    part = (chance.randrange(1, 4), 3) if chance.randrange(4) == 0 else None
    return pack_frame(found._replace(body=body, function=function, part=part))


def believable_hj212(chance: random.Random, frame: bytes) -> bytes:
    """Return a message with damaged data, right length and right CRC."""
    data = damaged(chance, frame[6:-4])[:9999]
    return b"##%04d%s%04X\r\n" % (len(data), data, crc(data))


def believable_jt808(chance: random.Random, frame: bytes) -> bytes:
    """Return a frame with a damaged body, right length and right XOR."""
    found = jt808.parse(frame)
    assert isinstance(found[0], jt808.Header)
    message = chance.choice((0x0200, 0x0200, 0x0100, 0x0102, 0x0002, 0x0001, 0x8001))
    return jt808.encode(found[0]._replace(message=message), damaged(chance, found[1])[:1023])


class Run:
    """One run: a codec, a splitter and an assembler of each protocol, and what came out."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.seen: Counter[str] = Counter()
        self.fresh()

    def fresh(self) -> None:
        self.splitters = {"sl651": sl651.Splitter(), "hj212": hj212.Splitter(), "jt808": jt808.Splitter()}
        self.assembler = sl651.Assembler(most_bytes=200_000, most_open=16, wait_s=60)

    def one(self, number: int) -> None:
        chance, turn = self.chance, number % 10
        inside = number % 8 == 0
        if turn < 5:
            frame = chance.choice(SL651)
            frame = believable_sl651(chance, frame) if inside else damaged(chance, frame)
            decoded = sl651.decode(frame, ELEMENTS)
            if decoded.crc_ok and decoded.part is not None:
                self.assembler.add(decoded, ELEMENTS, number / 1000)
            self.count("sl651", decoded, frame, inside=inside)
            self.stream("sl651", frame)
        elif turn < 8:
            frame = chance.choice(HJ212)
            frame = believable_hj212(chance, frame) if inside else damaged(chance, frame)
            decoded = hj212.decode(frame, FACTORS)
            hj212.reply(decoded)
            self.count("hj212", decoded, frame, inside=inside)
            self.stream("hj212", frame)
        elif turn == 8:
            frame = believable_jt808(chance, JT808[0]) if inside else damaged(chance, JT808[0])
            self.count("jt808", jt808.decode(frame), frame, inside=inside)
            self.stream("jt808", frame)
        else:
            rows = influx_line.parse_lines(damaged(chance, chance.choice(LINES)))
            self.seen["influx rows"] += len(rows.rows)
            self.seen["influx refused"] += rows.wrong

    def count(self, protocol: str, decoded: Decoded, frame: bytes, *, inside: bool) -> None:
        self.seen[f"{protocol} {'believed' if decoded.crc_ok else 'refused'}"] += 1
        if decoded.crc_ok and not inside and frame not in GENUINE:
            self.seen[f"{protocol} check value holds though damaged"] += 1
            if decoded.elements and decoded.error is None:
                self.seen[f"{protocol} values taken though damaged"] += 1
        if not decoded.crc_ok and (decoded.elements or decoded.error is None):
            raise AssertionError(f"{protocol}: a refused frame gave values or no reason")
        if decoded.error is not None and decoded.crc_ok:
            self.seen[f"{protocol} read in part"] += 1

    def stream(self, protocol: str, frame: bytes) -> None:
        splitter = self.splitters[protocol]
        splitter.feed(frame)
        if len(splitter) > 25_000:
            raise AssertionError(f"{protocol}: the splitter holds {len(splitter)} bytes")
        if self.chance.randrange(50) == 0:
            splitter.flush()


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("frames", type=int)
    words.add_argument("--seed", type=int, default=7)
    wish = words.parse_args()
    run, begun = Run(wish.seed), time.monotonic()
    for number in range(wish.frames):
        run.one(number)
        if number % 1_000_000 == 999_999:
            print(f"{number + 1:,} frames, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    seconds = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, count in sorted(run.seen.items()):
        print(f"{name:42} {count:12,}")
    print(f"{wish.frames:,} frames, none raised anything, {seconds:.0f} s, peak {peak:.1f} MB")
    return 0 if peak < 100 else 1


if __name__ == "__main__":
    sys.exit(main())
