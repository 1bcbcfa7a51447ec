"""A bureau's own rules as YAML: read and checked like the shipped packs, stamped with area, version and days of validity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sized
from datetime import date
from typing import Any, NamedTuple

import msgspec
import yaml

from anlan.response.choices_rules import TOPICS
from anlan.response.engine.grading import GradeTable
from anlan.response.engine.report_rules import Rule
from anlan.response.engine.report_rules_check import gaps
from anlan.response.formats.grades import grade_faults
from anlan.response.formats.packs import MAX_BYTES, pack_converted, wrong, yaml_read
from anlan.response.formats.report_packs import report_rules

OWN = "L"
MOST = 24  # rows of a topic, bounds of a grade, classes of events
STAMPED = ("version", "valid_from", "valid_to", "area", "mark")


class Stamp(NamedTuple):
    """What the register says of a version, whatever its text says: where and when it holds, and its number."""

    division: str
    version: str
    valid_from: date
    valid_to: date | None = None


def version_name(division: str, number: int) -> str:
    """Return how a version is called on grades and duties: "410182-2"."""
    return f"{division}-{number}"


def body_read(text: str) -> dict[str, Any]:
    """Return the content of a YAML text. Invalid when it is no mapping, too large, or no YAML."""
    raw = yaml_read(text)
    if not isinstance(raw, dict):
        raise wrong("file", type(raw).__name__, "应为“字段: 内容”的结构。", "should be fields with their content.")
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(raw))
    return found


def body_sized(body: Mapping[str, Any]) -> None:
    """Raise Invalid where a body is larger than a rule can sensibly be."""
    size = len(msgspec.json.encode(body))
    if size > MAX_BYTES:
        raise wrong("body", size, "内容过大，上限1MB。", "the content is larger than 1 MB; say it shorter.")


def body_text(body: Mapping[str, Any]) -> str:
    """Return a body as YAML, in the order of its fields."""
    return yaml.dump(dict(body), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=160)


def body_digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a body, whatever the order of its fields."""
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()


def own_table(body: Mapping[str, Any], stamp: Stamp) -> GradeTable:
    """Return the grading table of a body. Invalid with the field, its value and the remedy."""
    raw = {
        **body, "version": stamp.version, "area": stamp.division, "mark": OWN,
        "valid_from": stamp.valid_from.isoformat(), "valid_to": stamp.valid_to and stamp.valid_to.isoformat(),
        "rows": [_own_row(row) for row in _list(body, "rows")],
    }  # fmt: skip
    table = pack_converted(raw, GradeTable)
    for fault in grade_faults(table):
        raise wrong(*fault)
    if not table.types:
        raise wrong("types", (), "应写明适用的事件分类代码。", "name the classes of events it grades.")
    return table


def own_clocks(body: Mapping[str, Any], topic: str, stamp: Stamp) -> tuple[Rule, ...]:
    """Return the clocks of one topic of a body. Invalid with the row, its value and the remedy."""
    if topic not in TOPICS:
        raise wrong(
            "topic", topic, f"没有这个事项；可选：{'、'.join(TOPICS)}。", f"no such topic; one of {', '.join(TOPICS)}."
        )
    raw = {
        "rules": [{**_dict(row), "topic": topic, "area": stamp.division, "mark": OWN} for row in _list(body, "rules")]
    }
    rules = tuple(msgspec.structs.replace(rule, version=stamp.version) for rule in pack_converted(raw, _Clocks).rules)
    if not rules:
        raise wrong("rules", (), "应至少有一行。", "needs at least one row.")
    for rule in rules:
        other = report_rules().rule(rule.code)
        if len(rule.code) > 32 or (other is not None and other.topic != topic):
            raise wrong(f"rules.{rule.code}", rule.code, "代码已用于别的事项或超过32字，请另取。",
                        "this code is another topic's, or over 32 characters; take another.")  # fmt: skip
    for code, problem in gaps(rules):
        raise wrong(f"rules.{code}", problem, f"这一行不合要求（{problem}），请改正。", f"{problem}; mend this row.")
    return rules


class _Clocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rules: tuple[Rule, ...]


def table_body(table: GradeTable) -> dict[str, Any]:
    """Return a table as a body to start from: without what the register stamps."""
    raw = _plain(table)
    return {name: value for name, value in raw.items() if name not in STAMPED and value not in (None, "", {}, [])}


def clocks_body(rules: tuple[Rule, ...]) -> dict[str, Any]:
    """Return clocks of one topic as a body to start from."""
    rows = [_sparse(rule) for rule in rules]
    return {
        "rules": [
            {k: v for k, v in row.items() if k not in ("topic", "area", "mark", "notice", "version")} for row in rows
        ]
    }


def _json(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def _sparse(rule: Rule) -> dict[str, Any]:
    raw: dict[str, Any] = _json(rule)
    kept = {name: value for name, value in raw.items() if value not in (None, "", [], {}, 0, False)}
    if isinstance(kept.get("limit"), dict):
        kept["limit"] = {name: value for name, value in kept["limit"].items() if value}
    if rule.major is False:
        kept["major"] = False
    kept.setdefault("to", [])
    return kept


def _plain(table: GradeTable) -> dict[str, Any]:
    raw: dict[str, Any] = _json(table)
    for row in raw["rows"]:
        row["any_of"] = [
            {k: v for k, v in one.items() if k != "mark" and v not in (None, "", {}, False)} for one in row["any_of"]
        ]
    return raw


def _own_row(row: Any) -> dict[str, Any]:
    return {**_dict(row), "any_of": [{**_dict(one), "mark": ""} for one in _list(_dict(row), "any_of")]}


def few_enough(read: GradeTable | tuple[Rule, ...]) -> None:
    """Raise Invalid where a new version says more than a table or a topic can sensibly need."""
    lists: tuple[Sized, ...]
    if isinstance(read, GradeTable):
        shorter = read.window.shorter if read.window else ()
        field, lists = "rows", (read.types, shorter, *(row.any_of for row in read.rows))
    else:
        prefixes = {prefix for rule in read for prefix in rule.hazards}
        field, lists = "rules", (read, prefixes, *(rule.at_least for rule in read))
    for found in lists:
        if len(found) > MOST:
            raise wrong(
                field,
                len(found),
                f"行数、条件数、分类代码各至多{MOST}个。",
                f"at most {MOST} rows, bounds and classes each.",
            )


def _list(body: Mapping[str, Any], field: str) -> list[Any]:
    found = body.get(field)
    if not isinstance(found, list):
        raise wrong(field, found, "应为列表。", "should be a list.")
    return found


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong("rows", value, "应为“字段: 内容”的结构。", "should be fields with their content.")
    return value
