"""Unified social credit codes (统一社会信用代码, GB 32100-2015) for exercise units, a column at a time.

Organisation codes begin with "A", while those in use begin with a digit or M (mark: G), so that a made code is hardly a
real unit's. An organisation code is one unit's in the whole nation, whatever its area: serials must be too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I O S V Z
ORGANISATION = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WEIGHTS = np.array([pow(3, i, 31) for i in range(17)], np.int64)
ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], np.int64)
SERIES = b"A"
DIGITS = 7
LIMIT = 31**DIGITS  # 27,512,614,111 codes in the nation
SCATTER = 16_777_213  # no multiple of 31: serial → serial * SCATTER mod LIMIT is one to one


def _table(alphabet: bytes) -> NDArray[np.int64]:
    found = np.full(256, -1, np.int64)
    found[np.frombuffer(alphabet, np.uint8)] = np.arange(len(alphabet))
    return found


VALUE, ORGANISATION_VALUE = _table(ALPHABET), _table(ORGANISATION)
LETTERS = np.frombuffer(ALPHABET, np.uint8)


def uscc_make(area6: str, serial: NDArray[np.int64], kind: NDArray[np.uint8] | None = None) -> NDArray[np.bytes_]:
    """Return valid codes as an S18 array: registered at 市场监管 (9) of county `area6`, one for each serial.

    `kind` is the second character as ASCII code: "1" company (the default), "2" self-employed, "3" cooperative. Another
    serial (0 ≤ serial < LIMIT) gives another code; ValueError outside that range.
    """
    number = np.asarray(serial, np.int64)
    if number.size and (number.min() < 0 or number.max() >= LIMIT):
        raise ValueError(f"serial outside 0..{LIMIT - 1}")
    code = np.empty((number.size, 18), np.uint8)
    code[:, 0] = ord("9")
    code[:, 1] = ord("1") if kind is None else kind
    code[:, 2:8] = np.frombuffer(area6.encode(), np.uint8)
    code[:, 8:9] = np.frombuffer(SERIES, np.uint8)
    rest = number * SCATTER % LIMIT
    for place in range(15, 8, -1):
        code[:, place] = LETTERS[rest % 31]
        rest //= 31
    code[:, 16] = _organisation_check(code[:, 8:16])
    code[:, 17] = uscc_check(code[:, :17])
    return code.view("S18").ravel()


def uscc_check(code17: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the check character of each row of 17 characters, all as ASCII codes."""
    found: NDArray[np.uint8] = LETTERS[(31 - VALUE[code17] @ WEIGHTS % 31) % 31]
    return found


def _organisation_check(code8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """GB 11714: 11 minus the weighted sum mod 11; 10 is written X, 11 is written 0."""
    rest = 11 - ORGANISATION_VALUE[code8] @ ORGANISATION_WEIGHTS % 11
    found: NDArray[np.uint8] = np.frombuffer(b"0123456789X", np.uint8)[np.where(rest == 11, 0, rest)]
    return found


def registration_make(area6: str, serial: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """Return 15-digit registration numbers of the old kind (工商注册号): area, 8 digits, check digit by MOD 11,10."""
    number = np.asarray(serial, np.int64) % 10**8
    digits = np.empty((number.size, 15), np.int64)
    digits[:, :6] = [int(c) for c in area6]
    for place in range(13, 5, -1):
        digits[:, place] = number % 10
        number = number // 10
    carry = np.full(digits.shape[0], 10, np.int64)
    for place in range(14):
        total = (carry + digits[:, place]) % 10
        carry = np.where(total == 0, 10, total) * 2 % 11
    digits[:, 14] = (11 - carry) % 10
    return (digits + ord("0")).astype(np.uint8).view("S15").ravel()
