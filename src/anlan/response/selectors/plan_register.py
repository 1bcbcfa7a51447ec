"""The register of plans as a page wants it: what is in use, what is due when, what calls for a review, what is written."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from functools import cache
from typing import Any

from anlan.kernel import clock
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response.engine.plan import Plan as Rules
from anlan.response.engine.plan_check import plan_faults
from anlan.response.engine.plan_clocks import Cycle, Cycles, Due, due
from anlan.response.formats.packs import pack_read
from anlan.response.models import Level, Plan, PlanDraft, PlanMark, PlanRecord, UpperPlan
from anlan.response.selectors.plans import plans_valid, rules_of

Json = dict[str, Any]


@cache
def cycles() -> Cycles:
    """Return the shipped cycles of review, drill and filing."""
    return pack_read("plan_cycles.yaml", Cycles)


def plans_register(scope: Scope, at: datetime) -> list[Json]:
    """Every plan in use that binds in the scope: level in force, clocks, open marks, draft. Those that need somebody
    come first: overdue, marked, soon, then by code. Five queries."""
    found = [plan for plan in plans_valid(at) if scope.sees(plan.division)]
    codes = [plan.code for plan in found]
    records: dict[str, list[PlanRecord]] = defaultdict(list)
    for row in PlanRecord.objects.select_related("plan").filter(plan__code__in=codes).order_by("done_on", "id"):
        records[row.plan.code].append(row)
    marks: dict[str, int] = defaultdict(int)
    for code in PlanMark.objects.filter(plan__code__in=codes, closed_at__isnull=True).values_list(
        "plan__code", flat=True
    ):
        marks[code] += 1
    levels = dict(
        Level.objects.filter(plan__code__in=codes, track="main", until__isnull=True)
        .order_by("-level")
        .values_list("plan__code", "level")
    )
    drafts = {d.code: d for d in PlanDraft.objects.filter(code__in=codes, state__in=("writing", "circulated"))}
    today = at.astimezone(clock.BEIJING).date()
    rows = [_row(plan, records[plan.code], marks[plan.code], levels, drafts, today) for plan in found]
    return sorted(rows, key=lambda row: (row["urgency"], row["code"]))


def _row(
    plan: Plan, records: list[PlanRecord], marks: int, levels: dict[str, int], drafts: dict[str, PlanDraft], today: date
) -> Json:
    rules = rules_of(plan)
    clocks = plan_clocks(rules, records, today)
    states = {each.state for each in clocks.values()}
    return {
        "code": plan.code,
        "name": {"zh": plan.name_zh, "en": plan.name_en},
        "version": plan.version,
        "valid_from": plan.valid_from,
        "division": plan.division,
        "office": rules.office.unit if rules.office else "",
        "mark": rules.mark,
        "level": levels.get(plan.code),
        "clocks": clocks,
        "marks": marks,
        "draft": drafts.get(plan.code),
        "faults": len(plan_faults(rules)),
        "urgency": 0 if "overdue" in states else 1 if marks else 2 if "soon" in states else 3,
    }


def plan_clocks(rules: Rules, records: list[PlanRecord], today: date) -> dict[str, Due]:
    """When a plan is to be reviewed and drilled next, by what was done last; from its issue where nothing was yet."""
    listed = cycles()
    stated = {"review": rules.next_review, "drill": rules.drill_due}
    by_kind: dict[str, tuple[Cycle, ...]] = {"review": listed.review, "drill": listed.drill}
    found: dict[str, Due] = {}
    for kind, fitting in by_kind.items():
        done = [row.done_on for row in records if row.kind == kind]
        last = max(done, default=rules.issued or rules.valid_from)
        found[kind] = due(fitting, area=rules.area, hazards=rules.hazards, last=last, stated=stated[kind], today=today,
                          lead=listed.lead_days)  # fmt: skip
    return found


def plan_detail(scope: Scope, code: str, at: datetime) -> Json:
    """One plan whole: its rules, versions, clocks, records, marks, open draft. NotFound outside the scope."""
    plan = plan_seen(scope, code, at)
    rules = rules_of(plan)
    records = list(PlanRecord.objects.filter(plan__code=code).order_by("-done_on", "-id"))
    today = at.astimezone(clock.BEIJING).date()
    uppers = {
        (row.code, row.version): row for row in UpperPlan.objects.filter(code__in=[f.code for f in rules.follows])
    }
    return {
        "plan": plan,
        "rules": rules,
        "versions": list(Plan.objects.defer("body").filter(code=code).order_by("-valid_from", "-version")),
        "clocks": plan_clocks(rules, records, today),
        "records": records,
        "marks": list(PlanMark.objects.filter(plan__code=code).order_by("closed_at", "-opened_at", "id")),
        "draft": PlanDraft.objects.filter(code=code, state__in=("writing", "circulated")).first(),
        "follows": [(f, uppers.get((f.code, f.version))) for f in rules.follows],
        "faults": plan_faults(rules),
    }


def plan_seen(scope: Scope, code: str, at: datetime, version: str = "") -> Plan:
    """Return the version in use of a plan that binds in the scope, or the one named; NotFound where there is none."""
    rows = (
        Plan.objects.filter(code=code, version=version) if version else [p for p in plans_valid(at) if p.code == code]
    )
    for plan in rows:
        if scope.sees(plan.division):
            return plan
    raise NotFound(
        code="response.no_plan",
        zh=f"没有在用的预案“{code} {version}”，或不在您的范围内。".replace(" ”", "”"),
        en=f"No plan “{code} {version}” is in use, or it is not in your scope.".replace(" ”", "”"),
        field="plan",
        value=code,
    )


def draft_seen(scope: Scope, key: Any) -> PlanDraft:
    """Return a draft in the scope; NotFound otherwise."""
    row = PlanDraft.objects.select_related("base").filter(pk=key).first()
    if row is None or not scope.sees(row.division):
        raise NotFound(code="plan_draft.not_found", zh="没有这份修订稿，或不在您的范围内。",
                       en="There is no such draft, or it is not in your scope.", field="draft", value=key)  # fmt: skip
    return row
