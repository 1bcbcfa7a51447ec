"""The inbox's door: pinned certificates, what a signature said, the policy of a source, files of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Forbidden, Invalid, TooLarge
from anlan.kernel.scope import Scope
from anlan.site import tasks
from anlan.warning.formats import cap
from anlan.warning.formats.signature import signed
from anlan.warning.formats.signature_keys import fingerprint
from anlan.warning.models import FeedPoll, ReceivedAlert, SenderPin
from anlan.warning.services import alert_release
from anlan.warning.services.door import alert_take, feed_receive, file_take, trust_of
from anlan.warning.services.feed_sources import feed_source_due, feed_source_set
from anlan.warning.services.feeds import feeds_poll
from anlan.warning.services.pins import pin_end, pin_set
from anlan.warning.services.received import MAX_BYTES
from tests.warning.conftest import DUTY
from tests.warning.drafting import code_of, person
from tests.warning.feed_server import Page, Server, serving
from tests.warning.keys import NOW, pair
from tests.warning.signing import key_of, sign_by
from tests.warning.test_edxl import FIRES
from tests.warning.test_received import COUNTY, SENDER, T0, UPDATE, cap_bytes, states

pytestmark = pytest.mark.django_db
GATE = Actor.system("warning")
ADMIN = person("管理员", "admin", area="41")
ISSUER = person("签发岗")
AT = T0 + timedelta(hours=1)
BODY = cap_bytes("A", 0)


def pinned(**words: Any) -> SenderPin:
    told = {
        "by": ADMIN,
        "division": "41",
        "sender": SENDER,
        "reason": "电话核对指纹",
        "certificate": pair().certificate,
        "at": NOW,
    }
    return pin_set(**told | words)


def taken(body: bytes, policy: str = "tell", **words: Any) -> ReceivedAlert:
    return alert_take(by=GATE, body=body, source="test", division=COUNTY, policy=policy, **{"at": AT} | words)


@pytest.mark.parametrize(("body", "state"), [
    (BODY, "unsigned"), (sign_by(BODY, pair()), "verified"), (sign_by(BODY, pair("rsa", "other")), "unverifiable"),
    (sign_by(BODY, pair()).replace("降雨持续".encode(), "降雨停止".encode()), "bad")])  # fmt: skip
def test_the_result_of_the_signature_stands_on_the_message_and_refuses_nothing(body: bytes, state: str) -> None:
    pinned()
    row = taken(body)
    assert (row.signature, row.verified, row.state) == (state, state == "verified", "in_force")
    assert len(row.signature_said) == (state != "unsigned")
    assert all(one["zh"] and one["en"] and one["code"].startswith("signature.") for one in row.signature_said)


@pytest.mark.parametrize(("policy", "held"), [("tell", []), ("hold_bad", ["bad"]),
                                              ("hold_unproved", ["unsigned", "unverifiable", "bad"])])  # fmt: skip
def test_a_source_s_policy_holds_what_is_not_proved_and_a_person_lets_it_through(policy: str, held: list[str]) -> None:
    pinned()
    made = {
        "unsigned": cap_bytes("A"), "verified": sign_by(cap_bytes("B"), pair()),
        "unverifiable": sign_by(cap_bytes("C"), pair("rsa", "other")),
        "bad": sign_by(cap_bytes("D"), pair()).replace("降雨持续".encode(), "降雨停止".encode()),
    }  # fmt: skip
    rows = {name: taken(body, policy) for name, body in made.items()}
    assert [name for name, row in rows.items() if row.state == "held"] == held
    for name in held:
        why = {one["code"] for one in rows[name].why}
        assert why & {"bad_signature" if name == "bad" else "unproved"}
        done = alert_release(by=ISSUER, alert=rows[name], reason="电话核实", at=AT)
        assert done.state == "in_force"


def test_a_doubtful_update_or_cancel_acts_on_nothing_until_it_is_let_through() -> None:
    taken(BODY)
    taken(UPDATE, "hold_unproved")
    cancel = taken(cap_bytes("C", 20, "Cancel", (("A", 0),)), "hold_unproved")
    assert {name: state for name, (state, _) in states().items()} == {"A": "in_force", "U": "held", "C": "held"}
    alert_release(by=ISSUER, alert=cancel, reason="电话核实", at=AT)
    assert {name: state for name, (state, _) in states().items()} == {"A": "cancelled", "U": "held", "C": "acting"}


def test_pins_hold_below_their_division_until_they_end_and_keep_their_record(entries: Any) -> None:
    pin = pinned()
    assert trust_of(COUNTY).senders[SENDER][0].sha256 == fingerprint(pair().der)
    assert not trust_of("42").senders
    assert (pin.subject, pin.valid_to is not None) == ("CN=issuer", True)
    pin_end(by=ADMIN, pin=pin, reason="换证", at=NOW)
    assert not trust_of(COUNTY).senders
    assert taken(sign_by(BODY, pair())).signature == "unverifiable"
    assert code_of(Conflict, lambda: pin_end(by=ADMIN, pin=pin, reason="again")) == "pin.ended"
    assert [kind for kind, *_ in entries("pin.set", "pin.ended")] == ["pin.set", "pin.ended"]
    pinned()
    assert SenderPin.objects.count() == 2


def test_a_relay_vouches_for_every_sender_and_a_fingerprint_alone_will_do() -> None:
    mark = fingerprint(pair().der)
    spaced = " ".join(mark[n : n + 2].upper() for n in range(0, 64, 2))
    pinned(sender="", relay=True, certificate=b"", sha256=spaced)
    row = taken(sign_by(BODY, pair()))
    assert (row.signature, row.signature_said[0]["fingerprint"]) == ("verified", mark)
    assert pinned(certificate=pair("ec").der).subject == "CN=issuer", "DER is taken too"


@pytest.mark.parametrize(("words", "code"), [
    ({"sender": ""}, "pin.sender"), ({"relay": True}, "pin.sender"), ({"reason": " "}, "pin.no_reason"),
    ({"certificate": b"nonsense"}, "pin.certificate"), ({"certificate": pair("rsa1024").der}, "pin.weak"),
    ({"certificate": b""}, "pin.fingerprint"), ({"sha256": "0" * 64}, "pin.differs")])  # fmt: skip
def test_what_can_not_be_pinned_is_refused_in_words(words: dict[str, Any], code: str) -> None:
    assert code_of(Invalid, lambda: pinned(**words)) == code
    assert not SenderPin.objects.exists()


def test_only_administrators_pin_and_each_only_once() -> None:
    assert code_of(Forbidden, lambda: pinned(by=DUTY, division=COUNTY))
    pinned()
    assert code_of(Conflict, pinned) == "pin.known"


def test_files_of_every_kind_are_taken_apart() -> None:
    bundle = b'<alerts xmlns="urn:oasis:names:tc:emergency:cap:1.2">' + b"".join(
        cap_bytes(name).split(b"?>", 1)[1] for name in "AB") + b"</alerts>"  # fmt: skip
    for body, kind, count in ((BODY, "alert", 1), (bundle, "bundle", 2), (FIRES, "edxl_de", 1)):
        found = file_take(by=DUTY, body=body, source="upload", division=COUNTY, at=AT)
        assert (found.kind, len(found.rows)) == (kind, count)
    assert file_take(by=DUTY, body=BODY, source="upload", division=COUNTY, at=AT).rows[0].identifier == "A"
    broken = file_take(by=DUTY, body=BODY.replace(b"</alert>", b""), source="upload", division=COUNTY, at=AT)
    assert broken.rows[0].findings


def test_a_signed_message_keeps_its_proof_through_a_bundle_and_single() -> None:
    pinned()
    body = sign_by(BODY, pair())
    assert file_take(by=DUTY, body=body, source="upload", division=COUNTY, at=AT).rows[0].signature == "verified"


@pytest.mark.parametrize(("body", "kind", "code"), [
    (b"", Invalid, "alert.empty"), (b"plain words", Invalid, "alert.no_message"),
    (b" " * (MAX_BYTES + 1), TooLarge, "alert.too_large"),
    (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="https://a.example/1.xml"/></entry></feed>',
     Invalid, "alert.no_message")])  # fmt: skip
def test_files_that_hold_no_message_are_refused(body: bytes, kind: Any, code: str) -> None:
    def act() -> Any:
        found = file_take(by=DUTY, body=body, source="upload", division=COUNTY, at=AT)
        if not found.rows:
            raise Invalid(code="alert.empty", **found.said[0])
        return found

    assert code_of(kind, act) == code
    assert not ReceivedAlert.objects.exists()


def test_others_files_are_not_ones_to_take() -> None:
    assert code_of(Forbidden, lambda: file_take(by=ISSUER, body=BODY, source="upload", division="410182"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setitem(options.__dict__, "feeds_private", True)
    with serving() as running:
        yield running


def test_a_feed_brings_messages_into_the_inbox_of_its_division_under_its_policy(server: Server) -> None:
    pinned()
    source = feed_source_set(
        by=ADMIN, name="省气象台", url=server.url + "/feed", division=COUNTY, policy="hold_unproved", at=NOW
    )
    own = signed(cap_bytes("S"), key_of(pair()))
    entries = [f"<entry><id>{n}</id><updated>2021</updated>{body.split(b'?>', 1)[1].decode()}</entry>"
               for n, body in enumerate((BODY, own))]  # fmt: skip
    server.pages["/feed"] = Page(f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'.encode())
    with clock.at(NOW):
        assert feeds_poll(by=GATE, receive=feed_receive, at=NOW) == 2
    rows = {row.identifier: row for row in ReceivedAlert.objects.all()}
    assert {name: (row.division, row.source, row.doubt) for name, row in rows.items()} == {
        "A": (COUNTY, "省气象台", "unproved"), "S": (COUNTY, "省气象台", "")}  # fmt: skip
    feed_source_due(by=ADMIN, source=source, at=NOW + timedelta(seconds=5))
    assert FeedPoll.objects.get().due_at == NOW + timedelta(seconds=5)
    paused = feed_source_set(
        by=ADMIN, name="省气象台", url=server.url + "/feed", division=COUNTY, enabled=False, at=NOW
    )
    assert code_of(Conflict, lambda: feed_source_due(by=ADMIN, source=paused)) == "feed.paused"


def test_the_periodic_task_polls_and_stays_out_of_drills(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    feed_source_set(by=ADMIN, name="f", url=server.url + "/feed", division="41")
    server.pages["/feed"] = Page(BODY)
    monkeypatch.setitem(options.__dict__, "drill", True)
    tasks.feeds_often(timestamp=0)
    assert not ReceivedAlert.objects.exists()
    monkeypatch.setitem(options.__dict__, "drill", False)
    tasks.feeds_often(timestamp=0)
    row = ReceivedAlert.objects.get()
    assert (row.source, row.division, row.identifier) == ("f", "41", "A")
    assert cap.read(BODY, "record").alert is not None
    assert Scope((COUNTY,)).sees(row.division)
