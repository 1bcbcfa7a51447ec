"""`anlan monitor replay`: as a bureau runs it, on real levels, and on readings whose answer is known."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from anlan.monitoring.engine.columns import SECOND, columns
from anlan.monitoring.engine.maxima import HOURS, maxima
from anlan.site.cli import app

DATA = Path(__file__).parent / "data"
PLAIN = """
pack: test.levels
version: "1"
title: {zh: 水位, en: Levels}
source: {zh: 测试, en: test}
issuer: {zh: 测试, en: test}
area: ""
valid_from: 2000-01-01
valid_to: null
mark: G
rules:
  - code: river
    kind: level
    metric: level_m
    unit: m
    scale: water_level
    name: {zh: 水位, en: River level}
    levels:
      - {code: alert, window_h: 0, limit: alert_m, name: {zh: 警戒, en: alert}}
      - {code: warning, window_h: 0, limit: warning_m, name: {zh: 小洪水, en: minor flood}}
      - {code: guarantee, window_h: 0, limit: guarantee_m, name: {zh: 大洪水, en: major flood}}
    leave: {ratio: 1.0, margin: 0, hold_min: 0}
"""
REMARKS = {"": "Normal", "alert": "Alert", "warning": "Minor Flood", "guarantee": "Major Flood"}


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(app, ["monitor", "replay", *map(str, words)])
    assert result.exit_code == 0, result.output
    return result.output


def test_official_thresholds_give_the_official_remark_of_every_bulletin(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(PLAIN, encoding="utf-8")
    out = tmp_path / "signals.csv"
    run("--stations", DATA / "ditwah_stations.csv", "--readings", DATA / "ditwah_levels.csv",
        "--rules", tmp_path / "rules.yaml", "--out", out)  # fmt: skip
    steps: dict[str, list[tuple[datetime, str]]] = {}
    for row in csv.DictReader(out.open(encoding="utf-8")):
        if row["event"] != "suspect":
            level = "" if row["event"] == "cleared" else row["level"]
            steps.setdefault(row["station"], []).append((datetime.fromisoformat(row["time"]), level))
    remarked = 0
    for row in csv.DictReader((DATA / "ditwah_levels.csv").open(encoding="utf-8")):
        if not row["value"]:
            continue
        at = datetime.fromisoformat(row["time"])
        before = [level for moment, level in steps.get(row["station"], []) if moment <= at]
        assert REMARKS[before[-1] if before else ""] == row["remark"], row
        remarked += 1
    assert remarked == 381


def test_the_output_is_the_same_whatever_the_order_and_however_often_a_row_stands_there(tmp_path: Path) -> None:
    lines = (DATA / "ditwah_levels.csv").read_text(encoding="utf-8").splitlines()
    random = np.random.default_rng(7)
    rows = [*lines[1:], *random.choice(lines[1:], 40).tolist()]
    random.shuffle(rows)
    (tmp_path / "shuffled.csv").write_text("\n".join([lines[0], *rows]), encoding="utf-8")
    outs = []
    for number, readings in enumerate((DATA / "ditwah_levels.csv", tmp_path / "shuffled.csv")):
        outs.append(tmp_path / f"{number}.csv")
        run("--stations", DATA / "ditwah_stations.csv", "--readings", readings, "--rules", "shipped", "--out", outs[-1])
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert outs[0].read_bytes().count(b"\n") > 1


def test_the_largest_sums_are_those_of_brute_force_with_their_first_time(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    series = random.integers(0, 3, 400)
    at = 1_500_000_000 * SECOND + random.integers(0, 3 * 86400, 400) * SECOND
    value = np.round(random.exponential(2, 400), 1)
    found = maxima(columns(series, at, value))
    for row, number in enumerate(found.series.tolist()):
        first = {}
        for s, t, v in zip(series.tolist(), at.tolist(), value.tolist(), strict=True):
            if s == number:
                first.setdefault(t, v)
        for column, hours in enumerate(HOURS):
            sums = {t: round(sum(v for u, v in first.items() if t - hours * 3600 * SECOND < u <= t), 6) for t in first}
            best = max(sums.values())
            assert round(found.value[row, column], 6) == best
            assert found.at[row, column] == min(t for t, total in sums.items() if total == best)


def test_a_hundred_millimetres_in_five_minutes_is_doubted_shown_and_raises_nothing(tmp_path: Path) -> None:
    heading = "station,name,lon,lat,element,unit,alert,warning,guarantee"
    (tmp_path / "s.csv").write_text(f"{heading}\nG1,Creek,-95.1,29.5,rain,mm,,,\n", encoding="utf-8")
    rows = [
        f"G1,2017-08-26T{m // 60:02d}:{m % 60:02d}:00-05:00,rain,{100 if m == 300 else 1}" for m in range(0, 600, 5)
    ]
    (tmp_path / "r.csv").write_text("station,time,element,value\n" + "\n".join(rows), encoding="utf-8")
    run("--stations", tmp_path / "s.csv", "--readings", tmp_path / "r.csv", "--rules", "shipped",
        "--out", tmp_path / "o.csv", "--maxima", tmp_path / "m.csv")  # fmt: skip
    signals = list(csv.DictReader((tmp_path / "o.csv").open(encoding="utf-8")))
    suspect = [row for row in signals if row["event"] == "suspect"]
    assert [(row["level"], row["time"], row["quality"]) for row in suspect] == [
        ("red", "2017-08-26T05:00:00-05:00", "rate")
    ]
    assert "red" not in {row["level"] for row in signals if row["event"] != "suspect"}
    largest = {row["window_h"]: float(row["value"]) for row in csv.DictReader((tmp_path / "m.csv").open())}
    assert largest == {"1": 111.0, "3": 135.0, "6": 171.0, "12": 219.0, "24": 219.0}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A,2021-07-20T17:00:00,rain,1", "needs its offset"),
        ("A,yesterday,rain,1", "must be ISO 8601"),
        ("A,2021-07-20T17:00:00+08:00,rain,much", "must be a number"),
        ("A,2021-07-20T17:00:00+08:00,rain,nan", "must be a number"),
    ],
)
def test_wrong_rows_are_named_and_nothing_is_written(tmp_path: Path, line: str, words: str) -> None:
    (tmp_path / "r.csv").write_text(f"station,time,element,value\n{line}\n", encoding="utf-8")
    result = CliRunner().invoke(
        app, ["monitor", "replay", "--readings", str(tmp_path / "r.csv"), "--maxima", str(tmp_path / "m.csv")]
    )
    assert result.exit_code == 1
    assert "line 2" in result.output
    assert words in result.output
    assert not (tmp_path / "m.csv").exists()


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("station,when,element,value\n", encoding="utf-8")
    result = CliRunner().invoke(
        app, ["monitor", "replay", "--readings", str(tmp_path / "r.csv"), "--maxima", str(tmp_path / "m.csv")]
    )
    assert result.exit_code == 1
    assert "'time'" in result.output


def test_reading_a_table_keeps_empty_values_out(tmp_path: Path) -> None:
    from anlan.monitoring.formats.replay_tables import read_readings

    text = io.StringIO(
        "station,time,element,value\nA,2021-07-20T17:00:00+08:00,rain,\nA,2021-07-20T17:05:00+08:00,rain,2\n"
    )
    table = read_readings(text.getvalue(), "r.csv")
    assert (len(table.rows), table.empty, table.keys) == (1, 1, (("A", "rain"),))
