"""The packed message and the log in PostgreSQL: bounded, gapless, in order, safe to repeat."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.monitoring.engine.columns import columns
from anlan.monitoring.formats.packed import MOST, pack, unpack
from anlan.monitoring.models import LogEntry
from anlan.monitoring.sources.log import LogGap, log_open
from anlan.monitoring.sources.log_postgres import PostgresLog

NOON = 1_626_750_000_000_000

rows = st.lists(
    st.tuples(
        st.integers(1, 2**31 - 1), st.integers(0, 2**52), st.floats(allow_nan=False, allow_infinity=False),
        st.integers(0, 10),
    ),
    min_size=1, max_size=50,
)  # fmt: skip


@given(rows, st.text(max_size=30))
def test_what_is_packed_comes_out_again(drawn, source):
    source = source.encode(errors="ignore").decode()
    given_ = columns(*zip(*drawn, strict=True))
    found = unpack(pack(given_, received_us=NOON, source=source))
    assert [c.tolist() for c in found.columns] == [c.tolist() for c in given_]
    assert [c.dtype for c in found.columns] == [c.dtype for c in given_]
    assert found.received_us == NOON
    assert found.source == source.encode()[:128].decode(errors="ignore")


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_other_bytes_are_refused(body):
    with pytest.raises(Invalid):
        unpack(body)


def test_every_single_bit_error_is_refused():
    body = pack(columns([1, 2], [NOON, NOON], [1.0, 2.0]), received_us=NOON, source="t")
    for bit in range(len(body) * 8):
        wrong = bytearray(body)
        wrong[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Invalid):
            unpack(bytes(wrong))


def test_a_message_is_bounded_and_sane():
    many = np.ones(MOST + 1)
    for wrong in (
        columns(many.astype(np.int32), many.astype(np.int64), many), columns([], [], []), columns([0], [NOON], [1.0]),
        columns([1], [2**62], [1.0]), columns([1], [NOON], [float("nan")]),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            pack(wrong, received_us=NOON, source="t")


@pytest.mark.django_db
def test_numbers_have_no_gaps_and_a_missing_one_is_told():
    log = log_open()
    log.append([(0, b"a"), (3, b"x"), (0, b"b")])
    log.append([(0, b"c")])
    start = log.head(0) - 3
    assert [(e.number - start, e.body) for e in log.read(0, start, most=10, wait_s=0)] == [
        (1, b"a"), (2, b"b"), (3, b"c"),
    ]  # fmt: skip
    assert [e.body for e in log.read(0, start + 1, most=1, wait_s=0)] == [b"b"]
    assert log.read(3, 1, most=1, wait_s=0) == []
    LogEntry.objects.filter(shard=0, number=start + 2).delete()
    with pytest.raises(LogGap):
        log.read(0, start, most=10, wait_s=0)
    log.trim(0, start + 3)
    with pytest.raises(LogGap):
        log.read(0, start, most=10, wait_s=0)
    with pytest.raises(LogGap):
        log.read(0, start + 7, most=10, wait_s=0)


@pytest.mark.django_db(transaction=True)
def test_a_reader_is_woken_by_an_append():
    log = PostgresLog()
    start = log.head(7)
    log.read(7, start, most=1, wait_s=0.01)

    def add():
        log.append([(7, b"news")])
        connection.close()

    thread = Thread(target=add)
    thread.start()
    found = []
    for _ in range(200):
        found = log.read(7, start, most=5, wait_s=0.5)
        if found:
            break
    thread.join()
    log.close()
    assert [e.body for e in found] == [b"news"]
