"""Lays signals of every state, a mute, a bureau's version of a rule and a finished trial into the node, once. Run as a
program, like `seed`."""

from __future__ import annotations

from datetime import timedelta

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import follow_clock
from anlan.monitoring.models import RuleTrial, Signal, SignalStep, Station
from anlan.monitoring.services.mutes import mute_set
from anlan.monitoring.services.rules import rule_save
from tests.monitoring.rule_rows import signal, station

SYSTEM = Actor.scenario("scenario")
BODY = {
    "code": "rainstorm", "name": {"zh": "暴雨", "en": "Rainstorm"}, "kind": "rain", "element": "rain_mm", "unit": "mm",
    "scale": "warning_colour", "hazard": "11B03", "leave": {"ratio": 0.9, "hold_min": 60},
    "levels": [{"code": "orange", "window_h": 3, "threshold": 45}, {"code": "red", "window_h": 3, "threshold": 80}],
}  # fmt: skip


def main() -> None:
    """Fill the board."""
    follow_clock()
    if Station.objects.filter(code="W000").exists():
        return
    now = clock.now()
    stations = [
        station(
            f"W{n:03d}",
            now,
            ("410181001", "410183108", "410122001")[n % 3],
            name_zh=f"示例{n}号雨量站",
            name_en=f"Gauge {n}",
        )
        for n in range(90)
    ]
    Station.objects.bulk_create(stations)
    rows = []
    for n, of in enumerate(stations):
        at = now - timedelta(minutes=3 * n)
        more = [{}, {}, {"recovering_since": at}, {"no_data_since": at}, {"suspect": True}, {"state": "pending"}][n % 6]
        level = ("blue", "yellow", "orange", "red", "yellow")[n % 5]
        rows.append(signal(of, at, level, value=52.3 + n, **more))
    Signal.objects.bulk_create(rows)
    common = {
        "division": rows[3].division,
        "value": 61.0,
        "threshold": 50.0,
        "window_h": 3,
        "explanation": {},
        "recorded_at": now,
    }
    for minutes, event, level, previous, gone in (
        (40, "opened", "yellow", "", now), (35, "opened", "orange", "", None), (10, "raised", "red", "orange", None),
    ):  # fmt: skip
        SignalStep.objects.create(
            signal=rows[3], event=event, at=now - timedelta(minutes=minutes), level=level, previous=previous,
            superseded_at=gone, **common,
        )  # fmt: skip
    mute_set(by=SYSTEM, match={"station": "W007"}, division="4101", reason="检修", until_at=now + timedelta(hours=6))
    rule_save(by=SYSTEM, code="rainstorm", body=BODY, division="4101", note="本市标准")
    counts = {"signals": 41, "level": {"orange": 30, "red": 11}, "month": {"2021-06": 9, "2021-07": 32}, "hours": 212.5,
              "place": [[f"W{n:03d}", 9 - n] for n in range(8)], "places": 8}  # fmt: skip
    old = {
        **counts,
        "signals": 29,
        "level": {"blue": 10, "orange": 12, "red": 7},
        "month": {"2021-06": 4, "2021-07": 25},
    }
    listed = [{"place": f"W{n:03d}", "opened": int(now.timestamp()) - 7200 * n, "level": ("orange", "red")[n % 2], "cleared": None,
               "value": 51.5 + n, "threshold": 45, "mark": ("both", "new", "old")[n % 3]} for n in range(24)]  # fmt: skip
    data = {"readings": 1_240_000, "table": 30, "archive": 335, "none": 1}
    RuleTrial.objects.create(
        division="4101", code="rainstorm", body=BODY, from_at=now - timedelta(days=365), until_at=now, made_at=now, made_by="duty",
        state="done", done=366, total=366,
        result={"new": counts, "old": old, "only_new": 14, "only_old": 2, "both": 27, "data": data, "series": 90, "cut": False, "list": listed},
    )  # fmt: skip


if __name__ == "__main__":
    main()
