"""A city desk with a published roster, outside any exercise: people, log, a telephone record, a check waiting. Run as a program."""

from __future__ import annotations

from datetime import timedelta

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.journal import seal

SYSTEM = Actor.system("test")
SURNAMES = "赵钱孙李周吴郑王冯陈卫蒋沈韩杨"


def main() -> None:
    """Lay it down over the small territory."""
    from anlan.response.engine.roster import BEIJING
    from anlan.response.services import incident_open
    from anlan.response.services.duty_log import LogSpec, PhoneSpec, log_write, phone_take_down
    from anlan.response.services.rosters import RosterSpec, roster_draft
    from anlan.response.services.rosters_publish import roster_publish
    from anlan.territory.models import Post
    from anlan.territory.services.people import person_save

    now = clock.now().astimezone(BEIJING).replace(second=0, microsecond=0)
    desk = Post.objects.get(role="city_duty", division="4101")
    people = [
        person_save(by=SYSTEM, name=f"{name}值班", phone=f"1001234{n:04d}", division="4101", code=f"duty.{n:02d}").pk
        for n, name in enumerate(SURNAMES)
    ]
    crews = [(people[3 * n], people[3 * n + 1], people[3 * n + 2]) for n in range(5)]
    # a turn before this one at any hour of the day, for somebody must hand over
    begins = max(now - timedelta(hours=15), now.replace(month=1, day=1, hour=0, minute=0))
    spec = RosterSpec("day_night", crews, begins_at=begins, checks_a_week=0)
    for year, one in ((now.year, spec), (now.year + 1, RosterSpec("day_night", crews, checks_a_week=0))):
        roster_publish(by=SYSTEM, roster=roster_draft(by=SYSTEM, post=desk.pk, year=year, spec=one).pk)
    for text, kind, way in (
        ("2号电台无信号，已报修", "fault", "radio"),
        ("市领导要求核实常庄水库水位并于18时前报告", "instruction", "phone"),
        ("收省厅调度通知：加强强降雨期间值守", "in", "paper"),
    ):
        log_write(by=SYSTEM, post=desk.pk, spec=LogSpec(text, kind=kind, way=way, from_words="市政府总值班室"))
    phone_take_down(by=SYSTEM, post=desk.pk, spec=PhoneSpec(
        place="巩义市米河镇", course="镇区积水约1米，正组织转移", caller_unit="米河镇政府", caller_name="镇值班员",
        caller_phone="10012345678", told="巩义市应急管理局"))  # fmt: skip
    incident_open(by=SYSTEM, kind="flash_flood", title={"zh": "王宗店村山洪", "en": "Flash flood at Wangzongdian"},
                  division="410182", source="电话", unverified=True)  # fmt: skip
    account_save(by=SYSTEM, username="duty", name="市值班室", divisions=["4101"], roles=["duty", "decider"], post=desk.pk,
                 password="storm-duty-1")  # fmt: skip
    seal()


if __name__ == "__main__":
    main()
