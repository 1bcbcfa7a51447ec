"""Identifiers of units and people: unified social credit code, citizen number, telephones. Scalar checks.

Each check takes normalised text and returns "" or a fault code of `engine.faults`. The forms over columns, for
hundreds of thousands of values at once, are in `engine.identifier_columns` and must agree with these.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date

# GB 32100-2015: no I, O, S, V, Z; weights are the powers of 3 modulo 31.
USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
# GB 11714: the organisation code in characters 9 to 17.
ORG_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# GB 32100 table 1: registering department (编制、外交、司法、文化、民政、旅游、宗教、工会、市场监管、央军委、农业、其他) and type.
USCC_KINDS: dict[str, str] = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19",
    "9": "123", "A": "19", "N": "1239", "Y": "1",
}  # fmt: skip
# GB 11643-1999
CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CITIZEN_CHECKS = "10X98765432"
OLDEST_BIRTH = 1800

SHORT_NUMBERS = frozenset({"110", "119", "120", "122", "12345", "12350", "12379"})
MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})-?[2-9]\d{6,7}(?:-\d{1,5})?")
# Numbers no network gives out: what the generator and drills call people by, so that nobody real is ever rung.
EXERCISE = re.compile(r"1(?:00|01|02)\d{8}")
_SPACES = re.compile(r"[\s\-–—()（）.·]+")
_FULL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def half_width(text: str) -> str:
    """Return the text with full-width letters, digits and signs turned into ASCII (全角转半角)."""
    return text if text.isascii() else text.translate(_FULL)


def uscc_normal(text: str) -> str:
    """Return a credit code as it is stored: ASCII, upper case, without spaces and hyphens."""
    return _SPACES.sub("", half_width(text)).upper()


def uscc_check(first17: str) -> str:
    """Return the 18th character of a code of 17 legal characters.

    >>> uscc_check("91440300192203821")
    '6'
    """
    total = sum(USCC_LETTERS.index(letter) * weight for letter, weight in zip(first17, USCC_WEIGHTS, strict=True))
    return USCC_LETTERS[(31 - total % 31) % 31]


def org_check(first8: str) -> str:
    """Return the check character of an organisation code (GB 11714) of 8 characters.

    >>> org_check("19220382")
    '1'
    """
    total = sum(ORG_LETTERS.index(letter) * weight for letter, weight in zip(first8, ORG_WEIGHTS, strict=True))
    rest = 11 - total % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def uscc_fault(code: str) -> str:
    """Return what is wrong with a normalised credit code, "" when nothing is.

    Codes, most telling first: uscc.length, uscc.precision (a spreadsheet kept 15 digits and lost three), uscc.letter,
    uscc.check, uscc.org_check, uscc.kind.
    """
    if len(code) != 18:
        return "uscc.length"
    if any(letter not in USCC_LETTERS for letter in code):
        return "uscc.letter"
    if uscc_check(code[:17]) != code[17]:
        return "uscc.precision" if _lost_digits(code) else "uscc.check"
    if org_check(code[8:16]) != code[16]:
        return "uscc.org_check"
    return "" if code[1] in USCC_KINDS.get(code[0], "") and code[2:8].isdigit() else "uscc.kind"


def _lost_digits(code: str) -> bool:
    """A number of more than 15 digits comes out of a spreadsheet as a multiple of 16, or with noughts at the end."""
    return code.isdigit() and (code.endswith("000") or int(code) % 16 == 0)


def citizen_normal(text: str) -> str:
    """Return a citizen number as it is checked: ASCII, upper case, without spaces."""
    return _SPACES.sub("", half_width(text)).upper()


def citizen_fault(number: str) -> str:
    """Return what is wrong with a citizen number (GB 11643-1999), "": nothing. The date of birth must be a real one.

    >>> citizen_fault("11010519491231002X"), citizen_fault("37170219000229001X")
    ('', 'citizen.date')
    """
    if len(number) == 15 and number.isdigit():
        return "citizen.old"
    if len(number) != 18:
        return "citizen.length"
    if not (number[:17].isascii() and number[:17].isdigit()) or number[17] not in "0123456789X":
        return "citizen.letter"
    if not _is_date(number[6:10], number[10:12], number[12:14]):
        return "citizen.date"
    return "" if citizen_check(number[:17]) == number[17] else "citizen.check"


def citizen_check(first17: str) -> str:
    """Return the 18th character of a citizen number."""
    return CITIZEN_CHECKS[sum(int(d) * w for d, w in zip(first17, CITIZEN_WEIGHTS, strict=True)) % 11]


def citizen_male(number: str) -> bool:
    """Tell the sex a checked citizen number states: its 17th digit is odd for a man."""
    return int(number[16]) % 2 == 1


def citizen_mask(number: str) -> str:
    """Return 4101**********0013: what may be shown of a citizen number."""
    return number[:4] + "*" * 10 + number[14:]


def citizen_hash(number: str, key: str) -> str:
    """Return the keyed hash (HMAC-SHA-256, hex) by which a citizen number is found again; the number is not kept."""
    return hmac.new(key.encode(), b"citizen|" + number.encode(), hashlib.sha256).hexdigest()


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return date(int(year), int(month), int(day)).year >= OLDEST_BIRTH
    except ValueError:
        return False


def phone_normal(text: str) -> str:
    """Return a telephone as it is stored: ASCII, no spaces; +86 and 0086 kept as +86; landlines with one hyphen.

    >>> phone_normal("（0530）5612345"), phone_normal("0086 138-0000-0000"), phone_normal("138 0000 0000")
    ('0530-5612345', '+8613800000000', '13800000000')
    """
    plain = _SPACES.sub("", half_width(text))
    if plain.startswith("0086"):
        plain = "+86" + plain[4:]
    prefix, rest = ("+86", plain[3:]) if plain.startswith("+86") else ("", plain)
    if prefix and re.fullmatch(r"(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}", rest):
        prefix, rest = "", "0" + rest
    area = re.fullmatch(r"(0(?:10|2\d|[3-9]\d{2}))([2-9]\d{6,7})", rest)
    return f"{area[1]}-{area[2]}" if area else prefix + rest


def phone_fault(number: str) -> str:
    """Return "" for a mobile, landline, short or exercise number in stored form, else what is wrong with it."""
    plain = number.removeprefix("+86")
    if MOBILE.fullmatch(plain) or EXERCISE.fullmatch(plain) or plain in SHORT_NUMBERS:
        return ""
    if LANDLINE.fullmatch(plain):
        return ""
    if not plain.replace("-", "").isdigit():
        return "phone.letter"
    if plain.startswith("1") and len(plain) != 11:
        return "phone.length"
    return "phone.form"


def phone_kind(number: str) -> str:
    """Return mobile, landline, short or exercise for a checked telephone, "" for none of them."""
    plain = number.removeprefix("+86")
    if plain in SHORT_NUMBERS:
        return "short"
    if EXERCISE.fullmatch(plain):
        return "exercise"
    if MOBILE.fullmatch(plain):
        return "mobile"
    return "landline" if LANDLINE.fullmatch(plain) else ""
