"""Lays down a small storm in a database that has its tables: one red warning, its calls and answers, a level waiting for a decision.

Run as a program with the database in ANLAN_DATABASE_URL. Uses services only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import django

django.setup()

from anlan.kernel import clock, sweep
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_create, follow_clock
from anlan.kernel.journal import seal
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import DrillState

SYSTEM, SCENE = Actor.system("test"), Actor.scenario("scenario")
START = datetime(2021, 7, 19, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
RED = START + timedelta(hours=1, minutes=59)
NOW = RED + timedelta(minutes=17)
CONTENTS = ("received", "acting", "acting", "need_help")


def main() -> None:
    """Fill the database."""
    from anlan.monitoring.services import StationSpec, readings_take, stations_register
    from anlan.response.services import plans_load_shipped
    from anlan.territory.models import Division, Post
    from anlan.territory.services import generate
    from anlan.warning.models import Call
    from anlan.warning.services import answers_take, warning_issue
    from anlan.warning.services.values import Answer

    drill_create(
        by=SYSTEM, scenario="zhengzhou-2021", seed=7, profile="tiny", starts_at=START,
        ends_at=START + timedelta(hours=36), tick_s=10, settings={},
    )  # fmt: skip
    follow_clock()
    generate("tiny", 7, by=SYSTEM)
    with clock.at(START):
        plans_load_shipped(by=SYSTEM)
        towns = Division.objects.filter(level=4, code__startswith="4101", lon__isnull=False).order_by("code")[:6]
        stations_register(by=SYSTEM, stations=[
            StationSpec(code=f"T{n}", name_zh=f"{town.name_zh}雨量站", name_en=f"{town.name_en} gauge", kind="rain",
                        metric="rain_mm", lon=town.lon, lat=town.lat, division=town.code, place_code=None,
                        interval_s=600, max_silence_s=3600, limits={}, coord_src="est_test")
            for n, town in enumerate(towns)
        ])  # fmt: skip
    rain = [(f"T{n}", START + timedelta(minutes=10 * k), 2.0 + 4 * n) for n in range(5) for k in range(1, 13)]
    with clock.at(RED):
        readings_take(by=SYSTEM, rows=rain, source="test", at=RED)
        warning_issue(by=SCENE, hazard="11B03", colour="red", area=["4101"], effective=RED,
                      expires=RED + timedelta(hours=6), at=RED)  # fmt: skip
        run_until_quiet(strict=True)
    calls = Call.objects.order_by("id").values_list("id", flat=True)
    answers = [
        Answer(call_id=key, content=CONTENTS[n % 4], at=RED + timedelta(minutes=1 + n % 5))
        for n, key in enumerate(calls)
        if n % 10 < 7
    ]
    with clock.at(RED + timedelta(minutes=6)):
        answers_take(by=SYSTEM, answers=answers, channel="voice")
        run_until_quiet(strict=True)
    for minute in range(1, 18):
        with clock.at(RED + timedelta(minutes=minute)):
            sweep.run(RED + timedelta(minutes=minute))
            run_until_quiet(strict=True)
    DrillState.objects.update(at=NOW, state="paused", speed=60)
    roles = ["duty", "issuer", "decider", "responder"]
    commander = Post.objects.get(code="4101.commander")
    account_save(by=SYSTEM, username="duty", name="值班员", divisions=["4101"], roles=roles,
                 post=commander.pk, password="storm-duty-1")  # fmt: skip
    seal()


if __name__ == "__main__":
    main()
