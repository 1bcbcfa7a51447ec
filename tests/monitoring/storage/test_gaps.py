"""The gap report: counted from rollups and equal to counting readings, gaps from the finest there is, page by page."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest
from django.db import connection

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope, activate
from anlan.monitoring.selectors import gap_spells
from anlan.monitoring.selectors.gaps import gaps
from anlan.monitoring.services.rollups import rollups_make
from tests.monitoring.storage.making import D0, minutes, put, series, station

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()
START, END = D0 + timedelta(hours=3), D0 + timedelta(days=3, hours=9)


@pytest.fixture(autouse=True)
def _clock():
    with clock.at(D0 + timedelta(days=4, minutes=30)):
        yield


def fed() -> list:
    """Series 1 sends all, 2 misses a day, 3 nothing, 4 some at random and some doubtful."""
    for number in (1, 2, 3, 4):
        series(number, station=station(f"s{number}", kind="level" if number == 2 else "rain"))
    rng, rows = random.Random(3), []
    for step in range(int(timedelta(days=4) / minutes(5))):
        at = D0 + minutes(5 * step + 1)
        rows.append((1, at, 1.0, 0))
        if not timedelta(days=1, hours=2) < at - D0 < timedelta(days=2, hours=2):
            rows.append((2, at, 1.0, 0))
        if rng.random() < 0.6:
            rows.append((4, at, 1.0, rng.choice((0, 0, 3))))
    put(rows)
    rollups_make()
    return rows


def test_worst_first_with_counts_and_gaps(django_assert_num_queries):
    rows = fed()
    with django_assert_num_queries(2):
        report = gaps(WHOLE, START, END)
    assert [row.station for row in report.rows] == ["s3", "s4", "s2", "s1"]
    assert (report.start, report.end, report.more) == (START, END, "")
    for row in report.rows:
        mine = [(at, q) for n, at, _, q in rows if f"s{n}" == row.station and START < at <= END]
        assert (row.expected, row.received, row.doubtful) == (78 * 12, len(mine), sum(q > 0 for _, q in mine))
        assert row.availability == min(1, len(mine) / (78 * 12))
        edges = sorted([START, END, *(at for at, _ in mine)])
        holes = [(b - a, a, b) for a, b in itertools.pairwise(edges)]
        length, began, ended = max(holes, key=lambda hole: hole[0])
        silent = [hole[0].total_seconds() for hole in holes if hole[0] > timedelta(hours=1)]
        assert row.spells == (length.total_seconds(), began, ended, len(silent), sum(silent), 0)


@pytest.mark.parametrize(("keep", "exact"), [("readings_keep_days", 600), ("ten_keep_days", 3600)])
def test_gaps_of_long_ago_come_from_rollups(monkeypatch, keep, exact):
    fed()
    monkeypatch.setitem(vars(options), "readings_keep_days", 1)
    monkeypatch.setitem(vars(options), keep, 1)
    seen = gap_spells.spells([(2, 3600, 300), (3, 3600, 300)], START, END)
    true = timedelta(hours=24).total_seconds()
    assert seen[2].exact_s == exact
    assert true - 2 * exact <= seen[2].longest_s <= true + 300
    assert seen[3].longest_s == (END - START).total_seconds()
    assert (seen[2].silent, seen[3].silent) == (1, 1)


def test_pages_filters_and_scope(web_role):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    fed()
    series(9, station=station("t9", division="410182109"))
    found, after = [], ""
    while True:
        page = gaps(WHOLE, START, END, after=after, limit=2)
        found += [row.station for row in page.rows]
        after = page.more
        if not after:
            break
    assert found == ["s3", "t9", "s4", "s2", "s1"]
    assert [row.station for row in gaps(WHOLE, START, END, kind="level").rows] == ["s2"]
    assert [row.station for row in gaps(WHOLE, START, END, words="T9 gauge").rows] == ["t9"]
    assert [row.station for row in gaps(WHOLE, START, END, division="410182").rows] == ["t9"]
    assert gaps(WHOLE, START, END, element="level_m").rows == []
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
        activate(Scope(("410183",)), options.secret_key)
    assert [row.received for row in gaps(Scope(("410183",)), START, END).rows][-1] == 78 * 12
    assert "t9" not in [row.station for row in gaps(WHOLE, START, END).rows]  # the database decides again


def test_spans_that_say_nothing_and_bad_keys():
    with pytest.raises(Invalid):
        gaps(WHOLE, START, START + minutes(30))
    with pytest.raises(Invalid):
        gaps(WHOLE, clock.now() - minutes(5), clock.now() + timedelta(days=3))
    for key in ("x", "bm8=", "WzFd"):
        with pytest.raises(Invalid, match="page key"):
            gaps(WHOLE, START, END, after=key)
