"""The profile packs beside this file, read once and checked as they are read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any, Final

import msgspec
import yaml

from anlan.kernel.problem import Invalid
from anlan.warning.formats.cap.values import Alert, Finding
from anlan.warning.formats.profiles.checking import FIELDS, LISTS, profile_check
from anlan.warning.formats.profiles.values import Profile, Rule

MAX_CHARS: Final = 1_000_000


@cache
def names() -> tuple[str, ...]:
    """The names of the profiles at hand, in order: "cap-au", "cap-cp", "gbt", "ipaws", "meteoalarm", "wmo"."""
    found = (entry.name for entry in resources.files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


@cache
def profile(name: str) -> Profile:
    """The profile called `name`. Raises Invalid `warning.profile` with the names at hand."""
    if name not in names():
        raise Invalid(
            code="warning.profile",
            zh=f"没有名为“{name}”的CAP应用规范；可选：{'、'.join(names())}。",
            en=f'There is no CAP profile "{name}"; choose one of {", ".join(names())}.',
            field="profile",
            value=name,
        )
    text = resources.files(__package__).joinpath(f"{name}.yaml").read_text("utf-8")
    return load(text, f"{name}.yaml")


def check(alert: Alert, wanted: Iterable[str]) -> tuple[Finding, ...]:
    """What the profiles `wanted` find in `alert`, profile by profile in the order given.

    Raises Invalid `warning.profile` for a name that is not at hand.
    """
    return tuple(finding for name in wanted for finding in profile_check(alert, profile(name)))


def load(text: str, origin: str) -> Profile:
    """A profile pack from YAML. Raises Invalid `warning.profile_pack` naming `origin`, the place and the remedy."""
    if len(text) > MAX_CHARS:
        raise _bad(origin, "file", len(text), "文件太大", "is too large a file")
    try:
        raw: Any = yaml.load(text, Loader=yaml.CSafeLoader)
        found = msgspec.convert(raw, Profile)
    except (yaml.YAMLError, msgspec.ValidationError, RecursionError) as error:
        raise _bad(origin, "pack", None, f"读不了：{error}", f"can't be read: {error}") from error
    codes = [rule.code for rule in found.rules]
    for rule in found.rules:
        if codes.count(rule.code) > 1:
            raise _bad(origin, "code", rule.code, "规则代码重复", "is the code of two rules; give each its own")
        _check_rule(rule, origin)
    return found


def _check_rule(rule: Rule, origin: str) -> None:
    if rule.mark != "S" and rule.severity == "error":
        raise _bad(
            origin, "severity", rule.code, "依据未经核实（K、G），只能作为提醒",
            "rests on something not read in a source (mark K or G) and may only warn: say severity: warning",
        )  # fmt: skip
    for name in ("pattern", "avoid"):
        try:
            re.compile(getattr(rule, name))
        except re.error as error:
            raise _bad(origin, name, rule.code, f"正则表达式有误：{error}", f"has a wrong pattern: {error}") from error
    limits = (rule.required, rule.values, rule.pattern, rule.avoid, rule.max_length is not None)
    if rule.kind in {"field", "event_code", "parameter", "geocode"} and not any(limits):
        raise _bad(
            origin, "required", rule.code, "规则没有任何要求，永远不会不符", "asks for nothing, so nothing can break it"
        )
    known = {"field": FIELDS, "count": LISTS}.get(rule.kind)
    if known is not None and rule.field not in known:
        raise _bad(
            origin, "field", rule.code, f"字段应为{'、'.join(known)}之一", f"needs field: one of {', '.join(known)}"
        )
    if rule.kind in {"event_code", "parameter", "geocode"} and not rule.name:
        raise _bad(origin, "name", rule.code, "缺少valueName（name）", "needs name: the valueName it is about")


def _bad(origin: str, field: str, value: object, zh: str, en: str) -> Invalid:
    shown = f" {value}" if value is not None else ""
    return Invalid(
        code="warning.profile_pack",
        zh=f"{origin}{shown}：{zh}。",
        en=f"{origin}:{shown} {en}.",
        field=field,
        value=value,
    )
