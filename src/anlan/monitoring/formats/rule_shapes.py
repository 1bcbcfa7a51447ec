"""What a rule pack's file may hold: the shapes of packs, rules, levels and conditions as they are written."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, NamedTuple

import msgspec

from anlan.kernel.levels import WarningColour

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=32)]
LevelCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=16)]
Element = Annotated[str, msgspec.Meta(max_length=24)]
Figure = int | float
Place = Literal["series", "station", "area"]
Measure = Literal["last", "sum", "mean", "max", "min", "rate", "count", "no_data"]
Over = Literal["count", "mean", "max", "min", "sum"]
Within = Literal["station", "area", "township", "county"]
Colour = Literal["blue", "yellow", "orange", "red"]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return the texts by language, as events and JSON columns want them."""
        return {"zh": self.zh, "en": self.en}


class Condition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"all_": "all", "any_": "any", "not_": "not"}
):
    """A node of a condition tree: `all`, `any` or `not`, or one comparison. See engine/rules.Leaf for the meaning.

    at_least, at_most: the bar (of `no_data` a duration). limit: the series' own limit goes before it, plus `offset`.
    below: with a limit alone, true at or under it. window: "3h". season: "06-15..08-31".
    """

    all_: tuple[Condition, ...] | None = None
    any_: tuple[Condition, ...] | None = None
    not_: Condition | None = None
    element: Element = ""
    measure: Measure = "last"
    window: str = ""
    at_least: Figure | str | None = None
    at_most: Figure | str | None = None
    limit: str = ""
    below: bool = False
    offset: Figure = 0
    over: Over | None = None
    members: int = 1
    season: str = ""


class LevelRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step. Short form: `window_h` (0: the value itself, else what fell in so many hours) with `threshold` or
    `limit` (the name of the series' own figure, which goes before it). Full form: `when`. colour: how grave it is."""

    code: LevelCode
    window_h: Figure | None = None
    threshold: Figure | None = None
    limit: str = ""
    when: Condition | None = None
    name: Words | None = None
    colour: Colour | None = None


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a step is left: below threshold × ratio − margin (rule's unit) for `hold_min` minutes."""

    ratio: Figure = 1.0
    margin: Figure = 0.0
    hold_min: int = 0
    mark: str = ""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"for_": "for"}):
    """A rule of one element (`metric` is its older name), lowest level first. for, keep: durations. areas: codes, none
    for all. inhibits: lesser rules whose signals it mutes, `within` which neighbourhood. source, citation: of this rule
    rather than of its pack. valid_from, valid_to: of this rule, inside those of its pack."""

    code: Code
    name: Words
    levels: tuple[LevelRule, ...]
    unit: str = ""
    scale: str = ""
    kind: str = ""
    metric: Element = ""
    element: Element = ""
    place: Place = "series"
    leave: Leave = Leave()
    for_: str = ""
    keep: str = ""
    season: str = ""
    hours: str = ""
    areas: tuple[str, ...] = ()
    hazard: Annotated[str, msgspec.Meta(max_length=24)] = ""
    inhibits: tuple[Code, ...] = ()
    within: Within | None = None
    source: Words | None = None
    citation: Words | None = None
    mark: Literal["S", "G", ""] = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def about(self) -> str:
        """The element the rule is chiefly about, '' when its conditions name their own."""
        return self.element or self.metric

    def level_name(self, code: str) -> Words:
        """Return what a step is called: a warning colour's name, or the rule's own words."""
        found = next(level for level in self.levels if level.code == code)
        if found.name is not None:
            return found.name
        colour = WarningColour.of(code)
        return Words(colour.zh, colour.en)


class StepWatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a value may move: `per_hour`, and never doubted under `floor`; in the element's unit."""

    per_hour: float
    floor: float


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Default interval, silence and believed values of one kind of station: range, most in an hour, most in one reading
    of a gauge that reports at least every ten minutes, steps by element, and hours without any change."""

    interval_s: int
    silence_intervals: int
    low: float
    high: float
    hour_most: float | None
    ahead_s: int
    burst_most: float | None = None
    steps: dict[str, StepWatch] = {}
    stuck_h: float | None = None


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A versioned rule pack: where it comes from, where and when it holds, and its rules."""

    pack: str
    version: Annotated[str, msgspec.Meta(max_length=32)]
    title: Words
    source: Words
    issuer: Words
    area: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,12}$")]
    valid_from: date
    valid_to: date | None
    mark: str
    rules: tuple[Rule, ...] = ()
    kinds: dict[str, Watch] = {}


class Cited(NamedTuple):
    """A rule together with the pack it stands in."""

    rule: Rule
    pack: Pack
