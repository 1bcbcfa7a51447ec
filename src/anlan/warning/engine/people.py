"""Simulated people of a drill: does this person answer, after how long, and with what. Pure.

The three draws in [0, 1) are passed in, so the same key always gives the same person the same night. The delay is
lognormal: most answer soon, a few very late.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist
from typing import Any, Final

_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class RoleHabit:
    """How holders of a role answer by day: probability 0-1, median delay in seconds, spread (sigma of the log)."""

    answer: float
    median_s: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Factor:
    """What an hour or a colour does to probability and delay: both multiply."""

    answer: float = 1.0
    delay: float = 1.0


@dataclass(frozen=True, slots=True)
class PeopleModel:
    """How the people of a scenario answer. `night` hours run from start to end, local time, over midnight if so."""

    default: RoleHabit
    roles: Mapping[str, RoleHabit]
    night_hours: tuple[int, int]
    night: Factor
    colours: Mapping[str, Factor]
    contents: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that will come: seconds after the call, and its content."""

    delay_s: float
    content: str


DEFAULT: Final[Mapping[str, Any]] = {
    "default": {"answer": 0.82, "median_s": 150, "sigma": 0.9},
    "roles": {},
    "night": {"hours": [22, 6], "answer": 0.8, "delay": 1.8},
    "colours": {"red": {"answer": 1.1, "delay": 0.8}},
    "contents": {"received": 0.58, "acting": 0.36, "need_help": 0.04, "cannot": 0.02},
}
"""Stand-in habits where a scenario gives none. Mark G: nobody measured these."""


def model(raw: Mapping[str, Any]) -> PeopleModel:
    """The model from a scenario's `people` section; what is absent comes from DEFAULT. ValueError on bad numbers."""
    merged = {**DEFAULT, **raw}
    default = _habit({**DEFAULT["default"], **merged["default"]})
    night = merged["night"]
    hours = night.get("hours", DEFAULT["night"]["hours"])
    contents = tuple((str(name), float(share)) for name, share in merged["contents"].items())
    if not contents or sum(share for _, share in contents) <= 0:
        raise ValueError("people.contents: the shares must add up to more than nothing")
    return PeopleModel(
        default=default,
        roles={role: _habit({**merged["default"], **habit}) for role, habit in merged["roles"].items()},
        night_hours=(int(hours[0]), int(hours[1])),
        night=Factor(float(night.get("answer", 1.0)), float(night.get("delay", 1.0))),
        colours={
            c: Factor(float(f.get("answer", 1.0)), float(f.get("delay", 1.0))) for c, f in merged["colours"].items()
        },
        contents=contents,
    )


def _habit(raw: Mapping[str, Any]) -> RoleHabit:
    habit = RoleHabit(float(raw["answer"]), float(raw["median_s"]), float(raw["sigma"]))
    if not 0 <= habit.answer <= 1 or habit.median_s <= 0 or habit.sigma < 0:
        raise ValueError(f"people: answer must be 0-1, median_s above 0, sigma not negative: {dict(raw)}")
    return habit


def reply(people: PeopleModel, draws: tuple[float, float, float], *, role: str, hour: int, colour: str) -> Reply | None:
    """Whether the person called at local `hour` answers, and how; None when they never do.

    `draws` decide, in order: whether, when, what.
    """
    habit = people.roles.get(role, people.default)
    factors = [people.colours.get(colour, Factor())]
    if _night(hour, people.night_hours):
        factors.append(people.night)
    chance, delay = habit.answer, habit.median_s
    for factor in factors:
        chance, delay = chance * factor.answer, delay * factor.delay
    if draws[0] >= min(chance, 1.0):
        return None
    spread = _NORMAL.inv_cdf(min(max(draws[1], 1e-9), 1 - 1e-9)) * habit.sigma
    return Reply(round(exp(log(delay) + spread), 3), _content(people, draws[2]))


def _night(hour: int, hours: tuple[int, int]) -> bool:
    start, end = hours
    return start <= hour < end if start <= end else hour >= start or hour < end


def _content(people: PeopleModel, draw: float) -> str:
    left = draw * sum(share for _, share in people.contents)
    for name, share in people.contents:
        left -= share
        if left < 0:
            return name
    return people.contents[-1][0]
