"""Lays three hands, a response and an event with figures and doubts into the small storm, once. Run as a program."""

from __future__ import annotations

from datetime import timedelta

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.kernel.journal import seal
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.response.models import Incident, Level
from anlan.response.services import claim_add, claim_judge, figure_set, incident_open, level_adopt
from anlan.territory.models import Post

SYSTEM = Actor.system("test")
HANDS = {"writer": ["duty"], "reader": ["duty"], "leader": ["decider"]}
KEY = "paper-seed"


def main() -> None:
    """Fill in what the tests of papers need."""
    follow_clock()
    if Incident.objects.filter(key=KEY).exists():
        return
    now = clock.now()
    for name, roles in HANDS.items():
        account_save(
            by=SYSTEM, username=name, name=name, divisions=["4101"], roles=roles, post=None, password="storm-duty-1"
        )
    commander = Post.objects.get(code="4101.commander")
    row = incident_open(
        by=SYSTEM, kind="tunnel_flooded", title={"zh": "京广北路隧道被淹", "en": "Jingguang North Road tunnel flooded"},
        division="410103", source="市城市管理局", unverified=False, key=KEY, at=now - timedelta(minutes=20),
    )  # fmt: skip
    for metric, value, source in (("deaths", 4, "市应急管理局"), ("injured", 2, "市卫生健康委")):
        figure_set(by=SYSTEM, incident=row.pk, metric=metric, value=value, as_of=now, source=source, at=now)
    for topic, value, zh, en, source in (
        ("dam", "breached", "上游水库溃坝", "the reservoir upstream has burst", "网络"),
        ("dam", "held", "水库未发生溃坝", "the reservoir has not burst", "市水利局"),
        ("pump", "on", "两台泵车到场抽排", "two pump trucks are on the spot", "市消防救援支队"),
    ):
        claim = claim_add(by=SYSTEM, incident=row.pk, topic=topic, value=value, text={"zh": zh, "en": en}, source=source,
                          said_at=now, at=now)  # fmt: skip
    claim_judge(by=SYSTEM, claim=claim.pk, true=True, reason="现场确认", at=now)
    scene = Actor.scenario("scenario")
    if not Level.objects.filter(plan__code="ZZ-FLOOD", track="main", until__isnull=True).exists():
        level_adopt(by=scene, plan="ZZ-FLOOD", level=1, post=commander.pk, at=now)
    run_until_quiet(strict=True)
    seal()


if __name__ == "__main__":
    main()
