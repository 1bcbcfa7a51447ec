"""How a rule file is refused: file, path, value and remedy in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from anlan.kernel.problem import Invalid

Wrong = Callable[[str, Any, str, str], Invalid]

# What the decoder says, and the same in Chinese.
_SAID = (
    (r"Object missing required field `(.+)`", r"缺少必填项 \1，请补上"),
    (r"Object contains unknown field `(.+)`", r"没有 \1 这一项，请改名或删去"),
    (r"Expected `(.+)`, got `(.+)`", r"应为 \1，实为 \2"),
    (r"Expected `str` of length <= (\d+)", r"最长 \1 个字符"),
    (r"Expected `str` matching regex .*", "只能用小写字母、数字和 _ . -（代码以字母或数字开头；区划代码只含数字）"),
    (r"Invalid enum value '?(.*?)'?$", r"没有“\1”这个选项"),
)
_REMEDY = {
    "Expected `str` matching regex": "use lower-case letters, digits and _ . - (division codes: digits only)",
}


def faulty(file: str, field: str, value: Any, zh: str, en: str) -> Invalid:
    """Return the refusal of a file at a field."""
    shown = "" if value is None or value == "" else f"“{str(value)[:80]}”"
    return Invalid(
        code="monitoring.rule_invalid",
        zh=f"规则文件 {file} 的 {field} {shown}有误：{zh}。",
        en=f"Rule file {file}, {field}{': ' + shown if shown else ''}: {en}.",
        field=f"{file}:{field}",
        value=value,
    )


def refusals(file: str) -> Wrong:
    """Return `wrong(field, value, zh, en)` for one file."""
    return lambda field, value, zh, en: faulty(file, field, value, zh, en)


def undecodable(file: str, raw: Any, said: str) -> Invalid:
    """Return the refusal for what the decoder said of a value's shape; the path is taken from its words."""
    text, _, where = said.partition(" - at `$")
    path = where.rstrip("`").lstrip(".") or "file"
    zh = next((re.sub(form, words, text) for form, words in _SAID if re.match(form, text)), text)
    en = next((remedy for start, remedy in _REMEDY.items() if text.startswith(start)), text[:1].lower() + text[1:])
    return faulty(file, path, _value_at(raw, path), zh, en)


def _value_at(raw: Any, path: str) -> Any:
    """The value at `rules[0].levels[1].code`; None where the path ends in nothing simple."""
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
        try:
            raw = raw[int(index)] if index else raw[name]
        except (KeyError, IndexError, TypeError):
            return None
    return raw if isinstance(raw, str | int | float | bool) else None
