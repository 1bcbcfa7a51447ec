"""Plans being written: a body that need not be complete yet, everything that keeps it from being one, its digest and text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import yaml

from anlan.kernel.problem import Invalid
from anlan.response.engine.plan import Plan
from anlan.response.engine.plan_check import Fault, plan_faults
from anlan.response.formats.packs import MAX_BYTES, plan_faults_of_pack, wrong, yaml_read


def body_faults(body: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return what is to be mended before this body can come into use; () when nothing is."""
    try:
        plan = msgspec.convert(body, Plan)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `")
        field = where.rstrip("`").removeprefix("$.") or "file"
        return (Fault(field, None, f"内容不合要求（{text}），请改正。", f"{text}; correct it."),)
    packs = [Fault(*fault) for fault in plan_faults_of_pack(plan)]
    known = {(fault.field, fault.zh) for fault in packs}
    return (*packs, *(fault for fault in plan_faults(plan) if (fault.field, fault.zh) not in known))


def body_read(text: str) -> dict[str, Any]:
    """Return the body a YAML text holds, complete or not. Invalid when it is no mapping, too large, or no YAML, and for
    what YAML can say and a plan can't: a part that holds itself, a field without a name, a NUL."""
    raw = yaml_read(text)
    if not isinstance(raw, dict):
        raise wrong("file", type(raw).__name__, "应为“字段: 内容”的结构。", "should be fields with their content.")
    if "&" in text and any(isinstance(one, yaml.AliasEvent) for one in yaml.parse(text, Loader=yaml.CSafeLoader)):
        raise wrong("file", "*", "不支持用“*”引用前文；请写出全文。", "can't refer back with “*”; write the words out.")
    try:
        body = msgspec.json.encode(raw)
    except TypeError as error:
        raise wrong("file", str(error), "字段名应为文字。", "has a field whose name is no text.") from error
    if b"\\u0000" in body:
        raise wrong("file", "U+0000", "含有空字符（U+0000）；请去掉。", "holds a NUL character (U+0000); leave it out.")
    found: dict[str, Any] = msgspec.json.decode(body)
    return found


def body_text(body: Mapping[str, Any]) -> str:
    """Return a body as YAML, in the order of its fields."""
    return yaml.dump(dict(body), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=160)


def body_plan(body: Mapping[str, Any]) -> Plan:
    """Return the plan of a complete body. Invalid with the first fault of one that isn't."""
    for fault in body_faults(body):
        raise wrong(*fault)
    return msgspec.convert(body, Plan)


def body_digest(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 over a body, whatever the order of its fields. Invalid when it is larger than a plan may be."""
    raw = msgspec.json.encode(body, order="deterministic")
    if len(raw) > MAX_BYTES:
        raise Invalid(code="plan.too_large", zh="预案内容超过1MB，请拆分。", en="The plan is larger than 1 MB; split it.",
                      field="body", value=len(raw))  # fmt: skip
    return hashlib.sha256(raw).hexdigest()
