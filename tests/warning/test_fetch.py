"""One bounded GET: never inside, never too long, too large or round and round; and nothing but what was asked for."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from anlan.kernel.problem import Problem
from anlan.warning.sources.fetch import Limits, address_check, fetch, is_outside
from tests.warning.feed_server import Page, Server, serving

INSIDE = Limits(private=True, seconds=5)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def refusal(address: str, limits: Limits = INSIDE) -> Problem:
    with pytest.raises(Problem) as refused:
        fetch(address, limits=limits)
    assert refused.value.zh
    return refused.value


def test_a_page_comes_once_and_then_only_if_it_changed(server: Server) -> None:
    server.pages["/a?x=1&y=预"] = server.pages["/a?x=1&y=%E9%A2%84"] = Page(b"one", etag='"1"')
    first = fetch(server.url + "/a?x=1&y=预", limits=INSIDE)
    assert (first.status, first.body, first.etag) == (200, b"one", '"1"')
    again = fetch(
        server.url + "/a?x=1&y=%E9%A2%84", etag=first.etag, modified="Mon, 19 Jul 2021 12:00:00 GMT", limits=INSIDE
    )
    assert (again.status, again.body) == (304, b"")
    assert server.seen[-1][1]["If-Modified-Since"].startswith("Mon")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"])
def test_loopback_in_any_spelling_is_refused_before_a_connection(host: str, server: Server) -> None:
    port = server.url.rpartition(":")[2]
    before = len(server.seen)
    problem = refusal(f"http://{host}:{port}/", Limits())
    assert problem.code in {"feed.inside", "feed.unreachable"}
    assert problem.code == "feed.inside" or host.startswith("[::")
    assert len(server.seen) == before


@pytest.mark.parametrize("address", ["10.0.0.1", "172.16.5.5", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1",
                                     "fc00::1", "fe80::1%eth0", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
                                     "224.0.0.1", "255.255.255.255", "0.0.0.0", "nonsense"])  # fmt: skip
def test_addresses_inside_are_known(address: str) -> None:
    assert not is_outside(address)


def test_addresses_outside_are_known() -> None:
    assert is_outside("8.8.8.8")
    assert is_outside("2001:4860:4860::8888")


def test_a_name_is_resolved_once(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """A name that is public at the check and private at the connection leads nowhere: there is no second look."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *rest: object, **words: object) -> object:
        asked.append(host)
        return real(host, *rest, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    server.pages["/once"] = Page(b"x")
    fetch(server.url.replace("127.0.0.1", "localhost") + "/once", limits=INSIDE)
    assert asked.count("localhost") == 1


@pytest.mark.parametrize("address", ["ftp://a.example/", "file:///etc/hostname", "http://", "http://u:p@a.example/", "a",
                                     "http://a.example:99999/", "http://[::1", "gopher://a", "http://a\u0000b/"])  # fmt: skip
def test_only_plain_web_addresses(address: str) -> None:
    with pytest.raises(Problem) as refused:
        address_check(address)
    assert refused.value.code == "feed.address"


def test_redirects_are_followed_a_little_and_checked_like_the_first(server: Server) -> None:
    server.pages["/r1"] = Page(status=302, headers={"Location": "/end"})
    server.pages["/end"] = Page(b"there")
    found = fetch(server.url + "/r1", limits=INSIDE)
    assert (found.body, found.address) == (b"there", server.url + "/end")
    server.pages["/loop"] = Page(status=301, headers={"Location": "/loop"})
    assert refusal(server.url + "/loop").code == "feed.redirects"
    assert server.paths().count("/loop") == INSIDE.redirects + 1
    server.pages["/file"] = Page(status=302, headers={"Location": "file:///etc/hostname"})
    assert refusal(server.url + "/file").code == "feed.address"


def test_what_is_too_large_is_not_read_whole(server: Server) -> None:
    server.pages["/big"] = Page(b"x" * 5000)
    assert refusal(server.url + "/big", Limits(bytes=4999, private=True)).code == "feed.too_large"
    assert len(fetch(server.url + "/big", limits=Limits(bytes=5000, private=True)).body) == 5000


def test_a_server_that_drips_is_left_when_the_time_is_over(server: Server) -> None:
    server.pages["/drip"] = Page(b"x" * 1000, drip=0.05)
    began = time.monotonic()
    assert refusal(server.url + "/drip", Limits(seconds=0.5, private=True)).code == "feed.too_slow"
    assert time.monotonic() - began < 10


def test_an_answer_cut_short_is_no_answer(server: Server) -> None:
    server.pages["/cut"] = Page(b"half", length=8)
    assert refusal(server.url + "/cut", Limits(seconds=2, private=True)).code in {"feed.unreachable", "feed.too_slow"}


def test_a_refusal_and_a_dead_port_are_told(server: Server) -> None:
    server.pages["/busy"] = Page(status=503, headers={"Retry-After": "90"})
    problem = refusal(server.url + "/busy")
    assert (problem.code, problem.extra["retry_after_s"]) == ("feed.status", 90)
    assert refusal(server.url + "/none").code == "feed.status"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert refusal(f"http://127.0.0.1:{port}/").code == "feed.unreachable"
