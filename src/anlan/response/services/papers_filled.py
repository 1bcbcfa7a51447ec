"""A paper filled from the record: what it is about in, both texts out; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.options import options
from anlan.kernel.problem import Invalid
from anlan.response import choices_papers
from anlan.response.engine import paper as engine
from anlan.response.engine import plan as rulebook
from anlan.response.engine.papers import days, events, levels, plans
from anlan.response.engine.papers.draft import Draft, Issuer, bodies
from anlan.response.engine.papers.facts import Response
from anlan.response.engine.papers.issuers import issuer
from anlan.response.engine.text import Words
from anlan.response.models import Incident
from anlan.response.selectors.level_page import level_get
from anlan.response.selectors.orders import order_get, order_receivers
from anlan.response.selectors.papers import word_last
from anlan.response.selectors.papers_days import day_facts, rollup_facts
from anlan.response.selectors.papers_facts import event_facts
from anlan.response.selectors.papers_levels import response_facts, works_of_order
from anlan.response.selectors.plans import plan_get, rules_of
from anlan.response.services.papers import Of
from anlan.territory.selectors import division_names

T = TypeVar("T")


class Source(NamedTuple):
    """What a paper is to be filled from; what its kind needs must be given."""

    incident: UUID | None = None
    level: UUID | None = None
    order: UUID | None = None
    disaster: UUID | None = None
    plan: str = ""
    division: str = ""
    day: date | None = None


class Filled(NamedTuple):
    """A paper filled in: both texts, and what `paper_make` wants besides."""

    bodies: Mapping[str, engine.Paper]
    division: str
    word: str
    of: Of
    as_of: datetime


def paper_filled(*, by: Actor, kind: str, source: Source, at: datetime | None = None) -> Filled:
    """Return a paper of `kind` as the record fills it at this moment. Raises NotFound outside the reader's scope, Invalid when
    what the kind is filled from is not given."""
    if kind not in choices_papers.PAPER_KINDS:
        raise Invalid(
            code="paper.kind",
            zh=f"“{kind}”不是文书种类。",
            en=f"“{kind}” is no kind of paper.",
            field="kind",
            value=kind,
        )
    at = at or clock.now()
    if kind in _EVENTS:
        return _event(by, kind, source, at)
    if kind in _LEVELS:
        return _level(by, kind, source, at)
    if kind in ("manual", "cards"):
        return _plan(by, kind, source, at)
    if kind == "order":
        return _order(by, source, at)
    return _day(by, kind, source, at)


_EVENTS = {
    "duty_flash": events.flash, "special": events.special, "after_action": events.after_action,
    "public_notice": events.public_notice,
}  # fmt: skip
_LEVELS = {"level_start": levels.level_start, "level_change": levels.level_change, "level_end": levels.level_end}


def _event(by: Actor, kind: str, source: Source, at: datetime) -> Filled:
    incident = _given(source.incident, "incident", "请选择事件。", "Choose an event.")
    facts = event_facts(by.scope, incident, at)
    division = _home(by, Incident.objects.values_list("division", flat=True).get(pk=incident))
    draft = _EVENTS[kind](facts, _issuer(by, kind, division))
    return _filled(draft, division, Of(incident=incident), at)


def _level(by: Actor, kind: str, source: Source, at: datetime) -> Filled:
    key = _given(source.level, "level", "请选择响应。", "Choose a response.")
    row = level_get(by.scope, key)
    if kind == "level_end" and row.until is None:
        raise Invalid(code="paper.not_ended", zh="响应尚未终止；终止后再拟终止通知。", field="level", value=key,
                      en="The response has not ended yet; end it first.")  # fmt: skip
    facts: Response = response_facts(by.scope, row)
    rules = rules_of(row.plan)
    division = row.area
    who = _issuer(by, kind, division, _command(rules))
    return _filled(_LEVELS[kind](facts, who), division, Of(incident=row.incident_id, level=key), at)


def _order(by: Actor, source: Source, at: datetime) -> Filled:
    key = _given(source.order, "order", "请选择指令。", "Choose an order.")
    row = order_get(by.scope, key)
    basis = Words(str(row.basis.get("zh", "")), str(row.basis.get("en", "")))
    title, text = Words(row.title_zh, row.title_en or row.title_zh), Words(row.text_zh, row.text_en or row.text_zh)
    work = works_of_order(order_receivers(by.scope, row))
    division = _home(by, row.division)
    draft = levels.order(work, _issuer(by, "order", division), title=title, basis=basis, text=text)
    return _filled(draft, division, Of(incident=row.incident_id, other=f"order:{key}"), at)


def _plan(by: Actor, kind: str, source: Source, at: datetime) -> Filled:
    code = _given(source.plan, "plan", "请选择预案。", "Choose a plan.")
    row = plan_get(code, at)
    rules = rules_of(row)
    who = _issuer(by, kind, rules.area, _command(rules))
    host = str(options.allowed_hosts).split(",")[0]
    address = f"{'https' if options.https else 'http'}://{host}/response/plans/{code}"
    draft = plans.manual(rules, who) if kind == "manual" else plans.cards(rules, who, address)
    return _filled(draft, rules.area, Of(other=f"plan:{row.pk}"), at)


def _day(by: Actor, kind: str, source: Source, at: datetime) -> Filled:
    division = _home(by, source.division)
    who = _issuer(by, kind, division)
    if kind == "rollup":
        disaster = _given(source.disaster, "disaster", "请选择灾害过程。", "Choose a disaster.")
        draft = days.rollup(rollup_facts(by.scope, disaster, division, at), who)
        return _filled(draft, division, Of(other=f"disaster:{disaster}"), at)
    if kind == "duty_daily":
        day = source.day or at.astimezone(clock.BEIJING).date()
        draft = days.duty_daily(day_facts(by.scope, division, day, at), who)
    else:
        draft = days.situation(day_facts(by.scope, division, None, at), who)
    return _filled(draft, division, Of(other=f"division:{division}"), at)


def _filled(draft: Draft, division: str, of: Of, at: datetime) -> Filled:
    return Filled(bodies(draft), division, draft.issuer.word, of, at)


def _issuer(by: Actor, kind: str, division: str, body: Words | None = None) -> Issuer:
    name = division_names([division]).get(division, {"zh": division, "en": division})
    last = word_last(by.scope, division, kind)
    return issuer(kind, division=division, name=Words(name["zh"], name["en"]), body=body, word=last)


def _command(rules: rulebook.Plan) -> Words | None:
    """The plan's leading command body by its full name: the one that others are linked to, else the first."""
    lead = next((body for body in rules.bodies if body.linked), None) or next(iter(rules.bodies), None)
    if lead is None:
        return None
    place = division_names([rules.area]).get(rules.area)
    if place is None or not place["zh"].endswith(lead.name.zh[:1]):
        return lead.name
    tier = place["en"].rpartition(" ")[2]
    return Words(place["zh"] + lead.name.zh[1:], f"{place['en']} {lead.name.en.removeprefix(tier).strip()}")


def _home(by: Actor, division: str) -> str:
    """The division a paper is of: the reader's own where it covers what it is about, else what it is about."""
    own = [prefix for prefix in by.scope.prefixes if prefix and division.startswith(prefix)]
    if own:
        return min(own, key=len)
    return division or next((prefix for prefix in by.scope.prefixes if prefix), "")


def _given(value: T | None, field: str, zh: str, en: str) -> T:
    if not value:
        raise Invalid(code=f"paper.no_{field}", zh=zh, en=en, field=field, value=value)
    return value
