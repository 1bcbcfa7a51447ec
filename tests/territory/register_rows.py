"""Random rows of registers for the tests of the index: few characters, so that everything comes often."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from anlan.territory.engine.keys import stable_id
from anlan.territory.models import Division, Organisation, Place, Unit, current_act

CODES = ("37", "3717", "371702", "371702001", "371702001201", "371702002", "371703", "371703001", "371703001205")
CHARS = "菏泽化工有限公司木业店"
SECTIONS = ("C2614", "C26", "F5211", "A0111", "")


def divisions_lay():
    Division.objects.bulk_create(
        Division(code=code, name_zh=f"区划{code}", name_en=f"Division {code}", level={2: 1, 4: 2, 6: 3, 9: 4, 12: 5}[len(code)],
                 kind="county", parent_id=next((code[:n] for n in (9, 6, 4, 2) if n < len(code)), None),
                 valid_from=date(2020, 1, 1))
        for code in CODES
    )  # fmt: skip
    Organisation.objects.create(
        code="3717.emergency", name_zh="应急局", name_en="Emergency", kind="department", division="3717"
    )


def unit_values(rng):
    point = rng.random() < 0.8
    return {
        "name": "".join(rng.choice(CHARS) for _ in range(rng.randint(1, 9))),
        "division": rng.choice(CODES[2:]),
        "address": rng.choice(("", "山东省菏泽市牡丹区人民路1号", "Ｂ座１２号")),
        "industry": rng.choice(SECTIONS),
        "size": rng.choice(("", "small", "large")),
        "staff": rng.choice((None, 0, 5, 5, 90)),
        "status": rng.choice(("open", "open", "closed")),
        "phone": rng.choice(("", "13900001234", "0530-5551234", "13800000000")),
        "flags": rng.choice((0, 1, 5, 1 << 12)),
        "standardisation": rng.choice((None, 0, 3)),
        "insured_to": rng.choice((None, date(2026, 1, 1), date(2027, 5, 1))),
        "lon": 115.0 + rng.random() if point else None,
        "lat": 35.0 + rng.random() if point else None,
        "updated_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 50)),
    }


def units_lay(count, seed=1, start=0):
    rng = random.Random(seed)
    regulator = Organisation.objects.values_list("pk", flat=True).first()
    Unit.objects.bulk_create(
        Unit(id=stable_id("unit", f"K{at:05d}"), key=f"K{at:05d}", uscc=f"91371702MA{at % 97:03d}{at:05d}",
             regulator_id=rng.choice((None, regulator)), **unit_values(rng))
        for at in range(start, start + count)
    )  # fmt: skip


def units_stir(rng, count):
    """Change, add, remove and merge some units, as services would."""
    keys = list(Unit.objects.values_list("key", flat=True))
    for key in rng.sample(keys, count):
        Unit.objects.filter(key=key).update(**unit_values(rng), act=current_act())
    Unit.objects.filter(key=rng.choice(keys)).update(merged_into=stable_id("unit", "other"), act=current_act())
    Unit.objects.filter(key=rng.choice(keys)).delete()
    units_lay(count, seed=rng.randint(0, 10**6), start=rng.randint(10**4, 9 * 10**4))


def places_lay(count, seed=2):
    rng = random.Random(seed)
    for at in range(count):
        Place.objects.create(
            code=f"P{at:04d}", kind=rng.choice(("school", "care_home", "reservoir")), name_zh=f"{rng.choice(CHARS)}学校{at}",
            name_en=f"School {at}", lon=115.0 + rng.random(), lat=35.0 + rng.random(), division=rng.choice(CODES[2:]),
            attributes={"pupils": rng.randint(0, 900), "residents": rng.randint(0, 90)} if at % 3 else {"pupils": "?"},
            state=rng.choice(("active", "active", "active", "closed", "merged")),
        )  # fmt: skip
