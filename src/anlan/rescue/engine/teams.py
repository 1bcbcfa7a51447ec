"""Rescue teams and members made up so that teams and people are met exactly (mark G). Everything by role, no names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from anlan.kernel.ids import draw
from anlan.territory.engine.allot import largest_remainder, smallest
from anlan.territory.engine.people import phone
from anlan.territory.engine.spec import AppointmentRow, DutyRow, OrganisationRow, Part, PersonRow, PostRow

LETTERS = {"professional": "Z", "social": "S", "grassroots": "J"}
SKILLS = ("first_aid", "boat", "rope", "diving", "drone", "radio", "driving", "machinery")
STATES = ("present", "duty", "standby", "standby", "rest")
NAMES = {
    "professional": ("专业应急救援队", "Professional Rescue Team"),
    "social": ("社会应急救援队", "Social Rescue Team"),
    "grassroots": ("应急救援队", "Rescue Team"),
}
ORGANISATION = {"professional": "rescue_team", "social": "social_team", "grassroots": "rescue_team"}


class Seat(NamedTuple):
    """A division that can have a team: code, names, level, point, and the post above its teams."""

    code: str
    name_zh: str
    name_en: str
    level: int
    lon: float
    lat: float
    superior: str


class Wanted(NamedTuple):
    """Numbers to meet: professional teams, people of social teams, teams of townships."""

    professional: int
    social_people: int
    grassroots: int


class TeamRow(NamedTuple):
    """A team; organisation, leader and base are codes."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    subject: str
    level: int
    organisation: str
    leader: str
    lon: float
    lat: float
    strength: int
    ready_day_min: int
    ready_night_min: int
    self_support_h: int
    radius_km: float
    vehicles: list[str]
    equipment: list[str]
    insured_to: date
    last_drill: date
    division: str


class MemberRow(NamedTuple):
    """A member; team and person are codes."""

    code: str
    team: str
    person: str
    role: str
    skills: list[str]
    certificate: str
    certificate_to: date | None
    insured_to: date
    state: str
    division: str


@dataclass
class Forces:
    """What was made: the territory's rows (organisations, posts, people), teams and members."""

    part: Part = field(default_factory=Part)
    teams: list[TeamRow] = field(default_factory=list)
    members: list[MemberRow] = field(default_factory=list)


def forces_make(
    seed: int, wanted: Wanted, seats: Sequence[Seat], mix: Mapping[str, Any], names: Mapping[str, str]
) -> Forces:
    """Return the teams: professional ones of the city and its counties in turn, social ones of the counties, one for each
    of `grassroots` townships. `seats` in code order; `names`: subject → Chinese name.

    People of social teams add up exactly. A township is left out by draw; more townships than there are is ValueError.
    """
    made = Forces()
    upper = [seat for seat in seats if seat.level in (2, 3)] or list(seats[:1])
    counties = [seat for seat in upper if seat.level == 3] or upper
    townships = [seat for seat in seats if seat.level == 4]
    if wanted.grassroots > len(townships):
        raise ValueError(f"{wanted.grassroots} township teams asked of {len(townships)} townships")
    for number in range(wanted.professional):
        _team(made, seed, "professional", upper[number % len(upper)], number, mix, names, 0)
    teams = -(-wanted.social_people // mix["social"]["members"])
    weights = [900 + int(200 * draw(seed, "social", number)) for number in range(teams)]
    for number, people in enumerate(largest_remainder(wanted.social_people, weights)):
        _team(made, seed, "social", counties[number % len(counties)], number, mix, names, people)
    chosen = smallest(wanted.grassroots, [(draw(seed, "grassroots", seat.code), seat.code) for seat in townships])
    for number, seat in enumerate(seat for seat in townships if seat.code in chosen):
        _team(made, seed, "grassroots", seat, number, mix, names, 0)
    return made


def _team(
    made: Forces,
    seed: int,
    kind: str,
    seat: Seat,
    number: int,
    mix: Mapping[str, Any],
    names: Mapping[str, str],
    people: int,
) -> None:
    """Add one team with its organisation and leader's post. `people` > 0: with that many members on the register."""
    rule, as_of = mix[kind], date.fromisoformat(mix["as_of"])
    subject = rule["subjects"][number % len(rule["subjects"])]
    code = f"{seat.code}.team.{LETTERS[kind]}{number + 1:04d}"
    label_zh, label_en = NAMES[kind]
    which = "" if subject == "general" else names[subject]
    serial = "" if kind == "grassroots" else f"第{number + 1}"
    zh, en = f"{seat.name_zh[:80]}{which}{serial}{label_zh}", f"{seat.name_en[:120]} {label_en} No. {number + 1}"
    made.part.organisations.append(OrganisationRow(code, zh, en, ORGANISATION[kind], seat.code))
    post = PostRow(f"{code}.leader", zh + "负责人", en + " leader", "team_leader", code, seat.superior, None, seat.code)
    made.part.posts.append(post)
    made.part.duties.append(DutyRow(post.code, "team", None, seat.code))
    persons = [_person(seed, code, zh, seat.code, number) for number in range(people or 2)]
    made.part.persons += persons
    for person, holder in zip(persons, "AB", strict=False):
        made.part.appointments.append(AppointmentRow(post.code, person.code, holder, mix["as_of"], seat.code))
    low, high = rule.get("strength", (people, people))
    day, night = rule["ready_min"]
    made.teams.append(
        TeamRow(
            code, zh, en, kind, subject, seat.level, code, post.code, seat.lon, seat.lat,
            people or low + int((high - low) * draw(seed, "strength", code)), day, night, rule["self_support_h"],
            float(rule["radius_km"]), mix["vehicles"].get(subject, mix["vehicles"]["general"]),
            mix["equipment"].get(subject, mix["equipment"]["general"]),
            as_of + timedelta(days=int(400 * draw(seed, "insured", code)) - 20),
            as_of - timedelta(days=int(420 * draw(seed, "drill", code))), seat.code,
        )
    )  # fmt: skip
    for place, person in enumerate(persons):
        made.members.append(_member(seed, code, person, place, as_of))


def _person(seed: int, team: str, name: str, division: str, number: int) -> PersonRow:
    code = f"{team}.{number + 1:03d}"
    return PersonRow(code, f"{name}队员{number + 1}号"[:95], phone(seed, code), division)


def _member(seed: int, team: str, person: PersonRow, place: int, as_of: date) -> MemberRow:
    code = person.code
    held = draw(seed, "certified", code) < 0.5
    first = int(draw(seed, "skill", code) * len(SKILLS))
    return MemberRow(
        code, team, code, ("leader", "deputy")[place] if place < 2 else "member",
        sorted({SKILLS[first], SKILLS[(first + place) % len(SKILLS)]}),
        f"YJ{int(draw(seed, 'certificate', code) * 10**8):08d}" if held else "",
        as_of + timedelta(days=int(1000 * draw(seed, "valid", code)) - 60) if held else None,
        as_of + timedelta(days=int(400 * draw(seed, "cover", code)) - 20),
        STATES[int(draw(seed, "state", code) * len(STATES))], person.division,
    )  # fmt: skip
