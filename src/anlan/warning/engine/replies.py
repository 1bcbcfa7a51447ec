"""What a reply by text or key means. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final

CODES: Final = {"1": "received", "2": "acting", "3": "need_help", "4": "cannot"}
WORDS: Final = {
    "收到": "received", "received": "received", "正在处置": "acting", "处置": "acting", "acting": "acting",
    "需要支援": "need_help", "支援": "need_help", "help": "need_help", "无法执行": "cannot", "cannot": "cannot",
}  # fmt: skip


def reply_content(words: str, codes: dict[str, str] | None = None) -> str | None:
    """The answer a reply gives: a code alone or before anything that is no digit ("1", " １收到 "), or one of the
    plain words; None where it says something else, which a person must read."""
    text = unicodedata.normalize("NFKC", words).strip().strip("。.!！#").strip().lower()
    known = CODES if codes is None else codes
    head = text[:1]
    if head in known and not text[1:2].isdigit():
        rest = text[1:].strip(" 、,，.。:：-")
        return known[head] if WORDS.get(rest, known[head]) == known[head] else None
    return WORDS.get(text)
