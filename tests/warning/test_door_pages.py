"""Pages and routes on which warnings of others come in: files, feeds, pinned certificates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from anlan.kernel import clock
from anlan.warning.formats.signature_keys import fingerprint
from anlan.warning.models import FeedPoll, FeedSource, ReceivedAlert, SenderPin
from anlan.warning.services.door import alert_take
from tests.territory.page_rows import reader
from tests.warning.keys import pair
from tests.warning.signing import sign_by
from tests.warning.test_door import GATE
from tests.warning.test_received import COUNTY, SENDER, T0, cap_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
BODY = cap_bytes("A")
FEED = {
    "name": "省气象台",
    "url": "https://a.example/feed",
    "division": COUNTY,
    "interval_s": "60",
    "policy": "hold_bad",
    "enabled": "on",
}


def sent(page: Client, body: bytes, **more: str) -> Any:
    with clock.at(T0 + timedelta(hours=1)):
        return page.post("/warning/take", {"file": SimpleUploadedFile("a.xml", body), "division": COUNTY} | more)


def test_a_file_is_taken_in_and_its_findings_are_shown_in_the_reader_s_language() -> None:
    page = reader(COUNTY)
    assert "Take in a file" in page.get("/warning/alerts").content.decode()
    faulty = BODY.replace(b"<severity>Extreme</severity>", b"<severity>Dire</severity>")
    text = sent(page, faulty, source="市气象台").content.decode()
    row = ReceivedAlert.objects.get()
    assert (row.source, row.signature) == ("市气象台", "unsigned")
    assert escape(row.findings[0]["en"]) in text
    page.cookies["anlan_language"] = "zh-hans"
    chinese = sent(page, faulty).content.decode()
    assert escape(row.findings[0]["zh"]) in chinese
    assert "未签名" in chinese
    bad = sent(page, b"nothing of the kind")
    assert bad.status_code == 422
    assert "文件中没有预警报文" in bad.content.decode()
    assert page.post("/warning/take", {"division": COUNTY}).status_code == 422


def test_who_may_only_look_sees_no_form() -> None:
    page = reader(COUNTY, roles=("issuer",))
    for path in ("/warning/take", "/warning/feeds", "/warning/pins"):
        assert 'method="post" action="/warning/' not in page.get(path).content.decode(), path
    assert sent(page, BODY).status_code == 422
    assert page.post("/warning/feeds/keep", FEED).status_code == 422
    assert not ReceivedAlert.objects.exists()
    assert not FeedSource.objects.exists()


def test_feeds_are_added_changed_paused_and_asked_for_and_their_health_is_told() -> None:
    page = reader(COUNTY, roles=("admin",))
    assert "No feed is polled yet" in page.get("/warning/feeds").content.decode()
    assert page.post("/warning/feeds/keep", FEED).status_code == 302
    source = FeedSource.objects.get()
    assert (source.policy, source.interval_s, source.enabled) == ("hold_bad", 60, True)
    FeedPoll.objects.update(state="failing", failures=3, taken=7, polled_at=T0, due_at=T0,
                            error={"code": "feed.status", "zh": "对方答复状态码500", "en": "it answers with status 500"})  # fmt: skip
    text = page.get("/warning/feeds").content.decode()
    assert "it answers with status 500" in text
    assert "Failing" in text
    assert f"/warning/feeds/{source.pk}/poll" in text
    assert page.post(f"/warning/feeds/{source.pk}/poll").status_code == 302
    assert FeedPoll.objects.get().due_at > T0
    page.post(f"/warning/feeds/{source.pk}/pause")
    assert not FeedSource.objects.get().enabled
    assert "Paused" in page.get("/warning/feeds").content.decode()
    page.post(f"/warning/feeds/{source.pk}/resume")
    assert FeedSource.objects.get().enabled
    edit = page.get(f"/warning/feeds?edit={source.pk}").content.decode()
    assert 'value="https://a.example/feed"' in edit
    refused = page.post("/warning/feeds/keep", FEED | {"interval_s": "5"})
    assert refused.status_code == 422
    assert "Poll every 30 to 86400 seconds" in refused.content.decode()
    other = reader("410182", roles=("admin",), name="other")
    assert "省气象台" not in other.get("/warning/feeds").content.decode()
    assert other.post(f"/warning/feeds/{source.pk}/pause").status_code == 302
    assert FeedSource.objects.get().enabled


def test_an_unknown_certificate_is_pinned_from_its_message_and_ended_with_a_reason() -> None:
    with clock.at(T0 + timedelta(hours=1)):
        row = alert_take(by=GATE, body=sign_by(BODY, pair()), source="f", division=COUNTY)
    page = reader(COUNTY, roles=("admin",))
    mark = fingerprint(pair().der)
    text = page.get(f"/warning/alerts/{row.pk}").content.decode()
    assert 'data-signature="unverifiable"' in text
    assert f"/warning/pins?sender={SENDER}&amp;sha256={mark}" in text
    assert mark in page.get(f"/warning/pins?sender={SENDER}&sha256={mark}").content.decode()
    told = {"sender": SENDER, "division": COUNTY, "sha256": mark, "reason": "by telephone",
            "file": SimpleUploadedFile("c.pem", pair().certificate)}  # fmt: skip
    assert page.post("/warning/pins", told).status_code == 302
    pin = SenderPin.objects.get()
    assert "CN=issuer" in page.get("/warning/pins").content.decode()
    refused = page.post("/warning/pins", {**told, "file": SimpleUploadedFile("c.pem", b"x"), "sha256": ""})
    assert (refused.status_code, "no certificate" in refused.content.decode()) == (422, True)
    page.post(f"/warning/pins/{pin.pk}/end", {"reason": ""})
    assert SenderPin.objects.get().ended_at is None
    page.post(f"/warning/pins/{pin.pk}/end", {"reason": "new certificate"})
    assert "new certificate" in page.get("/warning/pins").content.decode()


def test_the_same_over_the_interface() -> None:
    page = reader(COUNTY, roles=("admin", "duty"))
    with clock.at(T0 + timedelta(hours=1)):
        answer = page.post(
            f"/api/warning/received?division={COUNTY}&source=x", BODY, content_type="application/cap+xml"
        )
    body = answer.json()
    assert (answer.status_code, body["kind"], body["alerts"][0]["identifier"]) == (201, "alert", "A")
    ident = body["alerts"][0]["id"]
    assert page.get(f"/api/warning/received/{ident}").json()["signature"] == "unsigned"
    assert [one["id"] for one in page.get("/api/warning/received").json()["alerts"]] == [ident]
    none = page.post(f"/api/warning/received?division={COUNTY}", b"x", content_type="text/plain")
    assert (none.status_code, none.json()["code"]) == (422, "alert.no_message")

    def put(**more: Any) -> Any:
        return page.put("/api/warning/feed-sources", {"name": "f", "url": "https://a.example/", "division": COUNTY} | more,
                        content_type="application/json")  # fmt: skip

    assert put().json()["state"] == "new"
    source = page.get("/api/warning/feed-sources").json()[0]
    assert page.post(f"/api/warning/feed-sources/{source['id']}/poll").json()["due_at"]
    assert put(enabled=False).json()["state"] == "paused"
    assert page.post(f"/api/warning/feed-sources/{source['id']}/poll").json()["code"] == "feed.paused"
    pin = page.post("/api/warning/pins", {"division": COUNTY, "sender": SENDER, "reason": "tel",
                    "certificate": pair().certificate.decode()}, content_type="application/json")  # fmt: skip
    assert (pin.status_code, pin.json()["subject"]) == (201, "CN=issuer")
    ended = page.post(f"/api/warning/pins/{pin.json()['id']}/end", {"reason": "x"}, content_type="application/json")
    assert ended.json()["ended_reason"] == "x"
    assert page.get("/api/warning/pins").json()[0]["ended_at"]
