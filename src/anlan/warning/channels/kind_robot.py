"""Group robots of WeCom, DingTalk and Feishu: one message a group, warning, step and wording."""

from __future__ import annotations

from anlan.kernel import clock
from anlan.kernel.options import options
from anlan.warning.channels.gateway import Parcel, Result
from anlan.warning.channels.kind_http import AtUrl, words
from anlan.warning.formats.channel_settings import Robot
from anlan.warning.formats.robots import robot_request, robot_understood


class RobotGateway(AtUrl):
    """A robot in one group. The makers know no repeat: a message in doubt may stand in the group twice."""

    def __init__(self, kind: str, settings: Robot, window: int) -> None:
        super().__init__(settings, min(window, 2))
        self.kind, self.settings = kind, settings
        self._key = options.secret(settings.key) if settings.key else ""

    async def one(self, parcel: Parcel) -> Result:
        """Post one message."""
        at_ms = int(clock.now().timestamp() * 1000)
        text = words(parcel, self.settings.language)
        url, body = robot_request(self.kind, self.settings, text, key=self._key, sign=self._sign, at_ms=at_ms)
        answered = await self._client.ask("POST", url, body, {"Content-Type": "application/json; charset=utf-8"})
        state, error, wait = robot_understood(self.kind, answered.status, answered.body)
        return Result(parcel.id, parcel.fence, state, parcel.reference, error=error, wait_s=wait)  # type: ignore[arg-type]
