"""Feeds in: every shape of feed is read, every entry taken once, and a feed that fails is waited for and told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Forbidden, Invalid
from anlan.warning.formats.feed import FeedEntry, FeedHead, atom_write, rss_write
from anlan.warning.formats.feed_read import MOST_ENTRIES, feed_read
from anlan.warning.formats.signature import signed
from anlan.warning.formats.xml_safe import XmlRefused
from anlan.warning.models import FeedPoll, FeedTaken
from anlan.warning.services.feed_sources import feed_source_set
from anlan.warning.services.feeds import feeds_poll
from tests.warning.conftest import DUTY
from tests.warning.feed_server import Page, Server, serving
from tests.warning.keys import pair
from tests.warning.signing import PLAIN, codes, key_of
from tests.warning.test_edxl import FIRES

NOW = datetime(2021, 7, 19, 14, 0, tzinfo=UTC)
SYSTEM = Actor.system("warning")
BASE = "https://a.example/feeds/all.xml"
ALERT = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.{0}"><identifier>i{1}</identifier><sent>2021</sent></alert>'


def alert(number: int, version: int = 2) -> bytes:
    return ALERT.format(version, number).encode()


def atom(*entries: str) -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'.encode()


def entry(number: int, *inside: str, updated: str = "2021-07-19T14:00:00Z") -> str:
    return f"<entry><id>urn:e:{number}</id><updated>{updated}</updated>{''.join(inside)}</entry>"


def link(address: str, kind: str = "application/cap+xml", rel: str = "alternate") -> str:
    return f'<link href="{address}" type="{kind}" rel="{rel}"/>'


def test_the_link_to_the_cap_file_is_chosen_and_made_whole() -> None:
    found = feed_read(atom(entry(1, link("/page", "text/html"), link("../x.xml", "text/xml"), link("b.cap"),
                                 link("urn:x:y"), link("https://a.example/self", "application/atom+xml", "self"))), BASE)  # fmt: skip
    assert found.items[0].links == ("https://a.example/feeds/b.cap", "https://a.example/x.xml")
    rss = b"<rss><channel><item><guid>g1</guid><link>https://a.example/1.xml</link><pubDate>x</pubDate></item></channel></rss>"
    (item,) = feed_read(rss, BASE).items
    assert (item.id, item.links, item.updated) == ("g1", ("https://a.example/1.xml",), "x")


@pytest.mark.parametrize("write", [atom_write, rss_write])
@pytest.mark.parametrize("fat", [False, True])
def test_our_own_feeds_are_read_back_and_signatures_survive_the_fat_ones(write: Any, fat: bool) -> None:
    raw = signed(PLAIN, key_of(pair()))
    head = FeedHead("urn:f", BASE, "t", "zh-CN", NOW)
    (item,) = feed_read(write(head, [FeedEntry("n1", "t", "s", NOW, "https://a.example/n1.xml", cap=raw if fat else b"")]), BASE).items  # fmt: skip
    assert item.id == "urn:anlan:warning:n1"
    if fat:
        assert [codes(one) for one in item.alerts] == [["signature.verified"]]
    else:
        assert item.links == ("https://a.example/n1.xml",)


def test_bundles_envelopes_and_single_alerts() -> None:
    bundle = b'<alerts xmlns="urn:oasis:names:tc:emergency:cap:1.2">' + alert(1) + alert(2) + b"</alerts>"
    assert [item.id for item in feed_read(bundle, BASE).items] == ["i1", "i2"]
    assert feed_read(FIRES, BASE).kind == "edxl_de"
    single = feed_read(PLAIN, BASE)
    assert single.items[0].alerts == (PLAIN,), "the bytes as received"
    assert feed_read(atom(entry(1, f'<content type="text/xml">{alert(3, 1).decode()}</content>')), BASE).items[0].alerts


def test_a_broken_feed_gives_what_can_be_read_of_it() -> None:
    broken = atom(entry(1, link("b.cap"))).replace(b"<id>urn:e:1", b"<title>Qu\xe9bec</title><id>urn:e:1")
    found = feed_read(broken, BASE)
    assert [item.links for item in found.items] == [("https://a.example/feeds/b.cap",)]
    assert [remark.code for remark in found.remarks] == ["feed.not_well_formed"]


def test_an_alert_without_canonical_form_is_taken_all_the_same() -> None:
    odd = alert(4).replace(b"<sent>", b'<x xmlns="relative"/><sent>').decode()
    (item,) = feed_read(atom(entry(1, odd)), BASE).items
    assert b"<identifier>i4</identifier>" in item.alerts[0]


@pytest.mark.parametrize("raw", [b"", b"plain words", b"<html/>", b"<!DOCTYPE a [<!ENTITY x 'y'>]><feed>&x;</feed>",
                                 b'<EDXLDistribution xmlns="urn:x"/>'])  # fmt: skip
def test_what_is_nothing_of_the_kind_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(XmlRefused) as refused:
        feed_read(raw, BASE)
    assert refused.value.zh
    assert refused.value.en


def test_an_endless_feed_is_cut_and_told() -> None:
    found = feed_read(atom(*("<entry><id>x</id></entry>" for _ in range(MOST_ENTRIES + 1))), BASE)
    assert (len(found.items), found.remarks[0].code) == (MOST_ENTRIES, "feed.too_many")


@given(st.integers(0, 400), st.binary(max_size=20), st.integers(0, 60))
def test_a_mangled_feed_is_read_or_refused(place: int, noise: bytes, cut: int) -> None:
    raw = atom(entry(1, link("a.cap")), entry(2, alert(1).decode()))
    try:
        feed_read(raw[:place] + noise + raw[place + cut :], BASE)
    except XmlRefused as refused:
        assert refused.code


# Polling, against a server that really answers.


class Inbox:
    """Stands where messages are received: keeps them, and refuses those of one identifier."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def __call__(self, *, by: Actor, body: bytes, source: str) -> None:
        assert (by, source) == (SYSTEM, "national")
        if b"<identifier>i666<" in body:
            raise Invalid(code="t.refused", zh="不收。", en="Not taken.")
        self.bodies.append(body)

    def ids(self) -> list[str]:
        return [body.split(b"<identifier>")[1].split(b"<")[0].decode() for body in self.bodies]


@pytest.fixture
def server(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setitem(options.__dict__, "feeds_private", True)
    with serving() as running:
        yield running


@pytest.fixture
def inbox(server: Server) -> Inbox:
    feed_source_set(by=SYSTEM, name="national", url=server.url + "/feed", division="41", interval_s=60, at=NOW)
    return Inbox()


def poll(inbox: Inbox, minutes: float = 0) -> int:
    return feeds_poll(by=SYSTEM, receive=inbox, at=NOW + timedelta(minutes=minutes))


def test_each_entry_is_taken_once_and_an_unchanged_feed_costs_nothing(server: Server, inbox: Inbox) -> None:
    server.pages |= {"/1.cap": Page(alert(1)), "/2.cap": Page(alert(2))}
    server.pages["/feed"] = Page(atom(entry(1, link("1.cap")), entry(2, link("2.cap"))), etag='"a"')
    assert poll(inbox) == 2
    assert poll(inbox, 0.5) == 0, "not due yet"
    assert poll(inbox, 1) == 0
    assert server.paths() == ["/feed", "/1.cap", "/2.cap", "/feed"]
    assert server.seen[-1][1]["If-None-Match"] == '"a"'
    server.pages["/1.cap"] = Page(alert(11))
    server.pages["/feed"] = Page(
        atom(entry(1, link("1.cap"), updated="2021-07-19T15:00:00Z"), entry(2, link("2.cap")),
             entry(3, alert(3).decode())), etag='"b"')  # fmt: skip
    assert poll(inbox, 2) == 2
    assert inbox.ids() == ["i1", "i2", "i11", "i3"]
    found = FeedPoll.objects.get()
    assert (found.state, found.etag, found.taken, found.failures) == ("ok", '"b"', 4, 0)


def test_a_file_that_is_not_there_yet_is_asked_for_again(server: Server, inbox: Inbox) -> None:
    server.pages["/feed"] = Page(atom(entry(1, link("1.cap"))), etag='"a"')
    assert poll(inbox) == 0
    server.pages["/1.cap"] = Page(alert(1))
    assert poll(inbox, 1) == 1


def test_a_refused_message_stops_nothing_and_comes_no_more(server: Server, inbox: Inbox) -> None:
    server.pages["/feed"] = Page(atom(entry(1, alert(666).decode()), entry(2, alert(2).decode())))
    assert poll(inbox) == 1
    assert poll(inbox, 1) == 0
    assert (FeedPoll.objects.get().refused, inbox.ids()) == (1, ["i2"])


def test_a_crash_in_the_middle_takes_the_rest_later_and_nothing_twice(server: Server, inbox: Inbox) -> None:
    server.pages["/feed"] = Page(atom(*(entry(n, alert(n).decode()) for n in range(4))), etag='"a"')

    def dying(*, by: Actor, body: bytes, source: str) -> None:
        if len(inbox.bodies) == 2:
            raise RuntimeError("power cut")
        inbox(by=by, body=body, source=source)

    with pytest.raises(RuntimeError):
        feeds_poll(by=SYSTEM, receive=dying, at=NOW)
    assert poll(inbox, 1) == 2
    assert inbox.ids() == ["i0", "i1", "i2", "i3"]


def test_feeds_that_name_each_other_are_not_followed(server: Server, inbox: Inbox) -> None:
    server.pages["/feed"] = Page(atom(entry(1, link("feed")), entry(2, link("page"))))
    server.pages["/page"] = Page(b"<html><body>hello</body></html>")
    assert poll(inbox) == 0
    assert server.paths() == ["/feed", "/feed", "/page"]
    broken = alert(5).replace(b"</alert>", b"")
    server.pages |= {"/feed": Page(atom(entry(3, link("broken")))), "/broken": Page(broken)}
    assert poll(inbox, 1) == 1
    assert inbox.bodies == [broken], "what means to be CAP is handed over as it came, to be recorded"


def test_long_feeds_are_worked_off_over_several_polls(
    server: Server, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anlan.warning.services.feeds.MOST_FILES", 2)
    server.pages |= {f"/{n}.cap": Page(alert(n)) for n in range(5)}
    server.pages["/feed"] = Page(atom(*(entry(n, link(f"{n}.cap")) for n in range(5))), etag='"a"')
    assert [poll(inbox, minute) for minute in range(4)] == [2, 2, 1, 0]
    assert server.seen[-1][1].get("If-None-Match") == '"a"'


def test_a_failing_feed_is_waited_for_told_once_and_told_when_it_is_back(
    server: Server, inbox: Inbox, entries: Any
) -> None:
    def kinds() -> list[str]:
        return [kind for kind, *_ in entries("feed.failing", "feed.restored")]

    waits = []
    minute = 0.0
    for _ in range(9):
        poll(inbox, minute)
        found = FeedPoll.objects.get()
        waits.append((found.due_at - NOW).total_seconds() / 60 - minute)
        minute = (found.due_at - NOW).total_seconds() / 60
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert kinds() == ["feed.failing"]
    assert (found.state, found.error["code"]) == ("failing", "feed.status")
    server.pages["/feed"] = Page(atom(entry(1, alert(1).decode())))
    assert poll(inbox, minute) == 1
    assert kinds() == ["feed.failing", "feed.restored"]
    assert FeedPoll.objects.get().error == {}


def test_a_server_that_asks_for_time_gets_it(server: Server, inbox: Inbox) -> None:
    server.pages["/feed"] = Page(status=429, headers={"Retry-After": "7200"})
    poll(inbox)
    assert FeedPoll.objects.get().due_at == NOW + timedelta(hours=2)


def test_without_the_option_nothing_inside_is_read(
    server: Server, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(options.__dict__, "feeds_private", False)
    assert poll(inbox) == 0
    assert FeedPoll.objects.get().error["code"] == "feed.inside"
    assert server.seen == []


def test_what_is_no_longer_listed_is_forgotten_after_a_week(server: Server, inbox: Inbox) -> None:
    server.pages["/feed"] = Page(atom(entry(1, alert(1).decode()), entry(2, alert(2).decode())))
    poll(inbox)
    server.pages["/feed"] = Page(atom(entry(2, alert(2).decode())))
    poll(inbox, 60 * 24 * 3)
    assert FeedTaken.objects.count() == 2
    poll(inbox, 60 * 24 * 9)
    assert FeedTaken.objects.count() == 1
    assert inbox.ids() == ["i1", "i2"]


def test_who_may_set_up_a_feed_and_what_it_must_be(server: Server, inbox: Inbox) -> None:
    with pytest.raises(Forbidden):
        feed_source_set(by=DUTY, name="x", url="https://a.example/", division="410181")
    for words, code in (
        ({"url": "file:///etc/hostname"}, "feed.address"),
        ({"name": " "}, "feed.name"),
        ({"interval_s": 1}, "feed.interval"),
    ):
        with pytest.raises(Invalid) as refused:
            feed_source_set(by=SYSTEM, **({"name": "x", "url": "https://a.example/", "division": "41"} | words))
        assert refused.value.code == code
    feed_source_set(by=SYSTEM, name="national", url=server.url + "/feed", division="41", enabled=False, at=NOW)
    assert poll(inbox, 5) == 0
    assert server.seen == []
