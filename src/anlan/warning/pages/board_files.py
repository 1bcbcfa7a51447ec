"""The call board and the unanswered list as files; every label stands in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.http import StreamingHttpResponse

from anlan.kernel.actor import Actor
from anlan.monitoring.pages.files import local, table_file
from anlan.warning.models import Warning
from anlan.warning.pages.board_view import board
from anlan.warning.selectors.unanswered import MAX_ROWS, urgent

_T, _N = pa.string(), pa.int64()
BOARD = (
    ("分类 Cut", _T), ("代码 Code", _T), ("名称 Name (zh)", _T), ("名称 Name (en)", _T), ("应叫应 Targeted", _N),
    ("已发出 Sent", _N), ("已送达 Delivered", _N), ("已回应 Answered", _N), ("正在处置 Acting", _N),
    ("需要支援 Needs help", _N), ("未回应 Silent", _N), ("最长沉默自 Silent since", _T),
)  # fmt: skip
WAITING = (
    ("序 No.", _N), ("岗位 Post (zh)", _T), ("岗位 Post (en)", _T), ("职责 Role (zh)", _T), ("职责 Role (en)", _T),
    ("地点 Where (zh)", _T), ("地点 Where (en)", _T), ("现叫应人 Now called", _T), ("电话（脱敏）Telephone (masked)", _T),
    ("状态 State (zh)", _T), ("状态 State (en)", _T), ("叫应自 Called since", _T), ("应答时限 Answer due", _T),
    ("下一级 Next (zh)", _T), ("下一级 Next (en)", _T),
)  # fmt: skip
MOST = 100_000


def board_file(who: Actor, row: Warning, form: str) -> StreamingHttpResponse:
    """The figures in all, by level, role, channel and township."""
    found = board(who.scope, row, None)
    rows = [_figure("全部 All", {"code": "", "name": {"zh": "全部", "en": "All"}, **found["total"]})]
    cuts = (
        ("级别 Level", "levels"),
        ("职责 Role", "roles"),
        ("渠道 Channel", "channels"),
        ("乡镇 Township", "townships"),
    )
    rows += [_figure(cut, one) for cut, name in cuts for one in found[name]]
    return table_file(who, form, f"叫应看板-{row.number}", BOARD, rows)


def waiting_file(who: Actor, row: Warning, form: str) -> StreamingHttpResponse:
    """Everybody who has not answered, the most urgent first, telephones masked."""
    return table_file(who, form, f"未回应-{row.number}", WAITING, list(_waiting(who, row)))


def _figure(cut: str, one: Mapping[str, Any]) -> list[Any]:
    keys = ("targeted", "sent", "delivered", "answered", "acting", "need_help", "silent")
    # A township's messages are not counted apart, a channel's people are not: an empty cell is not a nought.
    known = {
        "乡镇 Township": ("targeted", "answered", "acting", "need_help", "silent"),
        "渠道 Channel": ("targeted", "sent", "delivered", "answered"),
    }.get(cut, keys)
    figures = [one.get(key) if key in known else None for key in keys]
    return [cut, one["code"], one["name"]["zh"], one["name"]["en"], *figures, one.get("oldest")]


def _waiting(who: Actor, row: Warning) -> Iterator[list[Any]]:
    after, count = "", 0
    while count < MOST:
        found, after = urgent(who.scope, row.pk, MAX_ROWS, after, None)
        for item in found:
            count += 1
            where, then = item["place"] or item["division_name"], item["next"] or {}
            yield [
                count, item["post"]["name"]["zh"], item["post"]["name"]["en"], item["role"]["zh"], item["role"]["en"],
                where["zh"], where["en"], "、".join(one["name"] for one in item["who"]),
                "、".join(one["phone"] for one in item["who"]), item["state_name"]["zh"], item["state_name"]["en"],
                _local(item["waiting_since"]), _local(item["due_at"]), then.get("zh"), then.get("en"),
            ]  # fmt: skip
        if not after:
            return


def _local(at: str | None) -> str | None:
    return local(datetime.fromisoformat(at)) if at else None
