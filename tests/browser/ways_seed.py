"""Ways out in every state, messages that wait, and replies to read. Run as a program on an empty database."""

from __future__ import annotations

import django

django.setup()

from django.core.management import call_command

from anlan.kernel import clock
from anlan.kernel.accounts import account_save
from anlan.kernel.actor import Actor

SYSTEM = Actor.system("test")
HTTP = {"url": "http://127.0.0.1:1/"}


def main() -> None:
    """Lay it down."""
    from anlan.territory.services import generate
    from anlan.warning.channels.gateway import Reply
    from anlan.warning.models import OutboxMessage
    from anlan.warning.services import WaySpec, warning_issue, way_save
    from anlan.warning.services.inbox import reply_take
    from anlan.warning.services.ways import way_stands
    from anlan.warning.services.ways_acts import way_pause

    call_command("migrate", verbosity=0, interactive=False)
    generate("tiny", 7, by=SYSTEM)
    account_save(by=SYSTEM, username="desk", name="值班员", divisions=["410181"], roles=["duty", "admin"],
                 password="storm-duty-1")  # fmt: skip
    sms = way_save(
        by=SYSTEM, spec=WaySpec("sms-a", "sms", "http_sms", "短信（主）", "Texts", "410181", settings=HTTP, cost_fen=4)
    )
    warning_issue(by=SYSTEM, hazard="11B03", colour="orange", area=["410181"], channels=["sms"])
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
