"""The register of plans: which special plans a division has, each by its title until its executable version comes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import msgspec
import yaml
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict, Invalid
from anlan.response.events import PlanTitleJoined, PlanTitlesLaid
from anlan.response.models import Plan, PlanTitle
from anlan.territory.engine.keys import stable_id
from anlan.territory.models import Division


@transaction.atomic
def titles_generate(*, by: Actor, root: str, special: int, at: datetime | None = None) -> int:
    """Enter the first `special` special plans of the usual list and the handbook for the division `root`, as drafts;
    return the number of special plans. They start nothing: levels look at executable plans only.

    Conflict when titles are there already; Invalid for more than the list holds.
    """
    by.must("territory.generate", root)
    listed = _listed()
    if special > len(listed["titles"]):
        raise Invalid(
            code="plan.too_many_titles",
            zh=f"名录只有{len(listed['titles'])}个专项预案；请在 plan_titles.yaml 中补充。",
            en=f"The list holds {len(listed['titles'])} special plans; add more to plan_titles.yaml.",
            field="special",
            value=special,
        )
    if PlanTitle.objects.exists():
        raise Conflict(
            code="plan.titles_there",
            zh="已有预案名录；请换一个空库再生成。",
            en="There are plan titles already; generate into an empty database.",
            field="root",
            value=root,
        )
    division = Division.objects.get(pk=root)
    rows = [_row(division, item, "special") for item in listed["titles"][:special]]
    rows.append(_row(division, listed["handbook"], "handbook"))
    PlanTitle.objects.bulk_create(rows)
    digest = hashlib.sha256(msgspec.json.encode([[row.code, row.name_zh, row.state] for row in rows])).hexdigest()
    event = PlanTitlesLaid(special=special, count=len(rows), sha256=digest)
    record(event, by=by, about=f"territory:{root}", division=root, at=at)
    return special


@transaction.atomic
def titles_join(*, by: Actor, plans: Sequence[Plan], at: datetime | None = None) -> int:
    """Join executable plans to the titles of their division: the title then leads to the version in use. Return how many
    titles changed; those whose plan is in use already, and divisions without a register, are left alone."""
    codes = {item["hazard"]: item["plan"] for item in _listed()["titles"]}
    wanted = {(plan.division, plan.code): plan for plan in plans}
    rows = list(PlanTitle.objects.filter(division__in=sorted({plan.division for plan in plans})).order_by("code"))
    joined = 0
    for row in rows:
        plan = wanted.get((row.division, codes.get(row.hazard, "")))
        if plan is None or row.plan_id == plan.pk:
            continue
        row.plan, row.state = plan, "in_force"
        row.save(update_fields=["plan", "state"])
        joined += 1
        event = PlanTitleJoined(title=row.code, plan=str(plan.pk), code=plan.code, plan_version=plan.version)
        record(event, by=by, about=f"plan:{plan.pk}", division=row.division, at=at)
    return joined


def _listed() -> dict[str, Any]:
    text = files("anlan.response").joinpath("rules", "plan_titles.yaml").read_text(encoding="utf-8")
    listed: dict[str, Any] = yaml.safe_load(text)
    return listed


def _row(division: Division, item: dict[str, Any], kind: str) -> PlanTitle:
    code = f"{division.code}.plan.{item['hazard']}"
    return PlanTitle(
        id=stable_id("plan_title", code),
        division=division.code,
        code=code,
        name_zh=division.name_zh[:120] + item["zh"],
        name_en=f"{division.name_en[:200]} {item['en']}",
        kind=kind,
        hazard=item["hazard"],
        lead=item["lead"],
    )
