"""Value rules of the national message (GB/T 35965.1-2018 annex A, as far as published). Pure.

What the published excerpt says is an error, what rests on the table alone (mark G) a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from anlan.warning.formats.cap.values import Finding
from anlan.warning.formats.gbt.identity import EXTENDED, ISSUER, identity, moment
from anlan.warning.formats.gbt.table import Table
from anlan.warning.formats.gbt.table import table as default_table
from anlan.warning.formats.gbt.values import Area, Info, Message

MOST_FINDINGS = 1_000
CODE_LENGTHS = (6, 9, 12)


def check(message: Message, table: Table | None = None) -> tuple[Finding, ...]:
    """The value rules that `message` breaks, with their paths in the document; the first thousand of them."""
    return tuple(islice(_message(message, table or default_table()), MOST_FINDINGS))


def _finding(code: str, path: str, zh: str, en: str, *, sure: bool = True) -> Finding:
    severity: Literal["error", "warning"] = "error" if sure else "warning"
    unsure = ("", "") if sure else ("〔待核对标准正文〕", " (to be confirmed in the standard's text)")
    return Finding(f"gbt.{code}", severity, path, zh + unsure[0], en + unsure[1])


def _message(message: Message, table: Table) -> Iterator[Finding]:
    names, root = table.elements.message, f"/{table.elements.root}"
    at = {field: f"{root}/{element}" for field, element in names.items()}
    yield from _required(message, table.required.get("message", ()), at)
    found = identity(message.identifier)
    if found is None:
        yield _finding(
            "identity", at["identifier"], f"标识“{message.identifier}”应为 单位代码14位_录入时间14位_序号1位，共31个字符",
            f"the identity {message.identifier!r} must be issuer (14 digits)_entry time (14 digits)_serial, 31 characters",
        )  # fmt: skip
    elif not found.serial:
        yield _finding(
            "identity_old", at["identifier"], f"标识“{message.identifier}”为29个字符的旧式，缺序号",
            f"the identity {message.identifier!r} is of the older form with 29 characters, without a serial", sure=False,
        )  # fmt: skip
    if not ISSUER.fullmatch(message.sender_code):
        yield _finding(
            "issuer", at["sender_code"], f"发布单位代码“{message.sender_code}”应为14位数字",
            f"the issuer code {message.sender_code!r} must have 14 digits",
        )  # fmt: skip
    elif found is not None and found.issuer != message.sender_code:
        yield _finding(
            "issuer_differs", at["sender_code"], "发布单位代码与标识中的不一致",
            "the issuer code is not that of the identity", sure=False,
        )  # fmt: skip
    yield from _time(message.sent, at["sent"])
    for field in ("status", "msg_type", "scope"):
        yield from _word(getattr(message, field), at[field], table.words[field], sure=field == "status")
    if message.msg_type in {"Update", "Cancel"} and not message.references:
        yield _finding(
            "references",
            at["references"],
            "更新和解除须引用首发信息",
            "an update or cancel must refer to the first message",
        )
    for place, text in enumerate(message.references, 1):
        if identity(text) is None:
            yield _finding(
                "reference", f"{at['references']}[{place}]", f"引用“{text}”不是标识", f"{text!r} is no identity"
            )
    for place, info in enumerate(message.infos, 1):
        yield from _info(info, f"{at['infos']}[{place}]", table)


def _info(info: Info, path: str, table: Table) -> Iterator[Finding]:
    at = {field: f"{path}/{element}" for field, element in table.elements.info.items()}
    yield from _required(info, table.required.get("info", ()), at)
    if info.event_type and not (len(info.event_type) == 5 and info.event_type.isascii() and info.event_type.isalnum()):
        yield _finding(
            "event_type", at["event_type"], f"事件类型“{info.event_type}”应为5位代码，如11B03",
            f"the event type {info.event_type!r} must be a code of five, such as 11B03",
        )  # fmt: skip
    elif info.event_type and info.event_type not in table.names:
        yield _finding(
            "event_unknown", at["event_type"], f"事件类型“{info.event_type}”不在代码表中",
            f"the event type {info.event_type!r} is not in the table", sure=False,
        )  # fmt: skip
    if info.severity and info.severity not in table.colours:
        said = "、".join(table.colours)
        yield _finding(
            "colour", at["severity"], f"预警级别“{info.severity}”应为{said}",
            f"the level {info.severity!r} must be one of {', '.join(table.colours)}",
        )  # fmt: skip
    for field in ("urgency", "certainty"):
        yield from _word(getattr(info, field), at[field], table.words[field], sure=False)
    for field in ("effective", "onset", "expires"):
        yield from _time(getattr(info, field), at[field])
    for place, area in enumerate(info.areas, 1):
        yield from _area(area, f"{at['areas']}[{place}]", table)


def _area(area: Area, path: str, table: Table) -> Iterator[Finding]:
    at = {field: f"{path}/{element}" for field, element in table.elements.area.items()}
    yield from _required(area, table.required.get("area", ()), at)
    for code in area.geocodes:
        if not (len(code) in CODE_LENGTHS and code.isascii() and code.isdigit()):
            yield _finding(
                "division", at["geocodes"], f"行政区划代码“{code}”应为6、9或12位数字",
                f"the division code {code!r} must have 6, 9 or 12 digits",
            )  # fmt: skip


def _required(holder: object, fields: tuple[str, ...], at: dict[str, str]) -> Iterator[Finding]:
    for field in fields:
        if not getattr(holder, field):
            yield _finding("missing", at[field], "必填内容缺失", "is required and missing", sure=False)


def _word(word: str, path: str, allowed: tuple[str, ...], *, sure: bool) -> Iterator[Finding]:
    if word and word not in allowed:
        yield _finding(
            "word",
            path,
            f"“{word}”应为{'、'.join(allowed)}",
            f"{word!r} must be one of {', '.join(allowed)}",
            sure=sure,
        )


def _time(text: str, path: str) -> Iterator[Finding]:
    if text and not (EXTENDED.fullmatch(text) and moment(text)):
        yield _finding(
            "time", path, f"时间“{text}”应写为 YYYY-MM-DD hh:mm:ss+08:00",
            f"the time {text!r} must be written YYYY-MM-DD hh:mm:ss+08:00",
        )  # fmt: skip
