"""Keeping plans: a new version written, signed by units and approved by another hand; clocks; upper plans that move on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.kernel.scope import Scope
from anlan.response.engine.plan_compare import compare
from anlan.response.formats.packs import pack_text
from anlan.response.models import PlanMark
from anlan.response.selectors.plan_register import plan_detail, plans_register
from anlan.response.selectors.plans import plan_get, rules_of
from anlan.response.services import plan_load
from anlan.response.services.plan_drafts import (
    plan_cosign,
    plan_draft_approve,
    plan_draft_circulate,
    plan_draft_drop,
    plan_draft_start,
    plan_draft_write,
    plan_objection_answer,
)
from anlan.response.services.plan_records import plan_mark, plan_mark_settle, plan_record, upper_plan_register
from tests.response.scene import RED, SYSTEM, kinds, person

CODE = "ZZ-QUAKE"
CITY = Scope(("4101",))


@pytest.fixture(autouse=True)
def quakes(plan: Any) -> None:
    plan_load(by=SYSTEM, text=pack_text("plans/earthquake.yaml"), at=RED)


@pytest.fixture
def writer(plan: Any) -> Actor:
    return person("4101.duty", "duty")


@pytest.fixture
def unit() -> Actor:
    return person("4101.department.health", "responder")


def changed(draft: Any, **values: Any) -> dict[str, Any]:
    return {**draft.body, **values}


def write(writer: Actor, draft: Any, body: dict[str, Any]) -> Any:
    return plan_draft_write(by=writer, draft=draft.pk, body=body, seen=draft.digest, at=RED)


def test_a_new_version_goes_round_and_comes_into_use(writer: Actor, unit: Actor, commander: Actor) -> None:
    draft = plan_draft_start(by=writer, plan=CODE, version="2", at=RED)
    with pytest.raises(Conflict, match=r"plan_draft\.there"), transaction.atomic():
        plan_draft_start(by=writer, plan=CODE, version="3", at=RED)
    body = changed(draft, next_review="2028-01-01", valid_from="2021-07-19")
    body["levels"][0]["tasks"][0]["within"] = 45
    body["levels"][0]["tasks"][0]["receipt"] = 10
    draft = write(writer, draft, body)
    paths = [d.path for d in compare(draft.base.body, draft.body)]
    assert ("next_review",) in paths
    assert any(path[:1] == ("levels",) and path[-1] == "within" for path in paths)
    plan_draft_circulate(by=writer, draft=draft.pk, units=["health", "fire_rescue"], at=RED)
    with pytest.raises(Conflict, match=r"plan_cosign\.same_hand"), transaction.atomic():
        plan_cosign(by=writer, draft=draft.pk, unit="health", agrees=True, at=RED)
    with pytest.raises(Invalid, match=r"plan_cosign\.on_paper"), transaction.atomic():
        plan_cosign(by=unit, draft=draft.pk, unit="fire_rescue", agrees=True, at=RED)
    plan_cosign(by=unit, draft=draft.pk, unit="health", agrees=True, at=RED)
    with pytest.raises(Conflict, match=r"plan_draft\.unsigned") as refused, transaction.atomic():
        plan_draft_approve(by=commander, draft=draft.pk, at=RED)
    assert refused.value.value == ["fire_rescue"]
    with pytest.raises(Invalid, match=r"plan_cosign\.no_reason"), transaction.atomic():
        plan_cosign(by=unit, draft=draft.pk, unit="fire_rescue", agrees=False, at=RED)
    plan_cosign(by=unit, draft=draft.pk, unit="fire_rescue", agrees=False, comment="搜救组频道未写", at=RED)
    plan_objection_answer(by=writer, draft=draft.pk, unit="fire_rescue", answer="采纳，已在通信组写明", at=RED)
    plan = plan_draft_approve(by=commander, draft=draft.pk, at=RED)
    assert plan.version == "2"
    assert plan_get(CODE, RED).pk == plan.pk
    assert [kind for kind, _ in kinds("plan_draft.ended", "plan.loaded")][-1] == "plan_draft.ended"


def test_what_was_signed_is_void_when_the_words_change(writer: Actor, unit: Actor, commander: Actor) -> None:
    draft = plan_draft_start(by=writer, plan=CODE, version="2", at=RED)
    plan_draft_circulate(by=writer, draft=draft.pk, units=["health"], at=RED)
    plan_cosign(by=unit, draft=draft.pk, unit="health", agrees=True, at=RED)
    draft.refresh_from_db()
    draft = write(writer, draft, changed(draft, next_review="2029-01-01"))
    assert draft.state == "writing"
    assert [sign.state for sign in draft.cosigns.all()] == ["void"]
    with pytest.raises(Conflict, match=r"plan_draft\.unsigned"), transaction.atomic():
        plan_draft_approve(by=commander, draft=draft.pk, at=RED)


def test_two_hands_on_one_draft_lose_nothing(writer: Actor) -> None:
    draft = plan_draft_start(by=writer, plan=CODE, version="2", at=RED)
    stale = draft.digest
    write(writer, draft, changed(draft, next_review="2029-01-01"))
    with pytest.raises(Conflict, match=r"plan_draft\.moved"), transaction.atomic():
        plan_draft_write(by=writer, draft=draft.pk, body=changed(draft, next_review="2030-01-01"), seen=stale, at=RED)


def test_a_maker_cannot_approve_and_a_faulty_draft_cannot_go_round(writer: Actor, commander: Actor) -> None:
    draft = plan_draft_start(by=commander, plan=CODE, version="2", at=RED)
    broken = changed(draft)
    broken["levels"] = [level for level in broken["levels"] if level["level"] != 3]
    broken["levels"][0]["tasks"][0]["owner"]["department"] = "nobody"
    draft = write(commander, draft, broken)  # kept all the same
    with pytest.raises(Invalid, match=r"plan_draft\.faulty"), transaction.atomic():
        plan_draft_circulate(by=commander, draft=draft.pk, units=["health"], at=RED)
    draft = write(commander, draft, {**draft.base.body, "version": "2"})
    plan_draft_circulate(by=commander, draft=draft.pk, units=["health"], at=RED)
    plan_cosign(by=person("4101.department.health", "responder"), draft=draft.pk, unit="health", agrees=True, at=RED)
    with pytest.raises(Conflict, match=r"plan_draft\.same_hand"), transaction.atomic():
        plan_draft_approve(by=commander, draft=draft.pk, at=RED)
    with pytest.raises(Forbidden), transaction.atomic():
        plan_draft_approve(by=writer, draft=draft.pk, at=RED)
    plan_draft_drop(by=writer, draft=draft.pk, reason="改为随上位预案一并修订", at=RED)
    assert plan_draft_start(by=writer, plan=CODE, version="2", at=RED).state == "writing"


def test_a_new_upper_version_marks_the_plans_that_follow_the_old(writer: Actor) -> None:
    follows = rules_of(plan_get(CODE, RED)).follows[0]
    upper = upper_plan_register(
        by=writer, division="4101", code=follows.code, version="2021-06", at=RED, issued_on=date(2021, 6, 1),
        name={"zh": "国家地震应急预案", "en": "National earthquake plan"},
    )  # fmt: skip
    marked = PlanMark.objects.filter(upper=upper)
    listed = {r["code"]: rules_of(plan_get(r["code"], RED)).follows for r in plans_register(CITY, RED)}
    expected = [code for code, uppers in listed.items() if follows.code in {f.code for f in uppers}]
    assert CODE in expected
    assert sorted(mark.plan.code for mark in marked.select_related("plan")) == sorted(expected)
    with pytest.raises(Conflict, match=r"upper_plan\.there"), transaction.atomic():
        upper_plan_register(by=writer, division="4101", code=follows.code, version="2021-06", at=RED,
                            issued_on=date(2021, 6, 1), name={"zh": "国家地震应急预案", "en": ""})  # fmt: skip
    plan_mark_settle(by=writer, mark=marked.get(plan__code=CODE).pk, settled="对照后无须修订", at=RED)
    assert next(r for r in plans_register(CITY, RED) if r["code"] == CODE)["marks"] == 0


def test_clocks_run_from_what_was_done(writer: Actor) -> None:
    before = plan_detail(CITY, CODE, RED)["clocks"]["drill"]
    plan_record(by=writer, plan=CODE, kind="drill", done_on=date(2021, 7, 1), note="发现集结点标识不清", at=RED)
    after = plan_detail(CITY, CODE, RED)["clocks"]["drill"]
    assert after.by == date(2022, 7, 1)  # earthquakes yearly
    assert after.by != before.by
    with pytest.raises(Invalid, match=r"plan_record\.day"), transaction.atomic():
        plan_record(by=writer, plan=CODE, kind="drill", done_on=date(2021, 7, 21), note="明天的", at=RED)
    with pytest.raises(Invalid, match=r"plan_record\.note"), transaction.atomic():
        plan_record(by=writer, plan=CODE, kind="review", done_on=date(2021, 7, 1), at=RED)
    later = RED + timedelta(days=400)
    assert plan_detail(CITY, CODE, later)["clocks"]["drill"].state == "overdue"
    assert plans_register(CITY, later)[0]["urgency"] == 0


def test_a_lesson_marks_a_plan(writer: Actor) -> None:
    plan_mark(by=writer, plan=CODE, cause="lesson", reason="外来队伍登记岗找不到", at=RED)
    row = next(r for r in plans_register(CITY, RED) if r["code"] == CODE)
    assert row["marks"] == 1
    with pytest.raises(Invalid, match=r"plan_mark\.cause"), transaction.atomic():
        plan_mark(by=writer, plan=CODE, cause="upper", reason="x", at=RED)
