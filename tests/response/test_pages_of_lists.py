"""Long lists of the interface a page at a time: the same rows in the same order, and no more read than the page holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.response import selectors
from anlan.response.models import Order, ReportBreach, ReportDuty, Task
from anlan.response.selectors import orders as of_orders
from anlan.response.selectors import reports as of_reports
from anlan.response.selectors.command_logs import log_whole
from anlan.response.selectors.live import incident_items
from anlan.response.selectors.orders_live import order_items
from anlan.response.services import Where, casualty_enter, incident_open, log_write
from tests.response.ordering import issued
from tests.response.scene import RED, SCENE
from tests.response.test_scope_and_feed import client, storm

pytestmark = pytest.mark.django_db
CITY, COUNTY = Scope(("4101",)), Scope(("410182",))
NOW = RED + timedelta(hours=9)
COPIES = 30


@pytest.fixture
def crowd(plan: Any, post: Any) -> Any:
    """A storm, and thirty of everything besides; the order of ids is not that of the lists."""
    storm()
    for number in range(COPIES):
        county, at = ("410181", "410182")[number % 2], RED + timedelta(minutes=(number * 7) % 11)
        told = {"by": SCENE, "division": county, "source": "x", "at": at}
        incident_open(**told, kind="flash_flood", title={"zh": "山洪", "en": "Flash flood"})
        casualty_enter(**told, kind="missing", place=Where("x"), reporter="y")
        log_write(
            by=SCENE, command_post=post.pk, kind="note", text=f"{number}", at=RED + timedelta(minutes=20 + number)
        )
    for number in range(8):
        issued(at=RED + timedelta(hours=1, minutes=(number * 5) % 8), within_min=60 + number % 3)
    for number, order in enumerate(Order.objects.order_by("id")):
        if number % 3 == 0:
            Task.objects.filter(order=order, owner_post__code="410181.duty").update(state="overdue")
    for number, duty in enumerate(ReportDuty.objects.order_by("-id")):
        for row in range(COPIES // 3):
            due = RED + timedelta(minutes=(row * 7 + number) % 5)
            ReportBreach.objects.create(duty=duty, division=duty.division, due_at=due, in_a_row=row + 1)
    with clock.at(NOW):
        yield post


def by_need(scope: Scope) -> list[dict[str, Any]]:
    """Orders, sorted by what was made of each: those that run over first."""
    found = [{"id": key, **item} for key, item in order_items(scope, None, None).items()]
    return sorted(found, key=lambda o: (not o["counts"]["late"], o["due_at"] or "9", o["made_at"], o["id"]))


def by_day(scope: Scope) -> list[dict[str, Any]]:
    found = [{"id": key, **item} for key, item in incident_items(scope, None, None).items()]
    return sorted(found, key=lambda row: row["opened_at"], reverse=True)


def by_limit(scope: Scope) -> list[dict[str, Any]]:
    found = [{"id": key, **item} for key, item in selectors.task_items(scope, None, None).items()]
    late = [item for item in found if item["state"] == "overdue" and item["track"] == "main"]
    return sorted(late, key=lambda item: (item["due_at"], item["code"], item["id"]))


WHOLE: dict[str, Callable[[Scope, Any], list[dict[str, Any]]]] = {
    "orders": lambda scope, _: by_need(scope),
    "incidents": lambda scope, _: by_day(scope),
    "tasks/overdue": lambda scope, _: by_limit(scope),
    "casualties": lambda scope, _: selectors.casualties(scope),
    "breaches": lambda scope, _: selectors.breaches(scope),
    "reports": lambda scope, _: of_reports.reports_sent(scope, limit=10_000),
    "reports/owed": lambda scope, _: of_reports.reports_owed(scope, NOW),
    "command/posts/{post}/log": lambda scope, post: log_whole(scope, post),
}


def keys(found: list[dict[str, Any]]) -> list[str]:
    return [str(item["id"]) for item in found]


def pages(who: Client, path: str, limit: int) -> Iterator[list[str]]:
    """The ids of every page, following `next`."""
    after = 0
    while True:
        page = who.get(f"/api/response/{path}?after={after}&limit={limit}").json()
        yield keys(page["items"])
        assert page["next"] in (None, after + limit)
        if page["next"] is None:
            return
        after = page["next"]


@pytest.mark.parametrize("path", WHOLE)
def test_the_pages_together_are_the_whole_list_in_its_order(crowd: Any, path: str) -> None:
    asked = path.format(post=crowd.pk)
    for scope, who in ((CITY, client("4101.duty", "duty")), (COUNTY, client("410182.duty", "duty"))):
        wanted = keys(WHOLE[path](scope, crowd))
        for limit in (1, 3, 7, max(1, len(wanted)), 1000):
            found = list(pages(who, asked, limit))
            assert [key for page in found for key in page] == wanted, (path, limit)
            assert all(len(page) == limit for page in found[:-1])
            assert found[-1] or not wanted, "an empty last page: `next` promised what is not there"
    assert len(keys(WHOLE[path](CITY, crowd))) > 1, path


@contextmanager
def read() -> Iterator[list[int]]:
    """How many rows each statement brought."""
    counts: list[int] = []

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if "response_" in sql and "SELECT" in sql:
            counts.append(context["cursor"].rowcount)
        return result

    with connection.execute_wrapper(counting):
        yield counts


@pytest.mark.parametrize("path", WHOLE)
def test_a_page_reads_its_own_rows(crowd: Any, path: str) -> None:
    who = client("4101.duty", "duty")
    with read() as page:
        who.get(f"/api/response/{path.format(post=crowd.pk)}?limit=2")
    with read() as whole:
        WHOLE[path](CITY, crowd)
    assert max(page) <= 3 * 2, (page, whole)  # three orders with their two receivers each
    if path in ("orders", "incidents", "tasks/overdue", "casualties", "breaches", "command/posts/{post}/log"):
        assert sum(whole) > 2 * sum(page), (page, whole)


def test_the_board_of_orders_is_the_lists_order(crowd: Any) -> None:
    for scope in (CITY, COUNTY, Scope(("410181",)), Scope.whole()):
        assert of_orders.orders_board(scope) == by_need(scope)
    assert [bool(o["counts"]["late"]) for o in by_need(CITY)].count(True) > 1
