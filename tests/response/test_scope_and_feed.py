"""Who sees what, the live feed against a refetch, the state as it stood, the REST routes, and how fast a level starts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from anlan.kernel import live
from anlan.kernel.journal import head, seal
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import Account
from anlan.kernel.options import options
from anlan.kernel.scope import Scope, activate
from anlan.response import selectors
from anlan.response.engine.stopline import Reading
from anlan.response.models import LevelProposal, StopLine, Task
from anlan.response.services import (
    Done,
    Receipt,
    Where,
    casualty_enter,
    change_undo,
    disaster_open,
    incident_merge,
    incident_open,
    level_adopt,
    report_acknowledge,
    report_ask,
    report_file,
    stopline_read,
    task_done_many,
    task_receive_many,
)
from anlan.response.tasks import sweep
from anlan.territory.models import Post
from tests.response.reporting import T0, accident
from tests.response.scene import RED, SCENE, SYSTEM, warn

pytestmark = pytest.mark.django_db
WHOLE, GONGYI, XINGYANG = Scope.whole(), Scope(("410181",)), Scope(("410182",))
OURS = ("levelproposal", "level", "task", "incident", "stopline")


def storm() -> None:
    """A little of everything, in two counties."""
    warn("red", RED)
    level_adopt(by=SCENE, proposal=LevelProposal.objects.get().pk, at=RED + timedelta(minutes=5))
    for county in ("410181", "410182"):
        told = {"by": SCENE, "division": county, "source": "x", "at": RED + timedelta(minutes=6)}
        incident_open(**told, kind="flash_flood", title={"zh": "山洪", "en": "Flash flood"})
        casualty_enter(**told, kind="missing", place=Where("x"), reporter="y")
        report_file(by=SCENE, division=county, figures={"missing": 1}, at=RED + timedelta(minutes=7))
    lines = StopLine.objects.filter(place__kind__in=("tunnel", "metro_station")).select_related("place")
    readings = [Reading(x.place.code, x.metric, 1.0, RED + timedelta(minutes=8)) for x in lines.order_by("place__code")]
    stopline_read(by=SYSTEM, readings=readings)
    sweep(RED + timedelta(minutes=40))


@pytest.fixture
def web(request: pytest.FixtureRequest, plan: Any) -> Iterator[None]:
    storm()
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE anlan_web")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_a_county_reads_nothing_of_another(plan) -> None:
    storm()
    readers = (selectors.task_items, selectors.incident_items)
    for read in readers:
        assert {item["division"][:6] for item in read(GONGYI, None, None).values()} == {"410181"}
        assert read(WHOLE, None, None).keys() > read(GONGYI, None, None).keys()
    for board in (selectors.casualties, selectors.breaches, selectors.overdue, selectors.stoplines):
        assert {row["division"][:6] for row in board(XINGYANG)} <= {"410182"}
    assert [row["level"] for row in selectors.levels_current(GONGYI)] == [1]  # what the city decided binds below


def test_direct_sql_as_the_web_role_stays_inside_the_county(web) -> None:
    activate(GONGYI, options.secret_key)
    tables = ("task", "incident", "casualtyentry", "report", "reportduty", "contact", "stopline", "leadercheckin")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM response_{table} WHERE NOT division ^@ '410181'")
            assert cursor.fetchone()[0] == 0, table
        cursor.execute("SELECT count(*) FROM response_level")
        assert cursor.fetchone()[0] == 1
        cursor.execute("SELECT count(*) FROM response_task")
        assert cursor.fetchone()[0] > 0
        cursor.execute("UPDATE response_level SET level = 4")
        assert cursor.rowcount == 0
        cursor.execute("UPDATE response_task SET note = 'x' WHERE NOT division ^@ '410181'")
        assert cursor.rowcount == 0


@pytest.mark.parametrize("scope", [WHOLE, Scope(("4101",)), GONGYI])
def test_state_plus_frames_equals_a_refetch(plan, scope) -> None:
    seal()
    state = live.state(scope)
    items, seq = state["items"], state["seq"]
    storm()
    task_receive_many(by=SCENE, receipts=[Receipt(t.pk, RED + timedelta(minutes=41)) for t in Task.objects.all()[:5]])
    task_done_many(
        by=SCENE, done=[Done(t.pk, RED + timedelta(minutes=50), {"text": "x"}) for t in Task.objects.all()[:3]]
    )
    level_adopt(by=SCENE, plan="ZZ-FLOOD", level=3, at=RED + timedelta(minutes=60))
    seal()
    upto = head()[0]
    while seq < upto:
        step = min(seq + 40, upto)
        frame = live.frame(scope, seq, step)
        assert frame is not None
        live.merge(items, frame)
        seq = step
    fresh = live.state(scope)["items"]
    for name in OURS:
        assert items[name] == fresh[name], name
    assert fresh["task"]


def test_the_state_as_it_stood(plan) -> None:
    storm()
    before = selectors.levels_current(WHOLE, RED + timedelta(minutes=3))
    after = selectors.levels_current(WHOLE, RED + timedelta(minutes=5))
    assert (before, [row["level"] for row in after]) == ([], [1])
    waiting = selectors.proposals_open(WHOLE, RED + timedelta(minutes=3))
    assert [(row["level"], row["state"], row["escalations"]) for row in waiting] == [(1, "open", 0)]
    assert selectors.overdue(WHOLE, RED + timedelta(minutes=10)) == []
    assert selectors.overdue(WHOLE, RED + timedelta(minutes=40)) != []


# --- REST -------------------------------------------------------------------------------------------------------


def client(code: str, *roles: str) -> Client:
    post = Post.objects.get(code=code)
    account = Account.objects.create_user(
        username=code, name=post.name_zh, post=post.pk, divisions=[post.division], roles=list(roles)
    )
    browser = Client()
    browser.force_login(account, backend="anlan.site.sign_in.AccountBackend")
    return browser


def send(browser: Client, path: str, body: dict[str, Any]) -> Any:
    with transaction.atomic():  # as in service: a refused request leaves nothing behind
        return browser.post(f"/api/response/{path}", json.dumps(body), content_type="application/json")


def test_the_commander_adopts_by_rest_and_a_township_head_answers(plan) -> None:
    warn("red", RED)
    city = client("4101.commander", "decider")
    (waiting,) = city.get("/api/response/proposals").json()["items"]
    assert (waiting["level"], waiting["decider"]["post"]) == (1, "4101.commander")
    path = f"proposals/{waiting['id']}/adopt"
    refused = send(city, path, {"measures": []})
    assert (refused.status_code, refused.json()["code"]) == (422, "level.announcement_incomplete")
    assert send(client("4101.duty", "duty"), path, {}).status_code == 403
    assert send(city, path, {}).json()["level"] == 1
    assert send(city, path, {}).status_code == 409
    task = (
        Task.objects.filter(code="T105", division__startswith="410182").select_related("owner_post").order_by("id")[0]
    )
    head_of = client(task.owner_post.code, "responder")
    assert send(head_of, f"tasks/{task.pk}/receive", {}).json()["state"] in ("received", "overdue")
    assert send(head_of, f"tasks/{task.pk}/done", {"text": " "}).status_code == 422
    assert send(head_of, f"tasks/{task.pk}/done", {"text": "名册全部有结果"}).json()["state"] == "done"
    other = Task.objects.filter(code="T105", division__startswith="410181").order_by("id")[0]
    assert send(head_of, f"tasks/{other.pk}/receive", {}).status_code == 404


def test_ledger_incidents_and_reports_by_rest(plan) -> None:
    desk = client("410182.duty", "duty")
    person = {"division": "410182", "kind": "dead", "place": "村口", "source": "村民", "reporter": "灾害信息员"}
    assert send(desk, "casualties", person).json()["label"] == "unknown-1"
    assert send(desk, "casualties", {**person, "division": "410181"}).status_code == 403
    assert len(desk.get("/api/response/casualties").json()["items"]) == 1
    made = {"kind": "flash_flood", "title": {"zh": "山洪", "en": "Flash flood"}, "division": "410182", "source": "110"}
    assert send(desk, "incidents", made).status_code == 201
    assert send(desk, "incidents", {**made, "kind": "dragon"}).json()["field"] == "kind"
    assert desk.get("/api/response/incidents").json()["items"][0]["verified"] is False
    assert send(desk, "reports", {"division": "410182", "figures": {"dead": 1}}).json()["ledger"]["dead"] == 1
    assert send(desk, "reports", {"division": "410182", "figures": {"dead": 0}}).status_code == 422
    for path in ("levels", "tasks", "tasks/overdue", "stoplines", "breaches"):
        assert desk.get(f"/api/response/{path}").status_code == 200
    assert Client().get("/api/response/tasks").status_code == 401


@pytest.mark.parametrize("scope", [WHOLE, Scope(("4101",)), XINGYANG])
def test_what_is_owed_late_and_unread_equals_a_refetch(plan, drill, scope) -> None:
    """Reporting's own collection: accidents, a flood, breaches, receipts, a difference, a merge and its undoing."""
    seal()
    state = live.state(scope)
    items, seq = state["items"], state["seq"]
    first, second = (accident(grade) for grade in ("relatively_serious", "ordinary"))
    disaster = disaster_open(
        by=SCENE, division="4101", kind="flood", title={"zh": "洪涝", "en": "Flood"}, happened_at=T0
    )
    run_until_quiet(strict=True)
    for division, dead in (("410182109", 2), ("410182", 1)):
        report_file(by=SCENE, division=division, figures={"dead": dead}, kind="first", disaster=disaster.pk, at=T0)
    told = report_file(by=SCENE, division="410182", figures={"dead": 1}, kind="first", incident=second.pk, at=T0)
    report_acknowledge(by=SCENE, reports=[told.pk], level="4101")
    report_ask(by=SCENE, division="410182", words="核实", due_at=T0 + timedelta(hours=1), disaster=disaster.pk)
    run_until_quiet(strict=True)
    drill.to(T0 + timedelta(hours=2))
    sweep(drill.now)
    change = incident_merge(by=SCENE, incident=first.pk, into=second.pk, reason="同一起")
    run_until_quiet(strict=True)
    change_undo(by=SCENE, change=change.pk, reason="两起")
    run_until_quiet(strict=True)
    seal()
    upto = head()[0]
    while seq < upto:
        step = min(seq + 5, upto)
        frame = live.frame(scope, seq, step)
        assert frame is not None
        live.merge(items, frame)
        seq = step
    fresh = live.state(scope)["items"]["reporting"]
    assert items["reporting"] == fresh
    county = fresh["410182"]
    assert county["differs"] == 1
    assert county["owed"] > 0
    assert county["late"] > 0
    assert county["unread"] == 1  # the township's return lies there
