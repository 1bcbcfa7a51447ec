"""A few units with licences and hazards on the tiny territory, and a reader who is signed in: for tests of pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from django.test import Client

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.models import Account
from anlan.territory.engine.keys import stable_id
from anlan.territory.engine.uscc_make import uscc_make
from anlan.territory.models import Division, Licence, MajorHazard, Organisation, Unit
from anlan.territory.services.reaching import today

SYSTEM = Actor.system("test")
ROLES = ("duty", "registrar")


def units_made(count: int = 120) -> list[Unit]:
    """Lay down units in the villages of the tiny territory; the first has a licence, a hazard and no telephone."""
    villages = list(Division.objects.filter(level=5, code__startswith="410181").order_by("code"))
    regulator = Organisation.objects.filter(kind="department").order_by("code")[0]
    town = {row.code: row for row in Division.objects.filter(level=4)}
    keys = [code.decode() for code in uscc_make("410181", np.arange(count)).tolist()]
    rows = []
    for n, key in enumerate(keys):
        village = villages[n % len(villages)]
        seat = town[village.code[:9]]
        rows.append(Unit(
            id=stable_id("unit", key), key=key, uscc=key, division=village.code, name=f"示例食品厂{n:03d}",
            address=f"{village.name_zh}{n}号", lon=(seat.lon or 113) + n * 1e-4, lat=(seat.lat or 34.7), industry="C1310",
            regulator=regulator if n % 3 else None, size=("small", "micro", "large")[n % 3], staff=n, principal="主要负责人",
            phone="" if n == 0 else f"1390000{n:04d}", flags=1 << (n % 13), updated_at=clock.now(),
        ))  # fmt: skip
    Unit.objects.bulk_create(rows)
    first = rows[0]
    day = today()
    Licence.objects.create(unit=first, division=first.division, code=f"{first.key}|food|S1", kind="food", number="S1",
                           expires_on=day + timedelta(days=95))  # fmt: skip
    MajorHazard.objects.create(unit=first, division=first.division, code=f"{first.key}|H1", name="液氨储罐", people_500m=120,
                               substances=[{"name": "液氨", "quantity_t": 50, "limit_t": 10, "beta": 2}], r=20.0, grade=3)  # fmt: skip
    return rows


def reader(*divisions: str, roles: tuple[str, ...] = ROLES, name: str = "reader") -> Any:
    """Return a client signed in as somebody with these roles in these divisions."""
    account_save(by=SYSTEM, username=name, name="登记员", divisions=list(divisions), roles=list(roles), post=None,
                 password="storm-duty-1")  # fmt: skip
    client = Client(HTTP_ACCEPT="text/html", HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(Account.objects.get(username=name), backend="anlan.site.sign_in.AccountBackend")
    client.cookies["anlan_language"] = "en"
    return client
