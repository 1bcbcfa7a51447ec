"""What a new paper can be filled from: its kind, and the events, responses, orders, plans and disasters in sight."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.response import choices
from anlan.response.choices import Choice
from anlan.response.choices_papers import ABOUT, PAPER_KINDS
from anlan.response.models import Disaster, Incident, Level, Order
from anlan.response.selectors.plans import plans_valid, rules_of
from anlan.territory.selectors import division_names

MOST = 60
Json = dict[str, Any]


def choosing(who: Actor, asked: QueryDict, problem: str = "") -> Json:
    """Return the context of the page on which kind and source are chosen."""
    kind = asked.get("kind", "")
    of = ABOUT.get(kind, "")
    return {
        "nav": "response", "tab": "papers", "kinds": named(PAPER_KINDS), "chosen": kind, "about": of, "problem": problem,
        "rows": _rows(who, kind, of) if of else [], "today": clock.today(),
        "divisions": _divisions(who) if of == "division" else [],
    }  # fmt: skip


def named(index: dict[str, Choice]) -> Json:
    """Return the words of each code of a list, for a page."""
    return {code: choices.name(index, code) for code in index}


def about(source: str) -> dict[str, Choice]:
    """Return the kinds of papers that are filled from an incident, a level, an order, a plan or a division."""
    return {code: PAPER_KINDS[code] for code, given in ABOUT.items() if given == source}


def _rows(who: Actor, kind: str, of: str) -> list[Json]:
    if of == "incident":
        rows = who.scope.filter(Incident.objects.exclude(state="merged")).order_by("-opened_at", "-id")[:MOST]
        return [_row("incident", row.pk, row.title_zh, row.title_en, row.opened_at) for row in rows]
    if of == "level":
        return _levels(who, kind)
    if of == "task":
        orders = who.scope.filter(Order.objects.exclude(state="dropped")).order_by("-made_at", "-id")[:MOST]
        return [_row("order", row.pk, row.title_zh, row.title_en or row.title_zh, row.made_at) for row in orders]
    if of == "plan":
        found = [rules_of(plan) for plan in plans_valid(clock.now()) if who.scope.sees(plan.division)]
        return [_row("plan", rules.code, rules.name.zh, rules.name.en, None) for rules in found]
    if kind == "rollup":
        disasters = who.scope.filter(Disaster.objects.all()).order_by("-opened_at", "-id")[:MOST]
        return [_row("disaster", row.pk, row.title_zh, row.title_en, row.opened_at) for row in disasters]
    return []


def _levels(who: Actor, kind: str) -> list[Json]:
    rows = Level.objects.filter(track="main").select_related("plan").order_by("-since", "-id")
    if kind == "level_end":
        rows = rows.filter(until__isnull=False)
    if kind == "level_change":
        rows = rows.filter(previous__isnull=False)
    found = []
    for row in who.scope.filter_chain(rows)[:MOST]:
        name = rules_of(row.plan).name
        found.append(_row("level", row.pk, name.zh, name.en, row.since) | {"level": row.level})
    return found


def _divisions(who: Actor) -> list[Json]:
    codes = [prefix for prefix in who.scope.prefixes if prefix]
    return [{"code": code, "name": name} for code, name in division_names(codes).items()]


def _row(field: str, key: object, zh: str, en: str, at: object) -> Json:
    return {"field": field, "key": str(key), "title": {"zh": zh, "en": en}, "at": at, "level": None}
