"""Routes and pages of incidents: handing over once, figures, grade, course; the sheet; the reader's own area only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from anlan.kernel.accounts import account_save
from anlan.response.models import Incident, Intake
from anlan.response.services import incident_open
from tests.response.accidents import accident, dead
from tests.response.scene import SCENE, SYSTEM

pytestmark = pytest.mark.django_db


def client(division: str = "410182", *roles: str) -> Client:
    from anlan.territory.models import Post

    post = Post.objects.filter(division=division).order_by("code")[0]
    account = account_save(by=SYSTEM, username=f"u{division}", name="值班员", password="long-enough-1",
                           roles=list(roles or ("duty",)), divisions=[division], post=post.pk)  # fmt: skip
    found = Client()
    found.force_login(account)
    return found


def posted(who: Client, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    with transaction.atomic():  # a refusal rolls back what it began, and the test goes on
        answer = who.post(f"/api/response{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()


HANDED = {"source_system": "119", "source_ref": "A7", "division": "410182", "what": "工厂起火", "type_code": "12G00",
          "casualties": {"deaths": 3, "missing": None}, "caller": {"name": "王某某", "phone": "13800001234"}}  # fmt: skip


def test_a_report_is_handed_over_once_and_becomes_a_graded_incident() -> None:
    who = client()
    first = posted(who, "/intakes", HANDED)
    assert (first[0], first[1]["revision"], first[1]["state"]) == (200, 1, "new")
    assert posted(who, "/intakes", HANDED) == first
    waiting = who.get("/api/response/intakes").json()["items"]
    assert (len(waiting), "1380000" in str(waiting)) == (1, False)
    status, opened = posted(who, f"/intakes/{first[1]['id']}/open", {})
    assert status == 200
    key = opened["incident"]
    found = who.get(f"/api/response/incidents/{key}").json()
    assert (found["grade"], found["grades"][0]["table"]) == ("relatively_serious", "work_safety")
    assert posted(who, f"/incidents/{key}/figures", {"metric": "deaths", "value": 1, "source": "119 A7"})[1]["code"] == (
        "figure.fall_without_reason")  # fmt: skip
    assert posted(who, f"/incidents/{key}/grade", {})[1]["how"] == "confirmed"
    course = who.get(f"/api/response/incidents/{key}/timeline").json()["items"]
    assert [one["kind"] for one in course][:3] == ["incident.received", "tasks.issued", "incident.opened"]


def test_merge_split_and_undo_by_the_api() -> None:
    who = client()
    one, two = accident(), accident(1)
    status, merged = posted(who, f"/incidents/{one.pk}/merge", {"into": str(two.pk), "reason": "同一起"})
    assert (status, merged["kind"]) == (200, "merge")
    assert posted(who, f"/incidents/{one.pk}/merge", {"into": str(two.pk), "reason": "x"})[0] == 409
    assert posted(who, f"/incident-changes/{merged['id']}/undo", {"reason": "两起"})[0] == 200
    figure = dead(two, 2, 3)
    words = {"zh": "另一起", "en": "Another"}
    status, cut = posted(
        who, f"/incidents/{two.pk}/split", {"title": words, "reason": "x", "figures": [str(figure.pk)]}
    )
    assert (status, Incident.objects.get(pk=cut["other"]).title_en) == (200, "Another")


def test_another_county_sees_nothing_and_a_reader_without_the_role_does_nothing() -> None:
    row = accident()
    other, plain = client("410181"), client("410182", "auditor")
    assert other.get(f"/api/response/incidents/{row.pk}").status_code == 404
    assert other.get(f"/response/incidents/{row.pk}").status_code in (404, 422)
    assert posted(other, "/intakes", HANDED)[0] == 403
    assert posted(plain, f"/incidents/{row.pk}/grade", {})[0] == 403
    page = plain.get(f"/response/incidents/{row.pk}").content.decode()
    assert ("/figure" not in page, row.title_zh in page or row.title_en in page) == (True, True)


def test_the_sheet_opens_a_graded_incident_and_says_what_is_wrong() -> None:
    who = client()
    told = {"what": "仓库氨气泄漏", "type": "危险化学品", "when": "-20", "place": "崔庙镇冷库", "division": "410182109",
            "deaths": "3", "missing": "?", "injured": "12", "caller_phone": "13800001234", "door": "phone"}  # fmt: skip
    preview = who.post("/response/incidents/new/preview", told).content.decode()
    assert "g-relatively_serious" in preview
    wrong = who.post("/response/incidents/new", {**told, "when": "later", "deaths": "many"})
    assert (wrong.status_code, wrong.content.decode().count("aria-invalid")) == (422, 2)
    assert Intake.objects.count() == 0
    done = who.post("/response/incidents/new", told)
    assert done.status_code == 302
    row = Incident.objects.get()
    assert (row.grade, row.division, row.type_code) == ("relatively_serious", "410182109", "12D00")
    intake = Intake.objects.get()
    assert intake.casualties == {"deaths": 3, "missing": None, "injured": 12}
    page = who.get(done["Location"]).content.decode()
    assert "138****1234" in page
    assert "13800001234" not in page
    shown = who.post(f"/response/intakes/{intake.pk}/caller", {"reason": "回拨"}).json()
    assert shown["phone"] == "13800001234"
    near = who.post("/response/incidents/new/preview", {**told, "what": "冷库有人晕倒"}).content.decode()
    assert str(row.pk) in near
    who.post("/response/incidents/new", {**told, "what": "又一通电话", "deaths": "4", "join": str(row.pk)})
    assert (Incident.objects.count(), Intake.objects.filter(incident=row).count()) == (1, 2)


def test_the_list_filters_and_is_a_file_too() -> None:
    who = client()
    grave, flood = accident(), accident(1, "11A06", title={"zh": "山洪", "en": "Flash flood"})
    dead(grave, 30, 2)
    pages = {query: who.get(f"/response/incidents?{query}").content.decode() for query in (
        "", "grade=especially_serious", "type=11A00", "q=山洪", "state=closed")}  # fmt: skip
    found = {query: (str(grave.pk) in text, str(flood.pk) in text) for query, text in pages.items()}
    assert found == {"": (True, True), "grade=especially_serious": (True, False), "type=11A00": (False, True),
                     "q=山洪": (False, True), "state=closed": (False, False)}  # fmt: skip
    assert pages[""].index(str(grave.pk)) < pages[""].index(str(flood.pk))
    lines = b"".join(who.get("/response/incidents.csv")).decode("utf-8-sig").splitlines()
    assert len(lines) == 3


def test_the_pages_of_one_incident_do_everything_the_services_do(django_assert_max_num_queries: Any) -> None:
    who = client()
    told = {
        "by": SCENE,
        "kind": "other",
        "title": {"zh": "坍塌", "en": "Collapse"},
        "division": "410182",
        "source": "110",
    }
    row, other = (incident_open(**told, type_code="12F00") for _ in range(2))
    path = f"/response/incidents/{row.pk}"
    who.post(f"{path}/figure", {"metric": "deaths", "value": "4", "source": "120", "as_of": "-1", "confidence": "high"})
    who.post(f"{path}/claim", {"topic": "roof", "text": "屋顶未塌", "source": "厂方"})
    who.post(f"{path}/claim", {"topic": "roof", "text": "屋顶已塌", "source": "119"})
    who.post(f"{path}/grade", {})
    who.post(f"{path}/change", {"title_zh": "某厂坍塌", "reason": "名称不确"})
    who.post(f"{path}/merge", {"into": str(other.pk), "reason": "同一起"})
    row.refresh_from_db()
    assert (row.state, row.title_zh, row.grade, row.contradicted) == ("merged", "某厂坍塌", "relatively_serious", True)
    with django_assert_max_num_queries(40):
        text = who.get(f"/response/incidents/{other.pk}").content.decode()
    assert "屋顶已塌" in text
    who.post(f"/response/incidents/{other.pk}/close", {"reason": "处置完毕"})
    other.refresh_from_db()
    assert other.state == "closed"
    assert who.post(f"{path}/burn", {}).status_code == 404
