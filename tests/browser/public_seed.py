"""A node outside any exercise with warnings in force for the public. Run as a program."""

from __future__ import annotations

from datetime import timedelta

import django

django.setup()

from django.core.management import call_command

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal.reactor import run_until_quiet

SYSTEM = Actor.system("test")
AREAS = (("11B03", "red", ["410181"]), ("11B03", "orange", ["410102", "410103"]), ("11A06", "yellow", ["410182"]),
         ("11B14", "blue", ["410185"]))  # fmt: skip


def main() -> None:
    """Fill the database."""
    call_command("migrate", verbosity=0, interactive=False)
    from anlan.territory.services import generate
    from anlan.warning.services import warning_cancel, warning_issue

    generate("tiny", 7, by=SYSTEM)
    at = clock.now()
    for n, (hazard, colour, area) in enumerate(AREAS):
        warning_issue(by=SYSTEM, hazard=hazard, colour=colour, area=area, at=at + timedelta(seconds=n),
                      effective=at, expires=at + timedelta(hours=6))  # fmt: skip
    gone = warning_issue(by=SYSTEM, hazard="11B03", colour="yellow", area=["410122"], effective=at, at=at + timedelta(seconds=9),
                         expires=at + timedelta(hours=3))  # fmt: skip
    warning_cancel(by=SYSTEM, warning=gone, reason="over", at=at + timedelta(seconds=20))
    run_until_quiet(strict=True)


if __name__ == "__main__":
    main()
