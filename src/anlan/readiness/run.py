"""Runs drills: makes the drill's database, plays it flat out, writes the report. The site's command line calls this."""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.journal import digest, verify
from anlan.kernel.models import DrillState, Parked
from anlan.readiness.database import database_exists, database_fresh, database_migrate, database_use, drill_database
from anlan.readiness.driver import Done, drive
from anlan.readiness.plot import Scenario
from anlan.readiness.prepare import drill_fill
from anlan.readiness.scenario import scenario_load
from anlan.territory.models import Post

SYSTEM = Actor.system("readiness")
DEMO = "zhengzhou-2021"
DEMO_SEED = 7
DEMO_SPEED = 60.0
DEMO_FROM = timedelta(hours=9, minutes=30)
EVERY_S = 2.0


def drill_command(
    *,
    scenario: str,
    seed: int,
    speed: float = 0,
    report: Path | None = None,
    profile: str | None = None,
    after_action: Callable[[], dict[str, Any]] | None = None,
) -> int:
    """Play a scenario flat out in a fresh database of its own and write the report; returns the exit code.

    `after_action` makes the report's content (the review stage comes after this one, so it is handed in).
    Raises NotFound or Invalid for a bad scenario, Unavailable without a server.
    """
    started = time.monotonic()
    name = drill_prepare(scenario=scenario, seed=seed, profile=profile, speed=speed)
    made = time.monotonic()
    story = scenario_load(scenario)
    drive(threading.Event(), seen=_Progress(story))
    played = time.monotonic()
    _say(f"{name}: {digest()}")
    broken = verify()
    parked = Parked.objects.count()
    if report is not None and after_action is not None:
        times = {"prepare_s": round(made - started, 1), "play_s": round(played - made, 1)}
        body = after_action() | {"seed": seed, "scenario_name": scenario, "journal_digest": digest(), "wall": times}
        report.write_text(json.dumps(body, ensure_ascii=False, indent=1, default=str), encoding="utf-8")
    _say(
        f"prepared in {made - started:.1f} s, played in {played - made:.1f} s, whole in {time.monotonic() - started:.1f} s"
    )
    if parked:
        _say(f"{parked} reactions failed and are parked; see `anlan doctor`")
    if broken is not None:
        _say(f"journal broken: {broken.en}")
    return 1 if parked or broken is not None else 0


def drill_prepare(
    *, scenario: str, seed: int, profile: str | None = None, speed: float = 0, upto: timedelta | None = None
) -> str:
    """Make and fill the drill's database, play the first `upto` flat out, set the speed; returns its name.

    This process works on that database afterwards.
    """
    story = scenario_load(scenario)
    name = drill_database(scenario, seed)
    database_fresh(name)
    database_use(name)
    _say(f"{name}: tables")
    database_migrate()
    _flat_out()
    tick_s = _tick(story, speed)
    drill_fill(story, seed=seed, profile=profile or story.profile, tick_s=tick_s, say=lambda p: _say(f"{name}: {p}"))
    demo_accounts(story)
    DrillState.objects.update(state="running")
    if upto is not None:
        drive(threading.Event(), upto=story.starts_at + upto, seen=_Progress(story))
    DrillState.objects.update(speed=speed)
    return name


def demo_prepare() -> str:
    """Have the demo's drill ready, at 21:30 of 19 July on its first start, else where it stopped; returns its database.

    A demo that has ended is made anew.
    """
    name = drill_database(DEMO, DEMO_SEED)
    if database_exists(name):
        database_use(name)
        if _resumable():
            return name
    return drill_prepare(scenario=DEMO, seed=DEMO_SEED, speed=DEMO_SPEED, upto=DEMO_FROM)


def _resumable() -> bool:
    """Does the database hold a drill whose tables are of this version, and that has not ended?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('kernel_drillstate') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return False
    row = drill_state()
    return row is not None and row.state != "ended" and row.speed > 0


def demo_accounts(story: Scenario) -> None:
    """Accounts of a drill, entered by one-time links. The newcomer's ("duty") sits at the commander's post, so that
    what a decider may do can be tried."""
    city = story.division
    for username, name, post, divisions, roles in (
        ("duty", "市防指体验岗", f"{city}.commander", [city], ["duty", "issuer", "decider", "responder", "auditor"]),
        ("county", "县防指值班员", f"{city}81.duty", [f"{city}81"], ["duty", "issuer", "responder"]),
        ("township", "乡镇值班员", f"{city}81100.duty", [f"{city}81100"], ["responder"]),
        ("auditor", "审计员", "", ["41"], ["auditor"]),
        ("admin", "管理员", "", [""], ["admin"]),
    ):
        held = Post.objects.filter(code=post).values_list("pk", flat=True).first()
        account_save(by=SYSTEM, username=username, name=name, divisions=divisions, roles=roles, post=held)


def _tick(story: Scenario, speed: float) -> int:
    """The scenario's tick, but no more than two seconds of the wall: those who take part must not wait for the clock."""
    return story.tick_s if speed == 0 else max(1, min(story.tick_s, round(2 * speed)))


def _flat_out() -> None:
    """Set this process up for playing as fast as it can.

    A commit needn't wait for the disk: after a power cut the last ticks are simply played again. And rows by the ten
    thousand are no garbage worth looking for so often.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


class _Progress:
    """Prints drill time, rate and time left every few seconds."""

    def __init__(self, story: Scenario) -> None:
        self.story, self.zone = story, ZoneInfo(story.timezone)
        self.started = self.told = time.monotonic()
        self.first: datetime | None = None

    def __call__(self, done: Done) -> None:
        now = time.monotonic()
        self.first = self.first or done.at
        if now - self.told < EVERY_S and not done.ended:
            return
        self.told = now
        rate = (done.at - self.first) / timedelta(seconds=1) / max(now - self.started, 1e-3)
        left = (self.story.ends_at - done.at) / timedelta(seconds=1) / rate if rate > 0 else 0.0
        _say(f"{done.at.astimezone(self.zone):%m-%d %H:%M}  {rate:,.0f}×  {left:.0f} s")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
