"""The only readers of this stage's tables. Everything is limited to the reader's scope."""

from anlan.warning.selectors.boards import (
    call_board,
    call_get,
    missing_channels,
    proposal_get,
    proposals_open,
    warning_compose_preview,
    warning_get,
    warnings_active,
    warnings_recent,
)
from anlan.warning.selectors.help import help_get, help_requests
from anlan.warning.selectors.live import LIVE
from anlan.warning.selectors.received import AlertPage, AlertView, alert_original, alert_view, alerts_page
from anlan.warning.selectors.unanswered import unanswered

__all__ = [
    "LIVE",
    "AlertPage",
    "AlertView",
    "alert_original",
    "alert_view",
    "alerts_page",
    "call_board",
    "call_get",
    "help_get",
    "help_requests",
    "missing_channels",
    "proposal_get",
    "proposals_open",
    "unanswered",
    "warning_compose_preview",
    "warning_get",
    "warnings_active",
    "warnings_recent",
]
