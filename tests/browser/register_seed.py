"""Lays a few units into the node's small territory, once. Run as a program, like `seed`."""

from __future__ import annotations

import django

django.setup()

from anlan.kernel.drill import follow_clock
from anlan.kernel.models import Account
from anlan.territory.models import Unit
from tests.territory.page_rows import units_made


def main() -> None:
    """Fill the register, and let the duty desk keep it."""
    follow_clock()
    if not Unit.objects.exists():
        units_made()
    account = Account.objects.get(username="duty")
    if "registrar" not in account.roles:
        account.roles = [*account.roles, "registrar"]
        account.save()


if __name__ == "__main__":
    main()
