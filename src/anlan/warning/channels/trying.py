"""One test message by one way out, past the queue: does it arrive? Nobody is called by it, and no answer is taken."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

from anlan.kernel import clock, ids
from anlan.kernel.drill import drill_state
from anlan.kernel.options import options
from anlan.kernel.problem import Conflict, Problem
from anlan.warning.channels.gateway import Lost, Parcel, Receipt, Reply, Result
from anlan.warning.channels.registry import gateway_of
from anlan.warning.models import ChannelSetting

ZH, EN = "这是一条测试消息，无需回复。", "This is a test message; no answer is needed."
LONGEST_S = 20.0


def try_send(setting: ChannelSetting, *, address: str, keys: dict[str, Any], person: UUID | None = None) -> Result:
    """Send it and tell what the gateway said. Raises Conflict in a drill: nothing of one leaves the house (law 7)."""
    if drill_state() is not None or options.drill:
        raise Conflict(
            code="channel.drill", field="setting", value=setting.code,
            zh="演练中不向外发送任何消息；请在演练结束后测试。",
            en="In a drill nothing is sent outside; test it when the drill is over.",
        )  # fmt: skip
    now, ident = clock.now(), ids.new_id()
    parcel = Parcel(
        id=0, fence=0, tries=1, warning=ident, number="TEST", colour="blue", hazard="", division=setting.division,
        area=(), issued_at=now, expires=now + timedelta(minutes=10), headline_zh="测试", headline_en="Test", step=0,
        role="", person=person, address=address, text=ident, zh=ZH, en=EN, keys=keys,
    )  # fmt: skip
    try:
        return asyncio.run(asyncio.wait_for(_once(setting, parcel), LONGEST_S))
    except (Lost, OSError, TimeoutError) as failure:
        return Result(0, 0, "gone", error=f"{type(failure).__name__}: {failure}"[:180])
    except Problem as problem:
        return Result(0, 0, "failed", error=problem.text()[:180])


async def _once(setting: ChannelSetting, parcel: Parcel) -> Result:
    def told(_: Receipt | Reply) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def desk(act: Any, *values: Any, **words: Any) -> Any:
        return await asyncio.to_thread(act, *values, **words)

    gateway, found = gateway_of(setting, told, desk), list[Result]()
    try:
        await gateway.open()
        await gateway.send([parcel], found.append)
    finally:
        await gateway.close()
    return found[0]
