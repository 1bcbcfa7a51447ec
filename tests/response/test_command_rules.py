"""The pure parts of on-site command: templates, who may leave, head counts, hand-overs, the saturation notice."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.kernel.problem import Invalid
from anlan.response.engine.attendance import POST, Whereabouts, crowds, may_leave, unattended
from anlan.response.engine.command_template import LEAST, MOST, choose
from anlan.response.engine.handover import open_requests, upward
from anlan.response.engine.headcount import Movement, account, inside
from anlan.response.engine.plan import Words
from anlan.response.engine.saturation import Scene, notice
from anlan.response.formats.command_groups import command_pack, command_pack_read
from anlan.response.formats.packs import pack_text

LEADERS = ("a", "b", "c", "d")
SITES = ("", POST, "dam", "tunnel")


# --- templates --------------------------------------------------------------------------------------------------


def test_every_template_has_8_to_15_groups_with_lead_duty_shift_and_channel() -> None:
    pack = command_pack()
    assert len(pack.templates) >= 10
    for template in pack.templates:
        chosen = choose(pack, type_code="", code=template.code)
        assert LEAST <= len(chosen.groups) <= MOST
        assert chosen.groups[0].code == "coordination"
        for group in chosen.groups:
            assert group.lead
            assert group.duties
            assert group.shift
            assert group.channel


@pytest.mark.parametrize(
    ("type_code", "kind", "template"),
    [
        ("11B03", "", "flood"), ("11C00", "", "earthquake"), ("12D00", "", "chemical"), ("12A00", "", "work_safety"),
        ("12Q00", "", "environment"), ("13000", "", "general"), ("", "landslide", "geological"), ("", "other", "general"),
        ("12D00", "landslide", "chemical"),
    ],
)  # fmt: skip
def test_the_closest_class_decides_and_without_one_the_kind(type_code: str, kind: str, template: str) -> None:
    assert choose(command_pack(), type_code=type_code, kind=kind).template.code == template


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("lead: emergency, members: [police", "lead: nobody, members: [police", "groups[0]"),
        ("evacuation, logistics, communications, news]}\n", "evacuation]}\n", "templates[10].groups"),
        ('types: [""]', 'types: ["14"]', "templates"),
        ("groups: [coordination, rescue, reservoir", "groups: [rescue, rescue, reservoir", "templates[0].groups"),
        ("crowd: 4", "crowd: four", "file"),
    ],
)
def test_a_pack_with_a_fault_is_refused_with_its_field(old: str, new: str, field: str) -> None:
    text = pack_text("command_groups.yaml")
    assert old in text
    with pytest.raises(Invalid) as refused:
        command_pack_read(text.replace(old, new))
    assert refused.value.field == field


def test_a_template_may_name_another_lead() -> None:
    pack = command_pack()
    general = next(one for one in pack.templates if one.code == "general")
    own = msgspec.structs.replace(general, leads={"rescue": "water"})
    changed = msgspec.structs.replace(pack, templates=(*pack.templates[:-1], own))
    leads = {group.code: group.lead for group in choose(changed, type_code="13000").groups}
    assert (leads["rescue"], leads["coordination"]) == ("water", "emergency")


# --- who may leave ----------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(LEADERS), st.sampled_from(SITES[1:]), st.sampled_from(("", *LEADERS)))))
def test_a_post_once_attended_is_never_empty_after_departures_that_were_allowed(steps) -> None:
    sites = dict.fromkeys(LEADERS, "") | {"a": POST}
    for leader, site, stand_in in steps:
        now = [Whereabouts(name, sites[name]) for name in LEADERS]
        if may_leave(now, leader, site, stand_in) == "":
            sites[leader] = site
        assert POST in sites.values()


@given(st.tuples(*[st.sampled_from(SITES)] * 4), st.sampled_from(LEADERS), st.sampled_from(("dam", "tunnel")))
def test_an_allowed_departure_never_opens_the_alarm(sites, leader: str, site: str) -> None:
    now = [Whereabouts(name, where) for name, where in zip(LEADERS, sites, strict=True)]
    after = [Whereabouts(one.leader, site if one.leader == leader else one.site) for one in now]
    if unattended(now) is None and may_leave(now, leader, site) == "":
        assert unattended(after) is None


def test_the_stand_in_must_be_there() -> None:
    now = [Whereabouts("a", POST), Whereabouts("b", "dam"), Whereabouts("c", POST)]
    assert may_leave(now, "a", "dam", "b") == "not_present"
    assert may_leave(now, "a", "dam", "a") == "not_present"
    assert may_leave(now, "a", "dam", "c") == ""
    assert may_leave(now[:2], "a", "dam") == "empty"


@given(st.tuples(*[st.sampled_from(SITES)] * 4), st.integers(1, 5))
def test_a_crowd_is_counted_as_by_hand(sites, most: int) -> None:
    now = [Whereabouts(name, where) for name, where in zip(LEADERS, sites, strict=True)]
    by_hand = {s for s in ("dam", "tunnel") if sites.count(s) >= most}
    assert {crowd.site for crowd in crowds(now, most)} == by_hand


# --- head counts ------------------------------------------------------------------------------------------------

moves = st.lists(st.builds(Movement, st.sampled_from(LEADERS), st.booleans(), st.integers(1, 9)))


@given(moves, st.randoms())
def test_who_is_inside_does_not_hang_on_the_order(steps: list[Movement], dice) -> None:
    shuffled = list(steps)
    dice.shuffle(shuffled)
    assert inside(steps) == inside(shuffled)
    assert sum(inside(steps).values()) == sum(m.heads if m.inward else -m.heads for m in steps)


def test_a_withdrawal_is_clear_when_its_own_teams_are_out() -> None:
    left = account(["a", "b"], {"b": 2, "c": 9})
    assert (left.heads, left.clear) == (2, False)
    assert account(["a", "b"], {"c": 9}).clear


# --- hand-over --------------------------------------------------------------------------------------------------


def entry(key: str, kind: str = "note", answers: str = "", corrects: str = "") -> dict[str, str]:
    return {"id": key, "kind": kind, "answers": answers, "corrects": corrects}


def test_a_request_is_open_until_an_entry_answers_it_and_a_correction_takes_its_place() -> None:
    log = [entry("1", "request"), entry("2", "request"), entry("3", answers="1"), entry("4", "request", corrects="2")]
    assert [one["id"] for one in open_requests(log)] == ["4"]


def test_upward_is_towards_the_province() -> None:
    assert upward(6, 4)
    assert upward(4, 0)
    assert not upward(4, 4)
    assert not upward(2, 6)


# --- saturation -------------------------------------------------------------------------------------------------


def test_the_notice_says_no_more_than_the_figures_given() -> None:
    until = datetime(2021, 7, 22, 18, 0)
    words = notice(Scene(Words("某镇山洪", "Flash flood"), "镇政府", 12, 340, until, "0371-1", "净水设备"))
    for text in ("12", "340", "0371-1", "净水设备", "18:00"):
        assert text in words.zh
        assert text in words.en
    bare = notice(Scene(Words("某镇山洪", "Flash flood"), "", 0, 0, until))
    assert "支" not in bare.zh
    assert "Still needed" not in bare.en
    assert "register first" not in bare.en
