"""Targeting, simulated people, contradictions and instructions: the pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.warning import rules
from anlan.warning.engine import people, targeting
from anlan.warning.engine.contradiction import Stop, contradictions
from anlan.warning.engine.wording import sentence

WORDS = {
    "village_head": ("村防汛责任人", "Village head"),
    "school_head": ("学校负责人", "School head"),
    "school": ("学校", "School"),
}


@dataclass(frozen=True)
class Post:
    post_id: UUID
    post_code: str
    role: str
    division: str
    a_person: UUID | None
    b_person: UUID | None = None
    place_id: UUID | None = None
    place_kind: str | None = None
    superior_post_id: UUID | None = None


def post(
    n: int,
    role: str,
    division: str,
    a: int | None,
    b: int | None = None,
    kind: str | None = None,
    up: int | None = None,
) -> Post:
    return Post(
        UUID(int=n),
        f"P{n:03}",
        role,
        division,
        UUID(int=1000 + a) if a else None,
        UUID(int=1000 + b) if b else None,
        UUID(int=5000 + n) if kind else None,
        kind,
        UUID(int=up) if up else None,
    )


def found(holders: list[Post], area: tuple[str, ...] = ("410181",)) -> tuple[targeting.Target, ...]:
    above = {UUID(int=9): post(9, "township_head", "410181100", 9)}
    desk = [post(8, "county_duty", "410181", 8)]
    return targeting.targets(area, holders, ["village_head", "school_head"], superiors=above, desks=desk, words=WORDS)


def test_sites_come_first_and_only_the_area_and_roles_are_called() -> None:
    holders = [
        post(1, "village_head", "410181100201", 1),
        post(2, "school_head", "410181100", 2, kind="school"),
        post(3, "village_head", "410182100201", 3),
        post(4, "township_head", "410181100", 4),
    ]
    assert [t.lead.post_code for t in found(holders)] == ["P002", "P001"]
    assert found(holders)[0].level == "site" and found(holders)[0].lead.zh == "学校负责人（学校）"


def test_one_person_over_two_posts_is_called_once_for_both_reasons() -> None:
    holders = [
        post(1, "village_head", "410181100201", 1, 5, up=9),
        post(2, "school_head", "410181100", 1, 6, kind="school"),
    ]
    (target,) = found(holders)
    assert [r.post_code for r in target.reasons] == ["P002", "P001"]
    assert [c.post_code for c in target.contacts["B"]] == ["P002", "P001"]
    assert [c.post_code for c in target.contacts["superior"]] == ["P009"]
    assert [c.post_code for c in target.contacts["duty"]] == ["P008"]


def test_the_last_step_is_the_county_desk_and_for_the_desk_itself_the_citys() -> None:
    desks = [post(8, "county_duty", "410181", 8), post(7, "city_duty", "4101", 7)]
    holders = [post(1, "village_head", "410181100201", 1), desks[0]]
    result = targeting.targets(
        ["410181"], holders, ["village_head", "county_duty"], superiors={}, desks=desks, words=WORDS
    )
    assert {t.lead.post_code: [c.post_code for c in t.contacts["duty"]] for t in result} == {
        "P001": ["P008"], "P008": ["P007"]}  # fmt: skip


def test_a_vacant_post_is_still_a_target() -> None:
    (target,) = found([post(1, "village_head", "410181100201", None, up=9)])
    assert target.person is None and not target.contacts["A"] and target.contacts["superior"]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 4), st.integers(0, 4)), max_size=12))
def test_every_post_has_a_reason_and_every_person_one_call(rows: list[tuple[int, int, int]]) -> None:
    holders = [post(i, "village_head", f"41018110020{d}", a or None, b or None) for i, (d, a, b) in enumerate(rows, 1)]
    result = found(holders)
    assert sorted(r.post_code for t in result for r in t.reasons) == sorted(h.post_code for h in holders)
    persons = [t.person for t in result if t.person]
    assert len(persons) == len(set(persons))


def test_simulated_people_follow_their_draws() -> None:
    model = people.model({})
    assert people.reply(model, (0.99, 0.5, 0.5), role="x", hour=12, colour="orange") is None
    got = people.reply(model, (0.1, 0.5, 0.1), role="x", hour=12, colour="orange")
    assert got is not None and got.delay_s == pytest.approx(150) and got.content == "received"
    night = people.reply(model, (0.1, 0.5, 0.99), role="x", hour=23, colour="orange")
    assert night is not None and night.delay_s == pytest.approx(270) and night.content == "cannot"
    with pytest.raises(ValueError):
        people.model({"default": {"answer": 2}})


STOP = Stop("metro", "4101", "市防指停运令", "City command stop order")


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("减少外出或选择公共交通出行", True),
        ("请乘坐地铁回家", True),
        ("不要乘坐地铁", False),
        ("地铁已停运，请勿前往", False),
        ("Please take the metro home", True),
        ("Do not use the metro", False),
        ("Stay at home. Metro service is closed", False),
        ("远离河道；改乘地铁", True),
    ],
)
def test_words_that_send_people_to_a_stopped_metro_are_found(text: str, caught: bool) -> None:
    words = rules.contradictions().words
    assert bool(contradictions([text], ["410181"], [STOP], words)) is caught
    assert not contradictions([text], ["4102"], [STOP], words)
    assert not contradictions([text], ["410181"], [], words)


def test_every_colour_has_a_sentence_for_everybody_in_both_languages() -> None:
    pack = rules.instructions()
    for colour in ("blue", "yellow", "orange", "red"):
        for audience in ("public", *sorted(set(pack.audience_of.values())), "officer"):
            found_sentence = sentence(pack, "11B03", colour, audience)
            assert found_sentence and found_sentence["zh"] and found_sentence["en"]
    flood = sentence(pack, "11A01", "red", "public")
    assert flood and "洪水" in flood["zh"]
