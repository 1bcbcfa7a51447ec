"""The only readers of the response stage's tables used by pages and the API; all limited to the reader's scope."""

from anlan.response.selectors.boards import (
    breaches,
    casualties,
    leaders,
    levels_current,
    mismatches_open,
    overdue,
    proposals_open,
    stoplines,
    tasks_board,
)
from anlan.response.selectors.latency import latency_facts
from anlan.response.selectors.live import LIVE, incident_items, level_items, proposal_items, task_items

__all__ = [
    "LIVE",
    "breaches",
    "casualties",
    "incident_items",
    "latency_facts",
    "leaders",
    "level_items",
    "levels_current",
    "mismatches_open",
    "overdue",
    "proposal_items",
    "proposals_open",
    "stoplines",
    "task_items",
    "tasks_board",
]
