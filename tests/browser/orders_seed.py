"""Orders in every state over the small territory, outside any exercise, and the hands they need. Run as a program."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import django

django.setup()

from anlan.kernel import clock, sweep
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.journal import seal
from anlan.kernel.scope import Scope

SYSTEM = Actor.system("test")
HANDS = {
    "desk": ("4101.duty", ["duty"]), "checker": ("4101.deputy1", ["duty"]), "chief": ("4101.commander", ["decider"]),
    "gongyi": ("410181.duty", ["duty", "responder"]),
}  # fmt: skip


def hand(name: str) -> Actor:
    """The person of an account."""
    from anlan.territory.models import Post

    post = Post.objects.get(code=HANDS[name][0])
    return Actor("person", name, Scope((post.division,)), post=post.pk, roles=frozenset(HANDS[name][1]))


def main() -> None:
    """Fill the database."""
    from anlan.response.engine.order import Receiver
    from anlan.response.models import Task
    from anlan.response.services import (
        OrderContent,
        incident_open,
        order_check,
        order_draft,
        order_issue,
        order_issue_verbal,
        order_sign,
        plans_load_shipped,
        task_done,
        task_help,
        task_receive,
    )
    from anlan.territory.models import Post

    plans_load_shipped(by=SYSTEM)
    counties = list(Post.objects.filter(role="county_duty", division__startswith="4101").order_by("code")[:4])
    HANDS["checker"] = (Post.objects.filter(division="4101", role="city_deputy").order_by("code")[0].code, ["duty"])
    for name, (code, roles) in HANDS.items():
        post = Post.objects.get(code=code)
        account_save(by=SYSTEM, username=name, name=f"{post.name_zh}", divisions=[post.division], roles=roles, post=post.pk,
                     password="storm-duty-1")  # fmt: skip
    gongyi = Post.objects.get(code="410181.duty")
    now = clock.now()
    incident = incident_open(by=SYSTEM, kind="road_flooded", title={"zh": "京广路隧道积水", "en": "Flooded underpass"},
                             division="4101", source="110", at=now - timedelta(hours=1))  # fmt: skip
    whole = OrderContent(
        kind="order", title={"zh": "立即封闭下穿隧道和积水路段", "en": "Close underpasses and flooded roads now"},
        text={"zh": "立即封闭辖区内下穿隧道、涵洞和积水路段，两端设人值守并分流车辆，清查滞留车辆和人员。",
              "en": "Close all underpasses and flooded roads now; man both ends, divert traffic."},
        issuer=Post.objects.get(code="4101.commander").pk, law=("73(2)",), within_min=30, receipt_min=5, incident=incident.pk,
        receivers=(Receiver(str(gongyi.pk), True), *(Receiver(str(p.pk), False) for p in counties if p.pk != gongyi.pk)),
        working_group="traffic", evidence={"zh": "每处一张照片，封闭处数", "en": "A photo of each, and how many", "unit": "处"},
    )  # fmt: skip

    def out(content: OrderContent, minutes: int) -> object:
        at = now - timedelta(minutes=minutes)
        row = order_draft(by=hand("desk"), content=content, at=at)
        order_check(by=hand("checker"), order=row.pk, seen=row.digest, at=at)
        order_sign(by=hand("chief"), order=row.pk, seen=row.digest, at=at)
        return order_issue(by=hand("chief"), order=row.pk, seen=row.digest, at=at).pk

    late = out(whole, 40)
    county = hand("gongyi")
    first = Task.objects.get(order=late, owner_post=gongyi)
    task_receive(by=county, task=first.pk, at=now - timedelta(minutes=36))
    evacuate = replace(whole, title={"zh": "立即转移危险区群众", "en": "Move people out of the danger area now"},
                       working_group="evacuation", within_min=120, evidence={"zh": "转移人数", "en": "How many", "unit": "人"})  # fmt: skip
    done = out(evacuate, 30)
    for n, task in enumerate(Task.objects.filter(order=done).order_by("cooperating", "id")):
        own = Actor.scenario("scenario")
        task_receive(by=own, task=task.pk, at=now - timedelta(minutes=28))
        if n < 2:
            task_done(
                by=own,
                task=task.pk,
                evidence={"text": "全部转移到学校安置点", "number": 120 + n},
                at=now - timedelta(minutes=9),
            )
    task_help(by=Actor.scenario("scenario"), task=Task.objects.filter(order=done, state="received").order_by("id")[0].pk,
              text="缺两辆大客车", at=now - timedelta(minutes=5))  # fmt: skip
    told = replace(whole, kind="notice", title={"zh": "加强值班值守", "en": "Strengthen duty"}, within_min=None, working_group="",
                   incident=None, receivers=tuple(Receiver(str(p.pk), False) for p in counties))  # fmt: skip
    out(told, 2)
    spoken = order_draft(by=hand("desk"), content=replace(whole, title={"zh": "派泵车到京广路", "en": "Send pumps"},
                         receivers=(Receiver(str(gongyi.pk), True),), working_group="rescue", within_min=60),
                         at=now - timedelta(minutes=35))  # fmt: skip
    order_issue_verbal(by=hand("desk"), order=spoken.pk, seen=spoken.digest, way="radio", why="水位上涨快",
                       at=now - timedelta(minutes=35))  # fmt: skip
    order_draft(by=hand("desk"), content=replace(whole, kind="instruction", given_by="省防指指挥长", issuer=None,
                title={"zh": "核清失联人员并逐人落实", "en": "Account for every missing person"}, working_group="",
                within_min=24 * 60), at=now - timedelta(minutes=1))  # fmt: skip
    sweep.run(now)
    seal()


if __name__ == "__main__":
    main()
