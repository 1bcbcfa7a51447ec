"""The board by working group, forward posts from the page, and the leader's post of a roster."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid
from anlan.kernel.scope import Scope
from anlan.response.models import CommandPost
from anlan.response.selectors.orders_groups import NAMED, group_names, tasks_by_group
from anlan.territory.models import Post
from tests.response.scene import RED, SYSTEM

pytestmark = pytest.mark.django_db
CITY = Scope(("4101",))


@pytest.fixture
def desk() -> Client:
    post = Post.objects.get(code="4101.duty")
    account_save(by=SYSTEM, username="desk", name="值班员", divisions=["4101"], roles=["duty", "decider"], post=post.pk,
                 password="storm-duty-1")  # fmt: skip
    client = Client()
    client.login(username="desk", password="storm-duty-1")
    return client


def test_tasks_of_plans_stand_under_their_working_group(plan: Any, commander: Actor, desk: Client) -> None:
    from anlan.response.models import Task
    from anlan.response.services import level_adopt, task_done
    from anlan.response.services.announcing import Announcement

    level_adopt(by=commander, plan=plan.code, level=1, at=RED, announce=Announcement(reason="会商决定"))
    first = Task.objects.filter(working_group="evacuation", level__isnull=False).order_by("due_at", "id")[0]
    before = tasks_by_group(CITY)["evacuation"]
    assert before["open"] > len(before["rows"]) == NAMED
    assert before["rows"][0]["id"] == str(first.pk)
    task_done(by=Actor.scenario("scenario"), task=first.pk, evidence={"text": "已转移", "number": 3}, at=RED)
    after = tasks_by_group(CITY)["evacuation"]
    assert (after["open"], after["done"]) == (before["open"] - 1, before["done"] + 1)
    assert str(first.pk) not in {row["id"] for row in after["rows"]}
    assert sum(group["open"] for group in tasks_by_group(CITY).values()) == (
        CITY.filter(Task.objects.filter(state__in=("issued", "received", "overdue"), order__isnull=True)).count()
    )
    assert tasks_by_group(Scope(("4102",))) == {}
    assert set(after) and set(tasks_by_group(CITY)) - {""} <= set(group_names(CITY))
    told = json.loads(desk.get("/response/orders.json").content)
    assert told["tasks"]["evacuation"]["open"] == after["open"]
    assert f"/response/tasks/{first.pk}" in desk.get("/response").content.decode()


def test_a_forward_post_is_set_up_and_linked_from_the_page(post: Any, flood: Any, desk: Client) -> None:
    page = desk.get("/response/command").content.decode()
    assert 'name="under"' in page
    desk.post("/response/command/set-up", {"of": f"incident:{flood.pk}", "under": str(post.pk), "place": "坝顶"})
    forward = CommandPost.objects.exclude(pk=post.pk).get()
    assert (forward.under_id, forward.name_zh) == (post.pk, "崔庙镇山洪前方指挥部")
    address = f"/response/command/{forward.pk}/do/link"
    for under, code in (("", "command.post_stands"), (str(forward.pk), "command.ring")):
        with transaction.atomic():
            refused = desk.post(address, {"under": under}, headers={"accept": "application/json"})
            assert refused.json()["code"] == code
            transaction.set_rollback(True)
    desk.post(address, {"under": str(post.pk)})
    assert CommandPost.objects.get(pk=forward.pk).under_id == post.pk


def test_a_leaders_post_outside_the_area_is_refused_in_words(desk: Client) -> None:
    from anlan.response.services.rosters import RosterSpec, roster_draft
    from anlan.territory.services.people import person_save

    people = [person_save(by=SYSTEM, name=f"{n}号", phone=f"1001234{n:04d}", division="4101", code=f"d.{n}").pk
              for n in range(3)]  # fmt: skip
    city = Post.objects.get(code="4101.duty")
    spec = RosterSpec("day_night", [(people[0], people[1], people[2])], leader_post=city.pk)
    who = Actor("person", "county", Scope(("4101",)), roles=frozenset(["duty", "decider"]))
    made = roster_draft(by=who, post=city.pk, year=2022, spec=spec, at=RED + timedelta(days=100))
    assert made.leader_post_id == city.pk
    unknown = RosterSpec("day_night", spec.crews, leader_post=people[0])
    with pytest.raises(Invalid, match=r"duty\.leader_post"), transaction.atomic():
        roster_draft(by=who, post=city.pk, year=2022, spec=unknown, at=RED + timedelta(days=100))
    page = desk.get("/response/duty/roster/make").content.decode()
    assert 'name="leader_post"' in page
    assert str(Post.objects.get(code="4101.commander").pk) in page


@pytest.mark.parametrize(
    ("text", "channel", "language", "shown"),
    [
        ("设立指挥部 · Post set up", "system", "en", "Post set up"),
        ("设立指挥部 · Post set up", "system", "zh-hans", "设立指挥部"),
        ("移至甲 · 乙 · moved to A · B", "system", "en", "moved to A · B"),
        ("甲 · 乙", "radio", "en", "甲 · 乙"),
        ("甲 · 乙 · C", "system", "en", "甲 · 乙 · C"),
    ],
)
def test_an_entry_of_the_platform_is_shown_in_one_language(text: str, channel: str, language: str, shown: str) -> None:
    from anlan.response.templatetags.command import told

    with override(language):
        assert told({"text": text, "channel": channel}) == shown
