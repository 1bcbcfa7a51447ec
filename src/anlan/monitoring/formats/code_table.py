"""Codec of code tables (`rules/codes/*.yaml`): what the element ids and factor codes of a protocol mean to us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from anlan.kernel.problem import Invalid


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One id: names, unit, our own element code, how its bytes are written and where that is known from.

    `form`: bcd (by its definition byte), hex (big-endian integer), bits, rain12, level12 (twelve five-minute values),
    step (time step), text, picture. `symbol`: the id in ASCII messages. `was`: the code in an older dialect.
    `names`: of bits, lowest first. `mark`: S checked against the reference's frames, G general knowledge.
    """

    zh: str
    en: str
    unit: str = ""
    element: str = ""
    form: str = "bcd"
    symbol: str = ""
    was: str = ""
    total_unit: str = ""
    names: tuple[str, ...] = ()
    mark: str = "G"


Table = Mapping[str, Meaning]
FORMS = ("bcd", "hex", "bits", "rain12", "level12", "step", "text", "picture")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    table: str
    version: str
    source: dict[str, str]
    codes: dict[str, Meaning]


def parse_table(text: str, name: str) -> dict[str, Meaning]:
    """Return the meanings by code. Raises Invalid naming file, field, value and remedy."""
    try:
        raw: Any = yaml.load(text, Loader=yaml.CSafeLoader)
        found = msgspec.convert(raw, _File).codes
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise _bad(name, "file", "", f"内容不合要求，请按报错修改：{error}", str(error)) from error
    for code, meaning in found.items():
        check_meaning(code, meaning, name)
    return found


def check_meaning(code: str, meaning: Meaning, name: str) -> None:
    """Refuse an unknown form or mark. Raises Invalid."""
    if meaning.form not in FORMS:
        raise _bad(name, f"{code}.form", meaning.form, f"只能是 {'、'.join(FORMS)}", f"must be of {', '.join(FORMS)}")
    if meaning.mark not in ("S", "G"):
        raise _bad(name, f"{code}.mark", meaning.mark, "只能是 S 或 G", "must be S or G")


def _bad(file: str, field: str, value: str, zh: str, en: str) -> Invalid:
    return Invalid(
        code="monitoring.code_table", zh=f"编码表 {file} 的 {field} 有误：{zh}。", en=f"Code table {file}, {field}: {en}.",
        field=f"{file}:{field}", value=value,
    )  # fmt: skip
