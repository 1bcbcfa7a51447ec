"""Orders by REST and by their pages: hands, receipts by key, photos, files, red items; and nothing for strangers."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from anlan.kernel.models import Account
from anlan.kernel.scope import Scope
from anlan.response.engine.plan import law_known
from anlan.response.formats.command_groups import command_pack
from anlan.response.formats.order_templates import fitting, order_templates
from anlan.response.models import Order, OrderStep, Task
from anlan.response.selectors import red_items
from anlan.response.services import order_draft, order_issue_verbal, task_help
from anlan.response.tasks import sweep
from tests.response.ordering import GONGYI, MINUTE, NOON, XINGYANG, content, desk_of, hands, issued, key, of
from tests.response.test_order_engine import png
from tests.response.test_scope_and_feed import client, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plan")]


def body(**changes: Any) -> dict[str, Any]:
    """An order as a program sends it."""
    return {"title_zh": "封闭隧道", "text_zh": "立即封闭。", "issuer": str(key("4101.commander")), "within_min": 60,
            "receivers": [{"post": str(key(GONGYI)), "lead": True}, {"post": str(key(XINGYANG))}], **changes}  # fmt: skip


def test_an_order_by_rest_from_draft_to_verified() -> None:
    desk, chief, county = (
        client("4101.duty", "duty"),
        client("4101.commander", "decider"),
        client(GONGYI, "duty", "responder"),
    )
    checker = client("4101.deputy.1", "duty")
    two = [{"post": str(key(code)), "lead": True} for code in (GONGYI, XINGYANG)]
    assert send(desk, "orders", body(receivers=two)).json()["code"] == "order.two_leads"
    made = send(desk, "orders", body())
    assert (made.status_code, made.json()["state"]) == (201, "drafted")
    order, seen = made.json()["id"], {"seen": made.json()["digest"]}
    assert county.get(f"/api/response/orders/{order}").status_code == 404
    assert send(desk, f"orders/{order}/check", seen).status_code == 403
    assert send(checker, f"orders/{order}/check", seen).status_code == 200
    assert send(chief, f"orders/{order}/sign", seen).json()["state"] == "signed"
    assert send(chief, f"orders/{order}/issue", seen).json()["number"].startswith("指令〔")
    whole = county.get(f"/api/response/orders/{order}").json()
    assert [one["post"] for one in whole["receivers"]] == [GONGYI]
    task = whole["receivers"][0]["task"]
    act = {"act": "receive", "key": str(uuid4())}
    assert [send(county, f"tasks/{task}/sent", act).json()["state"] for _ in range(2)] == ["received", "received"]
    photo = county.post("/api/response/attachments", {"about": f"task:{task}", "lon": 113.0, "lat": 34.7,
                        "file": SimpleUploadedFile("a.svg", png(8, 8))})  # fmt: skip
    assert (photo.status_code, photo.json()["media_type"]) == (201, "image/png")
    assert chief.get(f"/api/response/attachments/{photo.json()['id']}").content == png(8, 8)
    assert client(XINGYANG, "duty").get(f"/api/response/attachments/{photo.json()['id']}").status_code == 404
    done = {"act": "done", "key": str(uuid4()), "files": [photo.json()["id"]]}
    assert send(county, f"tasks/{task}/sent", done).json()["state"] == "done"
    assert send(county, f"tasks/{task}/verify", {}).status_code == 403
    assert send(chief, f"tasks/{task}/redo", {"reason": "看不清", "within_min": 10}).json()["state"] == "received"
    assert send(county, f"tasks/{task}/done", {"text": "重拍", "files": [photo.json()["id"]]}).json()["state"] == "done"
    assert send(chief, f"tasks/{task}/verify", {"note": "可"}).json()["state"] == "verified"
    assert send(chief, f"orders/{order}/cancel", {"reason": "雨停"}).json()["state"] == "cancelled"
    assert [step["act"] for step in chief.get(f"/api/response/orders/{order}").json()["story"]][-1] == "cancel"
    assert Client().get("/api/response/orders").status_code == 401


def test_pages_lead_each_hand_to_its_step() -> None:
    desk, checker, chief = (
        client("4101.duty", "duty"),
        client("4101.deputy.1", "duty"),
        client("4101.commander", "decider"),
    )
    form = {"kind": "order", "title_zh": "封闭隧道", "text_zh": "立即封闭。", "issuer": str(key("4101.commander")),
            "receivers": [str(key(GONGYI)), str(key(XINGYANG))], "lead": str(key(GONGYI)), "within_min": "30",
            "receipt_min": "5", "verify_min": "60", "law": "73(2)，67(6)"}  # fmt: skip

    def post(browser: Client, path: str, values: dict[str, Any]) -> Any:
        with transaction.atomic():
            return browser.post(path, values, headers={"accept": "text/html"})

    assert post(desk, "/response/orders/new", {**form, "lead": ""}).status_code == 422
    made = post(desk, "/response/orders/new", form)
    row = Order.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"/response/orders/{row.pk}")
    assert row.basis["items"] == ["73(2)", "67(6)"]
    page = f"/response/orders/{row.pk}"
    for browser, act in ((desk, "check"), (checker, "check"), (checker, "sign"), (chief, "sign")):
        assert browser.get(page, headers={"accept": "text/html"}).status_code == 200
        post(browser, f"{page}/{act}", {"seen": row.digest})
    row.refresh_from_db()
    assert (row.state, OrderStep.objects.filter(order=row).count()) == ("issued", 4)
    county = client(GONGYI, "duty", "responder")
    task = of(row, GONGYI)
    assert str(task.pk) in county.get("/response/mine", headers={"accept": "text/html"}).content.decode()
    sent = county.post(f"/response/tasks/{task.pk}/send", json.dumps({"act": "done", "key": str(uuid4()), "evidence": {}}),
                       content_type="application/json")  # fmt: skip
    assert (sent.status_code, sent.json()["code"]) == (422, "task.no_evidence")
    bad = county.post(f"/response/tasks/{task.pk}/photo", {"photo": SimpleUploadedFile("a.jpg", b"<script>")})
    assert (bad.status_code, bad.json()["code"]) == (422, "attachment.kind")
    assert chief.get("/response/orders", headers={"accept": "text/html"}).status_code == 200
    rows = list(
        csv.reader(io.StringIO(b"".join(chief.get("/response/orders.csv").streaming_content).decode("utf-8-sig")))
    )
    assert [line[8] for line in rows[1:] if line[0] == row.number] == ["巩义市防汛值班员", "荥阳市防汛值班员"]


def test_another_site_cannot_send_for_a_signed_in_reader() -> None:
    task = of(issued(), GONGYI)
    post = task.owner_post
    account = Account.objects.create_user(
        username="x", name="x", post=post.pk, divisions=[post.division], roles=["responder"]
    )
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(account, backend="anlan.site.sign_in.AccountBackend")
    for path in ("photo", "send"):
        assert browser.post(f"/response/tasks/{task.pk}/{path}", {}).status_code == 403
    assert browser.post("/api/response/attachments", {"about": f"task:{task.pk}"}).status_code in (401, 403)
    assert Task.objects.get(pk=task.pk).state == "issued"


def test_what_stands_red_before_a_hand_over() -> None:
    maker = hands()[0]
    row = order_draft(by=maker, content=content(), at=NOON)
    order_issue_verbal(by=maker, order=row.pk, seen=row.digest, way="phone", why="急", at=NOON)
    task_help(by=desk_of(GONGYI), task=of(row, GONGYI).pk, text="缺泵", at=NOON + MINUTE)
    sweep(NOON + 31 * MINUTE)
    red = {item["kind"]: item for item in red_items(Scope(("4101",)), NOON + 31 * MINUTE)}
    assert red["order_written"]["link"] == f"/response/orders/{row.pk}"
    assert red["task_help"]["link"] == f"/response/tasks/{of(row, GONGYI).pk}"
    assert "order_written" not in {item["kind"] for item in red_items(Scope(("410181",)), NOON + 31 * MINUTE)}


def test_templates_cite_the_law_and_fit_the_hazard() -> None:
    groups = {group.code for group in command_pack().groups}
    for one in order_templates().templates:
        assert all(law_known(item) for item in one.law), one.code
        assert one.group in groups
        assert one.title.zh and one.title.en and one.text.en and 0 < one.receipt <= one.within
    assert fitting("11C01")[0].code in ("evacuate", "quake_search")
    assert not fitting("")[0].hazards
