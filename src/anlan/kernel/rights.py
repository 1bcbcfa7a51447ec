"""The rights a program's token can have. Which right an act needs is in `actor.RIGHT_OF_ACT`; which one a route asks for,
its documentation says (`x-right`)."""

from __future__ import annotations

from typing import NamedTuple


class Right(NamedTuple):
    """One right of a token, in both languages."""

    code: str
    zh: str
    en: str


RIGHTS = {
    right.code: right
    for right in (
        Right("territory.read", "读取名册", "Read the registers"),
        Right("territory.tiles", "读取地图瓦片", "Read map tiles"),
        Right("territory.bulk", "批量下载", "Download in bulk"),
        Right("territory.write", "写入名册", "Write to the registers"),
        Right("territory.personal", "查看个人信息（须写明理由）", "See personal data (with a reason)"),
        Right("risk.read", "读取风险数据", "Read risk data"),
        Right("risk.write", "写入风险数据", "Write risk data"),
        Right("monitoring.read", "读取监测数据", "Read monitoring"),
        Right("monitoring.write", "上报监测数据", "Send readings"),
        Right("warning.read", "读取预警", "Read warnings"),
        Right("warning.write", "办理预警与叫应", "Act on warnings and calls"),
        Right("response.read", "读取响应", "Read the response"),
        Right("response.write", "办理响应任务", "Act in the response"),
        Right("response.transfer", "转接接报", "Hand in reports of incidents"),
        Right("rescue.read", "读取救援力量", "Read rescue"),
        Right("rescue.write", "写入救援力量", "Write rescue"),
        Right("relief.read", "读取救灾物资", "Read relief"),
        Right("relief.write", "写入救灾物资", "Write relief"),
    )
}
