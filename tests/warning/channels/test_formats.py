"""The pure parts: text message parts, SMPP units, templates, reply words, when a way is down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.warning.engine.channel_health import (
    Standing,
    after_loss,
    after_open,
    after_results,
    retry_after,
)
from anlan.warning.engine.replies import reply_content
from anlan.warning.formats import smpp
from anlan.warning.formats.channel_settings import Http, settings_of
from anlan.warning.formats.http_message import genuine, request, signed, understood
from anlan.warning.formats.sms_text import EXTENSION, GSM, parts_of, sms

GSM_TEXT = st.text(st.sampled_from([char for char in GSM if char != "\x1b"] + list(EXTENSION)), max_size=700)


@pytest.mark.parametrize(
    ("text", "alphabet", "parts"),
    [
        ("a" * 160, "gsm", 1), ("a" * 161, "gsm", 2), ("a" * 306, "gsm", 2), ("a" * 307, "gsm", 3),
        ("[" * 80, "gsm", 1), ("[" * 81, "gsm", 2), ("a" * 152 + "[" + "a" * 8, "gsm", 2),
        ("雨" * 70, "ucs2", 1), ("雨" * 71, "ucs2", 2), ("雨" * 134, "ucs2", 2), ("雨" * 135, "ucs2", 3),
        ("𠮷" * 35, "ucs2", 1), ("𠮷" * 36, "ucs2", 2), ("", "gsm", 1),
    ],
)  # fmt: skip
def test_parts_are_counted_as_the_network_counts_them(text: str, alphabet: str, parts: int) -> None:
    found = sms(text)
    assert (found.alphabet, len(found.parts)) == (alphabet, parts)


@given(GSM_TEXT)
def test_a_gsm_text_comes_out_of_its_parts_whole(text: str) -> None:
    found = sms(text)
    assert found.alphabet == "gsm"
    assert all(len(part) <= (160 if len(found.parts) == 1 else 153) for part in found.parts)
    assert "".join(smpp.decoded(part, 0) for part in found.parts) == text


@given(st.text(min_size=1, max_size=300), st.integers(1, 4))
def test_any_text_comes_out_of_its_parts_or_is_cut_with_an_ellipsis(text: str, most: int) -> None:
    text = "雨" + text.encode("utf-16-be", "ignore").decode("utf-16-be")
    found = sms(text, most)
    assert len(found.parts) <= most
    assert all(len(part) <= (140 if len(found.parts) == 1 else 134) for part in found.parts)
    whole = "".join(part.decode("utf-16-be") for part in found.parts)  # a pair that was split would not decode
    assert whole == text or (whole.endswith("…") and text.startswith(whole[:-1]))
    if parts_of(text) <= most:
        assert whole == text


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.binary(max_size=60)), max_size=6),
       st.integers(1, 40))  # fmt: skip
def test_units_come_whole_however_the_octets_arrive(units: list[tuple[int, int, bytes]], cut: int) -> None:
    sent = [smpp.Pdu(command, 0, sequence, body) for command, sequence, body in units]
    raw = b"".join(unit.packed() for unit in sent)
    reader, found = smpp.Units(), []
    for at in range(0, len(raw), cut):
        found += list(reader.fed(raw[at : at + cut]))
    assert found == sent


@given(st.binary(max_size=200))
def test_no_octets_make_reading_a_delivery_fail_otherwise_than_by_saying_so(raw: bytes) -> None:
    try:
        found = smpp.deliver(raw)
    except ValueError:
        return
    assert found.state in ("", "delivered", "failed")


def test_a_length_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="octets"):
        list(smpp.Units().fed(b"\xff\xff\xff\xff" + bytes(12)))


@pytest.mark.parametrize(
    ("words", "content"),
    [
        ("1", "received"), (" １ ", "received"), ("1收到", "received"), ("2 正在处置", "acting"), ("收到。", "received"),
        ("4", "cannot"), ("12", None), ("1 无法执行", None), ("不知道", None), ("", None), ("5", None), ("RECEIVED", "received"),
    ],
)  # fmt: skip
def test_a_reply_means_what_it_plainly_says_or_goes_to_a_person(words: str, content: str | None) -> None:
    assert reply_content(words) == content


@given(st.text(max_size=30))
def test_any_words_are_an_answer_or_none(words: str) -> None:
    assert reply_content(words) in (None, "received", "acting", "need_help", "cannot")


def test_a_way_is_down_after_two_lost_connections_or_five_bad_answers_and_up_after_one_good() -> None:
    assert after_loss(Standing()).state == "waiting"
    down = after_loss(after_loss(Standing("up")))
    assert down.state == "down" and after_open(down).state == "up"
    bad = after_results(Standing("up"), good=0, bad=5)
    assert bad.state == "down" and after_open(bad).state == "down"
    assert after_results(bad, good=1, bad=3) == Standing("up")
    assert [retry_after(2.0, tries) for tries in (1, 2, 3, 20)] == [2.0, 4.0, 8.0, 300.0]
    assert retry_after(2.0, 1, asked_s=60.0) == 60.0


def test_a_request_is_made_from_its_template_and_escapes_by_its_form() -> None:
    values = {"reference": "r1", "address": "139", "text": '雨 "&=\n', "number": "n"}
    as_json = Http(
        url="https://g/{number}", body={"to": ["{address}"], "x": {"t": "{text}"}}, headers={"A": "Bearer {secret}"}
    )
    method, url, body, headers = request(as_json, values, secret="S")
    assert (
        (method, url) == ("POST", "https://g/n") and headers["A"] == "Bearer S" and headers["Idempotency-Key"] == "r1"
    )
    import json
    from urllib.parse import parse_qsl, urlsplit

    assert json.loads(body) == {"to": ["139"], "x": {"t": '雨 "&=\n'}}
    query = Http(url="https://g/?a=1", method="GET", form="query", body={"t": "{text}"})
    assert parse_qsl(urlsplit(request(query, values)[1]).query) == [("a", "1"), ("t", '雨 "&=\n')]


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b'{"code": 0, "data": {"id": 7}}', ("handed", "7")), (200, b'{"code": 12, "m": "x"}', ("failed", "")),
        (200, b"not json", ("failed", "")), (500, b"", ("retry", "")), (429, b"", ("retry", "")), (403, b"", ("failed", "")),
        (409, b'{"data": {"id": "9"}}', ("handed", "9")),
    ],
)  # fmt: skip
def test_only_what_says_success_is_success(status: int, body: bytes, found: tuple[str, str]) -> None:
    settings = Http(url="https://g/", ok="code", ok_value="0", taken="data.id")
    assert understood(settings, status, body)[:2] == found


@given(st.binary(max_size=100), st.text(min_size=1, max_size=20), st.integers(0, 2**36))
def test_only_the_signed_body_at_its_time_is_genuine(body: bytes, secret: str, at: int) -> None:
    header = signed(secret, body, at)
    assert genuine(secret, body, header, at)
    assert not genuine(secret, body + b"x", header, at)
    assert not genuine(secret + "x", body, header, at)
    assert not genuine(secret, body, header, at + 301)
    assert not genuine(secret, body, header.replace("v1=", "v2="), at)


@pytest.mark.parametrize("header", ["", "t=,v1=", "t=x,v1=y", "t=٣,v1=0", "v1=0", "t=1"])
def test_a_header_that_is_none_is_no_signature(header: str) -> None:
    assert not genuine("s", b"", header, 1)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("fax", {}),
        ("smpp", {}),
        ("http_sms", {"url": "file:///etc/passwd"}),
        ("smtp", {"host": "h", "sender": "a", "x": 1}),
    ],
)
def test_settings_that_cannot_be_are_refused_with_words(kind: str, raw: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refusal:
        settings_of(kind, dict(raw))
    assert refusal.value.zh and refusal.value.en
