"""Bringing plans into use: the plan's version, its command bodies, its stop-lines."""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib.resources import files

import msgspec

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.response.engine import plan as rulebook
from anlan.response.events import PlanLoaded
from anlan.response.formats.packs import plan_read
from anlan.response.models import CommandBody, Plan
from anlan.response.services.stoplines import stoplines_set
from anlan.territory.models import Division, Organisation
from anlan.warning.services.moment import pinned


def plan_load(*, by: Actor, text: str, at: datetime | None = None) -> Plan:
    """Bring a plan (YAML text) into use in its area; loading the same version again changes nothing.

    Raises Invalid (field, value, remedy) for a faulty plan, Conflict for another content under a used version.
    """
    rules = plan_read(text)
    by.must("plan.load", rules.area)
    at = at or clock.now()
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
    """Bring into use the shipped plans whose area is laid down in this database."""
    folder = files("anlan.response").joinpath("rules", "plans")
    texts = [item.read_text(encoding="utf-8") for item in sorted(folder.iterdir(), key=lambda item: item.name)
             if item.name.endswith(".yaml")]  # fmt: skip
    areas = set(Division.objects.order_by("code").values_list("code", flat=True).filter(level__lte=3))
    return [plan_load(by=by, text=text, at=at) for text in texts if plan_read(text).area in areas]


def _create(by: Actor, rules: rulebook.Plan, body: dict[str, object], at: datetime) -> Plan:
    plan = Plan.objects.create(
        code=rules.code,
        version=rules.version,
        name_zh=rules.name.zh,
        name_en=rules.name.en,
        hazards=list(rules.hazards),
        division=rules.area,
        body=body,
        valid_from=rules.valid_from,
        valid_to=rules.valid_to,
    )
    digest = hashlib.sha256(msgspec.json.encode(body, order="deterministic")).hexdigest()
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
            code=body.organisation,
            defaults={
                "division": divisions.get(body.organisation, rules.area),
                "name_zh": body.name.zh,
                "name_en": body.name.en,
                "plan_code": rules.code,
                "leader_roles": list(rules.leaders),
            },
        )
    for body in rules.bodies:
        for linked in body.linked:
            row = made[linked]
            if row.lead_id != made[body.organisation].pk:
                row.lead = made[body.organisation]
                row.save(update_fields=["lead"])
