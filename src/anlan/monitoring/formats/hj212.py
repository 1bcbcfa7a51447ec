"""HJ 212 (污染物在线监控数据传输): `##` + length 4 + data + CRC 4 + CR LF. Times are UTC+8.

Data: `QN=..;ST=..;CN=..;PW=..;MN=..;Flag=..[;PNUM=..;PNO=..];CP=&&DataTime=..;w01018-Rtd=1.2,w01018-Flag=N;..&&`.
The CRC is not Modbus's: each byte drops the low half of the register. It goes over the data only, in hex, in either case
(a CRC that mixes both cases is damaged: no device writes that).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from anlan.monitoring.formats.code_table import Meaning, Table
from anlan.monitoring.formats.decoded import Decoded, Element, Wrong, clock, wrong
from anlan.monitoring.formats.hj212_build import encode, reply
from anlan.monitoring.formats.hj212_dialects import STATISTICS, WORDS, Dialect, dialect_for, meaning_of
from anlan.monitoring.formats.hj212_frames import Splitter, check

__all__ = ["Splitter", "decode", "encode", "reply"]

MOST_ITEMS = 2_000
# Commands that are met most (names are general knowledge but for 1062, 2011, 2031, 2051, 2061, 9011 to 9014).
FUNCTIONS = {
    "1011": ("提取现场机时间", "Read the clock"), "1012": ("设置现场机时间", "Set the clock"),
    "1061": ("提取实时数据间隔", "Read the interval"), "1062": ("设置实时数据间隔", "Set the interval"),
    "2011": ("实时数据", "Momentary data"), "2021": ("设备运行状态", "Device state"), "2031": ("日数据", "Data of the day"),
    "2051": ("分钟数据", "Data of minutes"), "2061": ("小时数据", "Data of the hour"), "9011": ("请求应答", "Request taken"),
    "9012": ("操作执行结果", "How it ended"), "9013": ("通知应答", "Notice taken"), "9014": ("数据应答", "Data taken"),
    "9021": ("登录注册", "Sign-on"), "9022": ("登录应答", "Signed on"),
}  # fmt: skip
REPORTS = ("2011", "2021", "2031", "2041", "2051", "2061", "2071", "3019", "3020")  # uploads
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{0,12})?([eE][+-]?\d{1,2})?\Z", re.ASCII)
_MORE = ("ST", "PW", "Flag")
# The CRC keeps eight bits of memory at heart: one message in 256 with several errors passes. So the head must be sound.
_FORMS = {
    name: re.compile(form, re.ASCII)
    for name, form in {
        "ST": r"[0-9A-Za-z]{1,5}\Z", "CN": r"\d{4}\Z", "MN": r"[0-9A-Za-z_.-]{1,32}\Z", "QN": r"(\d{17})?\Z",
        "Flag": r"(\d{1,3})?\Z",
    }.items()
}  # fmt: skip


def decode(frame: bytes, table: Table, dialect: Dialect | None = None) -> Decoded:
    """Return what a whole message says (with or without CR LF). Never raises. `dialect` None: by the Flag."""
    data = check(frame)
    if isinstance(data, Wrong):
        return Decoded("hj212", error=data)
    head_text, _, parameters = data.partition(b"CP=&&")
    head = _fields(head_text)
    flag = int(head["Flag"]) if head.get("Flag", "").isdecimal() and len(head["Flag"]) < 4 else 0
    dialect = dialect or dialect_for(flag >> 2)
    base = Decoded(
        "hj212", head.get("MN", "")[:64], head.get("CN", "")[:8], sent_at=_stamp(head.get("QN", "")), crc_ok=True,
        serial=_serial(head.get("QN", "")), reply_wanted=bool(flag & 1), part=_part(head, flag),
        direction="up" if head.get("CN", "") in REPORTS or head.get("CN", "").startswith("90") else "down",
        more={"dialect": dialect.name, **{name: head[name][:64] for name in _MORE if name in head}},
    )  # fmt: skip
    bad = next((name for name, form in _FORMS.items() if not form.match(head.get(name, ""))), None)
    if bad is not None or not head_text.isascii() or not head_text.decode("ascii").isprintable():
        where = bad or "head"
        return _refused(base, wrong("head", where, head.get(where, ""), "数据段字段缺失或不合格式，不予采信；请核对数采仪配置",
                                    "is missing or malformed, not believed; check the device's set-up"))  # fmt: skip
    if b"CP=&&" not in data or not parameters.rstrip().endswith(b"&&"):
        return _refused(base, wrong("CP", "CP", parameters[-8:].decode("ascii", "replace"),
                                    "指令参数应写在 CP=&& 与 && 之间", "parameters stand between CP=&& and &&"))  # fmt: skip
    return _parameters(base, parameters.rstrip()[:-2], table, dialect)


def _refused(base: Decoded, error: Wrong) -> Decoded:
    """What is not believed is not acknowledged: let it come again."""
    return base._replace(reply_wanted=False, error=error)


def _parameters(base: Decoded, raw: bytes, table: Table, dialect: Dialect) -> Decoded:
    """Read the parameters: factors with their statistics, flags and own times; the rest by name into `more`."""
    pairs = [pair for pair in raw.replace(b",", b";").split(b";") if pair]
    if len(pairs) > MOST_ITEMS:
        return base._replace(
            error=wrong("CP", "CP", len(pairs), f"参数不超过 {MOST_ITEMS} 项", f"at most {MOST_ITEMS} items")
        )
    named: dict[str, str] = {}
    factors: dict[str, dict[str, str]] = {}
    fault: Wrong | None = None
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.decode("gb18030", "replace").partition("="))
        if not equals:
            fault = fault or wrong("CP", "CP", name, "应为 名称=值", "should be name=value")
            continue
        code, dash, statistic = name.rpartition("-")
        if dash and code:
            factors.setdefault(code[:24], {})[statistic] = value
        else:
            named[name[:32]] = value[:64]
    at = _stamp(named.get("DataTime", ""))
    if "DataTime" in named and at is None:
        fault = fault or wrong("time", "DataTime", named["DataTime"], "应为 yyyyMMddHHmmss；请校准数采仪时钟",
                               "should be yyyyMMddHHmmss; set the device's clock")  # fmt: skip
    elements: list[Element] = []
    for code, values in factors.items():
        fault = _factor(code, values, at, meaning_of(code, table, dialect), dialect, elements) or fault
    return base._replace(at=at, elements=tuple(elements), error=fault, more={**named, **base.more})


def _factor(code: str, values: Mapping[str, str], at: datetime | None, meaning: Meaning | None, dialect: Dialect,
            elements: list[Element]) -> Wrong | None:  # fmt: skip
    """Add one element per statistic of a factor; return what couldn't be read."""
    fault: Wrong | None = None
    own = _stamp(values.get("SampleTime", "")) or at
    flag = values.get("Flag", "")[:8]
    for statistic, text in values.items():
        ending = STATISTICS.get(statistic)
        if ending is None:
            continue
        zh, en = WORDS[statistic]
        name_zh, name_en = (meaning.zh, meaning.en) if meaning else ("未知因子", "Unknown factor")
        value = float(text) if _NUMBER.match(text) else math.nan
        number = value if math.isfinite(value) else None
        if text and number is None:
            fault = wrong("value", f"{code}-{statistic}", text, "不是数值，此值不予采信；请核对数采仪配置",
                          "is no number, the value is left out; check the device's set-up")  # fmt: skip
        unit = "" if meaning is None else meaning.total_unit if statistic == "Cou" else meaning.unit
        element = (meaning.element if meaning else "") and f"{meaning.element if meaning else ''}{ending}"
        elements.append(Element(
            code if statistic == "Rtd" else f"{code}-{statistic}", f"{name_zh}{zh}", f"{name_en} {en}".rstrip(), number,
            unit, own, flag or ("" if number is not None else "missing"), element, dialect.quality(flag),
        ))  # fmt: skip
    return fault


def _fields(raw: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in raw.split(b";")[:32]:
        name, _, value = pair.decode("ascii", "replace").partition("=")
        found[_NAMES.get(name.strip().upper(), name.strip())] = value.strip()
    return found


_NAMES = {name.upper(): name for name in ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO")}


@cache
def _stamp_pattern() -> re.Pattern[str]:
    return re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})?\Z", re.ASCII)


def _stamp(text: str) -> datetime | None:
    """Return yyyyMMddHHmmss[zzz] at UTC+8, or None."""
    found = _stamp_pattern().match(text)
    if found is None or not 1900 <= int(found[1]) <= 2200:
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    return clock(year, month, day, hour, minute, second, int(found[7] or 0) * 1000)


def _serial(text: str) -> int | None:
    return int(text) if len(text) <= 17 and text.isascii() and text.isdecimal() else None


def _part(head: Mapping[str, str], flag: int) -> tuple[int, int] | None:
    total, number = head.get("PNUM", ""), head.get("PNO", "")
    if not flag & 2 or not (total.isdecimal() and number.isdecimal() and len(total) < 6 and len(number) < 6):
        return None
    return int(number), int(total)
