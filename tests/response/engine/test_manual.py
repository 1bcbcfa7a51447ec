"""The response manual and the post cards hold what the plans hold, each thing once."""

from __future__ import annotations

from anlan.response.engine import manual as book
from anlan.response.engine.plan import Words
from anlan.response.formats.packs import plans_shipped

PLANS = {plan.code: plan for plan in plans_shipped()}


def test_the_manual_holds_every_task_of_every_plan_once() -> None:
    for plan, chapter in zip(PLANS.values(), book.manual(PLANS.values()), strict=True):
        told = [task.code for pages in chapter.levels for post in pages.posts for task in post.tasks]
        told += [task.code for post in chapter.closing for task in post.tasks]
        assert sorted(told) == sorted(task.code for task in plan.tasks())
        assert [pages.level for pages in chapter.levels] == [1, 2, 3, 4]
        assert all(t.conditions and t.basis.zh and t.basis.en for pages in chapter.levels for t in pages.triggers)
        assert all(pages.deciders and pages.announce_to for pages in chapter.levels)
        assert chapter.ended_by[0].zh == "启动者（谁启动、谁终止）"


def test_every_post_of_a_plan_has_one_card() -> None:
    for plan in PLANS.values():
        cards = book.post_cards(plan)
        keys = [(card.role, card.department) for card in cards]
        assert len(keys) == len(set(keys))
        owners = {(task.owner.role, task.owner.department) for task in plan.tasks()}
        assert owners | {(card.post, card.department) for card in plan.cards} <= set(keys)
        assert all(len(card.first) <= book.FIRST for card in cards)
        assert all(card.lines or card.tasks for card in cards)


def test_a_card_shows_the_shortest_limits_first_and_what_may_be_done_unasked() -> None:
    card = next(card for card in book.post_cards(PLANS["ZZ-HAZCHEM"]) if card.role == "plant_safety")
    assert [task.code for task in card.first] == ["HC402"]
    assert [act.limit for act in card.acts] == [25, 1]
    assert len(card.channels) == 2
    assert card.stand == Words("上风向门岗，面对风袋", "at the upwind gate, facing the windsock")
    police = next(card for card in book.post_cards(PLANS["ZZ-QUAKE"]) if card.department == "traffic_police")
    assert [task.within for task in police.first] == sorted(task.within for task in police.first)
    assert any(not task.lead for task in police.tasks)
