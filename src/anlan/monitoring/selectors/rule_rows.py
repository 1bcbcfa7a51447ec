"""Rules for pages: those in force in the reader's area, the versions of one, and the trials made of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import yaml

from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.monitoring.formats.rule_reading import RuleWords, rule_words_of
from anlan.monitoring.formats.rule_shapes import Rule
from anlan.monitoring.models import Area, RuleTrial, RuleVersion, Station
from anlan.monitoring.rules import packs
from anlan.monitoring.rules.made import InForce, in_force, read, version_name

MOST_TRIALS = 20


class Version(NamedTuple):
    """A version of a rule: shipped (no row) or made here, its text, and whether it is the newest of its division."""

    version: str
    division: str
    rule: Rule
    words: RuleWords
    row: RuleVersion | None
    text: str
    current: bool


def rules_rows(scope: Scope) -> list[InForce]:
    """Return the rules that hold in the reader's area: shipped ones, those made above it, and those made inside. One
    query."""
    return [one for one in in_force() if one.row is None or scope.sees(one.row.division)]


def rule_versions(scope: Scope, code: str) -> list[Version]:
    """Return every version of a rule the reader may see, the newest first, the shipped ones last. Raises NotFound."""
    rows = [r for r in RuleVersion.objects.filter(code=code).order_by("-made_at", "-number") if scope.sees(r.division)]
    found = [
        Version(version_name(row.division, row.number), row.division, read(row)[0], rule_words_of(*read(row)), row,
                text_of(row.body), row.replaced_at is None and not row.withdrawn)
        for row in rows
    ]  # fmt: skip
    found += [
        Version(pack.version, pack.area, rule, rule_words_of(rule, pack), None, text_of(msgspec_plain(rule)), True)
        for pack in packs()
        for rule in pack.rules
        if rule.code == code
    ]
    if not found:
        raise NotFound(
            code="rule.none", zh=f"没有规则“{code}”；请核对代码。", en=f"There is no rule “{code}”; check its code.",
            field="code", value=code,
        )  # fmt: skip
    return found


def msgspec_plain(rule: Rule) -> dict[str, Any]:
    """Return a rule in plain values, without what only repeats a default."""
    found: dict[str, Any] = _lean(msgspec.to_builtins(rule, str_keys=True), None)
    if "metric" in found:
        found["element"] = found.pop("metric")
    return found


def text_of(body: Any) -> str:
    """Return a rule as YAML, in the order a rule is written."""
    order = ("code", "name", "place", "kind", "element", "unit", "scale", "hazard", "areas", "season", "hours", "for",
             "levels", "leave", "keep", "inhibits", "within")  # fmt: skip
    return yaml.dump(
        _ordered(body, order), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100
    )  # fmt: skip


def trials_of(scope: Scope, code: str) -> list[RuleTrial]:
    """Return the newest trials of a rule in the reader's area. One query."""
    return list(scope.filter(RuleTrial.objects.filter(code=code)).order_by("-made_at")[:MOST_TRIALS])


def trial_one(scope: Scope, trial: UUID) -> RuleTrial:
    """Return a trial; NotFound outside the scope too. One query."""
    found: RuleTrial | None = scope.filter(RuleTrial.objects.filter(id=trial)).first()
    if found is None:
        raise NotFound(
            code="trial.none", zh="没有这次试算，或不在您的管辖范围。", en="There is no such trial within your scope.",
            field="trial", value=trial,
        )  # fmt: skip
    return found


def places_named(scope: Scope, codes: Iterable[str], areas: bool) -> dict[str, dict[str, str]]:
    """Return the names (zh, en) of stations, or of areas, by their codes; those outside the scope are left out. One
    query."""
    rows: Any = (Area if areas else Station).objects.filter(code__in=list(codes))
    return {code: {"zh": zh, "en": en} for code, zh, en in scope.filter(rows).values_list("code", "name_zh", "name_en")}


def _ordered(value: Any, order: tuple[str, ...]) -> Any:
    """Mappings in the order people write them in; the database keeps none."""
    if isinstance(value, list | tuple):
        return [_ordered(part, _INNER) for part in value]
    if not isinstance(value, dict):
        return value
    keys = [key for key in order if key in value] + [key for key in value if key not in order]
    return {key: _ordered(value[key], _INNER) for key in keys}


_INNER = ("code", "colour", "zh", "name", "en", "when", "element", "measure", "window", "window_h", "threshold", "limit",
          "at_least", "at_most", "ratio", "margin")  # fmt: skip


class _Dumper(yaml.SafeDumper):
    """Small mappings on one line, as people write them."""

    def ignore_aliases(self, data: Any) -> bool:
        """No anchors: the same words may stand twice."""
        return True

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        """A mapping of plain values in flow style."""
        node = super().represent_mapping(tag, mapping, flow_style)
        plain = all(isinstance(value, yaml.ScalarNode) for _key, value in node.value)
        node.flow_style = (
            plain and sum(len(v.value) + len(k.value) for k, v in node.value) < 90 and len(node.value) <= 6
        )
        return node


def _lean(value: Any, default: Any) -> Any:
    """Leave out what is empty."""
    if isinstance(value, dict):
        return {
            key: _lean(part, None) for key, part in value.items()
            if part not in (None, "", [], (), {}) and not (key in _USUAL and part == _USUAL[key])
        }  # fmt: skip
    if isinstance(value, list | tuple):
        return [_lean(part, None) for part in value]
    return value


_USUAL: dict[str, Any] = {"below": False, "offset": 0, "members": 1, "measure": "last", "place": "series",
                          "leave": {"ratio": 1.0, "margin": 0.0, "hold_min": 0, "mark": ""}}  # fmt: skip
