"""Incidents in the small territory: one graded with contradicting figures, a flood, a quake's first guess, a report that waits."""

from __future__ import annotations

from datetime import timedelta

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor

SYSTEM, SCENE = Actor.system("test"), Actor.scenario("scenario")


def main() -> None:
    """Fill the database."""
    from anlan.response.services import Said, claim_add, figure_set, incident_open, incident_receive, intake_open
    from anlan.territory.models import Post

    post = Post.objects.filter(division="4101", role="city_duty").order_by("code")[0]
    account_save(by=SYSTEM, username="duty", name="值班员", password="storm-duty-1", roles=["duty"], divisions=["4101"],
                 post=post.pk)  # fmt: skip
    county = Post.objects.get(code="410182.duty")
    account_save(by=SYSTEM, username="county", name=county.name_zh, password="storm-duty-1", roles=["duty"],
                 divisions=["410182"], post=county.pk)  # fmt: skip
    now = clock.now()
    said = Said(
        what="车间顶棚坍塌，有工人被压", type_code="12F00", happened_at=now - timedelta(minutes=50),
        place_words="崔庙镇某铸造厂", lon=113.28, lat=34.66, casualties={"deaths": 3, "missing": 1, "injured": None},
        measures="已断电，救出2人", caller={"name": "值班员", "unit": "某铸造厂", "phone": "13800001234", "post": "调度"},
        told="119、120",
    )  # fmt: skip
    told = {"by": SCENE, "door": "phone", "division": "410182109"}
    intake = incident_receive(**told, said=said, at=now - timedelta(minutes=45))
    works = intake_open(by=SCENE, intake=intake.pk, at=now - timedelta(minutes=43))
    figure_set(by=SCENE, incident=works.pk, metric="deaths", value=2, source="镇卫生院", at=now - timedelta(minutes=20))
    for value, zh, en, source in (
        ("out", "余料仓已清空", "The store is empty", "厂方"),
        ("in", "余料仓仍有液氧", "Oxygen is left", "119"),
    ):
        claim_add(by=SCENE, incident=works.pk, topic="store", value=value, text={"zh": zh, "en": en}, source=source,
                  at=now - timedelta(minutes=15))  # fmt: skip
    incident_open(by=SCENE, kind="flash_flood", title={"zh": "王宗店村山洪", "en": "Flash flood at Wangzongdian"},
                  division="410182109", source="村干部", at=now - timedelta(minutes=90))  # fmt: skip
    quake = incident_open(by=SCENE, kind="other", type_code="11C00", title={"zh": "登封5.2级地震", "en": "M5.2 at Dengfeng"},
                          division="410185", source="地震台网", at=now - timedelta(minutes=10))  # fmt: skip
    figure_set(
        by=SCENE, incident=quake.pk, metric="density", word="dense", source="人口热力", at=now - timedelta(minutes=9)
    )
    figure_set(
        by=SCENE, incident=quake.pk, metric="magnitude", value=5.2, source="地震台网", at=now - timedelta(minutes=9)
    )
    incident_receive(
        by=SCENE, door="transfer", division="410182109", source_system="119", source_ref="2026-0731", at=now,
        said=Said("铸造厂附近有浓烟", "12G00", place_words="崔庙镇", lon=113.281, lat=34.661, casualties={"injured": 2}),
    )  # fmt: skip


if __name__ == "__main__":
    main()
