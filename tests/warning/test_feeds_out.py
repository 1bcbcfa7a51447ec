"""Feeds out: stable ids, honest dates, nothing stale, nothing of an exercise, and one rendering for a rush."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import feedparser
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from anlan.kernel import clock
from anlan.kernel.scope import Scope, lent
from anlan.warning.engine.publishing import CANCEL_KEPT, Issued, listed
from anlan.warning.formats import cap
from anlan.warning.formats.feed import FeedEntry, FeedHead, atom_write, http_date, rss_write, unchanged
from anlan.warning.models import Warning
from anlan.warning.selectors.public import shelf
from anlan.warning.services import warning_cancel, warning_issue, warnings_expire
from tests.warning.conftest import ISSUER

NOON = datetime(2021, 7, 19, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "/api/warning/public/feed.atom"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def issued(number: str = "n1", **words: Any) -> Issued:
    start = words.pop("issued_at", NOON)
    given = {"follows": False, "issued_at": start, "expires": start + 3 * HOUR, "state": "in_force",
             "state_at": start, "cancel_number": ""}  # fmt: skip
    texts = dict.fromkeys(("headline_zh", "headline_en", "instruction_zh", "instruction_en"), "x")
    return Issued(number=number, **(given | texts | words))


def names(warnings: list[Issued], at: datetime) -> list[str]:
    return [message.identifier for message in listed(warnings, at)[0]]


def test_a_warning_is_listed_until_it_expires_even_if_the_sweep_is_late() -> None:
    one = issued()
    assert names([one], NOON - timedelta(seconds=1)) == []
    assert names([one], NOON) == ["n1"]
    assert names([one], one.expires) == []
    assert listed([one], one.expires)[1] == one.expires


def test_an_update_takes_the_place_of_what_it_updates() -> None:
    old = issued("n1", state="updated", state_at=NOON + HOUR)
    new = issued("n2", issued_at=NOON + HOUR, follows=True)
    (message,), changed = listed([old, new], NOON + 2 * HOUR)
    assert (message.identifier, message.kind, changed) == ("n2", "Update", NOON + HOUR)


def test_a_cancellation_is_listed_for_a_day_and_no_longer() -> None:
    gone = issued("n1", state="cancelled", state_at=NOON + HOUR, cancel_number="c1")
    assert names([gone], NOON + HOUR) == ["c1"]
    assert names([gone], NOON + HOUR + CANCEL_KEPT - timedelta(seconds=1)) == ["c1"]
    assert names([gone], NOON + HOUR + CANCEL_KEPT) == []


moments = st.integers(0, 200).map(lambda hours: NOON + hours * HOUR)


@st.composite
def warnings(draw: st.DrawFn) -> Issued:
    start = draw(moments)
    state = draw(st.sampled_from(["in_force", "updated", "cancelled", "expired"]))
    lasts = draw(st.integers(1, 48)) * HOUR
    ended = start + draw(st.integers(0, 48)) * HOUR if state != "in_force" else start
    number = f"n{draw(st.integers(0, 10**6))}"
    return issued(number, issued_at=start, expires=start + lasts, state=state, state_at=ended,
                  cancel_number=f"c{number}" if state == "cancelled" else "")  # fmt: skip


@given(st.lists(warnings(), max_size=6), moments, moments)
def test_what_did_not_change_lists_the_same(found: list[Issued], one: datetime, other: datetime) -> None:
    """The date of the last change is honest: two moments with the same date show the same list."""
    first, second = listed(found, one), listed(found, other)
    if first[1] == second[1]:
        assert first[0] == second[0]
    assert first[1] <= max(one, datetime(1970, 1, 1, tzinfo=UTC))


HEAD = FeedHead("urn:anlan:feed:t:zh", "https://a.example/feed", "预警\x00", "zh-CN", NOON + HOUR)
MESSAGE = f'<alert xmlns="{CAP[1:-1]}"><identifier>n1</identifier></alert>'.encode()
ENTRIES = [
    FeedEntry("n1", "暴雨红色预警 <巩义>", "立即避险 & 转移", NOON, "https://a.example/n1.xml", "Alert", MESSAGE),
    FeedEntry("c2", "[Cancelled] x", "y", NOON + HOUR, "https://a.example/c2.xml", "Cancel"),
]


def address(entry: Any) -> str:
    """Where the CAP file of an entry is: the Atom link of CAP's media type, or the RSS link."""
    return next((link.href for link in entry.links if link.type == "application/cap+xml"), entry.link)


@pytest.mark.parametrize("write", [atom_write, rss_write])
def test_a_feed_reader_reads_what_we_write(write: Any) -> None:
    found = feedparser.parse(write(HEAD, ENTRIES))
    assert not found.bozo
    assert (found.feed.title, found.feed.language) == ("预警", "zh-CN")
    first, second = found.entries
    assert (first.id, address(first)) == ("urn:anlan:warning:n1", "https://a.example/n1.xml")
    assert "巩义" in first.title
    moment = first.updated_parsed if write is atom_write else first.published_parsed
    assert tuple(moment)[:5] == (2021, 7, 19, 12, 0)
    assert second.tags[0].term == "Cancel"
    changed = found.feed.updated_parsed
    assert tuple(changed)[:5] == (2021, 7, 19, 13, 0)


@pytest.mark.parametrize("write", [atom_write, rss_write])
def test_a_fat_feed_carries_the_message_itself(write: Any) -> None:
    root = etree.fromstring(write(HEAD, ENTRIES))
    (alert,) = root.iter(f"{CAP}alert")
    assert alert.findtext(f"{CAP}identifier") == "n1"


def test_conditional_requests_as_the_http_standard_has_them() -> None:
    late = http_date(NOON + timedelta(seconds=30))
    assert unchanged('"a"', NOON, '"x", W/"a"', None)
    assert unchanged('"a"', NOON, "*", None)
    assert not unchanged('"a"', NOON, '"b"', late), "If-None-Match outweighs If-Modified-Since"
    assert unchanged('"a"', NOON.replace(microsecond=9), None, http_date(NOON))
    assert not unchanged('"a"', NOON, None, http_date(NOON - timedelta(seconds=1)))
    assert not unchanged('"a"', NOON, None, "yesterday")
    assert not unchanged('"a"', NOON, None, None)


@pytest.fixture
def public(tiny: None) -> Iterator[Client]:
    shelf.forget()
    yield Client(headers={"host": "127.0.0.1"})
    shelf.forget()


def entries(answer: Any) -> list[Any]:
    return list(feedparser.parse(answer.content).entries)


def test_from_issued_to_updated_to_cancelled_without_signing_in(public: Client) -> None:
    assert entries(public.get(FEED)) == []
    first = warning_issue(by=ISSUER, hazard="11B03", colour="orange", area=["410181"])
    shelf.forget()
    answer = public.get(FEED)
    (entry,) = entries(answer)
    assert (entry.id, entry.title) == (f"urn:anlan:warning:{first.number}", first.headline_zh)
    assert "public" in answer["Cache-Control"]
    raw = public.get(address(entry).removeprefix("http://127.0.0.1"))
    assert (raw.content, raw["Content-Type"]) == (first.cap_xml.encode(), "application/cap+xml")
    second = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"], references=first,
                           at=clock.now() + timedelta(seconds=1))  # fmt: skip
    with clock.at(second.issued_at):
        shelf.forget()
        (entry,) = entries(public.get("/api/warning/public/feed.rss?language=en"))
        assert (entry.title, entry.tags[0].term) == (second.headline_en, "Update")
    over = warning_cancel(by=ISSUER, warning=second, reason="雨停", at=second.issued_at + timedelta(seconds=1))
    with clock.at(over.state_at):
        shelf.forget()
        (entry,) = entries(public.get(FEED + "?fat=true"))
        assert entry.id == f"urn:anlan:warning:{over.cancel_number}"
        alert = etree.fromstring(public.get(FEED + "?fat=true").content).find(f".//{CAP}alert")
        assert alert is not None
        assert alert.findtext(f"{CAP}msgType") == "Cancel"
    refused = public.get("/api/warning/public/alerts/nothing.xml")
    assert (refused.status_code, refused.json()["code"]) == (404, "warning.no_message")


def test_what_expired_is_gone(public: Client) -> None:
    made = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    shelf.forget()
    assert len(entries(public.get(FEED))) == 1
    for sweep in (False, True):
        if sweep:
            warnings_expire(made.expires)
        shelf.forget()
        with clock.at(made.expires):
            answer = public.get(FEED)
            assert entries(answer) == []
            assert answer["Last-Modified"] == http_date(made.expires)


def test_an_exercise_never_leaves_the_building(public: Client) -> None:
    made = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    Warning.objects.update(drill=True)
    shelf.forget()
    assert entries(public.get(FEED)) == []
    assert public.get(f"/api/warning/public/alerts/{made.number}.xml").status_code == 404


@pytest.mark.parametrize("path", [FEED, "/api/warning/public/feed.rss", FEED + "?fat=true&language=en"])
def test_an_unchanged_feed_is_not_sent_again(public: Client, path: str) -> None:
    made = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    shelf.forget()
    full = public.get(path)
    for asked in ({"If-None-Match": full["ETag"]}, {"If-Modified-Since": full["Last-Modified"]}):
        again = public.get(path, headers=asked)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", full["ETag"])
    warning_cancel(by=ISSUER, warning=made, reason="雨停", at=made.issued_at + timedelta(seconds=2))
    with clock.at(made.issued_at + timedelta(seconds=2)):
        shelf.forget()
        for asked in ({"If-None-Match": full["ETag"]}, {"If-Modified-Since": full["Last-Modified"]}):
            assert public.get(path, headers=asked).status_code == 200


def test_a_rush_is_served_from_memory(public: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anlan.warning.selectors.public.LOOK_S", 3600.0)
    warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    shelf.forget()
    first = public.get(FEED)
    with CaptureQueriesContext(connection) as asked:
        for _ in range(20):
            assert public.get(FEED).content == first.content
    assert list(asked) == [], "no session, no account, no scope, no rows"
    assert {"Vary", "Content-Language"} & set(first.headers) == set()
    assert public.get(FEED, headers={"host": "elsewhere.example"}).status_code == 400
    assert public.post(FEED).status_code in {403, 405}


def test_while_the_database_is_away_what_is_there_is_served(public: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    first = public.get(FEED)

    def away() -> list[Issued]:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("anlan.warning.selectors.public._issued", away)
    monkeypatch.setattr("anlan.warning.selectors.public.LOOK_S", 0.0)
    monkeypatch.setattr("anlan.warning.selectors.public.connection", SimpleNamespace(close=lambda: None))
    assert public.get(FEED).content == first.content
    shelf.forget()
    with pytest.raises(OperationalError):
        public.get(FEED)


def test_the_web_role_sees_the_public_messages_and_nothing_more_afterwards(public: Client, web_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
        shelf.forget()
        assert len(entries(public.get(FEED))) == 1
        assert Warning.objects.count() == 0
    with pytest.raises(RuntimeError), lent(Scope.whole(), "wrong key"):
        raise RuntimeError
    assert Warning.objects.count() == 0


def test_our_own_reader_has_the_scoped_feed_with_its_tag(tiny: None) -> None:
    from ninja.testing import TestClient

    from anlan.warning.api import router

    made = warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"])
    client = TestClient(router)
    answer = client.get("/feed.xml", actor=ISSUER)
    assert answer["Cache-Control"].startswith("private")
    assert [entry.title for entry in feedparser.parse(answer.content).entries] == [made.headline_zh]
    assert cap.read(made.cap_xml.encode()).alert.identifier == made.number
