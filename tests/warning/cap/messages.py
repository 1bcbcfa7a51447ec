"""One sound message to change in tests, as values and as bytes."""

from __future__ import annotations

from typing import Any

import msgspec

from anlan.warning.formats import cap

SQUARE = "34.0,113.0 34.0,113.5 34.5,113.5 34.5,113.0 34.0,113.0"
INFO = cap.Info(
    language="zh-CN", categories=("Met",), event="暴雨", responses=("Shelter",), urgency="Immediate", severity="Extreme",
    certainty="Observed", audience="公众", event_codes=(cap.Coded("GB/T35965.1", "11B03"),),
    effective="2021-07-19T21:59:00+08:00", onset="2021-07-19T22:00:00+08:00", expires="2021-07-20T00:59:00+08:00",
    sender_name="气象台", headline="暴雨红色预警", description="未来三小时降雨将达100毫米以上", instruction="立即到高处避险",
    web="https://example.org/a", contact="值班室", parameters=(cap.Coded("colour", "red"),),
    resources=(
        cap.Resource("map", "image/png", size="3", uri="map.png", deref="YWJj",
                     digest="a9993e364706816aba3e25717850c26c9cd0d89d"),
    ),
    areas=(cap.Area("巩义市", (SQUARE,), ("34,113 5",), (cap.Coded("GB/T2260", "410181"),), "100", "2000.5"),),
)  # fmt: skip
ALERT = cap.Alert(
    identifier="own-1", sender="desk@example.org", sent="2021-07-19T21:59:00+08:00", status="Actual", msg_type="Alert",
    source="desk", scope="Public", codes=("profile:own",), note="a note", incidents='one "two words"', infos=(INFO,),
)  # fmt: skip


def change(part: Any, **fields: Any) -> Any:
    """The same part with other fields."""
    return msgspec.structs.replace(part, **fields)


def with_info(**fields: Any) -> cap.Alert:
    """The sound message with fields of its info changed."""
    return change(ALERT, infos=(change(INFO, **fields),))


def with_area(**fields: Any) -> cap.Alert:
    """The sound message with fields of its area changed."""
    return with_info(areas=(change(INFO.areas[0], **fields),))


def with_resource(**fields: Any) -> cap.Alert:
    """The sound message with fields of its resource changed."""
    return with_info(resources=(change(INFO.resources[0], **fields),))


def codes(alert: cap.Alert, severity: str = "") -> set[str]:
    """The codes of what the rules find wrong, of one severity or all."""
    return {one.code for one in cap.check(alert) if severity in {"", one.severity}}


def raw(alert: cap.Alert = ALERT) -> bytes:
    """The message as bytes, judged by nobody."""
    return cap.render_bytes(alert)
