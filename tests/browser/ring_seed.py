"""What rings, on the desk of `duty_seed`: stop-lines, a proposal, checks, a report not sent; addresses in rung.json. Run as a program."""

from __future__ import annotations

import json
from datetime import timedelta

import django

django.setup()

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.journal import seal
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.options import options
from anlan.warning.models import OutboxMessage, Ringing
from anlan.warning.services.ringing import ringings_told


def main() -> None:
    """Lay it down."""
    from anlan.response.formats.packs import pack_text
    from anlan.response.models import LevelProposal, RosterYear, StopLine
    from anlan.response.services import incident_owed, plan_load
    from anlan.response.services.duty_checks import check_now
    from anlan.response.tasks import sweep
    from tests.response.reporting import accident
    from tests.response.ringing import crossed, pressed, rung, way
    from tests.response.scene import SYSTEM, person, warn

    now = clock.now()
    at = now - timedelta(minutes=9)
    with clock.at(at - timedelta(minutes=9)):
        incident_owed(by=SYSTEM, incident=accident("serious"), at=clock.now())
    with clock.at(at):
        plan_load(by=SYSTEM, text=pack_text("plans/zhengzhou_flood.yaml"), at=at - timedelta(days=1))
        voice, _ = way("voice-a", "voice", "voice"), way("sms-a", "sms", "http_sms")
        lines = (
            StopLine.objects.filter(place__kind="tunnel").select_related("place", "post").order_by("place__code")[:3]
        )
        tasks = crossed(*lines, at=at)
        warn("red", at)
        row = LevelProposal.objects.get(track="main")
        roster = RosterYear.objects.get(year=now.astimezone(clock.BEIJING).year, state="published")
        leader = person("4101.commander", "decider")
        first = check_now(by=leader, roster=roster.pk, at=at)
    with clock.at(at + timedelta(minutes=1)):
        for about in (f"task:{tasks[0].pk}", f"levelproposal:{row.pk}", f"dutycheck:{first.pk}"):
            ring = rung(about)
            OutboxMessage.objects.filter(warning=ring.id).update(state="delivered", tries=1, done_at=clock.now())
            pressed(voice, ring, clock.now())
    with clock.at(at + timedelta(minutes=2)), transaction.atomic():
        lost = Ringing.objects.filter(state="ringing")
        OutboxMessage.objects.filter(warning__in=lost.values("id"), channel="voice").update(
            state="given_up", tries=3, error="503 Service Unavailable", done_at=clock.now()
        )
        ringings_told(ringings=lost.values_list("id", flat=True), at=clock.now())
    sweep(now - timedelta(minutes=2))
    run_until_quiet(strict=True)
    check_now(by=leader, roster=roster.pk, at=now - timedelta(minutes=1))
    seal()
    pages = {
        "signed": f"/response/tasks/{tasks[0].pk}", "unsigned": f"/response/tasks/{tasks[1].pk}",
        "proposal": f"/response/decide?proposal={row.pk}", "desk": "/response/duty",
        "report": "/response/reports",
    }  # fmt: skip
    (options.home_path / "rung.json").write_text(json.dumps(pages))


if __name__ == "__main__":
    main()
