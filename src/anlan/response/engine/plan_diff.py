"""What changes between two levels of a plan: tasks to add, to keep, to cancel."""

from __future__ import annotations

from typing import NamedTuple

from anlan.response.engine.plan import Plan, TaskRule


class Difference(NamedTuple):
    """Tasks to issue, tasks that go on (with the new level's limits), codes of tasks to cancel."""

    add: tuple[TaskRule, ...]
    keep: tuple[TaskRule, ...]
    cancel: tuple[str, ...]


def tasks_of(plan: Plan, level: int) -> tuple[TaskRule, ...]:
    """Return all tasks of a level, its own first, then those of the levels below that it doesn't replace; 0: none."""
    if level == 0:
        return ()
    found: dict[str, TaskRule] = {}
    replaced: set[str] = set()
    for rule in sorted(plan.levels, key=lambda rule: rule.level):
        if rule.level < level:
            continue
        for task in rule.tasks:
            if task.code not in replaced:
                found.setdefault(task.code, task)
        replaced |= set(rule.replaces)
    return tuple(found.values())


def difference(plan: Plan, old: int, new: int) -> Difference:
    """Compare level `old` with `new` (0: no response). add + keep are exactly the tasks of `new`."""
    before = {task.code for task in tasks_of(plan, old)}
    after = tasks_of(plan, new)
    codes = {task.code for task in after}
    return Difference(
        tuple(task for task in after if task.code not in before),
        tuple(task for task in after if task.code in before),
        tuple(task.code for task in tasks_of(plan, old) if task.code not in codes),
    )
