"""Which groups an on-site command post has (工作组), by class of event, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from anlan.response.engine.plan import Words

LEAST, MOST = 8, 15
Fault = tuple[str, object, str, str]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Figures of the pack: minutes to count everybody out, leaders at one site, hours of a notice, minutes to be late."""

    withdraw_min: int
    crowd: int
    saturation_h: int
    late_min: int


class GroupRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One group: `lead` and `members` are departments of the territory's list or codes of `units`; `shift` when it changes."""

    code: str
    name: Words
    lead: str
    members: tuple[str, ...]
    shift: tuple[str, ...]
    channel: str
    duties: tuple[Words, ...]


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The groups of a class of event. `types`: beginnings of class codes (GB/T 35561); `kinds`: incidents without one."""

    code: str
    name: Words
    types: tuple[str, ...]
    kinds: tuple[str, ...]
    groups: tuple[str, ...]
    leads: dict[str, str] = {}


class CommandPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All templates, with their source. `mark` G: a default to be confirmed."""

    version: str
    source: Words
    mark: str
    valid_from: date
    limits: Limits
    groups: tuple[GroupRule, ...]
    units: dict[str, Words]
    templates: tuple[Template, ...]


class Chosen(NamedTuple):
    """A template and its groups in order, with the leads it sets itself laid in."""

    template: Template
    groups: tuple[GroupRule, ...]


def choose(pack: CommandPack, *, type_code: str, kind: str = "", code: str = "") -> Chosen:
    """Return the template asked for by `code`, else the one whose class code fits closest, else the one of the kind.

    A class code that begins `12D02` takes the template of `12D` before that of `12`; without a class code the incident's
    kind decides; the last resort is the template of every class (`types: [""]`).
    """
    found = next((one for one in pack.templates if code and one.code == code), None)
    if found is None and not type_code:
        found = next((one for one in pack.templates if kind and kind in one.kinds), None)
    if found is None:
        fits = [(len(p), one) for one in pack.templates for p in one.types if type_code.startswith(p)]
        found = max(fits, key=lambda fit: fit[0])[1]
    rules = {rule.code: rule for rule in pack.groups}
    groups = (rules[name] for name in found.groups)
    return Chosen(found, tuple(_led(rule, found.leads.get(rule.code, rule.lead)) for rule in groups))


def _led(rule: GroupRule, lead: str) -> GroupRule:
    return rule if rule.lead == lead else msgspec.structs.replace(rule, lead=lead)


def faults(pack: CommandPack, departments: frozenset[str]) -> Iterator[Fault]:
    """Yield what types can't say, each as (field, value, zh, en): codes unique and known, 8 to 15 groups, one fallback."""
    codes = [rule.code for rule in pack.groups]
    if len(set(codes)) != len(codes):
        yield "groups", codes, "工作组代码重复。", "a group's code is used twice."
    for number, rule in enumerate(pack.groups):
        for unit in (rule.lead, *rule.members):
            if unit not in departments and unit not in pack.units:
                yield f"groups[{number}]", unit, "没有这个部门或单位。", "no such department or unit."
    for number, template in enumerate(pack.templates):
        at = f"templates[{number}].groups"
        if not LEAST <= len(template.groups) <= MOST:
            yield at, len(template.groups), "应有8至15个工作组。", "must hold 8 to 15 groups."
        if len(set(template.groups)) != len(template.groups):
            yield at, template.groups, "工作组重复。", "names a group twice."
        for name in (*template.groups, *template.leads):
            if name not in codes:
                yield at, name, "没有这个工作组。", "no such group."
    if sum("" in template.types for template in pack.templates) != 1:
        yield "templates", None, "应恰有一个适用于所有事件的模板。", "must hold exactly one for every class."
