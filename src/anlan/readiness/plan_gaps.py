"""Plans held against the registers of teams and stock: read by the page of gaps."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from django.db.models import Sum

from anlan.kernel.scope import Scope
from anlan.readiness.engine.plan_resources import Held, Need, Source, Sources, TeamHolds, held
from anlan.relief.models import StockItem
from anlan.rescue.models import Team
from anlan.response.models import Plan
from anlan.response.selectors.plans import rules_of


@cache
def sources() -> tuple[Source, ...]:
    """Return where the registers hold what plans ask for."""
    text = files("anlan.readiness").joinpath("rules", "plan_resources.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Sources).kinds


def plan_gaps(scope: Scope, plans: list[Plan]) -> list[dict[str, Any]]:
    """Each plan with its needs against what stands in its own area, within the reader's scope; plans with most lacking
    first. Two queries a plan's area."""
    found = [_one(scope, plan) for plan in plans]
    return sorted(found, key=lambda row: (-row["short"], -row["unknown"], row["plan"].code))


def _one(scope: Scope, plan: Plan) -> dict[str, Any]:
    rules = rules_of(plan)
    needs = [Need(resource.kind, resource.quantity, resource.level) for resource in rules.resources]
    rows = held(needs, sources(), *_holdings(scope, plan.division)) if needs else ()
    pairs: list[tuple[Any, Held]] = list(zip(rules.resources, rows, strict=True))
    return {
        "plan": plan,
        "name": rules.name.as_dict(),
        "rows": pairs,
        "short": sum(row.state == "short" for row in rows),
        "unknown": sum(row.state == "unknown" for row in rows),
    }


def _holdings(scope: Scope, area: str) -> tuple[dict[str, float], list[TeamHolds]]:
    lots = scope.filter(StockItem.objects.filter(division__startswith=area, state="available"))
    stock = {
        item: float(total) for item, total in lots.values_list("item").annotate(total=Sum("quantity")).order_by("item")
    }
    teams = scope.filter(Team.objects.filter(division__startswith=area)).order_by("code")
    return stock, [TeamHolds(subject, tuple(words)) for subject, words in teams.values_list("subject", "equipment")]
