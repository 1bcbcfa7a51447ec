"""A county that is no drill, with one village head who has an account, and a way out by web push. `issue`: an orange
warning calls everybody there. Run as a program on what `county_seed` lays down."""

from __future__ import annotations

import sys

import django

django.setup()

from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.journal.reactor import run_until_quiet

SYSTEM = Actor.system("test")


def main(act: str) -> None:
    """Lay the county down, or issue."""
    from anlan.territory.models import Appointment
    from anlan.warning.services import WaySpec, warning_issue, way_save

    if act == "issue":
        warning_issue(by=SYSTEM, hazard="11B03", colour="orange", area=["410181"], channels=["app"])
        run_until_quiet(strict=True)
        return
    held = Appointment.objects.filter(post__role="village_head", post__division__startswith="410181", holder="A")
    officer = held.order_by("post__code").first()
    assert officer is not None
    account_save(by=SYSTEM, username="head", name="head", divisions=["410181"], roles=["duty"],
                 person=officer.person_id, password="storm-duty-1")  # fmt: skip
    way_save(by=SYSTEM, spec=WaySpec("push", "app", "web_push", "网页推送", "Web push", rate_per_s=200.0, backoff_s=0.2,
                                     settings={"subject": "mailto:duty@example.org"}))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "")
