"""CAP messages a second on one core: read, judged by schema and rules, brought to values; beside lxml with the XSD alone.

Words: `--write`. Both are timed in turn on the same messages in one run, by processor time, so that waiting for other
work on the machine weighs on neither, and by the clock beside it. The messages are made here (2 kB, 14 kB, 1.7 MB with 200
polygons); the samples of the tests too.
"""

from __future__ import annotations

import math
import random
import sys
import time
from collections.abc import Callable, Sequence

from lxml import etree

from anlan.site.bench import checkout, machine, publish, table
from anlan.warning.formats import cap

HEADS = (
    "messages", "bytes", "read + schema + rules + values (1/s)", "by the clock (1/s)", "lxml + XSD alone (1/s)",
    "share of the bare speed", "ms each (least)",
)  # fmt: skip
ROUNDS = 15
PARSER = etree.XMLParser(resolve_entities=False, no_network=True)
TEXT = "未来三小时内累计降雨量将达一百毫米以上，城区低洼地带、地下空间和沿河村庄有被淹风险。" * 2
ENGLISH = "Rain of more than 100 mm within three hours: low ground, basements and villages along the river may flood. "


def ring(chance: random.Random, points: int) -> str:
    """Return a closed ring of so many points around a place, rough like an outline."""
    lat, lon, size = chance.uniform(31.5, 36), chance.uniform(110.5, 116.5), chance.uniform(0.05, 0.4)
    found = []
    for number in range(points - 1):
        angle, radius = 2 * math.pi * number / (points - 1), size * chance.uniform(0.8, 1.0)
        found.append(f"{lat + radius * math.sin(angle):.4f},{lon + radius * math.cos(angle):.4f}")
    return " ".join([*found, found[0]])


def message(seed: int, languages: Sequence[str], repeats: int, areas: int, points: int, *, alike: bool = True) -> bytes:
    """Return a message of so many languages, each with its texts repeated and so many areas: the same in every language, as
    services send them, or all different."""
    chance = random.Random(seed)
    outlines = [[ring(chance, points) for _ in range(areas)] for _ in range(1 if alike else len(languages))]
    infos = tuple(
        cap.Info(
            language=language, categories=("Met",), event="暴雨", responses=("Shelter", "Avoid"), urgency="Immediate",
            severity="Extreme", certainty="Likely", event_codes=(cap.Coded("GB/T35965.1", "11B03"),),
            effective="2021-07-19T21:59:00+08:00", onset="2021-07-19T22:30:00+08:00", expires="2021-07-20T01:00:00+08:00",
            sender_name="气象台", headline=f"暴雨红色预警 {language}", description=f"{language} {(TEXT + ENGLISH) * repeats}",
            instruction="立即停止户外作业，转移到高处。", web="https://example.org/warning",
            parameters=(cap.Coded("colour", "red"), cap.Coded("issuerKind", "weather")),
            areas=tuple(
                cap.Area(f"第{n}片", (outlines[at % len(outlines)][n],), (), (cap.Coded("GB/T2260", f"41{n:04d}"),))
                for n in range(areas)
            ),
        )
        for at, language in enumerate(languages)
    )  # fmt: skip
    alert = cap.Alert(
        identifier=f"41010041600000_2021071921590{seed % 10}_0", sender="41010041600000", sent="2021-07-19T21:59:00+08:00",
        status="Actual", msg_type="Update", scope="Public", infos=infos,
        references="41010041600000,41010041600000_20210719205900_0,2021-07-19T20:59:00+08:00",
    )  # fmt: skip
    return cap.write(alert)


def bare(raw: bytes) -> None:
    """Parse and validate, nothing more."""
    if not cap.schema().validate(etree.fromstring(raw, PARSER)):
        raise SystemExit("a message of the bench breaks the schema")


def whole(raw: bytes) -> None:
    """Read as `anlan cap check` reads."""
    if cap.read(raw).verdict != "valid":
        raise SystemExit("a message of the bench is not valid")


def each(act: Callable[[bytes], None], messages: Sequence[bytes], times: int) -> tuple[float, float]:
    """Return the seconds one message takes, of the processor and by the clock, over all of them so many times."""
    begun, clock = time.process_time(), time.perf_counter()
    for _ in range(times):
        for raw in messages:
            act(raw)
    spent = time.process_time() - begun, time.perf_counter() - clock
    return spent[0] / times / len(messages), spent[1] / times / len(messages)


def row(name: str, messages: Sequence[bytes]) -> list[str]:
    """Return the figures of some messages: medians of rounds in which both take turns."""
    size = sum(map(len, messages)) / len(messages)
    times = max(1, round(1_500_000 / size / len(messages)))
    ours, clocks, theirs = [], [], []
    for _ in range(ROUNDS):
        spent, clock = each(whole, messages, times)
        ours.append(spent)
        clocks.append(clock)
        theirs.append(each(bare, messages, times)[0])
    middle, clock, other = (sorted(one)[ROUNDS // 2] for one in (ours, clocks, theirs))
    found = [
        name, f"{size:,.0f}", f"{1 / middle:,.0f} ({1 / min(ours):,.0f})", f"{1 / clock:,.0f} ({1 / min(clocks):,.0f})",
        f"{1 / other:,.0f} ({1 / min(theirs):,.0f})", f"{other / middle:.0%}", f"{middle * 1000:.2f} ({min(ours) * 1000:.2f})",
    ]  # fmt: skip
    print(" | ".join(found), file=sys.stderr)
    return found


def samples() -> list[bytes]:
    """Return the valid CAP 1.2 samples of the tests."""
    folder = checkout() / "tests" / "warning" / "cap" / "data"
    found = [path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in {".xml", ".cap"}]
    results = [(raw, cap.read(raw)) for raw in found]
    return [raw for raw, one in results if (one.kind, one.version, one.verdict) == ("alert", "1.2", "valid")]


def main(words: list[str]) -> None:
    """Measure and print the table."""
    languages = ("zh-CN", "en", "ar", "de", "fr")
    rows = [
        row("small: one language, one area", [message(n, ("zh-CN",), 1, 1, 12) for n in range(20)]),
        row("middle: two areas in five languages", [message(n, languages, 2, 2, 22) for n in range(20)]),
        row("middle: other areas in every language", [message(n, languages, 2, 2, 22, alike=False) for n in range(20)]),
        row("large: 200 polygons, all different", [message(1, ("zh-CN", "en"), 2, 100, 512, alike=False)]),
        row("samples of the tests", samples()),
    ]
    note = (
        f"One core, processor time, medians of {ROUNDS} rounds in which both take turns (best in brackets). Ours is what"
        " `anlan cap check` does with bytes: door, parsing, schema, rules, values. Bars: 10,000/s small, 3,000/s middle,"
        " 60 ms large."
    )
    publish(table("cap", "Reading CAP messages", HEADS, rows, note=note), "cap", write="--write" in words)
    print(machine(), file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
