"""1,000 mixed requests to the registers of a running node: lists, searches, unit pages, the interface, and map tiles.

p50 and p95 over HTTP, from the same machine over one connection, with the bytes of the answer as it is and as gzip
sends it. Lay a large register down first, for example `anlan generate --profile heze`.
"""

from __future__ import annotations

import gzip
import http.client
import json
import math
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent))

from pages import sign_in

from anlan.kernel.options import options
from anlan.site.bench import percentile, publish, running_node, table

REQUESTS, WARM_UP, TILES = 1000, 40, 300
BAR = {"list": "p95 ≤ 100, ≤ 60 kB", "tiles, warm": "p95 ≤ 50"}


class Node:
    """One kept-alive connection to the node, signed in."""

    def __init__(self, host: str, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection(host, port)
        self.headers = {"Cookie": cookie, "Accept": "text/html,application/json", "Accept-Encoding": "gzip"}

    def get(self, path: str) -> tuple[float, int, bytes, int]:
        """Return milliseconds, status, the body unpacked, and how many bytes came over the wire."""
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        took = 1000 * (time.perf_counter() - began)
        packed = answer.headers.get("Content-Encoding") == "gzip"
        plain = gzip.decompress(body) if packed and body else body
        return took, answer.status, plain, len(body) if packed else len(gzip.compress(plain, 1))


def kinds(node: Node, rng: random.Random) -> dict[str, Callable[[], str]]:
    """Return kind of request → maker of an address, drawn from rows that are there."""
    api = "/api/territory/registers/units"
    rows = json.loads(node.get(f"{api}/rows?limit=1000&columns=key,name,division,industry")[2])["rows"]
    if not rows:
        raise SystemExit("the register of units is empty; generate one first")
    names = [row["name"] for row in rows if len(row["name"]) > 3]

    def two() -> str:
        name = rng.choice(names)
        at = rng.randrange(len(name) - 1)
        return quote(name[at : at + 2])

    def filtered() -> str:
        row = rng.choice(rows)
        asked = {"industry": row["industry"][:1], "division": row["division"][: rng.choice((6, 9))]}
        return urlencode({name: value for name, value in asked.items() if value})

    return {
        "list": lambda: "/territory/units",
        "list, filtered": lambda: f"/territory/units?{filtered()}",
        "list, two characters": lambda: f"/territory/units?q={two()}",
        "unit page": lambda: f"/territory/units/{quote(rng.choice(rows)['key'])}",
        "REST, filtered": lambda: f"{api}/rows?limit=50&{filtered()}",
        "REST, two characters": lambda: f"{api}/rows?limit=50&q={two()}",
        "OGC, 100 features": lambda: f"/ogc/collections/units/items?{filtered()}",
    }


def tile_paths(node: Node, rng: random.Random) -> list[str]:
    """Return tiles a map of the area asks for: from the whole of it down to streets, where there are points."""
    body = json.loads(node.get("/ogc/collections/units/items?limit=1000")[2])
    points = [f["geometry"]["coordinates"] for f in body["features"] if f["geometry"]]
    paths = []
    for _ in range(TILES):
        lon, lat = rng.choice(points)
        z = rng.randrange(5, 16)
        x = int((lon + 180) / 360 * 2**z)
        y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
        paths.append(f"/tiles/units/{z}/{x}/{y}.mvt")
    return paths


def measure(node: Node, asked: list[tuple[str, str]]) -> dict[str, list[tuple[float, int, int]]]:
    """Return kind → (milliseconds, raw bytes, bytes as gzip) of each request; any answer but 200 or 204 ends the bench."""
    found: dict[str, list[tuple[float, int, int]]] = {}
    for kind, path in asked:
        took, status, body, packed = node.get(path)
        if status not in (200, 204):
            raise SystemExit(f"{status} for {path}: {body[:300].decode(errors='replace')}")
        found.setdefault(kind, []).append((took, len(body), packed))
    return found


def main(words: list[str]) -> None:
    """Measure the running node."""
    home, running = running_node()
    host, port = options.host, int(running["web_port"])
    account = next((word for word in words if not word.startswith("-")), "duty")
    node, rng = Node(host, port, sign_in(home, host, port, account)), random.Random(7)
    made = kinds(node, rng)
    total = json.loads(node.get("/api/territory/registers/units/rows?limit=1")[2])["total"]
    names = list(made)
    asked = [(name, made[name]()) for name in (names[at % len(names)] for at in range(REQUESTS))]
    rng.shuffle(asked)
    measure(node, [(name, made[name]()) for name in names * (WARM_UP // len(names) + 1)])
    found = measure(node, asked)
    every = [item for items in found.values() for item in items]
    paths = tile_paths(node, rng)
    cold = measure(node, [("tiles, first time", path) for path in paths])
    warm = measure(node, [("tiles, warm", path) for path in paths])
    rows = []
    for name, items in [*sorted(found.items()), ("all of these", every), *cold.items(), *warm.items()]:
        times = [took for took, _, _ in items]
        raw, packed = max(size for _, size, _ in items), max(size for _, _, size in items)
        bar = BAR.get("list" if name == "all of these" else name, "")
        rows.append((name, len(items), f"{percentile(times, 0.5):.1f}", f"{percentile(times, 0.95):.1f}",
                     f"{raw / 1000:.1f}", f"{packed / 1000:.1f}", bar))  # fmt: skip
    heads = ("request", "n", "p50 (ms)", "p95 (ms)", "largest (kB)", "as gzip (kB)", "bar")
    note = f"A register of {total:,} units; requests mixed, over one connection, from the same machine."
    publish(table("registers", "Registers", heads, rows, note=note), "registers", write="--write" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
