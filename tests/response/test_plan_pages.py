"""The pages of plans: register, one plan, compare, cards, manual, and a version written field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anlan.kernel.actor import Actor
from anlan.response.formats.packs import pack_text
from anlan.response.models import Plan, PlanDraft
from anlan.response.services import plan_load
from tests.response.scene import RED, SYSTEM


@pytest.fixture
def entered(plan: Any) -> Callable[..., Client]:
    from anlan.kernel.accounts import account_save
    from anlan.territory.models import Post

    plan_load(by=SYSTEM, text=pack_text("plans/earthquake.yaml"), at=RED)

    def enter(code: str, *roles: str) -> Client:
        post = Post.objects.get(code=code)
        account = account_save(by=Actor.system("test"), username=f"{code}-{'-'.join(roles)}", name=post.name_zh,
                               divisions=[post.division], roles=roles, post=post.pk)  # fmt: skip
        client = Client()
        client.force_login(account)
        return client

    return enter


@pytest.mark.parametrize(
    "path",
    [
        "/response/plans", "/response/plans/ZZ-QUAKE", "/response/plans/ZZ-QUAKE/cards", "/response/plans/manual",
        "/response/plans/manual?plan=ZZ-QUAKE", "/response/plans/ZZ-QUAKE/compare?old=1&new=1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pages_answer_in_both_languages(entered: Callable[..., Client], path: str, language: str) -> None:
    client = entered("4101.duty", "duty")
    client.post("/preferences", {"language": language, "next": "/"})
    answer = client.get(path)
    assert answer.status_code == 200
    words = {"zh-hans": ("地震", "ZZ-QUAKE"), "en": ("arthquake", "ZZ-QUAKE")}[language]
    assert any(word in answer.content.decode() for word in words)


def test_a_plan_that_is_not_there_says_so(entered: Callable[..., Client]) -> None:
    assert entered("4101.duty", "duty").get("/response/plans/NONE").status_code == 404


def test_a_version_is_written_signed_and_brought_into_use(entered: Callable[..., Client]) -> None:
    duty = entered("4101.duty", "duty")
    health = entered("4101.department.health", "responder")
    chief = entered("4101.commander", "decider")
    begun = duty.post("/response/plans/ZZ-QUAKE/acts/begin", {"version": "2"})
    row = PlanDraft.objects.get(code="ZZ-QUAKE")
    assert begun["Location"] == f"/response/plans/drafts/{row.pk}"
    page = duty.get(begun["Location"]).content.decode()
    assert 'name="levels.0.tasks.0.within"' in page
    count = len(row.body["levels"][0]["tasks"])
    form = {"seen": row.digest, "tab": "levels", "levels.0.tasks.0.within": "45", "levels.0.tasks.0.receipt": "9"}
    assert duty.post(begun["Location"], form | {"do": "add:levels.0.tasks"}).status_code == 302
    row.refresh_from_db()
    assert row.body["levels"][0]["tasks"][0]["within"] == 45
    assert len(row.body["levels"][0]["tasks"]) == count + 1
    stale = duty.post(begun["Location"], form)
    assert stale.status_code == 409  # written on what was there before
    assert 'value="45"' in stale.content.decode()
    acts = f"{begun['Location']}/acts"
    duty.post(f"{acts}/circulate", {"units": ["health"], "days": "5"})
    row.refresh_from_db()
    assert row.state == "writing"  # the blank task stands in the way
    duty.post(begun["Location"], {"seen": row.digest, "tab": "levels", "do": f"remove:levels.0.tasks.{count}"})
    duty.post(f"{acts}/circulate", {"units": ["health"], "days": "5"})
    health.post(f"{acts}/sign", {"unit": "health", "agrees": "no", "comment": "转运医院未写明"})
    duty.post(f"{acts}/answer", {"unit": "health", "answer": "采纳"})
    chief.post(f"{acts}/approve")
    row.refresh_from_db()
    assert row.state == "in_use"
    assert Plan.objects.get(code="ZZ-QUAKE", version="2").body["levels"][0]["tasks"][0]["within"] == 45


def test_text_that_is_no_yaml_is_refused_with_its_line_and_nothing_is_lost(entered: Callable[..., Client]) -> None:
    duty = entered("4101.duty", "duty")
    page = duty.post("/response/plans/ZZ-QUAKE/acts/begin", {"version": "2"})["Location"]
    row = PlanDraft.objects.get(code="ZZ-QUAKE")
    answer = duty.post(page, {"seen": row.digest, "tab": "text", "text": "code: ZZ-QUAKE\n  bad: [\n"})
    assert answer.status_code == 422
    assert "line 2" in answer.content.decode()
    row.refresh_from_db()
    assert row.body["version"] == "2"
