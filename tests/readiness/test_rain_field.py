"""The reconstructed rain meets the published facts, follows from the seed alone, and is water: never negative."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Invalid
from anlan.monitoring.services import StationSpec, readings_take, stations_register
from anlan.readiness.engine.rain_field import misses
from anlan.readiness.engine.rain_shape import uniform
from anlan.readiness.engine.water_curve import curve
from anlan.readiness.field_files import FieldSeries, read_anchors, read_field

FOLDER = Path(__file__).resolve().parents[2] / "drills" / "zhengzhou-2021" / "field"
BEIJING = "+08:00"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text + BEIJING)


@pytest.fixture(scope="module", params=[7, 8, 20210720])
def series(request: pytest.FixtureRequest) -> FieldSeries:
    return read_field(FOLDER, request.param)


def test_every_published_figure_is_met(series: FieldSeries) -> None:
    off = {
        f"{anchor.kind} {anchor.station} {anchor.value}": found
        for anchor, found in misses(series.rain, read_anchors(FOLDER))
        if abs(found / anchor.value - 1) > anchor.tolerance
    }
    assert off == {}


def test_the_three_great_figures_to_the_tenth(series: FieldSeries) -> None:
    def total(after: str, until: str) -> float:
        return float(series.rain.total("57083", int(moment(after).timestamp()), int(moment(until).timestamp()))[0])

    assert total("2021-07-20T16:00", "2021-07-20T17:00") == pytest.approx(201.9, abs=1e-6)
    assert total("2021-07-19T20:00", "2021-07-20T20:00") == pytest.approx(552.5, abs=1e-6)
    assert total("2021-07-17T20:00", "2021-07-20T20:00") == pytest.approx(617.1, abs=1e-6)


def test_local_gauges_are_over_fifty_before_the_first_red_signal(series: FieldSeries) -> None:
    until = int(moment("2021-07-19T21:59").timestamp())
    sums = series.rain.total("*", until - 3 * 3600, until)
    assert 3 <= int((sums >= 50).sum()) <= 30
    assert float(sums.max()) < 100


def test_the_record_hour_stays_the_greatest(series: FieldSeries) -> None:
    mm = series.rain.mm
    hours = np.lib.stride_tricks.sliding_window_view(mm, 6, axis=0).sum(axis=-1)
    others = [column for column, code in enumerate(series.rain.codes) if code != "57083"]
    assert float(hours[:, others].max()) < 201.9
    assert float(mm.min()) >= 0


def test_same_seed_same_field_other_seed_another() -> None:
    one, again, other = read_field(FOLDER, 7), read_field(FOLDER, 7), read_field(FOLDER, 8)
    assert np.array_equal(one.value, again.value)
    assert np.array_equal(one.at, again.at)
    assert not np.array_equal(one.rain.mm, other.rain.mm)


def test_readings_come_in_steps_and_silent_gauges_send_nothing(series: FieldSeries) -> None:
    rows = series.between(moment("2021-07-20T16:50"), moment("2021-07-20T17:00"))
    codes = [code for code, _, _ in rows]
    assert len({code for code in codes if code.startswith("RG")}) == 133  # 136 with the national one, two are lost
    assert "57083" in codes
    assert "RG410181-03" not in codes
    assert rows == sorted(rows, key=lambda row: (row[1], row[0]))
    everything = series.between(moment("2021-07-17T19:00"), moment("2021-07-21T09:00"))
    assert len(everything) == len(series.at)


def test_levels_pass_through_the_dated_points(series: FieldSeries) -> None:
    rows = {
        (code, at): value for code, at, value in series.between(moment("2021-07-19T00:00"), moment("2021-07-21T08:00"))
    }
    assert rows["WL410102-01", moment("2021-07-20T18:50")] == 131.24
    assert rows["WL410102-01", moment("2021-07-21T07:00")] == 128.67
    assert rows["WL410122-01", moment("2021-07-21T07:00")] == 79.40
    assert rows["WL410102-01", moment("2021-07-20T21:30")] == pytest.approx(130.54, abs=0.03)
    assert rows["WD410103-01", moment("2021-07-20T16:00")] == 0.24
    assert rows["WD410103-01", moment("2021-07-20T17:45")] == 4.2


def test_curve_refuses_times_that_do_not_rise() -> None:
    with pytest.raises(ValueError, match="rising"):
        curve("a", [("a", 10, 1.0), ("a", 10, 2.0)], 0, 100, 10)


def test_draws_are_even() -> None:
    drawn = uniform(7, "x", 20_000)
    assert abs(float(drawn.mean()) - 0.5) < 0.01
    assert float(drawn.min()) >= 0
    assert float(drawn.max()) < 1
    assert not np.array_equal(drawn, uniform(8, "x", 20_000))


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    for file in FOLDER.glob("*.csv"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    text = (tmp_path / "anchors.csv").read_text(encoding="utf-8").replace("617.1", "much", 1)
    (tmp_path / "anchors.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_field(tmp_path, 7)
    assert caught.value.field == "anchors.csv:line 2"


@pytest.mark.django_db
def test_the_gauges_raise_signals_as_the_day_went() -> None:
    series = read_field(FOLDER, 7)
    by, start = Actor.scenario("test"), moment("2021-07-17T20:00")
    specs = [
        StationSpec(s.code, s.name_zh, s.name_en, s.kind, s.metric, s.lon, s.lat, s.division, limits=s.limits)
        for s in series.stations
    ]
    stations_register(by=by, stations=specs, at=start)
    end = moment("2021-07-20T17:00")
    report = readings_take(by=by, rows=series.between(start, end), source="test", at=end)
    assert (report.doubtful, report.unknown) == (0, ())
    changes = list(Entry.objects.filter(kind__in=("signal.opened", "signal.raised")).order_by("at"))
    first_red_warning = moment("2021-07-19T21:59")
    early = [e for e in changes if e.at <= first_red_warning and e.data["level"] in ("orange", "red")]
    assert 3 <= len(early) <= 30
    national = [e for e in changes if e.data["station"] == "57083" and e.data["level"] == "red"]
    assert moment("2021-07-20T15:00") <= national[0].at <= moment("2021-07-20T16:10")
    dam = next(e for e in changes if e.data["station"] == "WL410102-01")
    assert dam.at.astimezone(end.tzinfo) == moment("2021-07-20T08:20")
