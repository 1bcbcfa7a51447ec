"""Bodies packed with gzip or deflate, unpacked within bounds: a small bomb never becomes a large body."""

from __future__ import annotations

import zlib

from anlan.kernel.problem import Invalid, TooLarge

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def inflated(body: bytes, encoding: str, most: int) -> bytes:
    """Return the body unpacked. Raises Invalid for unknown or broken packing, TooLarge beyond `most` bytes."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    if name not in _WINDOW:
        raise _bad(name, "请用 gzip 或不压缩", "use gzip, or none")
    unpacker = zlib.decompressobj(_WINDOW[name])
    try:
        plain = unpacker.decompress(body, most + 1)
    except zlib.error as error:
        raise _bad(str(error), "压缩数据损坏，请重发", "is damaged; send it again") from error
    if len(plain) > most:
        raise TooLarge(
            code="http.too_large", zh=f"解压后超过 {most} 字节；请分批。", en=f"Over {most} bytes unpacked; split it.",
            field="body",
        )  # fmt: skip
    if not unpacker.eof:
        raise _bad("end", "压缩数据不完整，请重发", "is cut off; send it again")
    return plain


def _bad(value: str, zh: str, en: str) -> Invalid:
    return Invalid(
        code="http.encoding", zh=f"Content-Encoding：{zh}。", en=f"Content-Encoding: {en}.",
        field="Content-Encoding", value=value,
    )  # fmt: skip
