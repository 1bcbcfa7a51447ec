"""The pool keeps what it was given, however it grows, lets go and moves."""

from __future__ import annotations

import numpy as np

from anlan.monitoring.engine.lines import Lines, find, millionths, totals
from anlan.monitoring.engine.pool import Pool

PAST = -(2**62)


def test_a_pool_that_grows_and_lets_go_gives_the_same_sums() -> None:
    random = np.random.default_rng(5)
    series = 40
    pool = Pool(np.full(series, 100))
    kept: list[list[tuple[int, float]]] = [[] for _ in range(series)]
    for _ in range(400):
        chosen = np.sort(random.choice(series, random.integers(1, series), replace=False))
        count = random.integers(1, 4, len(chosen))
        whose = np.repeat(chosen, count)
        last = np.array([kept[one][-1][0] if kept[one] else 0 for one in chosen.tolist()])
        at = np.repeat(last, count) + np.concatenate([np.arange(1, n + 1) for n in count.tolist()]) * 7
        value = np.round(random.random(len(at)) * 9, 2)
        cut = np.array([line[-1][0] - 700 if line else PAST for line in kept])
        pool.append(whose, at, value, millionths(value), cut)
        for one, moment, figure in zip(whose.tolist(), at.tolist(), value.tolist(), strict=True):
            kept[one].append((moment, figure))
    lines = pool.lines()
    every = np.arange(series)
    newest = np.array([line[-1][0] for line in kept])
    assert (pool.newest() == newest).all()
    for back in (0, 70, 350, 690):
        sums = totals(lines, every, find(lines, every, newest)) - totals(
            lines, every, find(lines, every, newest - back)
        )
        plain = [sum(v for t, v in line if t > line[-1][0] - back) for line in kept]
        assert (np.abs(sums / 1e6 - plain) < 1e-6).all()
    assert len(pool.at) < 3 * sum(min(len(line), 200) for line in kept)  # it doesn't keep all it ever had


def test_finding_agrees_with_a_plain_search_whatever_the_rhythm() -> None:
    random = np.random.default_rng(11)
    gaps = [
        random.integers(1, 5, 300),
        np.full(400, 60),
        random.integers(1, 9000, 57),
        np.array([], dtype=np.int64),
        np.array([7]),
    ]
    rows = [np.cumsum(gap) + 10**15 for gap in gaps]
    stop = np.cumsum([len(row) for row in rows])
    start = stop - [len(row) for row in rows]
    at = np.concatenate(rows)
    zero = np.zeros(len(rows), dtype=np.int64)
    lines = Lines(at, at.astype(float), at, start, stop, zero, zero)
    series = random.integers(0, len(rows), 5000)
    near = at[random.integers(0, len(at), 5000)] + random.integers(-3, 4, 5000)
    moment = np.where(random.random(5000) < 0.05, random.choice([PAST, 2**61], 5000), near)
    plain = [
        start[s] + np.searchsorted(rows[s], m, side="right")
        for s, m in zip(series.tolist(), moment.tolist(), strict=True)
    ]
    assert find(lines, series, moment).tolist() == plain
