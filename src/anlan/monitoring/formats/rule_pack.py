"""Codec of monitoring rule packs: YAML text into frozen rules, or a Problem naming file, path, value and remedy."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import yaml

from anlan.kernel.levels import WarningColour
from anlan.monitoring.engine.rules import Node
from anlan.monitoring.formats.rule_conditions import Ground, read_term, short, tree
from anlan.monitoring.formats.rule_faults import Wrong, faulty, refusals, undecodable
from anlan.monitoring.formats.rule_shapes import Cited, Leave, LevelRule, Pack, Rule, Watch, Words
from anlan.monitoring.formats.rule_terms import duration, hours, season

__all__ = [
    "Cited",
    "Leave",
    "LevelRule",
    "Pack",
    "Rule",
    "Watch",
    "Words",
    "check_rule",
    "conditions",
    "parse",
    "plain",
]
MOST_CHARACTERS, MOST_DEPTH, MOST_NODES, MOST_RULES = 200_000, 40, 20_000, 200


def parse(text: str, name: str) -> Pack:
    """Return the pack in `text`. Raises Invalid naming file, field, value and remedy."""
    raw = plain(text, name)
    try:
        pack = msgspec.convert(raw, Pack)
    except msgspec.ValidationError as error:
        raise undecodable(name, raw, str(error)) from error
    wrong = refusals(name)
    if pack.valid_to is not None and pack.valid_to <= pack.valid_from:
        raise wrong("valid_to", pack.valid_to, "应晚于 valid_from", "must lie after valid_from")
    codes = [rule.code for rule in pack.rules]
    for at, rule in enumerate(pack.rules[: MOST_RULES + 1]):
        if rule.code in codes[:at] or at == MOST_RULES:
            raise wrong(f"rules[{at}].code", rule.code, f"每条规则代码不同，最多 {MOST_RULES} 条",
                        f"each rule has its own code, {MOST_RULES} at most")  # fmt: skip
        check_rule(rule, wrong, f"rules[{at}]")
    return pack


def parse_rule(text: str, name: str) -> tuple[Rule, dict[str, Any]]:
    """Return one rule written by itself, and the plain values it was written as. Raises Invalid like `parse`."""
    raw = plain(text, name)
    rule = rule_of(raw, name)
    return rule, raw


def rule_of(raw: Any, name: str) -> Rule:
    """Return the rule in plain values. Raises Invalid naming path, value and remedy."""
    try:
        rule = msgspec.convert(raw, Rule)
    except msgspec.ValidationError as error:
        raise undecodable(name, raw, str(error)) from error
    check_rule(rule, refusals(name), "")
    return rule


def plain(text: str, name: str) -> Any:
    """Return what a YAML text says, in plain values. Refuses what is too long, too deep, or refers to itself."""
    if len(text) > MOST_CHARACTERS:
        raise faulty(name, "file", len(text), f"最长 {MOST_CHARACTERS} 个字符", f"at most {MOST_CHARACTERS} characters")
    try:
        depth = 0
        for nodes, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > MOST_DEPTH or nodes > MOST_NODES:
                raise faulty(
                    name,
                    "file",
                    "",
                    "不用锚点（&、*），层数和条目不能太多",
                    "no anchors (&, *), and less deep and long",
                )
        return yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        where = " ".join(str(error).split())
        raise faulty(
            name, "file", "", f"不是合法的 YAML，请按提示修改：{where}", f"is not valid YAML: {where}"
        ) from error


def check_rule(rule: Rule, wrong: Wrong, where: str) -> None:
    """What the types alone can't say: known windows, rising levels, colours of the one scale, sane leaving.

    `wrong` makes the refusal; `where` is the rule's path in its file, '' when it is a file by itself.
    """
    dot = f"{where}." if where else ""
    if not rule.levels:
        raise wrong(f"{dot}levels", "", "至少写一级", "needs at least one level")
    if rule.metric and rule.element:
        raise wrong(
            f"{dot}metric",
            rule.metric,
            "与 element 同义，只写 element",
            "means the same as element; write element only",
        )
    if rule.place == "series" and not rule.about:
        raise wrong(f"{dot}element", "", "须写明要素，如 rain_mm", "name the element, such as rain_mm")
    if rule.areas and rule.place != "area":
        raise wrong(f"{dot}areas", rule.areas, "只用于 place: area", "goes with place: area")
    if rule.within == "area" and rule.place != "area":
        raise wrong(
            f"{dot}within", rule.within, "within: area 只用于 place: area", "within: area goes with place: area"
        )
    if rule.code in rule.inhibits:
        raise wrong(f"{dot}inhibits", rule.code, "规则不能抑制自己", "a rule can't mute itself")
    _check_levels(rule, wrong, dot)
    _check_terms(rule, wrong, dot)
    conditions(rule, wrong, where)
    leave = rule.leave
    if not (0 < leave.ratio <= 1 and 0 <= leave.margin < math.inf and leave.hold_min >= 0):
        raise wrong(f"{dot}leave", leave, "ratio 在 0 到 1，margin、hold_min 不为负",
                    "ratio must be over 0 and at most 1, margin and hold_min not negative")  # fmt: skip


def conditions(rule: Rule, wrong: Wrong, where: str = "") -> tuple[Node, ...]:
    """Return each level's condition tree, lowest level first."""
    ground = Ground(rule.place, rule.about, wrong)
    dot = f"{where}." if where else ""
    found: list[Node] = []
    for at, level in enumerate(rule.levels):
        path = f"{dot}levels[{at}]"
        if level.when is None:
            found.append(short(level, ground, path))
        elif level.window_h is not None or level.threshold is not None or level.limit:
            raise wrong(
                path,
                level.code,
                "when 与 window_h、threshold、limit 不能并用",
                "`when` stands without window_h, threshold and limit",
            )
        else:
            found.append(tree(level.when, ground, f"{path}.when"))
    return tuple(found)


def _check_levels(rule: Rule, wrong: Wrong, dot: str) -> None:
    codes = [level.code for level in rule.levels]
    known = [colour.code for colour in WarningColour]
    for at, level in enumerate(rule.levels):
        if level.name is None and rule.scale != "warning_colour":
            raise wrong(f"{dot}levels[{at}].name", "", "须有中英文名称", "needs a name in zh and en")
    if len(set(codes)) != len(codes):
        raise wrong(f"{dot}levels", codes, "每级代码不同", "must have each code once")
    if rule.scale == "warning_colour":
        unknown = next((code for code in codes if code not in known), None)
        if unknown is not None:
            raise wrong(f"{dot}levels", unknown, f"预警颜色只有 {known}", f"warning colours are {known}")
        if codes != sorted(codes, key=known.index):
            raise wrong(f"{dot}levels", codes, "应由低到高", "must rise from low to high")
    colours = [known.index(level.colour) for level in rule.levels if level.colour is not None]
    if colours != sorted(colours):
        raise wrong(
            f"{dot}levels", [known[at] for at in colours], "颜色应由低到高", "colours must rise from low to high"
        )


def _check_terms(rule: Rule, wrong: Wrong, dot: str) -> None:
    for field, text, read in (
        ("for", rule.for_, duration), ("keep", rule.keep, duration), ("season", rule.season, season),
        ("hours", rule.hours, hours),
    ):  # fmt: skip
        if text:
            read_term(wrong, f"{dot}{field}", text, read)
    if rule.keep and rule.leave.hold_min:
        raise wrong(
            f"{dot}keep", rule.keep, "与 leave.hold_min 同义，只写一个", "means the same as leave.hold_min; write one"
        )
    if rule.valid_from and rule.valid_to and rule.valid_to <= rule.valid_from:
        raise wrong(f"{dot}valid_to", rule.valid_to, "应晚于 valid_from", "must lie after valid_from")
