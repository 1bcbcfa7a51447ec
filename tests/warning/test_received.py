"""Warnings received: bytes kept once, chains in any order, conflicts and held ones told, ends by the clock, scope, pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound, TooLarge
from anlan.kernel.scope import Scope, activate
from anlan.warning import tasks
from anlan.warning.formats import cap
from anlan.warning.formats.cap import geometry
from anlan.warning.models import ReceivedAlert, ReceivedBody
from anlan.warning.selectors import alert_original, alert_view, alerts_page
from anlan.warning.services import alert_receive, alert_release
from anlan.warning.services.received import MAX_BYTES
from anlan.warning.services.values_received import PROVED
from tests.territory.page_rows import reader

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 7, 20, 1, 0, tzinfo=UTC)
GATE = Actor.system("feed")
COUNTY, SENDER = "410181", "41010041600000"
RING = ((113.0, 34.6), (113.2, 34.6), (113.2, 34.8), (113.0, 34.8), (113.0, 34.6))


def cap_bytes(
    name: str, minute: int = 0, kind: str = "Alert", refers: tuple[tuple[str, int], ...] = (), **more: Any
) -> bytes:
    def at(minutes: int) -> str:
        return cap.instant_text(T0 + timedelta(minutes=minutes))

    area = cap.Area("巩义市", polygons=(geometry.ring_text(RING),), geocodes=(cap.Coded("GB/T2260", COUNTY),))
    info = cap.Info(
        language="zh-CN", categories=("Met",), event="暴雨", urgency="Immediate", severity="Extreme", certainty="Observed",
        headline=more.pop("headline", f"{name} headline"), description="降雨持续", instruction="立即转移",
        expires=cap.instant_text(more.pop("expires", T0 + timedelta(hours=6))), areas=(area,),
    )  # fmt: skip
    given = {
        "identifier": name, "sender": SENDER, "sent": at(minute), "status": "Actual", "msg_type": kind, "scope": "Public",
        "infos": (info,), "references": " ".join(f"{SENDER},{other},{at(then)}" for other, then in refers) or None,
    }  # fmt: skip
    return cap.write(cap.Alert(**given | more))


def receive(body: bytes, minute: int = 60, **more: Any) -> ReceivedAlert:
    told = {"by": GATE, "source": "test feed", "division": COUNTY, "at": T0 + timedelta(minutes=minute), **more}
    return alert_receive(body=body, **told)


def states() -> dict[str, tuple[str, str]]:
    return {row.identifier: (row.state, row.chain_state) for row in ReceivedAlert.objects.all()}


ALERT = cap_bytes("A")
UPDATE = cap_bytes("U", 10, "Update", (("A", 0),))
CANCEL = cap_bytes("C", 20, "Cancel", (("A", 0), ("U", 10)))


def test_bytes_are_kept_as_they_came_and_only_once() -> None:
    first, again = receive(ALERT), receive(ALERT, 61)
    assert first.pk == again.pk
    assert bytes(ReceivedBody.objects.get().body) == ALERT
    assert (first.verdict, first.state, first.headline, first.severity) == (
        "valid",
        "in_force",
        "A headline",
        "Extreme",
    )
    assert receive(ALERT, division="410182").pk != first.pk


def test_the_state_is_the_same_in_any_order_of_arrival() -> None:
    wanted = {"A": ("cancelled", "cancelled"), "U": ("cancelled", "cancelled"), "C": ("acting", "cancelled")}
    for order in permutations((ALERT, UPDATE, CANCEL)):
        with transaction.atomic():
            for body in order:
                receive(body)
            assert states() == wanted
            assert len({row.chain for row in ReceivedAlert.objects.all()}) == 1
            transaction.set_rollback(True)


def test_every_change_of_a_message_is_told(entries: Callable[..., Any]) -> None:
    receive(ALERT)
    receive(UPDATE, 61)
    told = [
        (kind, data.get("identifier"), data["state"]) for kind, _, _, data in entries("alert.received", "alert.changed")
    ]
    assert told == [
        ("alert.received", "A", "in_force"),
        ("alert.received", "U", "in_force"),
        ("alert.changed", "A", "superseded"),
    ]
    receive(CANCEL, 62)
    row = ReceivedAlert.objects.get(identifier="A")
    assert {why["code"] for why in row.why} == {"updated", "cancelled"}
    assert all(why["zh"] and why["en"] for why in row.why)


def test_the_same_identity_with_other_bytes_is_kept_and_told() -> None:
    receive(ALERT)
    receive(cap_bytes("A", headline="something else"), 61)
    rows = list(ReceivedAlert.objects.order_by("digest"))
    assert [row.state for row in rows] == ["in_force", "conflict"]
    (told,) = [why for why in rows[0].why if why["code"] == "has_conflict"]
    assert (told["zh"], told["en"][:15]) == ("同一编号另有内容不同的消息", "Another message")
    proved = receive(cap_bytes("A", headline="a third"), 62, proof=PROVED)
    assert (proved.state, sorted(row.state for row in ReceivedAlert.objects.all())) == (
        "in_force",
        ["conflict", "conflict", "in_force"],
    )


def test_what_can_not_be_read_is_kept_with_its_findings() -> None:
    row = receive(b"<alert>not quite")
    assert (row.verdict, row.state, row.chain) == ("rejected", "unreadable", "")
    assert row.findings[0]["severity"] == "error"
    assert alert_original(Scope((COUNTY,)), row.pk)[1] == b"<alert>not quite"


def test_what_is_too_large_or_empty_or_not_ones_to_take_is_refused() -> None:
    with pytest.raises(TooLarge):
        receive(b" " * (MAX_BYTES + 1))
    with pytest.raises(Invalid):
        receive(b"")
    with pytest.raises(Forbidden):
        receive(ALERT, by=Actor("person", "邻县值班", Scope(("410182",)), roles=frozenset({"duty"})))
    assert not ReceivedAlert.objects.exists()


def test_a_message_ends_by_the_clock_at_its_exact_end(entries: Callable[..., Any]) -> None:
    row = receive(ALERT)
    end = T0 + timedelta(hours=6)
    assert tasks.next_due() == end
    assert tasks.sweep(end - timedelta(seconds=1)) == 0
    assert tasks.sweep(end + timedelta(hours=3)) == 1
    row.refresh_from_db()
    assert (row.state, row.state_at) == ("expired", end)
    assert entries("alert.changed")[-1][2] == end
    assert tasks.sweep(end + timedelta(hours=3)) == 0


def test_a_held_message_is_let_through_by_a_person_with_a_reason() -> None:
    receive(cap_bytes("A", headline="same"))
    held = receive(cap_bytes("B", 30, headline="same"), 61)
    issuer = Actor("person", "巩义气象台值班", Scope((COUNTY,)), roles=frozenset({"issuer"}))
    assert held.state == "held"
    with pytest.raises(Invalid):
        alert_release(by=issuer, alert=held, reason=" ")
    with pytest.raises(Forbidden):
        alert_release(by=Actor("person", "值班", Scope((COUNTY,)), roles=frozenset({"duty"})), alert=held, reason="x")
    done = alert_release(by=issuer, alert=held, reason="电话核实", at=T0 + timedelta(minutes=70))
    assert (done.state, done.release_reason) == ("in_force", "电话核实")
    with pytest.raises(Conflict):
        alert_release(by=issuer, alert=done, reason="again")


def test_the_inbox_is_paged_by_key_newest_first_and_narrowed(django_assert_num_queries: Any) -> None:
    for number in range(7):
        receive(cap_bytes(f"N{number}", number), 60 + number)
    receive(cap_bytes("C", 50, "Cancel", (("N0", 0),)), 70)
    seen, after = [], ""
    while True:
        with django_assert_num_queries(2):
            page = alerts_page(Scope((COUNTY,)), after=after, limit=3)
        seen += [row.identifier for row in page.rows]
        after = page.next
        if not after:
            break
    assert seen == ["C", *(f"N{number}" for number in reversed(range(7)))]
    assert page.counts == {"in_force": 6, "cancelled": 1, "acting": 1}
    assert [row.identifier for row in alerts_page(Scope((COUNTY,)), state="cancelled").rows] == ["N0"]
    assert len(alerts_page(Scope((COUNTY,)), after="nonsense").rows) == 8


def test_another_county_sees_nothing_and_villages_see_what_binds_them(web_role: None) -> None:
    activate(Scope((COUNTY,)), options.secret_key)
    row = receive(ALERT, by=Actor("person", "值班", Scope((COUNTY,)), roles=frozenset({"duty"})))
    assert alert_view(Scope((COUNTY + "001",)), row.pk).row.pk == row.pk
    with pytest.raises(NotFound):
        alert_view(Scope(("410182",)), row.pk)
    for scope, count in ((Scope(("410182",)), 0), (Scope((COUNTY + "001",)), 1)):
        activate(scope, options.secret_key)
        with connection.cursor() as cursor:
            for table in ("warning_received", "warning_received_body"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (count,)


def test_the_pages_show_the_inbox_and_one_message_in_both_languages(tiny: None) -> None:
    receive(ALERT)
    late = receive(UPDATE, 61)
    broken = receive(b"<alert>&lt;script&gt;<b>", 62)
    page = reader(COUNTY, roles=("duty", "issuer"))
    text = page.get("/warning/alerts").content.decode()
    assert "Received alerts" in text
    assert text.count("/warning/alerts/") >= 3
    assert "Unreadable message" in text
    only = page.get("/warning/alerts?state=superseded").content.decode()
    assert "A headline" in only
    assert "U headline" not in only
    one = page.get(f"/warning/alerts/{late.pk}").content.decode()
    assert "<path d=" in one
    assert "Superseded" in one
    assert "&lt;alert" in one
    assert page.get(f"/warning/alerts/{broken.pk}").status_code == 200
    file = page.get(f"/warning/alerts/{late.pk}/original")
    assert file.content == UPDATE
    assert file["Content-Disposition"].startswith("attachment")
    page.cookies["anlan_language"] = "zh-hans"
    chinese = page.get(f"/warning/alerts/{late.pk}").content.decode()
    for words in ("收到的预警", "生效中", "已被更新", "原始报文", "如何生效"):
        assert words in chinese, words


def test_the_page_lets_a_held_message_through(tiny: None) -> None:
    receive(cap_bytes("A", headline="same"))
    held = receive(cap_bytes("B", 30, headline="same", expires=T0 + timedelta(hours=6)), 61)
    page = reader(COUNTY, roles=("issuer",))
    address = f"/warning/alerts/{held.pk}"
    assert "/release" in page.get(address).content.decode()
    with clock.at(T0 + timedelta(minutes=65)):
        assert page.post(address + "/release", {"reason": "checked by telephone"}).status_code == 302
    held.refresh_from_db()
    assert held.state == "in_force"
    assert "/release" not in page.get(address).content.decode()
