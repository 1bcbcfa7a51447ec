"""The only readers of the response stage's tables used by pages and the API; all limited to the reader's scope."""

from anlan.response.selectors import (  # noqa: F401 - importing registers their red items
    red_command,
    red_duty,
    red_incidents,
    red_orders,
    red_reports,
    red_sources,
)
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
from anlan.response.selectors.live import LIVE as CORE_LIVE
from anlan.response.selectors.live import incident_items, level_items, proposal_items, task_items
from anlan.response.selectors.live_command import (
    LIVE_COMMAND,
    commandlog_items,
    commandpost_items,
    leader_items,
    teamintake_items,
)
from anlan.response.selectors.live_duty import LIVE_DUTY
from anlan.response.selectors.live_reports import LIVE_REPORTS, reporting_items
from anlan.response.selectors.orders_live import LIVE as ORDERS_LIVE
from anlan.response.selectors.orders_live import order_items
from anlan.response.selectors.red import red_items, red_kinds

LIVE = {**CORE_LIVE, **LIVE_COMMAND, **LIVE_DUTY, **LIVE_REPORTS, **ORDERS_LIVE}

__all__ = [
    "LIVE",
    "breaches",
    "casualties",
    "commandlog_items",
    "commandpost_items",
    "incident_items",
    "latency_facts",
    "leader_items",
    "leaders",
    "level_items",
    "levels_current",
    "mismatches_open",
    "order_items",
    "overdue",
    "proposal_items",
    "proposals_open",
    "red_items",
    "red_kinds",
    "reporting_items",
    "stoplines",
    "task_items",
    "tasks_board",
    "teamintake_items",
]
