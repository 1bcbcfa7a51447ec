"""The settings of a kind of gateway as a form: its fields in order, and what was typed read back into settings. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import inspect

from anlan.kernel.problem import Invalid
from anlan.warning.formats.channel_settings import KINDS, settings_of

SECRETS: Final = ("secret", "sign", "callback_secret", "key")
"""Fields that name a secret of the node; the secret itself is never in the settings."""


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: sort is text, number, tick, choice, list (one a line) or object (JSON)."""

    name: str
    sort: str
    required: bool
    default: Any
    choices: tuple[Any, ...] = ()
    least: float | None = None
    most: float | None = None
    pattern: str = ""
    type: Any = None

    @property
    def whole(self) -> bool:
        """Does it take whole numbers only?"""
        return isinstance(self.type, inspect.IntType)


def fields_of(kind: str) -> list[Field]:
    """The settings of a kind, those that must be given first. Raises KeyError for a kind there is none of."""
    shape = inspect.type_info(KINDS[kind])
    found = shape.fields if isinstance(shape, inspect.StructType) else ()
    return sorted((_field(one) for one in found), key=lambda field: not field.required)


def _field(one: inspect.Field) -> Field:
    default: Any = None if one.default is msgspec.NODEFAULT else one.default
    if one.default_factory is not msgspec.NODEFAULT:
        default = one.default_factory()
    kind = one.type
    found: dict[str, Any] = {"sort": "text"}
    if isinstance(kind, inspect.BoolType):
        found = {"sort": "tick"}
    elif isinstance(kind, inspect.LiteralType):
        found = {"sort": "choice", "choices": kind.values}
    elif isinstance(kind, inspect.IntType | inspect.FloatType):
        found = {"sort": "number", "least": kind.ge, "most": kind.le}
    elif isinstance(kind, inspect.DictType):
        found = {"sort": "object"}
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
        found = {"sort": "list"}
    elif isinstance(kind, inspect.StrType):
        found = {"sort": "text", "most": kind.max_length, "pattern": kind.pattern or ""}
    return Field(name=one.encode_name, required=one.required, default=default, type=kind, **found)


def shown(field: Field, settings: Mapping[str, Any]) -> Any:
    """What the form shows for a field: lists one a line, objects as JSON."""
    value = settings.get(field.name, field.default)
    if field.sort == "list":
        return "\n".join(map(str, value or ()))
    if field.sort == "object":
        return json.dumps(value or {}, ensure_ascii=False, indent=1)
    return "" if value is None else value


def typed(kind: str, given: Mapping[str, str]) -> dict[str, Any]:
    """Read the form's texts into settings; what is as the default isn't kept. A tick that is missing is off.

    Raises Invalid naming the field, what was typed, and what it takes.
    """
    found: dict[str, Any] = {}
    for field in fields_of(kind):
        missing = field.name not in given and not field.required and field.sort != "tick"
        value = field.default if missing else _value(field, given.get(field.name, ""))
        if value != field.default:
            found[field.name] = value
    settings_of(kind, found)
    return found


def _value(field: Field, text: str) -> Any:
    text = text.strip().replace("\r\n", "\n")
    if field.sort == "tick":
        return bool(text)
    if text == "" and not field.required:
        return "" if field.sort == "text" else field.default
    try:
        value = _parsed(field, text)
        single = msgspec.defstruct("Single", [("value", _annotation(field))])
        msgspec.convert({"value": value}, single)
    except (ValueError, msgspec.ValidationError) as error:
        raise _refused(field, text) from error
    return value


def _parsed(field: Field, text: str) -> Any:
    if field.sort == "number":
        return int(text) if field.whole else float(text)
    if field.sort == "list":
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        return tuple(lines) if isinstance(field.default, tuple) else lines
    if field.sort == "object":
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError(text)
        return found
    if field.sort == "choice" and all(isinstance(one, int) for one in field.choices):
        return int(text)
    return text


def _annotation(field: Field) -> Any:
    if field.sort == "choice":
        return Literal[field.choices]
    if field.sort == "number":
        return Annotated[int if field.whole else float, msgspec.Meta(ge=field.least, le=field.most)]
    if field.sort == "text":
        least = 1 if field.required else None
        longest = int(field.most) if field.most else None
        return Annotated[str, msgspec.Meta(min_length=least, max_length=longest, pattern=field.pattern or None)]
    return Any


def _refused(field: Field, text: str) -> Invalid:
    zh, en = _remedy(field)
    return Invalid(
        code="channel.settings", field=field.name, value=text[:80],
        zh=f"设置项 {field.name} 不能是“{text[:80]}”：{zh}。", en=f"{field.name} can't be “{text[:80]}”: {en}.",
    )  # fmt: skip


def _remedy(field: Field) -> tuple[str, str]:
    if field.sort == "number":
        whole = ("整数", "a whole number") if field.whole else ("数", "a number")
        return (
            f"请填 {field.least:g} 至 {field.most:g} 的{whole[0]}",
            f"type {whole[1]} from {field.least:g} to {field.most:g}",
        )
    if field.sort == "choice":
        return f"可选 {'、'.join(map(str, field.choices))}", f"choose one of {', '.join(map(str, field.choices))}"
    if field.sort == "object":
        return '请填 JSON 对象，如 {"a": "b"}', 'type a JSON object, such as {"a": "b"}'
    if field.name == "url":
        return "请填以 http:// 或 https:// 开头的地址", "type an address that begins with http:// or https://"
    if field.pattern:
        return f"须符合 {field.pattern}", f"it must match {field.pattern}"
    most = f"{field.most:g}" if field.most else "400"
    return f"必填，不超过 {most} 个字符", f"it must be given, {most} characters at most"
