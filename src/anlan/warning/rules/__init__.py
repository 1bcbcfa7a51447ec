"""The rule packs of this stage, read once and checked as they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any

import yaml

from anlan.warning import choices
from anlan.warning.engine import ladder
from anlan.warning.engine.chain_values import Policy
from anlan.warning.engine.contradiction import Lexicon, lexicons
from anlan.warning.engine.ladder import LadderRule
from anlan.warning.engine.passing_on import PassingOn
from anlan.warning.engine.wording import Instructions


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the signals of a rule are proposed as: the hazard, and the colour by level."""

    hazard: str
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProposalRules:
    """Which signals are proposed as which warning, who decides, and the decider's clock in seconds.

    signals: by rule; unwarned: rules that never propose; kinds: by kind of station, for rules that are in neither.
    """

    version: str
    decide_s: int
    escalations: int
    valid_s: Mapping[str, int]
    deciders: tuple[str, ...]
    signals: Mapping[str, Proposed]
    unwarned: frozenset[str]
    kinds: Mapping[str, Proposed]

    def proposed(self, rule: str, kind: str, level: str) -> tuple[str, str] | None:
        """Return (hazard, colour) of the warning a signal's level is proposed as, None when it is none."""
        found = self.signals.get(rule) or (None if rule in self.unwarned else self.kinds.get(kind))
        colour = None if found is None else found.levels.get(level)
        return None if found is None or colour is None else (found.hazard, colour)


@dataclass(frozen=True, slots=True)
class Ladders:
    """The ladder pack: its version and rules, and by step ("deputy", "visit") which roles stand in for which."""

    version: str
    rules: tuple[LadderRule, ...]
    stand_ins: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contradictions:
    """The contradiction pack: its version and word lists by kind of stop order."""

    version: str
    words: Mapping[str, Lexicon]


def _load(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    raw: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)  # the fast one of PyYAML, as safe as SafeLoader
    missing = {"pack", "version", "source", "issuer", "valid_from", "mark"} - set(raw)
    if missing:
        raise ValueError(f"{name}: a rule pack needs {', '.join(sorted(missing))}")
    return raw


def packs_read() -> None:
    """Read every pack now: a process that serves does so at its start, so that no warning waits for a file."""
    for pack in (ladders, proposals, receiving, passing_on, contradictions, instructions):
        pack()


@cache
def ladders() -> Ladders:
    """The call ladder pack."""
    return ladders_read(_load("ladder.yaml"))


def ladders_read(raw: Mapping[str, Any]) -> Ladders:
    """The ladders of a pack as its file says. ValueError with the rule's code when a step or a stop is unknown."""
    stand_ins = {
        step: {str(role): tuple(others) for role, others in raw.get(table, {}).items()}
        for step, table in (("deputy", "deputies"), ("visit", "visitors"))
    }
    return Ladders(raw["version"], tuple(_ladder(entry) for entry in raw["rules"]), stand_ins)


def _ladder(entry: Mapping[str, Any]) -> LadderRule:
    stops = {"": entry.get("stop", "received"), **entry.get("stops", {})}
    unknown = {*entry["steps"], *stops} - {"", *ladder.STEPS} | set(stops.values()) - set(ladder.STOPS)
    if unknown:
        raise ValueError(f"ladder {entry['code']}: unknown step or stop {', '.join(sorted(unknown))}")
    return LadderRule(
        code=entry["code"],
        hazard=str(entry["hazard"]),
        colour=entry["colour"],
        hours=(int(entry["hours"][0]), int(entry["hours"][1])),
        roles=tuple(entry["roles"]),
        channels=tuple(entry["channels"]),
        limit_s=int(entry["answer_limit_s"]),
        steps=tuple(entry["steps"]),
        limits_s=tuple((holder, int(s)) for holder, s in entry.get("limits_s", {}).items()),
        required_channels=tuple(entry.get("required_channels", ())),
        role_channels=tuple((role, tuple(codes)) for role, codes in entry.get("role_channels", {}).items()),
        group_channels=tuple(entry.get("group_channels", ())),
        stop=stops.pop(""),
        stops=tuple(stops.items()),
    )


@cache
def proposals() -> ProposalRules:
    """The proposal pack."""
    raw = _load("proposals.yaml")
    return ProposalRules(
        raw["version"],
        int(raw["decide_s"]),
        int(raw["escalations"]),
        raw["valid_s"],
        tuple(raw["deciders"]),
        _proposed(raw["signals"]),
        frozenset(raw["unwarned"]),
        _proposed(raw["kinds"]),
    )


def _proposed(raw: dict[str, Any]) -> dict[str, Proposed]:
    return {name: Proposed(str(entry["hazard"]), entry["levels"]) for name, entry in raw.items()}


@cache
def receiving() -> Policy:
    """What the standard leaves to the receiver of CAP messages: default lifetime, re-issues, who may act for whom."""
    raw = _load("receiving.yaml")
    return Policy(
        timedelta(hours=raw["lifetime_h"]),
        timedelta(minutes=raw["reissue_min"]),
        frozenset((entry["sender"], entry["over"]) for entry in raw["authorities"]),
    )


@cache
def passing_on() -> PassingOn:
    """The pack for passing on alerts received. Raises ValueError for colours or hazards that are none."""
    raw = _load("passing_on.yaml")
    found = PassingOn(
        raw["version"], raw["severities"], raw["unknown"], frozenset(name.lower() for name in raw["parameters"]),
        {colour: tuple(words) for colour, words in raw["colours"].items()},
        {hazard: tuple(words) for hazard, words in raw["hazards"].items()},
    )  # fmt: skip
    strange = {*found.severities.values(), found.unknown, *found.colours} - set(choices.COLOURS)
    strange |= set(found.hazards) - set(choices.HAZARDS)
    if strange:
        raise ValueError(f"passing_on.yaml: {sorted(strange)} are no colours or hazards")
    return found


@cache
def contradictions() -> Contradictions:
    """The contradiction pack."""
    raw = _load("contradictions.yaml")
    return Contradictions(raw["version"], lexicons(raw["kinds"], raw["forbid"]))


@cache
def instructions() -> Instructions:
    """The instruction pack."""
    raw = _load("instructions.yaml")
    roles = {role: audience for audience, members in raw["audiences"].items() for role in members}
    return Instructions(raw["version"], {str(k): v for k, v in raw["sentences"].items()}, roles)
