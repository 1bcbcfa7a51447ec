"""Frames written one a line (hex or text), as people keep them in files, to one plain mapping each. Pure.

`#` lines and blank lines are skipped; a bad line becomes a mapping with `error`, never an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from anlan.monitoring.formats import hj212, jt808, sl651
from anlan.monitoring.formats.code_table import Table
from anlan.monitoring.formats.decoded import Decoded, Element, Wrong, wrong
from anlan.monitoring.formats.sl651_frames import length_at

PROTOCOLS = ("sl651", "hj212", "jt808")
MOST_LINE = 65_536
_BETWEEN = bytes.maketrans(b"", b"")
_IGNORED = b" \t,:-"


def decode_lines(lines: Iterable[bytes], protocol: str, tables: Callable[[str], Table]) -> Iterator[dict[str, Any]]:
    """Yield one mapping per frame. `lines` without or with their line ends; `tables` gives a code table by name."""
    decode = _decoder(protocol, tables)
    for number, raw in enumerate(lines, start=1):
        line = raw.strip(b" \t\r\n")
        if not line or _comment(line, protocol):
            continue
        frame = _frame(line, protocol)
        decoded = Decoded(protocol, error=frame) if isinstance(frame, Wrong) else decode(frame)
        yield {"line": number, **as_mapping(decoded)}


def _decoder(protocol: str, tables: Callable[[str], Table]) -> Callable[[bytes], Decoded]:
    if protocol == "sl651":
        return _sl651(tables("sl651_elements"))
    if protocol == "hj212":
        factors = tables("hj212_factors")
        return lambda frame: hj212.decode(frame, factors)
    if protocol == "jt808":
        return jt808.decode
    raise ValueError(f"protocol must be of {PROTOCOLS}, not {protocol!r}")


def _sl651(table: Table) -> Callable[[bytes], Decoded]:
    """Decode frame by frame; the packet that makes a message whole carries what the message says."""
    box = sl651.Assembler()

    def decode(frame: bytes) -> Decoded:
        decoded = sl651.decode(frame, table)
        if not decoded.crc_ok or decoded.part is None or decoded.part[1] == 1:
            return decoded
        whole = box.add(decoded, table, 0.0)
        return decoded if whole is None else whole._replace(part=decoded.part)

    return decode


def _comment(line: bytes, protocol: str) -> bool:
    """HJ 212 messages begin with ## themselves; one whose second # is damaged is no comment either."""
    return line.startswith(b"#") and not (protocol == "hj212" and (line.startswith(b"##") or b"&&" in line))


def _frame(line: bytes, protocol: str) -> bytes | Wrong:
    """The bytes of a line: HJ 212 as text (or hex), the others as hex with or without blanks between."""
    if len(line) > MOST_LINE:
        return wrong("line", "line", f"{len(line)}", f"一行不超过 {MOST_LINE} 字符；一行写一帧",
                     f"a line has at most {MOST_LINE} characters; write one frame a line")  # fmt: skip
    digits = line.translate(_BETWEEN, _IGNORED)
    digits = digits[2:] if digits[:2] in (b"0x", b"0X") else digits
    try:
        text = digits.decode("ascii")
        frame = bytes.fromhex(text)
    except ValueError:
        if protocol == "hj212" or (protocol == "sl651" and line.startswith(b"\x01")):
            return line
        bad = next(
            (at for at, letter in enumerate(line) if letter not in b"0123456789abcdefABCDEFxX" + _IGNORED), len(line)
        )
        return wrong("line", f"column {bad + 1}", line[bad : bad + 8].decode("ascii", "replace"),
                     "报文应为成对的十六进制数；请检查是否多字或缺字", "a frame is pairs of hex digits; look for a missing or extra one")  # fmt: skip
    if protocol == "sl651" and frame.endswith(b"\x7e") and length_at(frame, 0) == len(frame) - 1:
        return frame[:-1]  # some programs write one more 7E after the frame
    return frame


def as_mapping(decoded: Decoded) -> dict[str, Any]:
    """Return a decoded frame as plain values for JSON."""
    names = _names(decoded)
    return {
        "protocol": decoded.protocol,
        "direction": decoded.direction,
        "station": decoded.station,
        "function": decoded.function,
        "function_name": names[0],
        "function_name_en": names[1],
        "observation_time": _iso(decoded.at),
        "sent_at": _iso(decoded.sent_at),
        "serial": decoded.serial,
        "elements": [_element(element, decoded.at) for element in decoded.elements],
        "text": decoded.text,
        "data_bytes": len(decoded.data),
        "part": list(decoded.part) if decoded.part else None,
        "reply_wanted": decoded.reply_wanted,
        "crc_ok": decoded.crc_ok,
        "error": decoded.error.en if decoded.error else "",
        "error_zh": decoded.error.zh if decoded.error else "",
    }


def _names(decoded: Decoded) -> tuple[str, str]:
    if not decoded.function:
        return "", ""
    if decoded.protocol == "sl651":
        return sl651.FUNCTIONS.get(int(decoded.function, 16), ("", ""))
    if decoded.protocol == "jt808":
        return jt808.NAMES.get(int(decoded.function, 16), ("", ""))
    return hj212.FUNCTIONS.get(decoded.function, ("", ""))


def _element(element: Element, at: datetime | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "code": element.code, "name": element.name_zh, "name_en": element.name_en, "value": element.value,
        "unit": element.unit, "element": element.element,
    }  # fmt: skip
    if element.flag:
        found["flag"] = element.flag
    if element.at is not None and element.at != at:
        found["time"] = _iso(element.at)
    return found


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
