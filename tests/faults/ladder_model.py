"""What a day of calls should have been, worked out a second time, and held against the journal.

Nothing of the ladder, the targeting or the services is used: the roster is read from its tables, the ladder from the
pack's file, the warnings and dead channels from the day's own plan, and what people said from the loop-back's rows.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

SITES = ("care_home", "school", "chemical_plant", "tunnel", "reservoir", "metro_station", "hospital")
ENDS = {"received": {"received", "acting", "need_help"}, "acting": {"acting", "need_help"}}
BEIJING = ZoneInfo("Asia/Shanghai")


class Post(NamedTuple):
    """A post with who holds it."""

    code: str
    role: str
    division: str
    kind: str
    first: str
    second: str
    superior: str


class Who(NamedTuple):
    """One person rung for a post."""

    person: str
    post: str
    role: str


@dataclass
class Step:
    """One step a call may reach."""

    name: str
    limit: timedelta
    stop: str
    who: list[Who]


class Said(NamedTuple):
    """What a simulated person says, and at which step they were rung."""

    at: datetime
    person: str
    content: str
    step: int


@dataclass
class Course:
    """How one call should have gone: its journal, when each step was rung, and where it ends."""

    told: list[tuple[Any, ...]] = field(default_factory=list)
    rung: list[datetime] = field(default_factory=list)
    state: str = "placed"
    closed: bool = False


class Roster:
    """Who holds what, and whom a warning calls by which ladder of the pack's file."""

    def __init__(self, posts: Sequence[Post], pack: Mapping[str, Any]) -> None:
        self.posts = sorted(posts, key=lambda post: post.code)
        self.pack = pack
        self.by_code = {post.code: post for post in posts}
        self.at_place: dict[tuple[str, str], list[Post]] = defaultdict(list)
        for post in self.posts:
            self.at_place[post.division, post.role].append(post)

    def rule(self, hazard: str, colour: str, at: datetime) -> Mapping[str, Any]:
        """The pack's entry for this hazard, colour and hour: of those that fit, the longest hazard, then the first."""
        hour, best = at.astimezone(BEIJING).hour, None
        for entry in self.pack["rules"]:
            start, end = entry["hours"]
            hours = set(range(start, end)) if start < end else set(range(start, 24)) | set(range(end))
            prefix = str(entry["hazard"])
            if entry["colour"] == colour and hazard.startswith(prefix) and hour in hours:
                best = entry if best is None or len(prefix) > len(str(best["hazard"])) else best
        assert best is not None, f"no ladder for {hazard} {colour}"
        return best

    def calls(self, rule: Mapping[str, Any], area: str) -> dict[str, list[Step]]:
        """The person called, or "vacant <post>", with the steps of the call; each person once."""
        groups: dict[str, list[Post]] = defaultdict(list)
        wanted = [post for post in self.posts if post.role in rule["roles"] and post.division.startswith(area)]
        for post in sorted(wanted, key=_weight):
            groups[post.first or post.second or f"vacant {post.code}"].append(post)
        return {person: self._steps(rule, group) for person, group in groups.items()}

    def _steps(self, rule: Mapping[str, Any], group: list[Post]) -> list[Step]:
        lead, seen, steps = group[0], set(), []
        above = [self.by_code[post.superior] for post in group if post.superior]
        near = {
            "A": [Who(p.first, p.code, p.role) for p in group if p.first][:1],
            "B": [Who(p.second, p.code, p.role) for p in group],
            "superior": [Who(p.first, p.code, p.role) for p in above],
            "duty": [Who(p.first, p.code, p.role) for p in self._desk(lead)],
            "deputy": self._nearest(lead, "deputies"),
            "visit": self._nearest(lead, "visitors")[:1],
        }
        for name in rule["steps"]:
            fresh: dict[str, Who] = {}
            for who in near[name]:
                if who.person and (who.person not in seen or name == "visit"):
                    fresh.setdefault(who.person, who)
            seen |= set(fresh)
            if fresh:
                limit = rule.get("limits_s", {}).get(name, rule["answer_limit_s"])
                stop = "acting" if name == "visit" else rule.get("stop", "received")
                stop = rule.get("stops", {}).get(name, stop)
                steps.append(Step(name, timedelta(seconds=limit), stop, list(fresh.values())))
        return steps

    def _desk(self, lead: Post) -> list[Post]:
        county = self.at_place[lead.division[:6], "county_duty"] if len(lead.division) >= 6 else []
        if county and lead.code not in {post.code for post in county}:
            return county
        return self.at_place[lead.division[:4], "city_duty"]

    def _nearest(self, lead: Post, table: str) -> list[Who]:
        roles = self.pack.get(table, {})
        for length in (12, 9, 6, 4):
            for role in roles.get(lead.role, roles.get("", [])) if length <= len(lead.division) else []:
                found = [p for p in self.at_place[lead.division[:length], role] if p.first and p.first != lead.first]
                found = [p for p in found if p.code != lead.code]
                if found:
                    return [Who(p.first, p.code, p.role) for p in found]
        return []


def _weight(post: Post) -> tuple[int, int, str]:
    site = SITES.index(post.kind) if post.kind in SITES else len(SITES)
    return site, -len(post.division), post.code


def course(steps: Sequence[Step], begins: datetime, ends: datetime, until: datetime, said: Sequence[Said]) -> Course:
    """How a call of these steps goes when its people say what they say: `begins` and `ends` of the warning, seen up
    to `until`."""
    found, due, step, keys = Course(), begins, -1, set()

    def climb(at: datetime, cause: str) -> None:
        nonlocal due, step
        if step + 1 == len(steps):
            found.state = "exhausted"
            found.told.append((at, "call.exhausted", cause))
            return
        step += 1
        found.rung.append(at)
        due = at + steps[step].limit
        if step:
            found.state = "escalated"
            posts = sorted(who.post for who in steps[step].who)
            found.told.append((at, "call.escalated", step, steps[step].name, posts, due, cause))
            if steps[step].name == "visit":
                found.told.append((at, "call.visit_asked", steps[step].who[0].post, due))

    def pass_time(at: datetime, *, whole: bool) -> None:
        """Let deadlines come, and the warning's end; `whole`: those at this very moment too."""
        while found.state in ("placed", "escalated") and due <= ends and (due < at or (whole and due == at)):
            climb(due, "silence")
        if found.state in ("placed", "escalated") and (ends < at or (whole and ends == at)):
            found.state, found.closed = "closed", True

    climb(begins, "vacant")
    for word in sorted((word for word in said if word.at <= until), key=lambda w: (w.at, w.person)):
        pass_time(word.at, whole=False)
        mine = max((n for n in range(step + 1) if word.person in {w.person for w in steps[n].who}), default=-1)
        if mine < 0 or mine < word.step:
            found.told.append((word.at, "said without being rung", word.person, word.step))
            continue
        if (word.person, mine, word.content) in keys:
            continue
        keys.add((word.person, mine, word.content))
        late = max(0, int((word.at - found.rung[mine] - steps[mine].limit).total_seconds()))
        found.told.append((word.at, "call.answered", word.content, mine, steps[mine].name, word.person, late))
        if word.content in ENDS[steps[mine].stop]:
            found.state = "answered"
        elif word.content == "cannot" and found.state in ("placed", "escalated") and mine == step:
            climb(word.at, "cannot")
    pass_time(until, whole=True)
    return found


def told_by(kind: str, at: datetime, data: Mapping[str, Any]) -> tuple[Any, ...]:
    """A journal entry in the model's own words."""
    if kind == "call.answered":
        return (at, kind, data["content"], data["step"], data["holder"], data["person"], data["late_s"])
    if kind == "call.escalated":
        due = datetime.fromisoformat(data["due_at"])
        return (at, kind, data["step"], data["holder"], sorted(data["posts"]), due, data["cause"])
    if kind == "call.visit_asked":
        return (at, kind, data["visitor"], datetime.fromisoformat(data["due_at"]))
    return (at, kind, data["cause"])


def differences(expected: Course, journal: Sequence[tuple[Any, ...]], state: str) -> Iterator[str]:
    """Where the journal of one call is not what it should be."""
    if [entry[0] for entry in journal] != sorted(entry[0] for entry in journal):
        yield "its journal is not in the order of time"
    lacking = [entry for entry in expected.told if entry not in journal]
    beyond = [entry for entry in journal if entry not in expected.told]
    settled = min((e[0] for e in journal if e[1] == "call.answered" and e[2] != "cannot"), default=None)
    yield from (f"missing in the journal: {entry}" for entry in lacking)
    for entry in beyond:
        after = settled is not None and entry[1] == "call.escalated" and entry[0] > settled
        yield f"{'called after an answer' if after else 'should not have happened'}: {entry}"
    if len(journal) != len(expected.told):
        yield f"{len(journal)} entries instead of {len(expected.told)}"
    if state != expected.state:
        yield f"it is {state} instead of {expected.state}"


def hashed(idents: Sequence[str]) -> str:
    """The hash that a mass event keeps of the calls it speaks of."""
    return hashlib.sha256("\n".join(sorted(idents)).encode()).hexdigest()
