"""Charts: the right fineness for a span, rollups joined with what isn't rolled yet, archived days, scope."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid, NotFound
from anlan.kernel.scope import Scope, activate
from anlan.monitoring.engine.columns import microseconds
from anlan.monitoring.selectors import charts
from anlan.monitoring.selectors.charts import SPANS, chart, draw, step_of
from anlan.monitoring.services.archiving import readings_archive
from anlan.monitoring.services.rollups import rollups_make
from anlan.monitoring.services.thawing import archive_path
from tests.monitoring.storage.making import D0, minutes, oracle, put, series

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()
END = D0 + timedelta(days=2, hours=5, minutes=13)


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setitem(vars(options), "home_path", tmp_path)
    with clock.at(END):
        yield


def fed() -> list:
    """Two days and some hours of rain, a level and a counter, rolled up to an hour ago."""
    series(1, limits={"warning_mm": 50.0})
    series(2, "gauge", "level_m", unit="m")
    series(3, "counter", "rain_total_mm", checks={"wrap": 100})
    rng, rows = random.Random(5), []
    for number in range(int((END - D0) / minutes(5))):
        at = D0 + minutes(5 * number)
        rows += [
            (1, at, round(rng.random(), 1), rng.choice((0, 0, 0, 4))),
            (2, at, 5 + rng.random(), 0),
            (3, at, number % 100, 0),
        ]
    early = [row for row in rows if row[1] <= END - minutes(60)]
    put(early)
    with clock.at(END - minutes(60)):
        rollups_make()
    put(row for row in rows if row not in early)
    return rows


def test_how_fine_a_chart_is():
    one = series(1)
    now = clock.now()
    spans = {"raw": 2, "ten": 20, "hour": 400, "day": 4000}
    assert {step: step_of(one, now - timedelta(days=days), now) for step, days in spans.items()} == {
        s: s for s in spans
    }
    assert step_of(one, now - timedelta(days=2, seconds=1), now) == "ten"
    assert step_of(one, now - timedelta(days=2), now, points=300) == "ten"  # 576 readings would be too many
    assert step_of(one, now - timedelta(days=405), now - timedelta(days=400)) == "hour"  # tens that old are gone


@pytest.mark.parametrize("step", ["ten", "hour", "day"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_rollups_and_what_is_not_rolled_yet_are_one_line(step, number):
    rows = [row for row in fed() if row[0] == number]
    one = charts.Series.objects.get(number=number)
    drawn = draw(one, D0 - timedelta(days=1), END, step=step)
    span = SPANS[step]
    expected = oracle(rows, span, END + timedelta(days=2), {3: 100.0})
    assert [p.at for p in drawn.points] == [at for _, at in sorted(expected)]
    for point in drawn.points:
        good, total, low, high, last, doubtful = expected[number, point.at]
        value = None if not good else total / good if number == 2 else total
        assert (point.value, point.low, point.high, point.last) == pytest.approx((value, low, high, last), abs=1e-4)
        assert (point.good, point.doubtful) == (good, doubtful)
    assert drawn.final == span.floor(END - minutes(60))


def test_a_raw_chart_with_its_thresholds_and_qualities(django_assert_num_queries):
    rows = fed()
    with django_assert_num_queries(2):
        found = chart(WHOLE, "s1", "", D0 + timedelta(days=1), END)
    mine = [row for row in rows if row[0] == 1 and D0 + timedelta(days=1) < row[1] <= END]
    assert (found["step"], found["thresholds"], found["unit"]) == ("raw", {"warning_mm": 50.0}, "mm")
    assert found["t"].tolist() == [microseconds(at) // 1000 for _, at, _, _ in mine]
    assert (found["value"].tolist(), found["quality"].tolist()) == (
        [v for _, _, v, _ in mine],
        [q for _, _, _, q in mine],
    )
    with django_assert_num_queries(3):
        year = chart(WHOLE, "s1", "rain_mm", END - timedelta(days=365), END)
    assert (year["step"], len(year["t"])) == ("hour", 55)


def test_raw_spans_that_are_archived_come_from_their_files_and_rollups_stand_in_without():
    rows = fed()
    with clock.at(D0 + timedelta(days=32)):
        rollups_make()
        readings_archive(by=Actor.system("monitoring"))
        put([(1, D0 + minutes(3), 9.0, 0), (1, D0 + minutes(10), 9.0, 0)])  # late: one is new, the other known
        drawn = draw(charts.series_of(WHOLE, "s1", ""), D0 - minutes(1), D0 + timedelta(days=1))
        mine = {at: value for n, at, value, _ in rows if n == 1 and at <= D0 + timedelta(days=1)} | {
            D0 + minutes(3): 9.0
        }
        assert drawn.step == "raw"
        assert [(p.at, p.value) for p in drawn.points] == sorted(mine.items())
        readings_archive(by=Actor.system("monitoring"))
        for day in (D0, D0 + timedelta(days=1)):
            archive_path(day.date()).unlink()
        with clock.at(D0 + timedelta(days=40)):
            drawn = draw(charts.series_of(WHOLE, "s1", ""), D0, D0 + timedelta(days=1))
        assert (drawn.step, len(drawn.points)) == ("ten", 144)


def test_scope_and_refusals(web_role):
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    series(1)
    series(2, division="410182109")
    put([(1, D0 + minutes(1), 1.0, 0), (2, D0 + minutes(1), 2.0, 0)])
    rollups_make()
    county = Scope(("410183",))
    with pytest.raises(NotFound):
        chart(county, "s2", "", D0, END)
    with pytest.raises(NotFound, match="level_m"):
        chart(county, "s1", "level_m", D0, END)
    with pytest.raises(Invalid):
        chart(county, "s1", "", END, D0)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
        activate(county, options.secret_key)
    for step in ("raw", "ten", "hour"):
        mine, other = charts.Series(number=1, kind="increment"), charts.Series(number=2, kind="increment")
        assert [p.value for p in draw(mine, D0, END, step=step).points] == [1.0]
        assert draw(other, D0, END, step=step).points == []  # the database itself shows no other county's figures


def test_the_route(client: Client, monkeypatch):
    from anlan.monitoring import api

    fed()
    monkeypatch.setattr(api, "_actor", lambda request: Actor("person", "x", scope=WHOLE))

    class Request:
        GET: dict = {}

    answer = api.chart(Request(), "s2", D0, END, element="level_m")
    assert answer["Content-Type"] == "application/json"
    api.Chart.model_validate_json(answer.content)
