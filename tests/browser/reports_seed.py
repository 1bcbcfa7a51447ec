"""A flood in the small territory for the reporting pages: townships that told, one that left out two dead, an accident with
its clocks running, a breach."""

from __future__ import annotations

import django

django.setup()

from datetime import timedelta

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import Account
from anlan.response.services import disaster_open, incident_open, incident_owed, report_file
from anlan.response.tasks import sweep
from anlan.territory.models import Post

SYSTEM = Actor.system("seed")


def main() -> None:
    now = clock.now()
    row = disaster_open(
        by=SYSTEM, division="4101", kind="flood", title={"zh": "暴雨洪涝灾害", "en": "Rainstorm and flood"},
        happened_at=now - timedelta(hours=5), at=now - timedelta(hours=4),
    )  # fmt: skip
    told = {
        "410182109201": {"affected": 820, "dead": 3, "missing": 1, "relocated": 400, "collapsed_rooms": 61},
        "410182109": {
            "affected": 2100,
            "dead": 1,
            "missing": 1,
            "relocated": 700,
            "collapsed_rooms": 90,
            "loss": 812.5,
        },
        "410182": {"affected": 2100, "dead": 1, "missing": 1, "relocated": 700, "collapsed_rooms": 90, "loss": 812.5},
        "410181": {"affected": 500, "dead": 0, "missing": 0, "relocated": 120, "crops_hit": 33.2},
    }
    for number, (division, figures) in enumerate(told.items()):
        report_file(by=SYSTEM, division=division, figures=figures, kind="first", disaster=row.pk,
                    at=now - timedelta(hours=3, minutes=50 - number))  # fmt: skip
    with transaction.atomic():
        sweep(now - timedelta(minutes=1))
    found = incident_open(by=SYSTEM, kind="explosion", title={"zh": "某铝合金厂爆炸", "en": "Explosion at an alloy plant"},
                          division="410182", source="119", at=now - timedelta(minutes=3))  # fmt: skip
    found.type_code, found.grade, found.known_at = "12D00", "relatively_serious", found.opened_at
    found.save(update_fields=["type_code", "grade", "known_at"])
    incident_owed(by=SYSTEM, incident=found, at=found.opened_at)
    run_until_quiet(strict=True)
    for name, code, roles in (("county", "410182.duty", ["duty"]), ("city", "4101.duty", ["duty"]),
                              ("town", "410182109.duty", ["responder", "duty"])):  # fmt: skip
        post = Post.objects.get(code=code)
        Account.objects.create_user(username=name, password="storm-duty-1", name=post.name_zh, post=post.pk,
                                    divisions=[post.division], roles=roles)  # fmt: skip


if __name__ == "__main__":
    main()
