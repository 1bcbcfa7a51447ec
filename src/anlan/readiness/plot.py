"""What a scenario is made of (脚本): frozen values, read by `readiness.scenario`, played by the driver."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in both languages."""

    zh: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """The two texts keyed by language, as events and JSON columns want them."""
        return {"zh": self.zh, "en": self.en}


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The three texts a warning carries; the instruction is never optional (F12)."""

    headline: Words
    description: Words
    instruction: Words


class Fact(msgspec.Struct, frozen=True):
    """One dated fact of the real event (事实), a row of the timeline file.

    `at`/`until` are aware; `precision` is minute, about, span, evening, night, afternoon or day; `division` is a
    prefix code ("00" for the nation); `value`/`unit` hold a figure where the source gives one; `source` are ids of
    SOURCES.md; `weak` says that only a page of doubtful keeping was read.
    """

    id: str
    at: datetime
    until: datetime | None
    precision: str
    kind: str
    division: str
    place: str
    actor: Words
    what: Words
    colour: str
    level: int | None
    value: float | None
    unit: str
    weak: bool
    source: tuple[str, ...]


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """Something the scenario does. `fact` names its row of the timeline; `at` overrides the row's time."""

    fact: str
    at: datetime | None = None


class IssueWarning(Act, frozen=True, tag="warning"):
    """The weather office issues a signal. `valid_h`: hours until it expires; `channels`: the ones really used."""

    hazard: str
    colour: str
    area: tuple[str, ...]
    texts: str
    valid_h: float
    channels: tuple[str, ...]


class Decide(Act, frozen=True, tag="decide"):
    """A decision of the real event, played back on the track "history". Levels 1 (highest) to 4; 0 is none."""

    body: str
    level: int
    action: str
    previous: int = 0


class Leaders(Act, frozen=True, tag="leaders"):
    """Leaders check in at one place. `roles`: post role → how many of them, in order of post code."""

    place: str
    roles: dict[str, int]


class Silence(Act, frozen=True, tag="silence"):
    """Contact with a division (or one village of it, by name) breaks, until the end or `until`."""

    division: str
    village: str = ""
    until: datetime | None = None


class OpenIncident(Act, frozen=True, tag="incident"):
    """An incident becomes known. `kind` is a code of the response stage; the words come from the fact."""

    kind: str
    division: str
    place: str = ""


class Message(Act, frozen=True, tag="message"):
    """A public text sent by a command body, to be checked against the actions in force (F11)."""

    channel: str
    texts: str


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one source says: a word for it, by which it can be held against others, and the sentence."""

    value: str
    text: Words
    source: str


class Contradiction(Act, frozen=True, tag="contradiction"):
    """Sources say different things of one matter (F9): an incident of `kind` opens, each statement is kept beside the others."""

    kind: str
    division: str
    topic: str
    said: tuple[Statement, ...]
    place: str = ""


AnyAct = IssueWarning | Decide | Leaders | Silence | OpenIncident | Contradiction | Message


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a village shows a sign of life, in minutes."""

    every_min: int


class Spread(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Chance that something happens, and its delay in minutes as [least, likely, most] of a triangle."""

    chance: float
    minutes: tuple[float, float, float]


class DayNight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A spread for day and one for night, local time."""

    day: Spread
    night: Spread


class TaskSpread(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Receipt of a task after its issue, and its end after the receipt, by owner's role."""

    receipt: dict[str, DayNight]
    done: dict[str, DayNight]


class Responders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the simulated people behave (人员模型). Role "default" stands for every role not named.

    `people` is the model of answers to calls, in the form of `warning.engine.people.model`.
    """

    format: int
    mark: str
    timezone: str
    day: tuple[int, int]
    people: dict[str, Any]
    deciders: dict[str, DayNight]
    tasks: TaskSpread
    stop_lines: dict[str, DayNight]


NOBODY = Responders(
    format=1, mark="", timezone="UTC", day=(0, 24), people={}, deciders={}, tasks=TaskSpread({}, {}), stop_lines={}
)


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole scenario: span, tick, texts, acts in time order, facts and people. All times aware."""

    format: int
    name: str
    title: Words
    division: str
    profile: str
    starts_at: datetime
    ends_at: datetime
    backfill_from: datetime
    timezone: str
    tick_s: int
    field: str
    texts: dict[str, Texts]
    acts: tuple[AnyAct, ...]
    contact: Contact
    facts: tuple[Fact, ...] = ()
    responders: Responders = NOBODY
    folder: str = ""

    def fact(self, key: str) -> Fact:
        """The fact of that id; the loader has made sure that every act's fact exists."""
        return next(fact for fact in self.facts if fact.id == key)

    def act_at(self, act: AnyAct) -> datetime:
        """When an act happens: its own time, else that of its fact."""
        return act.at or self.fact(act.fact).at
