"""Whatever is sent: an answer within a second and a little memory, no file opened, no address called, nothing raised."""

from __future__ import annotations

import builtins
import os
import random
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warning.formats import cap
from anlan.warning.formats.cap.wording import MOST_FINDINGS
from tests.faults import fuzz_cap
from tests.warning.cap.messages import ALERT, INFO, change, raw, with_area

HEAD = raw(change(ALERT, infos=())).split(b"</alert>")[0]
PAYLOAD = '<!DOCTYPE alert [<!ENTITY x SYSTEM "{}">]>'


def alert(inside: bytes) -> bytes:
    return HEAD + inside + b"</alert>"


def area(inside: bytes) -> bytes:
    return raw(with_area(polygons=("@",))).replace(b"<polygon>@</polygon>", inside)


def doctype(inside: str) -> bytes:
    return inside.encode() + raw().split(b"?>", 1)[1].replace("暴雨".encode(), b"&x;", 1)


def hostile() -> dict[str, bytes]:
    """Documents made to cost much: by entities, depth, number, length, backtracking and by many faults."""
    laughs = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
    zigzag = " ".join(f"{n * 1e-4:.4f},{0 if n % 2 else 100}" for n in range(100_000))
    return {
        "billion laughs": doctype(f'<!DOCTYPE alert [<!ENTITY x0 "ha">{laughs}<!ENTITY x "&x11;">]>'),
        "quadratic blowup": doctype(f'<!DOCTYPE alert [<!ENTITY x "{"a" * 50_000}">]>') + b"&x;" * 50_000,
        "file": doctype(PAYLOAD.format("file:///etc/passwd")),
        "network": doctype(PAYLOAD.format("http://127.0.0.1:9/x")),
        "parameter entity": doctype('<!DOCTYPE alert [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]>'),
        "external dtd": doctype('<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">'),
        "utf-16 doctype": doctype(PAYLOAD.format("file:///etc/passwd")).decode().encode("utf-16"),
        "xinclude": alert(b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
        "stylesheet": b'<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>' + raw().split(b"?>", 1)[1],
        "schema location": raw().replace(b"<alert ", b'<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                                         b'xsi:schemaLocation="urn:oasis:names:tc:emergency:cap:1.2 http://127.0.0.1:9/x" '),
        "deep": b"<a>" * 50_000 + b"</a>" * 50_000,
        "250 deep": b"<alert>" * 250 + b"</alert>" * 250,
        "empty infos": alert(b"<info/>" * 119_000),
        "attributes": alert(b"<info " + b" ".join(b'a%d=""' % n for n in range(40_000)) + b"/>"),
        "infos with attributes": alert(b'<info a=""/>' * 40_000),
        "namespaces": alert(b"<x " + b" ".join(b'xmlns:a%d="u"' % n for n in range(40_000)) + b"/>"),
        "huge attribute": alert(b'<info a="' + b"x" * 4_000_000 + b'"/>'),
        "signatures": alert(b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>' * 40_000),
        "blanks": area(b"<polygon>" + b" " * 3_900_000 + b"x</polygon>"),
        "tokens": area(b"<polygon>" + b"1 " * 1_900_000 + b"</polygon>"),
        "pairs": area(b"<polygon>" + b"1,1 " * 900_000 + b"</polygon>"),
        "digits": area(b"<polygon>" + b"1" * 3_900_000 + b",1 1,1 1,1 1,1</polygon>"),
        "digits in a circle": area(b"<circle>" + b"1" * 3_900_000 + b",1 x</circle>"),
        "commas": area(b"<polygon>" + b"," * 3_900_000 + b"</polygon>"),
        "zigzag": area(f"<polygon>{zigzag} 0.0000,100</polygon>".encode()),
        "references": alert(b"<references>" + b"a,b " * 900_000 + b"</references>"),
        "language": raw().replace(b"zh-CN", b"a-" * 1_900_000),
        "categories": raw().replace(b"<category>Met</category>", b"<category>x</category>" * 50_000),
        "sent": raw().replace(ALERT.sent.encode(), b"1" * 3_900_000),
        "fraction": raw().replace(ALERT.sent.encode(), b"2021-07-19T21:59:00." + b"1" * 3_900_000 + b"Z"),
        "base64": raw().replace(b"YWJj", b" " * 3_900_000 + b"!"),
        "markup": raw().replace("立即到高处避险".encode(), b"&lt;b " * 600_000),
        "infos": raw(change(ALERT, infos=tuple([change(INFO, areas=(), resources=())] * 3_000))),
    }  # fmt: skip


HOSTILE = hostile()
REFUSED = (
    "billion laughs",
    "quadratic blowup",
    "file",
    "network",
    "parameter entity",
    "external dtd",
    "utf-16 doctype",
)


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be opened or called; what is imported late is imported first."""
    cap.read(raw(with_area(polygons=("0,0 1,1 0,1 1,0 0,0",))))
    for version in ("1.0", "1.1"):
        cap.schema(version)

    def refuse(*given: Any, **_: Any) -> Any:
        raise AssertionError(f"opened or called: {given[:1]}")

    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_answered_at_once(name: str) -> None:
    for mode in ("strict", "record"):
        begun = time.process_time()
        result = cap.read(HOSTILE[name], mode)
        assert time.process_time() - begun < 1
        assert len(result.findings) <= 2 * MOST_FINDINGS + 5
        if name in REFUSED:
            assert (result.alert, [one.code for one in result.findings]) == (None, ["doctype"])
        assert "root:" not in repr(result)


@pytest.mark.parametrize("name", ["empty infos", "attributes", "pairs", "zigzag", "huge attribute", "language"])
def test_a_hostile_document_takes_less_than_100_mb(name: str) -> None:
    child = (
        "import sys\nfrom anlan.warning.formats import cap\nraw = sys.stdin.buffer.read()\n"
        "cap.read(raw, sys.argv[1])\nprint([line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0])\n"
    )
    for mode in ("strict", "record"):
        run = subprocess.run([sys.executable, "-c", child, mode], input=HOSTILE[name], capture_output=True, check=True)
        assert int(run.stdout) / 1024 < 100


def test_no_program_of_the_kernel_sees_a_file_or_an_address(tmp_path: Path) -> None:
    """The same by an audit hook in a process of its own: what C code opens through Python is seen as well."""
    child = (
        "import sys\nfrom anlan.warning.formats import cap\nraw = sys.stdin.buffer.read()\ncap.read(b'<a/>')\nseen = []\n"
        "sys.addaudithook(lambda name, given: seen.append(name) if name.startswith(('open', 'socket')) else None)\n"
        "cap.read(raw, 'record')\nprint(seen)\n"
    )
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    sent = doctype(PAYLOAD.format(secret.as_uri()))
    run = subprocess.run([sys.executable, "-c", child], input=sent, capture_output=True, check=True)
    assert run.stdout.strip() == b"[]"


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(made: bytes) -> None:
    assert cap.read(made).verdict == "invalid"
    assert cap.read(made, "record").verdict == "rejected"


def test_damaged_samples_are_answered_and_written_again() -> None:
    chance, seen = random.Random(20210720), Counter[str]()
    for _ in range(1_500):
        fuzz_cap.one(chance, seen)
    assert {"strict alert valid", "strict alert invalid", "record alert accepted_with_findings"} <= set(seen)
