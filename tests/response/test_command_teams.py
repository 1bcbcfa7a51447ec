"""Teams taken in and counted out, withdrawal, the log, the rescue plan and the saturation notice."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response import selectors
from anlan.response import services as do
from anlan.response.models import CommandPost, Withdrawal
from anlan.response.tasks import next_due, sweep
from tests.response.command_scene import COUNTY, county, desk, minute, team
from tests.response.scene import SCENE, data, kinds, person

pytestmark = pytest.mark.django_db
WHOLE = Scope.whole()


# --- teams ---------------------------------------------------------------------------------------------------------------


def test_a_team_is_registered_once_and_declined_with_a_reason_only(post) -> None:
    row = team(post, accept=False)
    with pytest.raises(Conflict), transaction.atomic():
        team(post, accept=False)
    with pytest.raises(Invalid), transaction.atomic():
        do.team_decide(by=desk(), team=row.pk, decision="decline", reason=" ", at=minute(21))
    with pytest.raises(Invalid), transaction.atomic():
        do.team_decide(by=desk(), team=row.pk, decision="accept", at=minute(21))
    do.team_decide(by=desk(), team=row.pk, decision="decline", reason="力量已饱和", at=minute(22))
    do.team_decide(by=desk(), team=row.pk, decision="accept", area="王宗店村", at=minute(50))
    assert [event["decision"] for event in data("team.decided")] == ["decline", "accept"]
    for wrong in ({"people": 0}, {"leader": " "}, {"contact": "call me"}, {"kind": "circus"}):
        values = {"name": "别队", "leader": "x", "people": 3, **wrong}
        with pytest.raises(Invalid), transaction.atomic():
            do.team_register(by=desk(), command_post=post.pk, at=minute(23), **values)


def test_nobody_goes_in_unaccepted_and_nobody_is_counted_out_twice(post) -> None:
    row = team(post, accept=False)
    with pytest.raises(Conflict), transaction.atomic():
        do.team_move(by=desk(), team=row.pk, inward=True, heads=5, at=minute(21))
    do.team_move(by=desk(), team=row.pk, inward=True, heads=5, unasked=True, at=minute(21))
    assert selectors.commandpost_items(WHOLE, None, None)[str(post.pk)]["unasked"] == 1
    with pytest.raises(Conflict), transaction.atomic():
        do.team_decide(by=desk(), team=row.pk, decision="decline", reason="x", at=minute(22))
    do.team_decide(by=desk(), team=row.pk, decision="accept", group="rescue", at=minute(22))
    with pytest.raises(Invalid), transaction.atomic():
        do.team_move(by=desk(), team=row.pk, inward=True, heads=16, at=minute(23))
    with pytest.raises(Invalid), transaction.atomic():
        do.team_move(by=desk(), team=row.pk, inward=False, heads=6, at=minute(23))
    with pytest.raises(Conflict), transaction.atomic():
        do.team_leave(by=desk(), team=row.pk, at=minute(24))
    with pytest.raises(Conflict), transaction.atomic():
        do.command_post_close(by=desk(), command_post=post.pk, reason="x", at=minute(24))
    do.team_move(by=desk(), team=row.pk, inward=False, heads=5, at=minute(30))
    assert do.team_leave(by=desk(), team=row.pk, at=minute(31)).decision == "left"
    with pytest.raises(Conflict), transaction.atomic():
        do.team_move(by=desk(), team=row.pk, inward=True, heads=1, at=minute(32))
    assert team(post, at=40).number == 2  # it came back and registered again


def test_the_telephone_is_masked_and_its_showing_journalled(post) -> None:
    row = team(post)
    assert selectors.teamintake_items(WHOLE, None, None)[str(row.pk)]["contact"] == "138****1234"
    with pytest.raises(Invalid), transaction.atomic():
        do.team_contact(by=desk(), team=row.pk, reason="", at=minute(30))
    assert do.team_contact(by=desk(), team=row.pk, reason="联系到场时间", at=minute(30)) == "13800001234"
    assert data("team.contact_shown") == [{"team": str(row.pk), "reason": "联系到场时间"}]
    assert "13800001234" not in str(list(Entry.objects.values_list("data", flat=True)))


# --- withdrawal ----------------------------------------------------------------------------------------------------------


def test_a_withdrawal_counts_everybody_out_and_lets_nobody_in_until_it_is_lifted(post) -> None:
    one, two = team(post, "甲队"), team(post, "乙队")
    for row, heads in ((one, 12), (two, 3)):
        do.team_move(by=desk(), team=row.pk, inward=True, heads=heads, at=minute(25))
    order = do.withdraw_order(by=person(f"{COUNTY}109.duty", "responder", scope=COUNTY), command_post=post.pk,
                              reason="上游堰塞体渗水", at=minute(30))  # fmt: skip
    assert [(t["name"], t["heads"]) for t in order.expected] == [("甲队", 12), ("乙队", 3)]
    with pytest.raises(Conflict), transaction.atomic():
        do.team_move(by=desk(), team=two.pk, inward=True, heads=1, at=minute(31))
    with pytest.raises(Conflict), transaction.atomic():
        do.withdraw_order(by=desk(), command_post=post.pk, reason="x", at=minute(31))
    do.team_move(by=desk(), team=two.pk, inward=False, heads=3, at=minute(32))
    assert next_due() == minute(45)
    sweep(minute(60))
    assert data("withdrawal.overdue")[0] | {"post": ""} == {
        "post": "", "withdrawal": str(order.pk), "incident": str(post.incident_id), "heads": 12, "teams": ["甲队"]
    }  # fmt: skip
    assert kinds("withdrawal.overdue")[0][1] == minute(45)
    with pytest.raises(Conflict), transaction.atomic():
        do.withdraw_lift(by=desk(), withdrawal=order.pk, reason="险情排除", at=minute(61))
    do.team_move(by=desk(), team=one.pk, inward=False, heads=12, at=minute(62))
    assert data("withdrawal.complete")[0]["minutes"] == 32.0
    do.withdraw_lift(by=desk(), withdrawal=order.pk, reason="险情排除", at=minute(70))
    do.team_move(by=desk(), team=two.pk, inward=True, heads=1, at=minute(71))
    assert Withdrawal.objects.get().state == "lifted"


def test_a_withdrawal_of_one_group_leaves_the_others_at_work(post) -> None:
    one = team(post, "甲队")
    other = do.team_decide(
        by=desk(), team=team(post, "乙队", accept=False).pk, decision="accept", group="medical", at=minute(22)
    )
    do.team_move(by=desk(), team=other.pk, inward=True, heads=2, at=minute(23))
    order = do.withdraw_order(by=desk(), command_post=post.pk, reason="塌方", group="rescue", at=minute(30))
    assert order.state == "complete"  # nobody of that group was inside
    with pytest.raises(Conflict), transaction.atomic():
        do.team_move(by=desk(), team=one.pk, inward=True, heads=1, at=minute(31))
    do.team_move(by=desk(), team=other.pk, inward=True, heads=1, at=minute(31))


# --- log -----------------------------------------------------------------------------------------------------------------


def test_the_log_is_append_only_even_for_the_owner_of_the_database(post) -> None:
    row = do.log_write(by=desk(), command_post=post.pk, kind="hazard", text="堤脚渗水", channel="radio", at=minute(20))
    for sql in ("UPDATE response_commandlogentry SET text = 'x'", "DELETE FROM response_commandlogentry"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    mended = do.log_write(
        by=desk(), command_post=post.pk, kind="hazard", text="堤脚管涌", corrects=row.pk, at=minute(22)
    )
    assert (row.number, mended.number) == (2, 3)
    with pytest.raises(Conflict), transaction.atomic():
        do.log_write(by=desk(), command_post=post.pk, kind="hazard", text="x", corrects=row.pk, at=minute(23))


def test_an_entry_may_be_late_but_not_ahead_and_a_request_is_answered(post) -> None:
    late = do.log_write(
        by=desk(), command_post=post.pk, kind="radio", text="收到", happened_at=minute(5), at=minute(30)
    )
    assert (late.at, late.recorded_at) == (minute(5), minute(30))
    assert data("command.logged")[-1]["late_s"] == 1500
    asked = do.log_write(by=desk(), command_post=post.pk, kind="request", text="调泵", at=minute(31))
    count = lambda: selectors.commandpost_items(WHOLE, None, None)[str(post.pk)]["requests"]  # noqa: E731
    assert count() == 1
    do.log_write(by=desk(), command_post=post.pk, kind="decision", text="同意", answers=asked.pk, at=minute(33))
    assert count() == 0
    with pytest.raises(NotFound), transaction.atomic():
        do.log_write(by=desk(), command_post=post.pk, kind="note", text="x", answers=late.pk, at=minute(34))
    for wrong in ({"kind": "song"}, {"channel": "pigeon"}, {"text": " "}, {"happened_at": minute(90)}):
        values = {"kind": "note", "text": "x", **wrong}
        with pytest.raises(Invalid), transaction.atomic():
            do.log_write(by=desk(), command_post=post.pk, at=minute(35), **values)


def test_a_closed_post_takes_nothing_more(post) -> None:
    do.command_post_close(by=SCENE, command_post=post.pk, reason="处置完毕", at=minute(90))
    with pytest.raises(Conflict), transaction.atomic():
        do.log_write(by=desk(), command_post=post.pk, kind="note", text="x", at=minute(91))
    assert data("command.closed")[0]["minutes"] == 80.0
    assert selectors.commandlog_items(WHOLE, None, None) == {}


# --- rescue plan and notice ----------------------------------------------------------------------------------------------


def test_the_commander_puts_the_rescue_plan_in_force_and_the_old_version_stays(post) -> None:
    do.command_take(by=county(), command_post=post.pk, post=f"{COUNTY}.commander", at=minute(15))
    with pytest.raises(Invalid), transaction.atomic():
        do.rescue_plan_make(by=desk(), command_post=post.pk, aims="x", steps="y", safety="", at=minute(16))
    one, two = [do.rescue_plan_make(by=desk(), command_post=post.pk, aims=f"第{n}版", steps="分区搜救", safety="三声长哨撤离",
                                    at=minute(16 + n)) for n in (1, 2)]  # fmt: skip
    with pytest.raises(Forbidden), transaction.atomic():
        do.rescue_plan_enforce(by=person("4101.deputy.1", "decider"), plan=one.pk, at=minute(20))
    do.rescue_plan_enforce(by=county(), plan=one.pk, at=minute(20))
    do.rescue_plan_enforce(by=county(), plan=two.pk, at=minute(21))
    assert list(post.rescue_plans.order_by("number").values_list("state", flat=True)) == ["replaced", "in_force"]


def test_a_saturation_notice_is_drafted_from_the_record_and_released_by_a_person(post) -> None:
    team(post, "甲队", 20)
    team(post, "乙队", 35)
    team(post, "丙队", 9, accept=False)
    row = do.saturation_draft(
        by=desk(), command_post=post.pk, needs="净水设备", contact="0371-66660000", hours=12, at=minute(60)
    )
    assert "2支、55人" in row.text_zh
    assert "2 teams with 55 people" in row.text_en
    with pytest.raises(Invalid), transaction.atomic():
        do.saturation_release(by=desk(), notice=row.pk, text={"zh": "有", "en": ""}, at=minute(61))
    do.saturation_release(by=desk(), notice=row.pk, at=minute(62))
    again = do.saturation_draft(by=desk(), command_post=post.pk, at=minute(70))
    do.saturation_release(by=desk(), notice=again.pk, at=minute(71))
    row.refresh_from_db()
    assert row.state == "withdrawn"
    do.saturation_withdraw(by=desk(), notice=again.pk, at=minute(90))
    assert [kind for kind, _ in kinds("saturation.released", "saturation.withdrawn")] == [
        "saturation.released", "saturation.withdrawn", "saturation.released", "saturation.withdrawn",
    ]  # fmt: skip


def test_a_team_of_the_register_is_taken_in_by_its_code(post: CommandPost) -> None:
    from anlan.rescue.models import Team
    from anlan.response.selectors.registered_teams import team_registered, teams_registered
    from anlan.territory.models import Post

    leader = Post.objects.filter(division=COUNTY, organisation__isnull=False).order_by("code").first()
    assert leader is not None
    for number, insured in enumerate((date(2021, 7, 20), date(2021, 7, 18))):
        Team.objects.create(
            division=COUNTY, code=f"{COUNTY}.team.{number}", name_zh=f"荥阳救援{number}队", name_en=f"Team {number}",
            kind="grassroots", subject="flood", level=3, organisation=leader.organisation, leader=leader, lon=113.3, lat=34.7,
            strength=30, ready_day_min=20, ready_night_min=30, self_support_h=24, radius_km=50, insured_to=insured,
        )  # fmt: skip
    assert [team.people for team in teams_registered("4101") if team.code.startswith(f"{COUNTY}.team.")] == [30, 30]
    assert team_registered("nobody") is None
    told = {"by": desk(), "command_post": post.pk, "leader": "队长", "people": 12}
    row, late = (do.team_register(**told, name="", register_code=f"{COUNTY}.team.{n}", at=minute(20)) for n in (0, 1))
    assert (row.name, row.team_kind, row.insured, row.register_code) == (
        "荥阳救援0队",
        "grassroots",
        True,
        f"{COUNTY}.team.0",
    )
    assert late.insured is False  # run out the day before
    other = do.team_register(**told, name="路过的队", at=minute(21))
    assert (other.register_code, other.insured) == ("", None)
    with pytest.raises(Invalid) as refused, transaction.atomic():
        do.team_register(**told, name="冒名队", register_code="999", at=minute(22))
    assert refused.value.field == "register_code"
