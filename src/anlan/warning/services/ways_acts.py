"""What is done with a way out by hand: pause it, go on with it, send a test message by it."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid, NotFound
from anlan.territory.models import Person
from anlan.warning.channels.gateway import Result
from anlan.warning.channels.outbox import NOTICE, PERSONAL, TELEPHONED
from anlan.warning.channels.trying import try_send
from anlan.warning.events.channels import ChannelPaused, ChannelTested
from anlan.warning.models import ChannelSetting, ContactAddress
from anlan.warning.services.moment import whole_reach
from anlan.warning.services.ways import ACT, messages_move


@transaction.atomic
def way_pause(*, by: Actor, setting: ChannelSetting, reason: str) -> int:
    """Stop sending by a way out. What waits goes another way where there is one, else it waits until it goes on.

    Returns how many messages other ways took over. Raises Forbidden, Invalid without a reason, Conflict when paused.
    """
    row = _locked(by, setting)
    if not reason.strip():
        raise Invalid(
            code="channel.no_reason", field="reason", value=reason,
            zh="暂停须写明原因（如：网关检修至 18 时）。", en="Say why it is paused, such as: gateway serviced until 18:00.",
        )  # fmt: skip
    if not row.enabled:
        raise _stands(row, "此渠道已经暂停；请刷新。", "This way out is paused already; refresh.")
    row.enabled, row.paused_why = False, reason.strip()[:300]
    row.save(update_fields=["enabled", "paused_why"])
    now = clock.now()
    with whole_reach():
        moved = messages_move(row, f"paused: {row.paused_why}"[:180], now)
    _tell(by, row, row.paused_why, moved)
    return moved


@transaction.atomic
def way_resume(*, by: Actor, setting: ChannelSetting) -> None:
    """Go on sending by a way out; the senders follow within seconds. Raises Forbidden, Conflict unless paused."""
    row = _locked(by, setting)
    if row.enabled:
        raise _stands(row, "此渠道没有暂停；请刷新。", "This way out is not paused; refresh.")
    why, row.enabled, row.paused_why = row.paused_why, True, ""
    row.save(update_fields=["enabled", "paused_why"])
    _tell(by, row, why, 0)


def way_test(*, by: Actor, setting: ChannelSetting, to: str) -> Result:
    """Send one test message now, past the queue, to an address, or to the person of this code (groups: to nobody).

    Takes up to twenty seconds. The journal keeps what the gateway said, not the address. Raises Forbidden, Invalid
    without an address, NotFound for a person with none, Conflict in a drill.
    """
    by.must(ACT, setting.division)
    address, keys, person = _address(by, setting, to.strip())
    found = try_send(setting, address=address, keys=keys, person=person)
    event = ChannelTested(setting=setting.code, carries=setting.carries, state=found.state, error=found.error)
    with transaction.atomic():  # only now: nothing is held while the gateway is asked
        record(event, by=by, about=f"channel:{setting.code}", division=setting.division)
    return found


def _address(by: Actor, setting: ChannelSetting, to: str) -> tuple[str, dict[str, str], UUID | None]:
    if setting.kind not in PERSONAL:
        return "", {}, None
    if not to:
        raise Invalid(
            code="channel.no_address", field="to", value=to,
            zh="请填写接收地址（电话、邮箱）或人员编号。", en="Type an address (telephone, e-mail) or a person's code.",
        )  # fmt: skip
    person = by.scope.filter(Person.objects.filter(code=to)).first()
    if person is None:
        return to, {}, None
    if setting.kind in TELEPHONED:
        return person.phone, {}, person.id
    contact = ContactAddress.objects.filter(person=person.id, channel=setting.carries).first()
    if contact is None:
        raise NotFound(
            code="channel.no_contact", field="to", value=to,
            zh="此人没有登记这一渠道的地址；请先登记，或直接填写地址。",
            en="This person has no address on this channel; enter one first, or type an address.",
        )  # fmt: skip
    return contact.address, contact.keys, person.id


def _locked(by: Actor, setting: ChannelSetting) -> ChannelSetting:
    by.must(ACT, setting.division)
    return ChannelSetting.objects.select_for_update().get(id=setting.id)


def _tell(by: Actor, row: ChannelSetting, reason: str, moved: int) -> None:
    event = ChannelPaused(setting=row.code, carries=row.carries, paused=not row.enabled, reason=reason, moved=moved)
    record(event, by=by, about=f"channel:{row.code}", division=row.division)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {NOTICE}")


def _stands(row: ChannelSetting, zh: str, en: str) -> Conflict:
    return Conflict(code="channel.stands", zh=zh, en=en, field="setting", value=row.code)
