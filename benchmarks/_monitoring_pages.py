"""Pages of monitoring at their full size, asked for as a signed-in person does: for the bench of charts."""

from __future__ import annotations

import time
from typing import Any

OPEN = 10_000
TRIES = 40
PATHS = (
    ("signal board", "/monitoring/signals", 100),
    ("signal board, one colour", "/monitoring/signals?colour=red", 100),
    ("station list", "/monitoring/stations", 100),
)
SEED = """
INSERT INTO monitoring_signal (id, division, rule, rule_version, place, station_id, series_id, hazard, level, state,
  opened_at, level_at, suspect, muted, value, window_h, explanation)
SELECT gen_random_uuid(), s.division, 'rainstorm', %s, 's:' || s.number, s.station_id, s.id, '11B03',
  (ARRAY['blue', 'yellow', 'orange', 'red'])[1 + s.number %% 4], 'firing', %s::timestamptz - s.number * interval '1 second',
  %s::timestamptz - s.number * interval '1 second', false, '', 60 + s.number %% 90, 3,
  '{"zh": "3小时雨量超过阈值", "en": "3-hour rain is over the bar"}'
FROM monitoring_series s ORDER BY s.number DESC LIMIT %s
"""


def seed(run: Any, now: Any) -> None:
    """Lay down standing signals of the shipped rainstorm rule."""
    from anlan.monitoring.rules import shipped_words

    version = next(version for rule, version in shipped_words() if rule == "rainstorm")
    run(SEED, version, now, now, OPEN)
    run("VACUUM ANALYZE monitoring_signal")


def pages() -> list[tuple[str, str, list[float], int]]:
    """Return (what, bar in ms, milliseconds of each request, bytes) of every page."""
    from django.conf import settings
    from django.test import Client

    from anlan.kernel.accounts import account_save
    from anlan.kernel.actor import Actor
    from anlan.kernel.models import Account

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    account_save(by=Actor.system("bench"), username="bench", name="bench", divisions=["41"], roles=["duty"])
    client = Client()
    client.force_login(Account.objects.get(username="bench"), backend="anlan.site.sign_in.AccountBackend")
    lines = []
    for what, path, bar in PATHS:
        taken, size = [], 0
        for _ in range(TRIES):
            began = time.perf_counter()
            answer = client.get(path)
            taken.append(1000 * (time.perf_counter() - began))
            if answer.status_code != 200:
                raise SystemExit(f"{path} answered {answer.status_code}")
            size = len(answer.content)
        lines.append((what, str(bar), taken[3:], size))  # the first ones compile templates
    return lines
