"""Ways out, stop-lines that are crossed, keys that are pressed: for the tests of what rings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from anlan.kernel import clock, ids
from anlan.kernel.drill import drill_create
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.models import Entry
from anlan.response.engine.stopline import Reading
from anlan.response.models import LevelProposal, StopLine, Task
from anlan.response.selectors.rings import rings_of
from anlan.response.services import stopline_read
from anlan.territory.selectors.people import on_duty
from anlan.warning.channels.gateway import Reply
from anlan.warning.models import ChannelSetting, OutboxMessage, OutboxText, Ringing
from anlan.warning.services import WaySpec, way_save
from anlan.warning.services.inbox import reply_take
from tests.response.scene import RED, SYSTEM, warn


def way(code: str = "voice-a", carries: str = "voice", kind: str = "voice") -> ChannelSetting:
    settings = {"url": "http://127.0.0.1:1/"}
    return way_save(by=SYSTEM, spec=WaySpec(code, carries, kind, code, code, settings=settings), at=RED)


def minute(n: float) -> datetime:
    return RED + timedelta(minutes=n)


def tunnels() -> list[StopLine]:
    """The stop-lines of tunnels; the posts at all of them have somebody, and the same superior."""
    lines = list(StopLine.objects.filter(place__kind="tunnel").select_related("place", "post").order_by("place__code"))
    assert all(on_duty([line.post_id], RED) for line in lines)
    return lines


def crossed(*lines: StopLine, at: datetime = RED) -> list[Task]:
    found = stopline_read(by=SYSTEM, readings=[Reading(one.place.code, one.metric, 9.0, at) for one in lines])
    return [row.task for row in found if row.task is not None]


def rung(about: str, step: int = 0) -> Ringing:
    return Ringing.objects.get(about=about, step=step)


def said(ring: Ringing) -> OutboxText:
    return OutboxText.objects.get(id=OutboxMessage.objects.get(warning=ring.id).text)


def pressed(setting: ChannelSetting, ring: Ringing, at: datetime, words: str = "1", *, react: bool = True) -> str:
    message = OutboxMessage.objects.get(warning=ring.id, channel=setting.carries)
    reference = f"anlan-{ring.id.hex[-8:]}-{message.id:x}"
    with transaction.atomic():
        outcome = reply_take(setting=setting, reply=Reply(words, at, "", "", reference))
    if react:
        run_until_quiet(strict=True)
    return outcome


def shown(about: str, language: str = "zh-hans") -> str:
    with translation.override(language):
        return render_to_string("response/rings.html", {"rings": rings_of([about])[about], "asked": True})


def proposed() -> LevelProposal:
    warn("red", RED)
    row: LevelProposal = LevelProposal.objects.get(track="main")
    return row


def drilled(play: Callable[[], None], at: datetime) -> tuple[list[Any], list[Any]]:
    """What the journal of a drill holds after `play`, without ways out and with one: (uid, kind, at, data) of each entry but
    those of the ways. Rung is nobody; all is rolled back."""
    journals: list[list[Any]] = []
    for ways in (False, True):
        with transaction.atomic():
            if ways:
                way()
            drill_create(by=SYSTEM, scenario="s", seed=7, profile="tiny", starts_at=at, ends_at=at + timedelta(days=1),
                         tick_s=30, settings={})  # fmt: skip
            before = Entry.objects.order_by("-id")[0].pk
            with ids.drill(7, 0), clock.at(at):
                play()
            assert (Ringing.objects.count(), OutboxMessage.objects.count()) == (0, 0)
            told = Entry.objects.filter(pk__gt=before).order_by("id")
            journals.append(
                [one for one in told.values_list("uid", "kind", "at", "data") if not one[1].startswith("channel.")]
            )
            transaction.set_rollback(True)
    return journals[0], journals[1]
