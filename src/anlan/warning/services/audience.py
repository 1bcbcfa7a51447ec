"""Whom a warning calls: one query for the holders below the area, one for those above, then the pure rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.problem import Invalid
from anlan.territory import choices as territory_choices
from anlan.territory import selectors as territory
from anlan.territory.selectors.holder_counts import Block, blocks, counties_of, gravest, leads_counted, site_leads
from anlan.warning import rules
from anlan.warning.engine import ladder, targeting
from anlan.warning.engine.ladder import LadderRule
from anlan.warning.engine.targeting import StandIns, Target

WORDS: targeting.Words = {
    code: (choice.zh, choice.en)
    for table in (territory_choices.POST_ROLES, territory_choices.PLACE_KINDS)
    for code, choice in table.items()
}
DESKS = ("county_duty", "city_duty")


def ladder_rule(hazard: str, colour: str, at: datetime) -> LadderRule:
    """The ladder for this hazard and colour at this hour of the place. Invalid when the pack has none."""
    rule = ladder.rule_for(rules.ladders().rules, hazard, colour, at.astimezone(clock.BEIJING).hour)
    if rule is None:
        raise Invalid(
            code="warning.no_ladder",
            zh=f"没有适用于{hazard} {colour}的叫应规则；请在规则包中补充。",
            en=f"No call ladder fits {hazard} {colour}; add one to the rule pack.",
            field="colour",
            value=colour,
        )
    return rule


def targets(area: Sequence[str], rule: LadderRule, at: datetime) -> tuple[Target, ...]:
    """Everybody `rule` calls in `area`, special sites first; whoever sits at a post by the roster at `at` stands in for
    its appointed holder."""
    return _called(area, territory.holders_by_divisions(area, list(rule.roles), at=at), rule, at)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many `targets` would call: by level, role and kind of special site; the first posts at such sites; and the posts
    nobody could be called for."""

    count: int
    levels: Mapping[str, int]
    roles: Mapping[str, int]
    sites: Mapping[str, int]
    first: tuple[targeting.Reason, ...]
    unmanned: int


def reach(area: Sequence[str], rule: LadderRule, at: datetime, first: int) -> Reach:
    """What `targets` would come to, counted by the database: for looking before anything is done. `first`: at most so
    many posts at special sites."""
    order, roles = targeting.SITE_ORDER, list(rule.roles)
    rows = leads_counted(area, roles, order, at)
    levels, by_role, sites = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        levels[targeting.level_of("0" * row.length, row.place_kind)] += row.people
        by_role[row.role] += row.people
        if row.place_kind in order:
            sites[str(row.place_kind)] += row.people
    vacant = [post for row in rows for post in row.vacant]
    alone = _called(area, territory.holders_of_posts(vacant), rule, at) if vacant else ()
    shown = territory.holders_of_posts(site_leads(area, roles, order, at, first))
    leads = targeting.targets(area, shown, roles, superiors={}, desks=[], words=WORDS)
    return Reach(
        sum(by_role.values()), {level: levels[level] for level in targeting.LEVELS if levels[level]}, by_role, sites,
        tuple(target.lead for target in leads), sum(1 for target in alone if not any(target.contacts.values())),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom a ladder calls in an area, to be had in parts: the database puts people in order, and only those of a part are
    looked at one by one. All parts together are `targets`, in its order."""

    area: Sequence[str]
    rule: LadderRule
    at: datetime

    def gravest(self, most: int) -> tuple[int, Sequence[UUID]]:
        """How many are called, and the posts of the first `most`."""
        return gravest(self.area, list(self.rule.roles), targeting.SITE_ORDER, self.at, most)

    def blocks(self, without: Sequence[UUID], size: int) -> list[Block]:
        """Everybody but the persons and vacant posts `without`, so many to a block."""
        roles = list(self.rule.roles)
        return blocks(self.area, roles, targeting.SITE_ORDER, self.at, without=without, size=size)

    def counties(self) -> list[str]:
        """The counties of all who are called: `of` looks for duty desks there."""
        return counties_of(self.area, list(self.rule.roles))

    def of(self, posts: Sequence[UUID | str], counties: Sequence[str]) -> tuple[Target, ...]:
        """The people at these posts, in the order of `targets`."""
        holders = territory.holders_on_duty(posts, self.area, self.at)
        return _called(self.area, holders, self.rule, self.at, counties)


def _called(
    area: Sequence[str],
    holders: Sequence[territory.HolderRow],
    rule: LadderRule,
    at: datetime,
    counties: Iterable[str] | None = None,
) -> tuple[Target, ...]:
    """`counties`: those of all who are called, when `holders` are only some of them."""
    own = {h.division[:6] for h in holders} if counties is None else counties
    tops = sorted({code[:6] for code in area} | {code[:4] for code in area} | set(own))
    desks = [d for d in territory.holders_by_divisions(_tops(tops), list(DESKS), at=at) if d.division in tops]
    known = {h.post_id: h for h in (*desks, *holders)}
    wanted = {h.superior_post_id for h in holders if h.superior_post_id is not None}
    above: dict[UUID, targeting.Holder] = {**known, **_superiors(area, sorted(wanted - set(known), key=str), rule, at)}
    others = _stand_ins(_tops([*area, *tops]), holders, rule)
    return targeting.targets(area, holders, rule.roles, superiors=above, desks=desks, words=WORDS, others=others)


def _superiors(
    area: Sequence[str], posts: Sequence[UUID], rule: LadderRule, at: datetime
) -> dict[UUID, territory.HolderRow]:
    """The holders of superior posts; of those that are called themselves, in another part, by the roster."""
    found = {h.post_id: h for h in territory.holders_of_posts(posts)}
    inside, roles = tuple(area), frozenset(rule.roles)
    called = [h.post_id for h in found.values() if h.role in roles and h.division.startswith(inside)]
    if called:
        found |= {h.post_id: h for h in territory.holders_on_duty(called, area, at)}
    return found


def _stand_ins(tops: Sequence[str], holders: Sequence[territory.HolderRow], rule: LadderRule) -> StandIns | None:
    """The posts that may stand in for these or go there, inside `tops`; None when this ladder has no such step. One
    query."""
    tables: dict[str, Mapping[str, Sequence[str]]]
    tables = {str(step): table for step, table in rules.ladders().stand_ins.items() if step in rule.steps}
    if not any(others for table in tables.values() for others in table.values()):
        return None
    called = {h.role for h in holders}
    roles = {role for table in tables.values() for each in called for role in table.get(each, table.get("", ()))}
    near = {h.division[:length] for h in holders for length in targeting.STAND_IN_LENGTHS}
    codes = sorted(code for code in near if code.startswith(tuple(tops)))
    return StandIns(tables, territory.holders_at_divisions(codes, sorted(roles)))


def _tops(codes: Sequence[str]) -> list[str]:
    """The codes not contained in another of them: the fewest prefixes that cover all."""
    tops: list[str] = []
    for code in sorted(codes):
        if not tops or not code.startswith(tops[-1]):
            tops.append(code)
    return tops
