"""Codec of connections: YAML or loose values into checked specs, or a Problem naming field, value and remedy."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any

import msgspec
import yaml

from anlan.kernel.problem import Invalid
from anlan.monitoring.formats.connection_settings import KINDS, Folder, Hj212, Mapping, Mqtt, Settings, Sl651, Topic
from anlan.monitoring.formats.hj212_dialects import dialect_of as hj212_dialect
from anlan.monitoring.formats.json_path import json_path
from anlan.monitoring.formats.sl651_elements import dialect_of as sl651_dialect

MOST = 500
MOST_TEXT = 2_000_000
_SECRET = re.compile(r"password|passwd|token|key$", re.IGNORECASE)


class ConnectionSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Particulars of a connection as a person writes them; `settings` and `mapping` as formats/connection_settings."""

    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    protocol: str
    division: Annotated[str, msgspec.Meta(pattern=r"^\d{0,12}$")]
    name_zh: Annotated[str, msgspec.Meta(min_length=1, max_length=96)]
    name_en: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    enabled: bool = True
    settings: dict[str, Any] = {}
    mapping: dict[str, Any] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    connections: list[Any]


def parse_connections(text: str, name: str = "YAML") -> list[ConnectionSpec]:
    """Return the connections in a YAML text: `connections:` with a list. Raises Invalid naming the field."""
    if len(text) > MOST_TEXT:
        raise _wrong(name, "", f"内容超过 {MOST_TEXT} 字符，请拆分", f"has over {MOST_TEXT} characters; split it")
    try:
        raw: Any = yaml.load(text, Loader=yaml.CSafeLoader)
        items = msgspec.convert(raw, _File).connections
    except yaml.YAMLError as error:
        raise _wrong(name, "", f"不是合法的 YAML，请按报错行修改：{error}", f"is not valid YAML: {error}") from error
    except msgspec.ValidationError as error:
        raise _wrong(name, "", "应以 connections: 列表开头", "must begin with connections: and a list") from error
    if not 0 < len(items) <= MOST:
        raise _wrong("connections", len(items), f"应有 1 至 {MOST} 条", f"must have 1 to {MOST} entries")
    specs = [_converted(item, ConnectionSpec, f"connections[{number}]") for number, item in enumerate(items)]
    for number, spec in enumerate(specs):
        check(spec, f"connections[{number}].")
    codes = [spec.code for spec in specs]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise _wrong("code", twice, "同一文件中重复，请改名", "stands twice in the file; rename one")
    return specs


def parse_connection(text: str) -> ConnectionSpec:
    """Return the one connection in a YAML text, checked. Raises Invalid naming the field."""
    if len(text) > MOST_TEXT:
        raise _wrong("YAML", "", f"内容超过 {MOST_TEXT} 字符", f"has over {MOST_TEXT} characters")
    try:
        raw: Any = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise _wrong("YAML", "", f"不合语法，请按报错行修改：{error}", f"is not valid: {error}") from error
    spec: ConnectionSpec = _converted(raw, ConnectionSpec, "")
    check(spec)
    return spec


def check(spec: ConnectionSpec, where: str = "") -> tuple[Settings, Mapping]:
    """Return the typed settings and mapping. Raises Invalid naming the field, its value and the remedy."""
    if spec.protocol not in KINDS:
        known = "、".join(KINDS), ", ".join(KINDS)
        raise _wrong(f"{where}protocol", spec.protocol, f"只能是 {known[0]}（HTTP 无需登记）",
                     f"must be of {known[1]} (HTTP needs no connection)")  # fmt: skip
    if spec.code == "http":
        raise _wrong(
            f"{where}code",
            spec.code,
            "此代号为网关自带 HTTP 口所用，请换一个",
            "is the HTTP port's own; choose another",
        )
    open_secret = next((name for name in spec.settings if _SECRET.search(name)), None)
    if open_secret is not None:
        raise _wrong(
            f"{where}settings.{open_secret}", "…",
            "密码不写在这里：写 secret: 名称，并在 anlan.toml 的 [secrets] 中给出该名称的值",
            "is not kept here: write secret: NAME, and give NAME its value under [secrets] in anlan.toml",
        )  # fmt: skip
    settings: Settings = _converted(spec.settings, KINDS[spec.protocol], f"{where}settings")
    mapping = _converted(spec.mapping, Mapping, f"{where}mapping")
    if isinstance(settings, Mqtt):
        for number, topic in enumerate(settings.topics):
            _check_topic(topic, f"{where}settings.topics[{number}]")
    if isinstance(settings, Sl651):
        sl651_dialect(settings.dialect)
    if isinstance(settings, Hj212):
        hj212_dialect(settings.dialect)
    if isinstance(settings, Folder) and not PurePosixPath(settings.folder).is_absolute():
        raise _wrong(f"{where}settings.folder", settings.folder, "应为绝对路径", "must be an absolute path")
    return settings, mapping


def _check_topic(topic: Topic, where: str) -> None:
    levels = topic.topic.split("/")
    if "#" in levels[:-1] or any(mark in level and len(level) > 1 for level in levels for mark in "+#"):
        raise _wrong(
            f"{where}.topic", topic.topic, "+ 和 # 须独占一级，# 只能在末级", "+ and # take a whole level, # the last"
        )
    named = set(re.findall(r"\{([^}]*)\}", topic.topic))
    if not named <= {"station", "element"}:
        raise _wrong(
            f"{where}.topic",
            topic.topic,
            "花括号内只能是 station 或 element",
            "only {station} and {element} go in braces",
        )
    if topic.form in ("json", "number") and "station" not in named and not topic.station:
        raise _wrong(
            f"{where}.station", "", "主题中无 {station} 时须给出站码路径", "is needed when the topic has no {station}"
        )
    paths = {"each": topic.each, "station": topic.station, "element": topic.element, "value": topic.value,
             "at": topic.at, **{f"values.{name}": path for name, path in topic.values.items()}}  # fmt: skip
    for name, path in paths.items():
        try:
            json_path(path)
        except ValueError as error:
            remedy = "路径应写成 data[0].value 这样", "write a path like data[0].value"
            raise _wrong(f"{where}.{name}", str(error), *remedy) from error


def _converted(value: Any, kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        field = (where + place.rstrip("`")).lstrip(".") or "YAML"
        found = _at(value, place.rstrip("`"))
        raise _wrong(field, found, f"{_in_chinese(text)}；请改正", f"{text}; mend it") from error


_CHINESE = (
    (r"Expected `(?:int|float|number)` (<=|>=|<|>) (\S+)", r"应为 \1 \2 的数"),
    (r"Expected `(?:str|array)` of length (<=|>=) (\d+)", r"长度应 \1 \2"),
    (r"Expected `str` matching regex .*", "写法不合要求"),
    (r"Object missing required field `(.*)`", r"缺少 \1"),
    (r"Object contains unknown field `(.*)`", r"没有名为 \1 的项"),
    (r"Invalid enum value (.*)", r"没有 \1 这个值"),
    (r"Expected `(.*)`, got `(.*)`", r"应为 \1，而不是 \2"),
)


def _in_chinese(text: str) -> str:
    """Return what msgspec says of a value; what isn't known here stays as it is."""
    for pattern, words in _CHINESE:
        if re.fullmatch(pattern, text):
            return re.sub(pattern, words, text)
    return text


def _at(value: Any, place: str) -> Any:
    """Return the value an error speaks of, '' when it isn't there."""
    for name, index in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", place):
        try:
            value = value[name] if name else value[int(index)]
        except (KeyError, IndexError, TypeError):
            return ""
    return "" if isinstance(value, dict | list) else value


def _wrong(field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="connection.invalid", zh=f"接入的 {field} 有误：{zh}。", en=f"Connection, {field}: {en}.",
        field=field, value=value,
    )  # fmt: skip
