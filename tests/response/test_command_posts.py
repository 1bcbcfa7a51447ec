"""On-site command posts: set up from a template, command handed over; who is where."""

from __future__ import annotations

import pytest
from django.db import transaction

from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response import selectors
from anlan.response import services as do
from anlan.response.models import CommandGroup, CommandLogEntry, Incident, Task
from anlan.territory.models import Post
from tests.response.command_scene import COUNTY, county, minute, team
from tests.response.scene import SCENE, data, person

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()


# --- set up --------------------------------------------------------------------------------------------------------------


def test_a_post_gets_its_groups_from_the_template_with_lead_posts_from_the_roster(post) -> None:
    groups = list(CommandGroup.objects.filter(command_post=post).order_by("place_in_line"))
    assert (post.template, len(groups), groups[0].code) == ("flood", 14, "coordination")
    water = next(group for group in groups if group.code == "reservoir")
    expected = Post.objects.filter(code__in=[f"{COUNTY}.department.water", "4101.department.water"]).order_by("-code")
    assert water.lead_post in list(expected)
    assert all(group.lead_zh and group.lead_en and group.channel and group.shift for group in groups)
    assert data("command.set_up")[0]["groups"] == [group.code for group in groups]
    assert [e.text for e in CommandLogEntry.objects.all()] == [f"设立{post.name_zh} · {post.name_en} set up"]


def test_one_post_an_incident_and_forward_posts_under_it(post, flood) -> None:
    with pytest.raises(Conflict) as stands, transaction.atomic():
        do.command_post_set_up(by=SCENE, incident=flood.pk, at=minute(11))
    assert stands.value.extra["post"] == str(post.pk)
    forward = do.command_post_set_up(by=SCENE, incident=flood.pk, under=post.pk, template="general", at=minute(12))
    assert (forward.under_id, forward.template) == (post.pk, "general")
    with pytest.raises(Invalid), transaction.atomic():
        do.command_post_link(by=SCENE, command_post=post.pk, under=forward.pk, at=minute(13))


def test_a_post_of_something_open_only_and_by_who_may(flood) -> None:
    with pytest.raises(Forbidden), transaction.atomic():
        do.command_post_set_up(
            by=person("410181.commander", "decider", scope="410182109"), incident=flood.pk, at=minute(1)
        )
    with pytest.raises(Invalid), transaction.atomic():
        do.command_post_set_up(by=SCENE, at=minute(1))
    with pytest.raises(Invalid), transaction.atomic():
        do.command_post_set_up(by=SCENE, incident=flood.pk, template="circus", at=minute(1))
    do.incident_close(by=SCENE, incident=flood.pk, reason="x", at=minute(2))
    with pytest.raises(Conflict), transaction.atomic():
        do.command_post_set_up(by=SCENE, incident=flood.pk, at=minute(3))


def test_a_post_for_a_response_to_the_whole_area(plan) -> None:
    level = do.level_adopt(by=SCENE, plan="ZZ-FLOOD", level=1, at=minute(0))
    row = do.command_post_set_up(by=SCENE, level=level.pk, at=minute(5))
    assert (row.division, row.template, row.tier) == ("4101", "flood", 4)
    assert len(selectors.handing_over.handover_facts(row).tasks) == min(Task.objects.filter(level=level).count(), 500)


def test_a_group_is_changed_and_its_shift_checked(post) -> None:
    group = CommandGroup.objects.get(command_post=post, code="medical")
    changed = do.command_group_change(by=SCENE, group=group.pk, lead=f"{COUNTY}.duty", channel="11", shift=["20:00", "8:00"],
                                      at=minute(12))  # fmt: skip
    assert (changed.lead_post.code, changed.channel, changed.shift) == (f"{COUNTY}.duty", "11", ["08:00", "20:00"])
    for bad in (["25:00"], ["8"], ["08:0"]):
        with pytest.raises(Invalid), transaction.atomic():
            do.command_group_change(by=SCENE, group=group.pk, shift=bad, at=minute(13))
    with pytest.raises(NotFound), transaction.atomic():
        do.command_group_change(by=SCENE, group=group.pk, lead="nobody", at=minute(13))


# --- who commands --------------------------------------------------------------------------------------------------------


def test_command_passes_with_a_hand_over_that_both_sign(post, flood) -> None:
    do.command_take(by=county(), command_post=post.pk, post=f"{COUNTY}.commander", at=minute(15))
    team(post)
    asked = do.log_write(by=SCENE, command_post=post.pk, kind="request", text="请求调冲锋舟10艘", at=minute(25))
    Task.objects.create(code="X", text_zh="搜救", text_en="search", owner_post=Post.objects.get(code=f"{COUNTY}.duty"),
                        division=COUNTY, incident=flood, working_group="rescue", issued_at=minute(20),
                        receipt_due_at=minute(30), due_at=minute(60))  # fmt: skip
    city = person("4101.commander", "decider")
    with pytest.raises(Invalid), transaction.atomic():
        do.command_offer(by=county(), command_post=post.pk, post="4101.commander", situation=" ", at=minute(30))
    with pytest.raises(Forbidden), transaction.atomic():
        do.command_offer(by=city, command_post=post.pk, post="4101.commander", situation="x", at=minute(30))
    term = do.command_offer(
        by=county(), command_post=post.pk, post="4101.commander", situation="水位回落，两村未通", at=minute(30)
    )
    assert [task["code"] for task in term.tasks] == ["X"]
    assert [(r["name"], r["people"]) for r in term.resources] == [("蓝天救援队", 20)]
    assert [r["id"] for r in term.requests] == [str(asked.pk)]
    with pytest.raises(Forbidden), transaction.atomic():
        do.command_accept(by=county(), term=term.pk, at=minute(31))
    with pytest.raises(Conflict), transaction.atomic():
        do.command_offer(by=county(), command_post=post.pk, post="4101.deputy.1", situation="x", at=minute(31))
    do.command_accept(by=city, term=term.pk, at=minute(33))
    post.refresh_from_db()
    first, second = post.terms.order_by("since")
    assert (first.state, first.until, second.state, second.since) == ("ended", minute(33), "current", minute(33))
    assert (second.signed_out_by, second.signed_in_by, post.tier) == (county().name, city.name, 4)
    told = data("command.taken")[-1]
    assert (told["upward"], told["tasks"], told["resources"], told["requests"], told["reason"]) == (True, 1, 1, 1, "")
    with pytest.raises(Conflict), transaction.atomic():
        do.command_accept(by=city, term=term.pk, at=minute(34))


def test_command_is_taken_without_a_signature_only_with_a_reason_and_never_from_a_higher_level(post) -> None:
    do.command_take(by=county(), command_post=post.pk, post=f"{COUNTY}.commander", at=minute(15))
    city = person("4101.deputy.1", "decider")
    with pytest.raises(Invalid), transaction.atomic():
        do.command_take(by=city, command_post=post.pk, post="4101.deputy.1", at=minute(20))
    do.command_take(by=city, command_post=post.pk, post="4101.deputy.1", reason="县指挥长失联", at=minute(20))
    assert data("command.taken")[-1]["reason"] == "县指挥长失联"
    with pytest.raises(Forbidden), transaction.atomic():
        do.command_take(by=county(), command_post=post.pk, post=f"{COUNTY}.commander", reason="x", at=minute(25))
    province = do.command_take(by=SCENE, command_post=post.pk, name={"zh": "省应急厅工作组组长", "en": ""}, tier=2,
                               reason="省级到达", at=minute(40))  # fmt: skip
    assert (province.name_en, province.tier) == ("省应急厅工作组组长", 2)
    with pytest.raises(NotFound), transaction.atomic():
        do.command_take(by=SCENE, command_post=post.pk, name={"zh": "某人"}, reason="x", at=minute(41))


def test_an_offer_can_be_taken_back(post) -> None:
    do.command_take(by=county(), command_post=post.pk, post=f"{COUNTY}.commander", at=minute(15))
    term = do.command_offer(by=county(), command_post=post.pk, post="4101.commander", situation="x", at=minute(20))
    assert selectors.commandpost_items(WHOLE, None, None)[str(post.pk)]["offered"]["id"] == str(term.pk)
    do.command_offer_withdraw(by=county(), term=term.pk, at=minute(21))
    assert [event["withdrawn"] for event in data("command.offered")] == [False, True]
    assert post.terms.filter(state="current").count() == 1


# --- who is where --------------------------------------------------------------------------------------------------------


def test_leaving_the_post_empty_is_refused_and_a_present_stand_in_allows_it(plan) -> None:
    mayor, deputy = person("4101.commander", "decider"), person("4101.deputy.1", "decider")
    do.leader_checkin(by=mayor, post="4101.commander", site="command_post", at=minute(0))
    with pytest.raises(Conflict) as empty, transaction.atomic():
        do.leader_leave(by=mayor, post="4101.commander", site="R410102012.01", at=minute(1))
    assert empty.value.code == "command.post_empty"
    with pytest.raises(Conflict) as absent, transaction.atomic():
        do.leader_leave(
            by=mayor, post="4101.commander", site="R410102012.01", handover_to="4101.deputy.1", at=minute(2)
        )
    assert absent.value.code == "command.stand_in_absent"
    do.leader_checkin(by=deputy, post="4101.deputy.1", site="command_post", at=minute(3))
    do.leader_leave(by=mayor, post="4101.commander", site="R410102012.01", handover_to="4101.deputy.1", at=minute(4))
    assert not Incident.objects.filter(kind="command_unattended").exists()
    board = {row["post"]: row for row in selectors.leader_items(WHOLE, None, None).values()}
    assert board["4101.commander"]["stand_in"] is not None
    assert board["4101.commander"]["lon"] is not None


def test_four_leaders_at_one_site_are_told_with_their_number_in_the_alarm(plan) -> None:
    for n, code in enumerate(("4101.commander", "4101.deputy.1", "4101.deputy.2", "4101.deputy.3")):
        do.leader_checkin(by=SCENE, post=code, site="R410102012.01", at=minute(n))
    alarm = Incident.objects.get(kind="command_unattended")
    told = data("command.crowded")
    assert [(len(one["leaders"]), one["unattended"]) for one in told] == [(4, str(alarm.pk))]
    assert "4名领导都在" in alarm.title_zh


def test_the_commander_on_site_hands_over_before_leaving_or_is_alarmed(post) -> None:
    boss = county()
    do.command_take(by=boss, command_post=post.pk, post=f"{COUNTY}.commander", at=minute(15))
    site = f"post:{post.pk}"
    assert [row["site"] for row in selectors.leader_items(WHOLE, None, None).values()] == [site]
    with pytest.raises(Conflict) as refused, transaction.atomic():
        do.leader_leave(by=boss, post=f"{COUNTY}.commander", site="home", at=minute(20))
    assert refused.value.code == "command.hand_over_first"
    do.leader_checkin(by=boss, post=f"{COUNTY}.commander", site="home", at=minute(21))  # it happened all the same
    alarm = Incident.objects.get(key=f"unattended:{site}")
    assert alarm.opened_at == minute(21)
    do.leader_checkin(by=SCENE, post="4101.deputy.1", site=site, at=minute(40))
    alarm.refresh_from_db()
    assert alarm.state == "closed"
