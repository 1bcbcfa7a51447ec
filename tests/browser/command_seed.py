"""Lays an on-site command post with its commander, teams and a log into the small storm. Run as a program; again it only seals."""

from __future__ import annotations

from datetime import timedelta

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.kernel.journal import seal
from anlan.kernel.journal.reactor import run_until_quiet
from tests.browser.seed import NOW, SCENE

TEAMS = (
    ("市消防救援支队一大队", "fire", 45, "冲锋舟8艘、抛投器", "accept", "rescue"),
    ("崔庙镇民兵应急排", "military", 30, "铁锹、救生衣", "accept", "evacuation"),
    ("蓝天救援队", "social", 18, "冲锋舟2艘", "waiting", ""),
    ("省外志愿者车队", "social", 60, "", "decline", ""),
)
TASKS = (
    ("转移王宗店村住户", "Move the people of Wangzongdian", "evacuation"),
    ("搜救被困人员", "Search for the trapped", "rescue"),
)
ENTRIES = (
    ("report", "抢险救援组", "指挥部", "radio", "王宗店村口桥断，改由北坡进村"),
    ("decision", "总指挥", "各组", "face", "先转移河道两侧住户，再搜救倒塌房屋"),
    ("request", "抢险救援组", "市防指", "phone", "请求调大型排水车3台"),
    ("hazard", "监测预报组", "指挥部", "radio", "上游塘坝坝脚渗水，流量加大"),
    ("order", "总指挥", "疏散安置组", "radio", "王宗店二组30分钟内全部转移"),
)


def main() -> None:
    """Fill the database, unless the post stands already."""
    from anlan.response import services as do
    from anlan.response.models import CommandPost, Task
    from anlan.territory.models import Post

    follow_clock()
    if CommandPost.objects.filter(state="active").exists():
        seal()
        return
    county = Actor.scenario("荥阳市指挥长")
    at = NOW - timedelta(minutes=12)
    with clock.at(at):
        title = {"zh": "荥阳市崔庙镇山洪", "en": "Flash flood at Cuimiao, Xingyang"}
        event = do.incident_open(by=SCENE, kind="flash_flood", title=title, division="410182", source="110", lon=113.27, lat=34.66,
                                 at=at)  # fmt: skip
        post = do.command_post_set_up(by=SCENE, incident=event.pk, place="崔庙镇政府院内", lon=113.29, lat=34.67, at=at)
        do.command_take(by=county, command_post=post.pk, post="410182.commander", at=at)
        do.leader_checkin(by=SCENE, post="4101.deputy.1", site="command_post", at=at)
        owner = Post.objects.get(code="410182.duty")
        for zh, en, group in TASKS:
            Task.objects.create(
                code=f"X-{group}", text_zh=zh, text_en=en, owner_post=owner, division=owner.division, incident=event,
                working_group=group, issued_at=at, receipt_due_at=at + timedelta(minutes=5), due_at=at + timedelta(minutes=40),
            )  # fmt: skip
        for name, kind, people, equipment, decision, group in TEAMS:
            team = do.team_register(by=SCENE, command_post=post.pk, name=name, leader="带队", people=people, kind=kind,
                                    equipment=equipment, contact="13800001234", at=at)  # fmt: skip
            if decision != "waiting":
                do.team_decide(by=SCENE, team=team.pk, decision=decision, group=group, reason="力量已饱和" if decision == "decline" else "",
                               lon=113.26, lat=34.65, at=at)  # fmt: skip
            if decision == "accept":
                do.team_move(by=SCENE, team=team.pk, inward=True, heads=people // 2, at=at)
        for n, (kind, sender, receiver, channel, text) in enumerate(ENTRIES):
            do.log_write(by=SCENE, command_post=post.pk, kind=kind, text=text, sender=sender, receiver=receiver,
                         channel=channel, at=at + timedelta(minutes=2 * n))  # fmt: skip
        do.rescue_plan_make(by=SCENE, command_post=post.pk, aims="24小时内搜救全部失联人员", steps="北坡开路\n分三区搜救",
                            safety="安全员张口；三声长哨撤至北坡", at=at)  # fmt: skip
        run_until_quiet(strict=True)
    seal()


if __name__ == "__main__":
    main()
