"""Command at its edges: nobody left on site unseen, posts that stand for two things, who is inside, times that are none."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response import selectors
from anlan.response import services as do
from anlan.response.models import CommandGroup, Incident
from anlan.response.services.attending import ON_SITE
from tests.response.command_scene import COUNTY, county, desk, minute, team
from tests.response.scene import SCENE, data, person

pytestmark = pytest.mark.django_db
COMMANDER = f"{COUNTY}.commander"


def alarms() -> list[str]:
    """Keys of the open alarms that nobody is in command."""
    return list(
        Incident.objects.filter(kind="command_unattended", state="open").order_by("key").values_list("key", flat=True)
    )


def deputy() -> str:
    """Another leader of the county."""
    from anlan.territory.models import Post

    return Post.objects.filter(division=COUNTY, role="county_deputy").order_by("code")[0].code


def test_the_last_leader_who_leaves_the_site_is_seen_whoever_it_is(post: Any) -> None:
    site = f"{ON_SITE}{post.pk}"
    do.command_take(by=SCENE, command_post=post.pk, post=COMMANDER, at=minute(11))
    do.leader_checkin(by=SCENE, post=deputy(), site=site, at=minute(12))
    do.leader_checkin(by=SCENE, post=COMMANDER, site="command_post", at=minute(13))
    assert alarms() == []  # the deputy is there
    do.leader_checkin(by=SCENE, post=deputy(), site="command_post", at=minute(14))
    assert alarms() == [f"unattended:{site}"]
    do.command_post_close(by=SCENE, command_post=post.pk, reason="转入善后", at=minute(20))
    assert alarms() == []  # nobody need be there any more


def test_a_stand_in_called_away_from_the_site_leaves_it_empty(post: Any) -> None:
    do.command_take(by=SCENE, command_post=post.pk, post=deputy(), at=minute(11))
    do.leader_checkin(by=SCENE, post=COMMANDER, site="command_post", at=minute(12))
    do.leader_checkin(by=SCENE, post=COMMANDER, site="市里开会", handover_to=deputy(), at=minute(13))
    assert alarms() == [f"unattended:{ON_SITE}{post.pk}"]


def test_a_stand_in_is_another_leader_of_the_same_command(plan: Any) -> None:
    for other in (COMMANDER, "410181.commander", "nobody"):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            do.leader_checkin(by=county(), post=COMMANDER, site="x", handover_to=other, at=minute(1))
        assert refused.value.field == "handover_to"
    for site in (" ", "远" * 97):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            do.leader_checkin(by=county(), post=COMMANDER, site=site, at=minute(1))
        assert refused.value.field == "site"


def test_one_post_stands_by_itself_for_an_incident_and_for_a_response(post: Any, flood: Any) -> None:
    level = do.level_adopt(by=SCENE, plan="ZZ-FLOOD", level=2, at=minute(11))
    other = do.incident_open(by=SCENE, kind="flash_flood", title={"zh": "另一处", "en": "Another"}, division=COUNTY,
                             source="110", at=minute(11))  # fmt: skip
    do.command_post_close(by=SCENE, command_post=post.pk, reason="改设", at=minute(12))
    first = do.command_post_set_up(by=SCENE, incident=flood.pk, level=level.pk, at=minute(12))
    with pytest.raises(Conflict, match=r"command\.post_stands"), transaction.atomic():
        do.command_post_set_up(by=SCENE, incident=other.pk, level=level.pk, at=minute(13))
    forward = do.command_post_set_up(by=SCENE, incident=flood.pk, under=first.pk, at=minute(14))
    with pytest.raises(Conflict, match=r"command\.post_stands"), transaction.atomic():
        do.command_post_link(by=SCENE, command_post=forward.pk, under=None, at=minute(15))
    with pytest.raises(Conflict, match=r"command\.posts_below"), transaction.atomic():
        do.command_post_close(by=SCENE, command_post=first.pk, reason="x", at=minute(16))
    do.command_post_close(by=SCENE, command_post=forward.pk, reason="x", at=minute(17))
    do.command_post_close(by=SCENE, command_post=first.pk, reason="x", at=minute(18))


def test_a_shift_is_a_time_of_day_and_another_hand_s_change_stays(post: Any) -> None:
    group = CommandGroup.objects.filter(command_post=post).order_by("place_in_line")[0]
    for wrong in ("²4:00", "24:00", "8:5", "08：00", ""):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            do.command_group_change(by=SCENE, group=group.pk, shift=[wrong], at=minute(11))
        assert refused.value.field == "shift"
    row = do.command_group_change(by=SCENE, group=group.pk, shift=["20:00", "8:00", "08:00"], at=minute(12))
    assert row.shift == ["08:00", "20:00"]


def test_who_went_in_unasked_during_a_withdrawal_is_counted_out_too(post: Any) -> None:
    inside, late = team(post), team(post, "自发队伍", accept=False, at=21)
    do.team_move(by=SCENE, team=inside.pk, inward=True, heads=5, at=minute(22))
    order = do.withdraw_order(by=SCENE, command_post=post.pk, reason="二次滑坡", at=minute(23))
    do.team_move(by=SCENE, team=late.pk, inward=True, heads=3, unasked=True, at=minute(24))
    do.team_move(by=SCENE, team=inside.pk, inward=False, heads=5, at=minute(25))
    order.refresh_from_db()
    assert order.state == "open"
    with pytest.raises(Conflict, match=r"withdrawal\.not_complete"), transaction.atomic():
        do.withdraw_lift(by=SCENE, withdrawal=order.pk, reason="已排险", at=minute(26))
    shown = selectors.commandpost_items(Scope.whole(), None, None)[str(post.pk)]["withdrawals"]
    assert [one["heads"] for one in shown] == [3]
    do.team_move(by=SCENE, team=late.pk, inward=False, heads=3, at=minute(27))
    order.refresh_from_db()
    assert order.state == "complete"
    do.team_move(by=SCENE, team=late.pk, inward=True, heads=1, unasked=True, at=minute(28))
    order.refresh_from_db()
    assert order.state == "open"


def test_counts_and_limits_have_bounds_and_say_so(post: Any) -> None:
    plain = {"by": SCENE, "command_post": post.pk, "leader": "x", "at": minute(11)}
    for wrong in ({"people": 0}, {"vehicles": -1}, {"vehicles": 40_000}, {"self_support_h": 99_999}):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            do.team_register(**{**plain, "name": "队", "people": 5, **wrong})
        assert refused.value.field == next(iter(wrong))
    for wrong_min in (0, -5, 10**12):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            do.withdraw_order(by=SCENE, command_post=post.pk, reason="x", within_min=wrong_min, at=minute(11))
        assert refused.value.field == "within_min"


def test_an_offer_is_taken_back_by_who_made_it(post: Any) -> None:
    do.command_take(by=SCENE, command_post=post.pk, post=COMMANDER, at=minute(11))
    term = do.command_offer(by=county(), command_post=post.pk, situation="正在搜救", post=deputy(), at=minute(12))
    with pytest.raises(Forbidden, match=r"command\.not_yours"), transaction.atomic():
        do.command_offer_withdraw(by=person("4101.commander", "decider"), term=term.pk, at=minute(13))
    assert do.command_offer_withdraw(by=county(), term=term.pk, at=minute(13)).state == "withdrawn"
    with pytest.raises(Conflict, match=r"command\.same"), transaction.atomic():
        do.command_take(by=county(), command_post=post.pk, post=COMMANDER, reason="x", at=minute(14))


def test_a_township_s_own_desk_may_say_that_its_village_was_heard(plan: Any) -> None:
    from anlan.territory.models import Division

    village = Division.objects.filter(level=5, code__startswith=COUNTY).order_by("code")[0].code
    own = person(f"{COUNTY}.duty", "duty", scope=village[:9])
    do.contacts_watch(by=SCENE, area=[village], at=minute(0))
    assert do.contacts_heard(by=own, places=[village], source="visit", beats=False, at=minute(1)) == 0
    with pytest.raises(Forbidden), transaction.atomic():
        do.contacts_heard(by=own, places=[village, "4401"], source="visit", at=minute(1))


def test_a_name_that_looks_like_a_number_stops_nobody_from_being_entered() -> None:
    told: dict[str, Any] = {
        "by": desk(),
        "division": COUNTY,
        "kind": "dead",
        "source": "x",
        "reporter": "y",
        "at": minute(1),
    }
    do.casualty_enter(**told, place=do.Where("村口"), name="unknown-²")
    assert do.casualty_enter(**told, place=do.Where("村口")).label == "unknown-1"
    for wrong in ({"name": "名" * 81}, {"source": "源" * 201}):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            do.casualty_enter(**{**told, **wrong}, place=do.Where("村口"))
        assert refused.value.field == next(iter(wrong))
    from uuid import uuid4

    for key in ("incident", "disaster"):
        with pytest.raises(NotFound) as unknown, transaction.atomic():
            do.casualty_enter(**told, place=do.Where("村口"), **{key: uuid4()})
        assert unknown.value.field == key
    assert len(data("casualty.entered")) == 2
