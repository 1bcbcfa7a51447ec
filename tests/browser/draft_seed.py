"""Lays accounts of three hands and a red signal into the node, once. Run as a program, like `seed`."""

from __future__ import annotations

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.monitoring.models import Signal, Station
from anlan.territory.models import Post
from tests.monitoring.rule_rows import signal, station

SYSTEM = Actor.scenario("scenario")
HANDS = {"maker": ["duty"], "checker": ["duty"], "signer": ["issuer"], "issuer": ["issuer"]}


def main() -> None:
    """Fill in what the tests of writing warnings need."""
    follow_clock()
    if Station.objects.filter(code="D000").exists():
        return
    now = clock.now()
    post = Post.objects.get(code="410181.duty").pk
    for name, roles in HANDS.items():
        account_save(by=SYSTEM, username=name, name=name, divisions=["410181"], roles=roles,
                     post=post if name == "issuer" else None, password="storm-duty-1")  # fmt: skip
    of = station("D000", now, "410181100", name_zh="示例雨量站", name_en="Draft gauge")
    Station.objects.bulk_create([of])
    Signal.objects.bulk_create([signal(of, now, "red", value=112.0)])


if __name__ == "__main__":
    main()
