"""What a file really is, by its own first bytes: JPEG, PNG or WebP, and how large the picture is.

JPEG: ITU-T T.81 §B.2.2 (frame header); PNG: ISO/IEC 15948 §11.2.2 (IHDR); WebP: RFC 9649 §2.5–2.7.
"""

from __future__ import annotations

from typing import NamedTuple

_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


class Picture(NamedTuple):
    """A picture's media type, and its width and height in pixels."""

    media_type: str
    width: int
    height: int


def picture(data: bytes) -> Picture | None:
    """Return what picture these bytes are; None when they are none of the three kinds, or cut off in the head."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _sized(media_type: str, width: int, height: int) -> Picture | None:
    return Picture(media_type, width, height) if width > 0 and height > 0 else None


def _png(data: bytes) -> Picture | None:
    if len(data) < 33 or data[12:16] != b"IHDR":
        return None
    return _sized("image/png", int.from_bytes(data[16:20]), int.from_bytes(data[20:24]))


def _jpeg(data: bytes) -> Picture | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # fill
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _FRAMES:
            if at + 9 > len(data):
                return None
            height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
            return _sized("image/jpeg", width, height)
        elif marker == 0xDA:  # the picture itself, before any frame header
            return None
        else:
            at += 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2)
    return None


def _webp(data: bytes) -> Picture | None:
    kind = data[12:16]
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a" and len(data) >= 30:
        width, height = (int.from_bytes(data[n : n + 2], "little") & 0x3FFF for n in (26, 28))
        return _sized("image/webp", width, height)
    if kind == b"VP8L" and len(data) >= 25 and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return _sized("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X" and len(data) >= 30:
        return _sized(
            "image/webp", int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        )
    return None
