"""Readings over HTTP with curl: confirmed when durable, refused in words, bounded."""

from __future__ import annotations

import gzip
import json
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from anlan.kernel.models import Account, ApiToken
from anlan.kernel.tokens import token_make, token_revoke
from anlan.monitoring.models import ConnectionHealth
from tests.monitoring.gateway.running import BY, Running, frames, logged, registered, station, until

AT = "2026-11-22T10:00:00+08:00"
US = 1_795_312_800_000_000


def curl(running: Running, path: str, *more: str, secret: str = "", body: bytes | None = None) -> tuple[int, Any]:
    """Send with the real curl; return status and body."""
    words = ["curl", "-sS", "-m", "40", "-w", "\n%{http_code}", running.url(path), *more]
    if secret:
        words += ["-H", f"Authorization: Bearer {secret}"]
    if body is not None:
        words += ["--data-binary", "@-"]
    out = subprocess.run(words, input=body, capture_output=True, check=True).stdout.decode()
    text, _, status = out.rpartition("\n")
    return int(status), json.loads(text) if text[:1] in ("{", "[") else text


JSON = ("-H", "Content-Type: application/json")


def test_columns_objects_csv_and_lines_all_arrive(running: Running, secret: str) -> None:
    registered(station("57083", "rain_mm", "temp_c"))
    compact = {
        "columns": ["station", "element", "at", "value"],
        "rows": [["57083", "rain_mm", AT, 1.5], ["57083", "temp_c", AT, 20]],
    }
    assert curl(running, "/v1/readings", *JSON, secret=secret, body=json.dumps(compact).encode()) == (
        200, {"count": 2, "unknown": [], "unknown_rows": 0, "wrong": 0, "errors": []},
    )  # fmt: skip
    objects = {"readings": [{"station": "57083", "at": "2026-11-22T02:05:00Z", "value": 2.5}]}
    assert curl(running, "/v1/readings", *JSON, secret=secret, body=json.dumps(objects).encode())[1]["count"] == 1
    csv = "站码,要素,时间,数值\n57083,temp_c,2026-11-22T10:10:00+08:00,21\n".encode()
    assert curl(running, "/v1/readings", "-H", "Content-Type: text/csv", secret=secret, body=csv)[1]["count"] == 1
    lines = f"weather,station=57083 rain_mm=0.5,temp_c=22 {US // 1000 + 900_000}\n".encode()
    assert curl(running, "/v1/write?precision=ms", secret=secret, body=lines) == (204, "")
    assert [row[1:4] for row in logged()] == [
        ("rain_mm", US, 1.5), ("temp_c", US, 20.0), ("rain_mm", US + 300_000_000, 2.5), ("temp_c", US + 600_000_000, 21.0),
        ("rain_mm", US + 900_000_000, 0.5), ("temp_c", US + 900_000_000, 22.0),
    ]  # fmt: skip
    kept = frames(protocol="http")
    assert [(code, count) for code, _, count, _ in kept] == [("57083", 2), ("57083", 1), ("57083", 1), ("57083", 2)]
    assert kept[2][1] == csv


def test_no_answer_before_the_readings_are_durable(running: Running, secret: str) -> None:
    registered(station("57083"))
    running.log.open.clear()
    answers: list[tuple[int, Any]] = []
    body = json.dumps({"readings": [{"station": "57083", "at": AT, "value": 1}]}).encode()
    sender = threading.Thread(
        target=lambda: answers.append(curl(running, "/v1/readings", *JSON, secret=secret, body=body))
    )
    sender.start()
    until(lambda: running.log.tried, "the append")
    sender.join(1.0)
    assert not answers and not logged()
    running.log.open.set()
    sender.join(20)
    assert answers[0][0] == 200 and len(logged()) == 1


def test_a_database_that_is_away_is_waited_for(running: Running, secret: str) -> None:
    registered(station("57083"))
    running.log.broken = True
    answers: list[tuple[int, Any]] = []
    body = json.dumps({"readings": [{"station": "57083", "at": AT, "value": 1}]}).encode()
    sender = threading.Thread(
        target=lambda: answers.append(curl(running, "/v1/readings", *JSON, secret=secret, body=body))
    )
    sender.start()
    until(lambda: running.log.tried > 2, "several tries")
    assert not answers
    assert curl(running, "/healthz")[0] == 503
    running.log.broken = False
    sender.join(20)
    assert answers[0][0] == 200 and len(logged()) == 1 and len(frames()) == 1
    assert curl(running, "/healthz") == (200, "ok")


def test_too_much_waiting_is_told_to_come_again(running: Running, secret: str) -> None:
    registered(station("57083"))
    running.gateway.batcher.most_waiting = 1
    running.log.open.clear()
    body = json.dumps({"readings": [{"station": "57083", "at": AT, "value": 1}]}).encode()
    sender = threading.Thread(target=lambda: curl(running, "/v1/readings", *JSON, secret=secret, body=body))
    sender.start()
    until(lambda: running.log.tried, "the append")
    status, told = curl(running, "/v1/readings", *JSON, "-D", "/dev/stderr", secret=secret, body=body)
    assert status == 503 and told["code"] == "gateway.busy" and told["retry_after_s"] > 0 and told["zh"] and told["en"]
    running.log.open.set()
    sender.join(20)


def test_good_rows_are_taken_and_bad_ones_named(running: Running, secret: str) -> None:
    registered(station("57083"), station("far", division="370101001"))
    rows = [
        ["57083", AT, 1],
        ["57083", "2026-11-22T10:00:00", 1],
        ["57083", AT, "x"],
        ["", AT, 1],
        ["nobody", AT, 4],
        ["far", AT, 5],
    ]
    body = json.dumps({"columns": ["station", "at", "value"], "rows": rows}).encode()
    status, told = curl(running, "/v1/readings", *JSON, secret=secret, body=body)
    assert (status, told["count"], told["wrong"], told["unknown"]) == (200, 1, 4, ["nobody"])
    assert [(e["row"], e["field"], e["value"]) for e in told["errors"][:3]] == [
        (2, "at", "2026-11-22T10:00:00"), (3, "value", "x"), (4, "station", ""),
    ]  # fmt: skip
    assert "+08:00" in told["errors"][0]["zh"] and "offset" in told["errors"][0]["en"]
    assert "far" in told["errors"][3]["en"]
    assert [row[0] for row in logged()] == ["57083"]


def test_a_batch_without_a_good_row_is_refused_and_kept(running: Running, secret: str) -> None:
    status, told = curl(running, "/v1/readings", *JSON, secret=secret, body=b'{"readings": [{"station": "A"}]}')
    assert status == 422 and told["code"] == "readings.none_good" and told["errors"][0]["row"] == 1
    status, told = curl(running, "/v1/readings", *JSON, secret=secret, body=b"not json")
    assert status == 422 and told["code"] == "readings.shape"
    assert [(body, count) for _, body, count, _ in frames()] == [
        (b'{"readings": [{"station": "A"}]}', 0),
        (b"not json", 0),
    ]
    assert all(error for *_, error in frames())


def test_lines_that_are_partly_wrong_are_a_partial_write(running: Running, secret: str) -> None:
    registered(station("57083"))
    body = b"rain_mm,station=57083 value=1 1795312800\nrain_mm value=1 1795312800\nbroken\nrain_mm,station=no value=2 1795312800"
    status, told = curl(running, "/write?precision=s", secret=secret, body=body)
    assert status == 400 and told["count"] == 1 and "error" in told
    assert len(told["errors"]) == 3 and len(logged()) == 1


def test_packed_bodies_and_bombs(running: Running, secret: str) -> None:
    registered(station("57083"))
    body = gzip.compress(json.dumps({"readings": [{"station": "57083", "at": AT, "value": 1}]}).encode())
    assert curl(running, "/v1/readings", *JSON, "-H", "Content-Encoding: gzip", secret=secret, body=body)[0] == 200
    running.gateway.http.most_bytes = 100_000
    bomb = gzip.compress(b" " * 10_000_000)
    assert curl(running, "/v1/readings", *JSON, "-H", "Content-Encoding: gzip", secret=secret, body=bomb)[0] == 413
    assert curl(running, "/v1/readings", *JSON, "-H", "Content-Encoding: gzip", secret=secret, body=body[:-9])[0] == 422
    assert curl(running, "/v1/readings", *JSON, secret=secret, body=b" " * 200_000)[0] == 413


def test_who_may_send(running: Running, secret: str) -> None:
    body = json.dumps({"readings": [{"station": "57083", "at": AT, "value": 1}]}).encode()
    assert curl(running, "/v1/readings", *JSON, body=body)[0] == 401
    assert curl(running, "/v1/readings", *JSON, secret="anlan_wrong", body=body)[0] == 401
    reader = Account.objects.create_user("r", name="值班", divisions=["4101"], roles=["gateway"])
    no_right = token_make(by=BY, account=reader, name="r", divisions=["4101"], rights=["monitoring.read"])[1]
    assert curl(running, "/v1/readings", *JSON, secret=no_right, body=body)[1]["code"] == "token.right"
    two = token_make(
        by=BY, account=reader, name="two", divisions=["4101"], rights=["monitoring.write"], rate_per_min=2
    )[1]
    assert [curl(running, "/v1/readings", *JSON, secret=two, body=body)[0] for _ in range(3)] == [200, 200, 429]
    assert curl(running, "/v1/readings", *JSON, secret=secret, body=body)[0] == 200
    token_revoke(by=BY, token=ApiToken.objects.get(name="gw").pk)
    until(lambda: curl(running, "/v1/readings", *JSON, secret=secret, body=body)[0] == 401, "the end of a revoked key")


def test_unknown_devices_are_counted_and_written_down(running: Running, secret: str) -> None:
    body = json.dumps({"readings": [{"station": "new-1", "at": AT, "value": 1}]}).encode()
    for _ in range(3):
        assert curl(running, "/v1/readings", *JSON, secret=secret, body=body)[1]["unknown"] == ["new-1"]
    assert {error for *_, error in frames()} == {"unknown station: new-1"}
    found = until(lambda: ConnectionHealth.objects.filter(code="http", frames=3).first(), "the health row")
    assert found.unknown["new-1"][0] == 3 and found.state == "up"
    assert 'anlan_gateway_unknown_total{source="http"} 3.0' in curl(running, "/metrics")[1]


@pytest.mark.parametrize("path", ["/", "/v1/nothing"])
def test_other_addresses_say_where_to_go(running: Running, path: str) -> None:
    status, told = curl(running, path, *JSON, body=b"{}")
    assert status == 404 and "/v1/readings" in told["en"]


def test_times_are_exact() -> None:
    assert datetime.fromtimestamp(US // 1_000_000, UTC).isoformat() == "2026-11-22T02:00:00+00:00"
    assert Path("/dev/stderr").exists()
