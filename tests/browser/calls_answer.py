"""Answers streaming in while a board is open: 200 a second for ten seconds, each taken by itself. Run as a program."""

from __future__ import annotations

import os
import time

import django

django.setup()

from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.kernel.journal.reactor import run_until_quiet

RATE, SECONDS = int(os.environ.get("ANLAN_RATE", "200")), int(os.environ.get("ANLAN_SECONDS", "10"))
CONTENTS = ("received", "acting", "acting", "need_help")
SLICES = 5


def main() -> None:
    """Take the answers in the batches a gateway hands over, five a second, and seal them."""
    follow_clock()
    from anlan.warning.models import Call
    from anlan.warning.services import answers_take
    from anlan.warning.services.values import Answer

    waiting = list(Call.objects.filter(state="placed").order_by("id").values_list("id", flat=True)[: RATE * SECONDS])
    size = RATE // SLICES
    start = time.monotonic()
    for n in range(SECONDS * SLICES):
        part = waiting[n * size : (n + 1) * size]
        answers = [Answer(call_id=key, content=CONTENTS[k % 4]) for k, key in enumerate(part)]
        answers_take(by=Actor.system("test"), answers=answers, channel=("sms", "voice")[n % 2])
        run_until_quiet(strict=True)
        time.sleep(max(0.0, start + (n + 1) / SLICES - time.monotonic()))


if __name__ == "__main__":
    main()
