"""Something happens while a page is open: ten more people answer. Run as a program, like `seed`."""

from __future__ import annotations

import django

django.setup()

from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.kernel.journal.reactor import run_until_quiet


def main() -> None:
    """Take the answers and seal them."""
    follow_clock()
    from anlan.warning.models import Call
    from anlan.warning.services import answers_take
    from anlan.warning.services.values import Answer

    waiting = Call.objects.exclude(state__in=("answered", "closed")).order_by("id").values_list("id", flat=True)[:10]
    answers_take(
        by=Actor.system("test"), answers=[Answer(call_id=key, content="acting") for key in waiting], channel="voice"
    )
    run_until_quiet(strict=True)


if __name__ == "__main__":
    main()
