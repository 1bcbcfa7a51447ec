"""HJ 212: building messages: the answers 9011 to 9014 and, for simulation, uploads."""

from __future__ import annotations

from collections.abc import Mapping

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats.decoded import Decoded
from anlan.monitoring.formats.hj212_frames import crc

MOST_DATA = 9999
SYSTEM = "91"  # ST of the exchange itself
_BREAKS = frozenset(";,=&\r\n#")


def encode(head: Mapping[str, object], parameters: str = "") -> bytes:
    """Return one message with CR LF: header fields in order, then CP. Raises Invalid when a field would break it."""
    for name, value in head.items():
        if _BREAKS & set(str(value)) or not str(value).isascii():
            raise _bad(
                name, value, "不得含 ; , = & # 和换行，且为 ASCII", "must be ASCII without ; , = & # and line breaks"
            )
    text = "".join(f"{name}={value};" for name, value in head.items()) + f"CP=&&{parameters}&&"
    data = text.encode("gb18030")
    if len(data) > MOST_DATA:
        raise _bad(
            "CP", f"{len(data)} B", "数据段不超过 9999 字节；请分包", "the data has at most 9999 bytes; send packets"
        )
    return b"##%04d" % len(data) + data + b"%04X\r\n" % crc(data)


def reply(message: Decoded, *, result: int = 1) -> bytes:
    """Return the answer to a decoded message; b"" when none is wanted or it was damaged.

    Uploads are answered 9014 (data received); requests 9011 (request taken; `result` 1 ready, 2 refused, 3 bad
    password ..)."""
    if not message.crc_ok or not message.reply_wanted:
        return b""
    if (
        message.function == "9021"
    ):  # signing on (2005 dialect; general knowledge): without 9022 some devices send nothing
        return _answer(message, "9022", f"QN={message.serial or 0:017d};Logon=1")
    if message.function.startswith("90"):
        return b""
    if message.direction == "up":
        return _answer(message, "9014", "")
    return _answer(message, "9011", f"QnRtn={result}")


def _answer(message: Decoded, command: str, parameters: str) -> bytes:
    """An answer carries the QN of what it answers, and the version bits of its Flag; it wants no answer itself."""
    flag = message.more.get("Flag", "0")
    version = int(flag) & 0xFC if flag.isdecimal() and len(flag) < 4 else 0
    head: dict[str, object] = {"QN": f"{message.serial:017d}"} if message.serial is not None else {}
    head |= {
        "ST": SYSTEM,
        "CN": command,
        "PW": _plain(message.more.get("PW", "")),
        "MN": _plain(message.station),
        "Flag": version,
    }
    return encode(head, parameters)


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isprintable() and letter not in _BREAKS)


def _bad(field: str, value: object, zh: str, en: str) -> Invalid:
    return Invalid(code="monitoring.hj212_build", zh=f"HJ 212 消息 {field} 有误：{zh}。", en=f"HJ 212 message, {field}: {en}.",
                   field=field, value=value)  # fmt: skip
