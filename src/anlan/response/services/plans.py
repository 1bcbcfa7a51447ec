"""Bringing plans into use: the plan's version, its command bodies, its stop-lines."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.response.engine import plan as rulebook
from anlan.response.events import PlanLoaded
from anlan.response.formats.packs import plan_read, plans_shipped
from anlan.response.models import CommandBody, Plan
from anlan.response.services.plan_titles import titles_join
from anlan.response.services.stoplines import stoplines_set
from anlan.territory.models import Division, Organisation
from anlan.warning.services.moment import pinned


def plan_load(*, by: Actor, text: str, at: datetime | None = None) -> Plan:
    """Bring a plan (YAML text) into use in its area; loading the same version again changes nothing.

    Raises Invalid (field, value, remedy) for a faulty plan, Conflict for another content under a used version.
    """
    return _load(by, plan_read(text), at)


def _load(by: Actor, rules: rulebook.Plan, at: datetime | None) -> Plan:
    by.must("plan.load", rules.area)
    return plan_use(by=by, rules=rules, at=at or clock.now())


def plan_use(*, by: Actor, rules: rulebook.Plan, at: datetime) -> Plan:
    """Bring a plan's version, its command bodies and its stop-lines into use. The caller has asked whether `by` may.

    Conflict for another content under a used version.
    """
    body = msgspec.json.decode(msgspec.json.encode(rules))
    with pinned(at):
        known = Plan.objects.select_for_update().filter(code=rules.code, version=rules.version).first()
        if known is None:
            plan = _create(by, rules, body, at)
        elif known.body != body:
            raise Conflict(
                code="plan.version_taken",
                zh=f"预案 {rules.code} 版本 {rules.version} 已有不同内容；请提高版本号。",
                en=f"Plan {rules.code} version {rules.version} already has another content; raise the version.",
                field="version",
                value=rules.version,
            )
        else:
            plan = known
        _bodies(rules)
        stoplines_set(by=by, rules=rules, at=at)
    return plan


def plans_load_shipped(*, by: Actor, at: datetime | None = None) -> list[Plan]:
    """Bring into use the shipped plans whose area is laid down in this database, and join them to the titles the register
    of plans has for them."""
    areas = set(Division.objects.order_by("code").values_list("code", flat=True).filter(level__lte=3))
    plans = [_load(by, rules, at) for rules in plans_shipped() if rules.area in areas]
    titles_join(by=by, plans=plans, at=at)
    return plans


def _create(by: Actor, rules: rulebook.Plan, body: dict[str, object], at: datetime) -> Plan:
    digest = hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()
    plan = Plan.objects.create(
        code=rules.code,
        version=rules.version,
        name_zh=rules.name.zh,
        name_en=rules.name.en,
        hazards=list(rules.hazards),
        division=rules.area,
        body=body,
        sha256=digest,
        valid_from=rules.valid_from,
        valid_to=rules.valid_to,
    )
    event = PlanLoaded(plan=str(plan.pk), code=rules.code, plan_version=rules.version, area=rules.area, sha256=digest)
    record(event, by=by, about=f"plan:{plan.pk}", division=rules.area, at=at)
    return plan


def _bodies(rules: rulebook.Plan) -> None:
    """Make the plan's command bodies, each led by the body that links it."""
    divisions = dict(
        Organisation.objects.filter(code__in=[b.organisation for b in rules.bodies]).values_list("code", "division")
    )
    made: dict[str, CommandBody] = {}
    for body in rules.bodies:
        made[body.organisation], _ = CommandBody.objects.get_or_create(
            plan_code=rules.code,
            code=body.organisation,
            defaults={
                "division": divisions.get(body.organisation, rules.area),
                "name_zh": body.name.zh,
                "name_en": body.name.en,
                "leader_roles": list(rules.leaders),
            },
        )
    for body in rules.bodies:
        for linked in body.linked:
            row = made[linked]
            if row.lead_id != made[body.organisation].pk:
                row.lead = made[body.organisation]
                row.save(update_fields=["lead"])
