"""Readings by file and by HTTP: good rows are taken, each bad one is named with row, field, value and remedy."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.models import Account
from anlan.monitoring import tasks
from anlan.monitoring.formats.readings_csv import parse_csv, parse_rows
from anlan.monitoring.models import Reading
from tests.monitoring.making import BEIJING, fed, gauge, registered, step, take, told

CSV = """站码,时间,数值
a,2021-07-20T16:10:00+08:00,33.6
a,2021-07-20T16:20:00,1
a,yesterday,1
,2021-07-20T16:10:00+08:00,1
a,2021-07-20T16:30:00+08:00,nan
a,2021-07-20T08:40:00Z,5
"""


def test_each_bad_row_is_named():
    parsed = parse_csv(CSV.encode("utf-8-sig"))
    assert [(value, at.isoformat()) for _, at, value in parsed.rows] == [
        (33.6, "2021-07-20T16:10:00+08:00"), (5.0, "2021-07-20T08:40:00+00:00"),
    ]  # fmt: skip
    assert [(e.row, e.field) for e in parsed.errors] == [(2, "at"), (3, "at"), (4, "station"), (5, "value")]
    assert "+08:00" in parsed.errors[0].zh
    assert "offset" in parsed.errors[0].en


def test_a_file_without_header_or_in_another_encoding_is_told():
    assert parse_csv(b"a,b\n1,2\n").errors[0].field == "header"
    assert parse_csv("站码,时间".encode("gbk")).errors[0].field == "file"


def test_old_line_ends_and_endless_cells():
    assert [row[0] for row in parse_csv(b"station,at,value\rA,2021-07-20T16:00:00+08:00,1\r").rows] == ["A"]
    endless = parse_csv(b"station,at,value\nA," + b"9" * 140_000 + b",1\n")
    assert (endless.rows, endless.errors[0].field) == ([], "file")
    assert parse_csv(b"a" * 140_000).errors[0].field == "file"


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_survived(body):
    parsed = parse_csv(body)
    assert parsed.wrong >= len(parsed.errors) or parsed.errors[-1].field == "file"


@settings(max_examples=200)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["station", "at", "value"]), st.none() | st.text() | st.floats() | st.lists(st.integers())
        )
    )
)
def test_any_rows_are_survived(rows):
    parsed = parse_rows(rows)
    assert len(parsed.rows) + parsed.wrong == len(rows)


@pytest.fixture
def duty(client, db):
    registered(gauge("a", "410183108"), gauge("b", "410182109"))
    account = Account.objects.create_user("duty", name="值班员", divisions=["410183"], roles=["duty"])
    client.force_login(account, backend="anlan.site.sign_in.AccountBackend")
    return client


def test_http_takes_json_and_csv_and_names_bad_rows(duty):
    rows = [
        {"station": "a", "at": "2021-07-20T16:10:00+08:00", "value": 60.5},
        {"station": "a", "at": "16:20", "value": 1},
    ]
    answer = duty.post("/api/monitoring/readings", json.dumps({"readings": rows}), content_type="application/json")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["accepted"], body["wrong"], body["errors"][0]["row"], body["unknown"]) == (1, 1, 2, [])
    assert Reading.objects.count() == 0  # in the log, not judged yet
    assert tasks.next_due() < step(0)
    tasks.sweep(step(60))
    assert (Reading.objects.count(), told("signal.opened")[0][1:]) == (
        1,
        (datetime(2021, 7, 20, 16, 10, tzinfo=BEIJING), "orange"),
    )
    again = duty.post("/api/monitoring/readings", CSV + "nobody,2021-07-20T16:10:00+08:00,1\n", content_type="text/csv")
    assert (again.json()["accepted"], again.json()["unknown"]) == (2, [{"station": "nobody", "element": ""}])
    tasks.sweep(step(60))
    assert Reading.objects.count() == 2
    assert Reading.objects.get(at=datetime(2021, 7, 20, 16, 10, tzinfo=BEIJING)).value == 60.5
    bad = duty.post("/api/monitoring/readings", "station,at,value\na,b,c\n", content_type="text/csv")
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["field"] == "at"
    assert duty.post("/api/monitoring/readings", b"\xff", content_type="application/json").status_code == 422


def test_http_reads_within_scope(duty):
    take(fed("a", [60.0]) + fed("b", [61.0]))
    for path, expected in (("stations", ["a"]), ("signals", ["a"])):
        items = duty.get(f"/api/monitoring/{path}").json()["items"].values()
        assert [item.get("code", item.get("station")) for item in items] == expected
    span = {"start": step(0).isoformat(), "end": step(2).isoformat()}
    assert [p["value"] for p in duty.get("/api/monitoring/stations/a/series", span).json()] == [60.0]
    assert duty.get("/api/monitoring/stations/b/series", span).status_code == 404
    assert duty.get("/api/monitoring/stations", {"at": "2021-07-20T16:00:00"}).status_code == 422
    refused = duty.post(
        "/api/monitoring/readings", "station,at,value\nb,2021-07-20T16:00+08:00,1\n", content_type="text/csv"
    )
    assert refused.status_code in (200, 403)
    tasks.sweep(step(60))
    assert not Reading.objects.filter(series__station__code="b", value=1).exists()
