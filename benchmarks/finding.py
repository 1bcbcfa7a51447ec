"""1,000 mixed questions to the largest register and whom an area calls: by the index, and the same by SQL alone.

Measured on what the database of ANLAN_DATABASE_URL holds; lay a territory down first (`anlan generate --profile heze`).
Every answer of the index is compared with the database's: total, and the ids of the first page.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from anlan.site.bench import percentile, publish, table

QUESTIONS, BY_SQL = 1000, 4  # in all; of each kind asked of the database too
WORDS = ("有限", "公司", "化工", "食品", "机械", "商贸", "物流", "建材")
LONG_WORDS = ("有限公司", "有限责任公司", "化工有限", "专业合作社")
INITIALS = ("yxgs", "hg", "sphg", "jxyx", "zyhzs")


def questions(
    rng: random.Random, names: list[str], codes: list[str], divisions: list[str]
) -> dict[str, Callable[[], Any]]:
    """Return kind → maker of a question."""
    from anlan.territory.selectors.finding import Query

    def piece(least: int) -> str:
        name = rng.choice(names)
        at = rng.randrange(max(len(name) - least, 1))
        return name[at : at + least]

    def box() -> tuple[float, float, float, float]:
        west, south = rng.uniform(114.8, 116.2), rng.uniform(34.6, 35.8)
        return west, south, west + 0.2, south + 0.2

    return {
        "whole list": Query,
        "division": lambda: Query(filters={"division": (rng.choice(divisions)[:9],)}),
        "industry and size": lambda: Query(filters={"industry": (rng.choice("CFGHA"),), "size": ("small",)}),
        "two common characters": lambda: Query(rng.choice(WORDS)),
        "two characters of a name": lambda: Query(piece(2)),
        "a longer word": lambda: Query(rng.choice(LONG_WORDS)),
        "two words": lambda: Query(f"{piece(2)} {rng.choice(WORDS)}"),
        "pinyin initials": lambda: Query(rng.choice(INITIALS)),
        "code, whole": lambda: Query(rng.choice(codes)),
        "code, a part": lambda: Query(rng.choice(codes)[-6:]),
        "telephone's last digits": lambda: Query(f"{rng.randrange(10**4):04d}"),
        "by staff, downwards": lambda: Query(rng.choice(WORDS), sort="-staff"),
        "by the sound of the name": lambda: Query(rng.choice(WORDS), sort="name"),
        "map's box and a word": lambda: Query(rng.choice(WORDS), bbox=box()),
    }


def measure(name: str, limit: int) -> list[list[object]]:
    """Return the table's rows."""
    from anlan.kernel.scope import Scope
    from anlan.territory.selectors import finding
    from anlan.territory.selectors.finding import Query, register_batches, register_page

    rng = random.Random(1)
    first = next(register_batches(Scope.whole(), name, Query(), ["name", "uscc", "division"], size=5000)).to_pydict()
    kinds = questions(rng, [n for n in first["name"] if len(n) > 3], [c for c in first["uscc"] if c], first["division"])
    rows: list[list[object]] = []
    for kind, make in kinds.items():
        asked = [make() for _ in range(limit // len(kinds) + 1)]
        times, answers = [], []
        register_page(Scope.whole(), name, asked[0], digits=True)
        for query in asked:
            began = time.perf_counter()
            answers.append(register_page(Scope.whole(), name, query, digits=True))
            times.append(1000 * (time.perf_counter() - began))
        slow = []
        with patch.object(finding, "open_index", lambda *_: None):
            for query, answer in list(zip(asked, answers, strict=True))[:BY_SQL]:
                began = time.perf_counter()
                other = register_page(Scope.whole(), name, query, digits=True)
                slow.append(1000 * (time.perf_counter() - began))
                same = answer.total == other.total and (query.sort == "name" or answer.rows == other.rows)
                if kind != "pinyin initials" and not same:
                    raise SystemExit(f"index and database differ: {query}: {answer.total}, {other.total}")
        p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
        sql = "-" if kind == "pinyin initials" else f"{percentile(slow, 0.5):,.0f}"
        rows.append([kind, f"{answers[0].total:,}", f"{p50:.1f}", f"{p95:.1f}", sql])
    return rows


def who_is_called() -> list[list[object]]:
    """Return the rows of "warning polygon → named duty holders"."""
    import shapely

    from anlan.kernel.scope import Scope
    from anlan.territory.engine.area import area_of
    from anlan.territory.models import Boundary
    from anlan.territory.selectors.target import target

    sides = list(Boundary.objects.values_list("west", "south", "east", "north"))
    west, south = min(s[0] for s in sides), min(s[1] for s in sides)
    east, north = max(s[2] for s in sides), max(s[3] for s in sides)
    middle = shapely.Point((west + east) / 2, (south + north) / 2)
    areas = {
        "everything": shapely.box(west, south, east, north),
        "a polygon of 1,000 vertices, half as wide": middle.buffer((east - west) / 4, quad_segs=250),
        "a small polygon": middle.buffer(0.1),
    }
    rows: list[list[object]] = []
    for kind, outline in areas.items():
        times, found = [], target(Scope.whole(), area_of(outline))
        for _ in range(20):
            began = time.perf_counter()
            found = target(Scope.whole(), area_of(outline))
            times.append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        every = sum(1 for _ in found.rows())
        spelled = 1000 * (time.perf_counter() - began)
        rows.append([kind, f"{every:,}", f"{found.counts['people']:,}", f"{percentile(times, 0.5):.1f}",
                     f"{percentile(times, 0.95):.1f}", f"{spelled:,.0f}"])  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    chosen = parser.parse_args()
    import django

    django.setup()
    from anlan.territory.models import Person, Unit
    from anlan.territory.services.snapshots import snapshot_build

    began = time.perf_counter()
    snapshot_build("units")
    built = time.perf_counter() - began
    units, people = Unit.objects.count(), Person.objects.count()
    heads = ("question", "rows found", "p50 ms", "p95 ms", "database alone p50 ms")
    note = (
        f"{units:,} units. Each answer is a page of 50 rows with its exact total. The index was built in {built:.1f} s."
    )
    section = table("finding", "Finding in a register", heads, measure("units", chosen.questions), note=note)
    publish(section, "finding", write=chosen.write)
    snapshot_build("holders")
    heads = ("area", "posts called", "people", "p50 ms", "p95 ms", "every row spelled out ms")
    note = f"{people:,} people. Bar: 1 s for 457,000."
    publish(
        table("calling", "Warning polygon → named duty holders", heads, who_is_called(), note=note),
        "calling",
        write=chosen.write,
    )


if __name__ == "__main__":
    main()
