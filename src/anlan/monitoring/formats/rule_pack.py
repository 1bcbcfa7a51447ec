"""Codec of monitoring rule packs: YAML text into frozen rules, or a Problem naming the field, value and remedy."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import msgspec
import yaml

from anlan.kernel.levels import WarningColour
from anlan.kernel.problem import Invalid
from anlan.monitoring.engine.windows import HOURS


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return the texts by language, as events and JSON columns want them."""
        return {"zh": self.zh, "en": self.en}


class LevelRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. `window_h` 0: the value itself. `limit` names a figure in the station's `attributes.limits`, which
    goes before `threshold`; without either the station doesn't have the step."""

    code: str
    window_h: int
    threshold: float | None = None
    limit: str = ""
    name: Words | None = None


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a step is left: below threshold × ratio − margin (rule's unit) for `hold_min` minutes."""

    ratio: float
    margin: float
    hold_min: int
    mark: str = ""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The steps for one kind of station and metric, lowest first."""

    code: str
    kind: str
    metric: str
    unit: str
    scale: str
    name: Words
    levels: tuple[LevelRule, ...]
    leave: Leave

    def level_name(self, code: str) -> Words:
        """Return what a step is called: a warning colour's name, or the rule's own words."""
        found = next(level for level in self.levels if level.code == code)
        if found.name is not None:
            return found.name
        colour = WarningColour.of(code)
        return Words(colour.zh, colour.en)


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Default interval, silence and believed range of one kind of station."""

    interval_s: int
    silence_intervals: int
    low: float
    high: float
    hour_most: float | None
    ahead_s: int


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A versioned rule pack: where it comes from, where and when it holds, and its rules."""

    pack: str
    version: str
    title: Words
    source: Words
    issuer: Words
    area: str
    valid_from: date
    valid_to: date | None
    mark: str
    rules: tuple[Rule, ...] = ()
    kinds: dict[str, Watch] = {}


class Cited(NamedTuple):
    """A rule together with the pack it stands in."""

    rule: Rule
    pack: Pack


def parse(text: str, name: str) -> Pack:
    """Return the pack in `text`. Raises Invalid naming file, field, value and remedy."""
    try:
        raw: Any = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise _wrong(name, "file", "", "不是合法的 YAML，请按报错行修改", f"is not valid YAML: {error}") from error
    try:
        pack = msgspec.convert(raw, Pack)
    except msgspec.ValidationError as error:
        text = str(error)
        where = text.rsplit(" - at `$.", 1)[-1].rstrip("`") if " - at `$." in text else "file"
        raise _wrong(name, where, "", f"内容不合要求：{text}", text) from error
    if pack.valid_to is not None and pack.valid_to <= pack.valid_from:
        raise _wrong(name, "valid_to", pack.valid_to, "应晚于 valid_from", "must lie after valid_from")
    for number, rule in enumerate(pack.rules):
        _check(rule, name, f"rules[{number}]")
    return pack


def _check(rule: Rule, name: str, where: str) -> None:
    """What the types alone can't say: known windows, rising levels, colours of the one scale, sane leaving."""
    if not rule.levels:
        raise _wrong(name, f"{where}.levels", "", "至少写一级", "needs at least one level")
    for index, level in enumerate(rule.levels):
        field = f"{where}.levels[{index}]"
        if level.window_h not in (0, *HOURS):
            raise _wrong(name, f"{field}.window_h", level.window_h, f"只能是 0 或 {HOURS}", f"must be 0 or of {HOURS}")
        if level.threshold is None and not level.limit:
            raise _wrong(name, field, level.code, "须有 threshold 或 limit", "needs a threshold or a limit")
        if level.threshold is not None and level.threshold <= 0:
            raise _wrong(name, f"{field}.threshold", level.threshold, "应大于 0", "must be over 0")
        if level.name is None and rule.scale != "warning_colour":
            raise _wrong(name, f"{field}.name", "", "须有中英文名称", "needs a name in zh and en")
    if rule.scale == "warning_colour":
        _check_colours(rule, name, where)
    leave = rule.leave
    if not (0 < leave.ratio <= 1 and leave.margin >= 0 and leave.hold_min >= 0):
        raise _wrong(name, f"{where}.leave", leave, "ratio 在 0 到 1，margin、hold_min 不为负",
                     "ratio must be over 0 and at most 1, margin and hold_min not negative")  # fmt: skip


def _check_colours(rule: Rule, name: str, where: str) -> None:
    codes = [level.code for level in rule.levels]
    known = [colour.code for colour in WarningColour]
    unknown = next((code for code in codes if code not in known), None)
    if unknown is not None:
        raise _wrong(name, f"{where}.levels", unknown, f"预警颜色只有 {known}", f"warning colours are {known}")
    if codes != sorted(set(codes), key=known.index):
        raise _wrong(name, f"{where}.levels", codes, "应由低到高且不重复", "must rise from low to high, each once")


def _wrong(file: str, field: str, value: Any, zh: str, en: str) -> Invalid:
    return Invalid(
        code="monitoring.rule_invalid",
        zh=f"规则文件 {file} 的 {field} 有误：{zh}。",
        en=f"Rule file {file}, {field}: {en}.",
        field=f"{file}:{field}",
        value=value,
    )
