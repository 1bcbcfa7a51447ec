"""A county outside any exercise: warnings in force for the public, ways out in every state, messages that wait, replies to
read. Run as a program on what `county_seed` lays down."""

from __future__ import annotations

from datetime import timedelta

import django

django.setup()

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor
from anlan.kernel.journal.reactor import run_until_quiet

SYSTEM = Actor.system("test")
AREAS = (("11B03", "red", ["410181"]), ("11B03", "orange", ["410102", "410103"]), ("11A06", "yellow", ["410182"]),
         ("11B14", "blue", ["410185"]))  # fmt: skip
HTTP = {"url": "http://127.0.0.1:1/"}


def main() -> None:
    """Fill the database."""
    from anlan.warning.services import WaySpec, way_save

    account_save(by=SYSTEM, username="desk", name="值班员", divisions=["410181"], roles=["duty", "admin"],
                 password="storm-duty-1")  # fmt: skip
    way_save(
        by=SYSTEM, spec=WaySpec("sms-a", "sms", "http_sms", "短信（主）", "Texts", "410181", settings=HTTP, cost_fen=4)
    )
    warnings()
    ways()
    run_until_quiet(strict=True)


def warnings() -> None:
    """Four in force and one cancelled."""
    from anlan.warning.services import warning_cancel, warning_issue

    at = clock.now() - timedelta(minutes=1)  # what is over is over when the pages are looked at
    for n, (hazard, colour, area) in enumerate(AREAS):
        warning_issue(by=SYSTEM, hazard=hazard, colour=colour, area=area, at=at + timedelta(seconds=n),
                      effective=at, expires=at + timedelta(hours=6))  # fmt: skip
    gone = warning_issue(by=SYSTEM, hazard="11B03", colour="yellow", area=["410122"], effective=at, at=at + timedelta(seconds=9),
                         expires=at + timedelta(hours=3))  # fmt: skip
    warning_cancel(by=SYSTEM, warning=gone, reason="over", at=at + timedelta(seconds=20))


def ways() -> None:
    """One down with messages waiting, one paused, one not used yet; two replies that answer nothing by themselves."""
    from anlan.warning.channels.gateway import Reply
    from anlan.warning.models import ChannelSetting, OutboxMessage
    from anlan.warning.services import WaySpec, way_save
    from anlan.warning.services.inbox import reply_take
    from anlan.warning.services.ways import way_stands
    from anlan.warning.services.ways_acts import way_pause

    sms = ChannelSetting.objects.get(code="sms-a")
    voice = way_save(
        by=SYSTEM, spec=WaySpec("voice-a", "voice", "voice", "语音外呼", "Voice calls", "410181", settings=HTTP)
    )
    way_save(by=SYSTEM, spec=WaySpec("here", "loudspeaker", "loopback", "村村响", "Loudspeakers", "410181"))
    way_stands(setting=sms, state="down", error="ConnectionRefusedError: 127.0.0.1:1")
    way_pause(by=SYSTEM, setting=voice, reason="网关检修至 18 时")
    message = OutboxMessage.objects.exclude(calls=[]).order_by("id").first()
    assert message is not None
    for key, (words, address) in enumerate((("你们是谁？", message.address), ("1", "18600000000"))):
        reply_take(setting=sms, reply=Reply(words, clock.now(), str(key), address))


if __name__ == "__main__":
    main()
