"""SL 651-2014 (水文监测数据通信规约), HEX/BCD: from a frame to values. Times are UTC+8.

Bodies: serial 2, sending time 6, then F1F1 station 5 [category 1], F0F0 observation time 5 (as often as the station
likes), elements, F2F2 typed text, F3F3 picture. Settings and queries carry parameters: kept as `data`.
"""

from __future__ import annotations

import re
from datetime import datetime

from anlan.monitoring.formats.code_table import Table
from anlan.monitoring.formats.decoded import Decoded, Element, Wrong, bcd_time, wrong
from anlan.monitoring.formats.sl651_ascii import Words, ascii_head
from anlan.monitoring.formats.sl651_build import acknowledge, reply
from anlan.monitoring.formats.sl651_elements import STANDARD, Dialect, Reader, dialect_of
from anlan.monitoring.formats.sl651_frames import ENQ, ETB, REPORTS, Frame, Splitter, parse_frame
from anlan.monitoring.formats.sl651_packets import Assembler

__all__ = ["FUNCTIONS", "Assembler", "Dialect", "Splitter", "acknowledge", "decode", "decode_body", "dialect_of",
           "reply"]  # fmt: skip

# Function codes: zh, en (names are general knowledge but for 2F–38, 3A, 45, 46, 4A, 50 of the reference).
FUNCTIONS = {
    0x2F: ("链路维持报", "Keep-alive"), 0x30: ("测试报", "Test report"), 0x31: ("均匀时段报", "Uniform series report"),
    0x32: ("定时报", "Timed report"), 0x33: ("加报", "Extra report"), 0x34: ("小时报", "Hourly report"),
    0x35: ("人工置数报", "Typed report"), 0x36: ("图片报", "Picture report"), 0x37: ("查询实时数据", "Query: now"),
    0x38: ("查询时段数据", "Query: period"), 0x39: ("查询人工置数", "Query: typed message"),
    0x3A: ("查询指定要素", "Query: named elements"), 0x40: ("修改基本配置", "Set basic configuration"),
    0x41: ("读取基本配置", "Read basic configuration"), 0x42: ("修改运行参数", "Set running parameters"),
    0x43: ("读取运行参数", "Read running parameters"), 0x44: ("查询水泵电机实时数据", "Query: pump motors"),
    0x45: ("查询软件版本", "Query: software version"), 0x46: ("查询状态和报警", "Query: state and alarms"),
    0x47: ("初始化固态存储", "Clear the storage"), 0x48: ("恢复出厂设置", "Back to factory settings"),
    0x49: ("修改密码", "Change the password"), 0x4A: ("设置时钟", "Set the clock"), 0x4B: ("设置 IC 卡状态", "Set IC card"),
    0x4C: ("控制水泵", "Switch pumps"), 0x4D: ("控制阀门", "Switch valves"), 0x4E: ("控制闸门", "Move gates"),
    0x4F: ("水量定值控制", "Set water quota"), 0x50: ("查询事件记录", "Query: events"), 0x51: ("查询时钟", "Query: clock"),
}  # fmt: skip
CATEGORIES = {
    "4B": "reservoir", "50": "rain", "48": "river", "5A": "gate", "44": "pump", "54": "tide", "4D": "soil",
    "47": "groundwater", "51": "water_quality", "49": "intake", "4F": "outlet",
}  # fmt: skip
WITH_CATEGORY = frozenset({*range(0x30, 0x3B), 0x44})  # the others name the station without its category
PARAMETERS = frozenset({*range(0x40, 0x44), *range(0x47, 0x50)})
_TYPED = re.compile(r"([A-Z][A-Z0-9]{0,5}) ([+-]?\d{1,12}(?:\.\d{1,6})?)(?=$| )")


def decode(frame: bytes, table: Table, dialect: Dialect = STANDARD) -> Decoded:
    """Return what a whole frame says. Never raises: what can't be read is named in `error`."""
    found = parse_frame(frame)
    if isinstance(found, Wrong):
        return Decoded("sl651", crc_ok=False, error=found, more=_claimed(frame))
    return decode_frame(found, table, dialect)


def decode_frame(frame: Frame, table: Table, dialect: Dialect = STANDARD) -> Decoded:
    """Return what a frame taken apart says. Of a message in several packets only the packet, as `data`."""
    more = {"centre": f"{frame.centre:02X}", "password": frame.password, "end": f"{frame.end:02X}"}
    more |= {"encoding": "ascii"} if frame.ascii else {}
    base = Decoded(
        "sl651", frame.station, f"{frame.function:02X}", crc_ok=True, part=frame.part,
        direction="down" if frame.down else "up", reply_wanted=not frame.down and frame.function in REPORTS, more=more,
    )  # fmt: skip
    if frame.part is not None and frame.part[1] > 1:
        last = frame.part[0] == frame.part[1]
        return base._replace(data=frame.body, reply_wanted=base.reply_wanted and (last or frame.end != ETB))
    if frame.down:
        return _down(frame, base)
    return decode_body(frame.body, base, table, dialect)


def decode_body(body: bytes, base: Decoded, table: Table, dialect: Dialect = STANDARD) -> Decoded:
    """Return `base` (header facts) with what an uplink body says; the body may be put together from packets."""
    text = base.more.get("encoding") == "ascii"
    head = ascii_head(body) if text else hex_head(body)
    if head is None:
        return base._replace(error=_short(body))
    base = base._replace(serial=head[0], sent_at=head[1])
    reader = Reader(table, dialect, head[1])
    scan = Words(body, reader) if text else _Scan(body, int(base.function, 16), reader)
    scan.run()
    fault = scan.wrong or reader.wrong
    if head[1] is None and fault is None:
        fault = wrong("time", "sending time", "", "不是合法时间；请校准测站时钟",
                      "is no valid time; set the station's clock")  # fmt: skip
    station = base.station
    if scan.station and scan.station != station:
        if dialect.station_from == "body":
            station = scan.station
        else:
            return base._replace(data=body, error=wrong(
                "station", "F1F1", scan.station, f"与报头测站 {station} 不一致，不予采信；如为中继请在方言中设 station_from: body",
                f"is not the header's station {station}, not believed; for a relay set station_from: body in the dialect",
            ))  # fmt: skip
    more = {**base.more, "category": scan.category} if scan.category else base.more
    return base._replace(station=station, at=scan.first, elements=tuple(reader.elements), text=scan.text,
                         data=scan.data, error=fault, more=more)  # fmt: skip


class _Scan:
    """Goes once through a body: marks (F0F0 ..F3F3), then elements."""

    def __init__(self, body: bytes, function: int, reader: Reader) -> None:
        self.body, self.function, self.reader = body, function, reader
        self.station = self.category = self.text = ""
        self.first: datetime | None = None
        self.now: datetime | None = None
        self.data = b""
        self.wrong: Wrong | None = None

    def run(self) -> None:
        at = 8
        while 0 <= at < len(self.body):
            at = self.one(at)

    def one(self, at: int) -> int:
        """Read what stands at `at`; return where to go on, -1 at the end."""
        body, mark = self.body, self.body[at : at + 2]
        if mark == b"\xf1\xf1":
            self.station = body[at + 2 : at + 7].hex().upper()
            if len(self.station) < 10:
                return self.stop("F1F1", at, "测站地址应为 5 字节", "a station address has 5 bytes")
            if self.function not in WITH_CATEGORY or body[at + 7 : at + 9] in (b"\xf0\xf0", b"\xf1\xf1"):
                return at + 7
            self.category = body[at + 7 : at + 8].hex().upper()
            return at + 8
        if mark == b"\xf0\xf0":
            self.reader.group()
            self.now = bcd_time(body[at + 2 : at + 7])
            self.first = self.first or self.now
            if self.now is None:
                return self.stop("F0F0", at, "观测时间不是合法时间", "the observation time is no valid time")
            return at + 7
        if mark == b"\xf2\xf2":
            self.typed(body[at + 2 :])
            return -1
        if mark == b"\xf3\xf3":
            self.data = body[at + 2 :]
            return -1
        return self.rest(at)

    def rest(self, at: int) -> int:
        """What follows the marks: by function a version, counters, parameters, else an element."""
        if self.function == 0x45:
            size = self.body[at]
            self.text = self.body[at + 1 : at + 1 + size].decode("ascii", "replace")
            if at + 1 + size != len(self.body):
                return self.stop("version", at, f"应有 {size} 个字符", f"should have {size} characters")
            return -1
        if self.function == 0x50:
            self.counters(at)
            return -1
        if self.function in PARAMETERS:
            self.data = self.body[at:]
            return -1
        return self.reader.read(self.body, at, self.now)

    def counters(self, at: int) -> None:
        """Thirty-two event counters of two bytes (names by number; what each counts stands in the standard)."""
        self.data = self.body[at:]
        for number in range(1, min(32, len(self.data) // 2) + 1):
            value = float(int.from_bytes(self.data[2 * number - 2 : 2 * number], "big"))
            self.reader.elements.append(
                Element(f"ERC{number}", f"事件记录 {number}", f"Event counter {number}", value, "", self.now)
            )

    def typed(self, raw: bytes) -> None:
        """A typed message: text as it stands, and its "ID value" pairs where the whole text is made of them."""
        self.text = raw.decode("gb18030", "replace")
        pairs = _TYPED.findall(self.text)
        if " ".join(f"{code} {value}" for code, value in pairs) != self.text.strip():
            return
        meanings = {meaning.symbol: meaning for meaning in self.reader.table.values() if meaning.symbol}
        for code, value in pairs:
            found = meanings.get(code)
            if found is not None:
                self.reader.elements.append(
                    Element(code, found.zh, found.en, float(value), found.unit, self.now, "", found.element)
                )

    def stop(self, where: str, at: int, zh: str, en: str) -> int:
        self.wrong = wrong("body", f"{where} at byte {at}", "", f"{zh}；其后内容未解析，请核对设备的规约版本",
                           f"{en}; the rest was not read, check the device's protocol version")  # fmt: skip
        return -1


def _down(frame: Frame, base: Decoded) -> Decoded:
    head = ascii_head(frame.body) if frame.ascii else hex_head(frame.body)
    if head is None:
        return base._replace(error=_short(frame.body))
    data = frame.body[16 if frame.ascii else 8 :]
    return base._replace(serial=head[0], sent_at=head[1], data=data, reply_wanted=frame.end == ENQ)


def hex_head(body: bytes) -> tuple[int, datetime | None] | None:
    """Return serial and sending time of a HEX/BCD body; None when it is shorter."""
    return (int.from_bytes(body[:2], "big"), bcd_time(body[2:8])) if len(body) >= 8 else None


def _short(body: bytes) -> Wrong:
    return wrong("body", "body", f"{len(body)} B", "正文应至少有流水号和发报时间共 8 字节；请核对设备的规约版本",
                 "a body has at least serial and sending time, 8 bytes; check the device's protocol version")  # fmt: skip


def _claimed(frame: bytes) -> dict[str, str]:
    """What a damaged frame claims, for the evidence only: never to be believed."""
    return {"claims": frame[2:11].hex().upper()} if len(frame) >= 11 else {}
