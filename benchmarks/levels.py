"""From a proposal to tasks on named people's pages, for every shipped plan at its highest level (启动到任务到岗).

On a server of its own with the whole city of Zhengzhou laid down. For each plan: seconds of the decision (the level, its
tasks, what follows from it), and of the page of one owner afterwards.

    ./anlan bench levels [--write]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

BAR_S = 5.0
Line = tuple[str, str, str, str, str]


def parts() -> list[Line]:
    """Lay the city down and measure."""
    import django

    django.setup()
    from django.core.management import call_command

    from anlan.territory.services import generate

    call_command("migrate", verbosity=0)
    generate("zhengzhou", 7)
    return measure()


def measure() -> list[Line]:
    """Return the table's lines; each plan's decision is rolled back."""
    from django.db import transaction

    from anlan.kernel import clock
    from anlan.kernel.actor import Actor
    from anlan.response.selectors.plans import plans_valid
    from anlan.response.services import plans_load_shipped

    by = Actor.scenario("bench")
    lines: list[Line] = []
    with transaction.atomic():
        plans_load_shipped(by=Actor.system("bench"))
        for plan in plans_valid(clock.now()):
            with transaction.atomic():
                lines.append(_one(by, plan))
                transaction.set_rollback(True)
        transaction.set_rollback(True)
    return lines


def _one(by: Any, plan: Any) -> Line:
    from anlan.kernel.scope import Scope
    from anlan.response.models import Task
    from anlan.response.selectors.level_page import level_page
    from anlan.response.selectors.plans import rules_of
    from anlan.response.services import Announcement, level_adopt

    incident = _incident(plan, rules_of(plan))
    started = time.perf_counter()
    level = level_adopt(by=by, plan=plan.code, level=1, incident=incident, announce=Announcement(reason="bench"))
    decided = time.perf_counter() - started
    sent = Task.objects.filter(level=level)
    posts = sent.values("owner_post").distinct().count()
    started = time.perf_counter()
    owner = sent.order_by("code").values_list("division", flat=True).first() or plan.division
    level_page(Scope((owner,)), level.pk, level.since)
    page = time.perf_counter() - started
    late = " over the bar" if decided + page > BAR_S else ""
    return plan.code, f"{sent.count():,}", f"{posts:,}", f"{decided:.2f}{late}", f"{page:.2f}"


def _incident(plan: Any, rules: Any) -> Any:
    """An event for a plan that answers single events: in the first county of its area."""
    from anlan.kernel.actor import Actor
    from anlan.response.services import incident_open
    from anlan.territory.models import Division

    if rules.per == "area":
        return None
    county = Division.objects.filter(level=3, code__startswith=plan.division).order_by("code").first()
    words = {"zh": "测试事件", "en": "Bench event"}
    return incident_open(by=Actor.system("bench"), kind="other", title=words, source="bench",
                         division=county.code if county else plan.division).pk  # fmt: skip


def main(words: list[str]) -> None:
    """Measure on a server that is there (this file starts itself for that), else make one first."""
    from anlan.site.bench import own_server, parts_run, publish, rows_leave, table

    if words[:1] == ["parts"]:
        rows_leave(Path(words[1]), parts())
        return

    with own_server() as (folder, env):
        rows = parts_run(__file__, folder, env)
    heads = ("plan", "tasks", "posts", "decision, s", "an owner's page, s")
    title = f"From a decision to tasks on owners' pages (bar {BAR_S:g} s)"
    publish(table("levels", title, heads, rows), "levels", write="--write" in words)


if __name__ == "__main__":
    main(sys.argv[1:])
