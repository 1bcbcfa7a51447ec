"""The only writers of this stage's tables."""

from anlan.warning.services.answers import answers_take
from anlan.warning.services.calls import calls_place
from anlan.warning.services.climbing import calls_escalate
from anlan.warning.services.compose import compose
from anlan.warning.services.help import help_close, help_take
from anlan.warning.services.issue import warning_issue
from anlan.warning.services.lifecycle import warning_cancel, warnings_expire
from anlan.warning.services.loopback import loopback_configure, loopback_deliver
from anlan.warning.services.placing import calls_rest
from anlan.warning.services.proposals import proposal_decline, proposals_escalate, warning_propose
from anlan.warning.services.received import alert_receive, alert_release, alerts_expire
from anlan.warning.services.ringing import RingSpec, ring, ringings_end, ringings_lapse
from anlan.warning.services.stop_orders import stop_order_end, stop_order_start
from anlan.warning.services.values import Answer, AnswerReport, Texts
from anlan.warning.services.ways import WaySpec, contact_save, way_get, way_save

__all__ = [
    "Answer",
    "AnswerReport",
    "RingSpec",
    "Texts",
    "WaySpec",
    "alert_receive",
    "alert_release",
    "alerts_expire",
    "answers_take",
    "calls_escalate",
    "calls_place",
    "calls_rest",
    "compose",
    "contact_save",
    "help_close",
    "help_take",
    "loopback_configure",
    "loopback_deliver",
    "proposal_decline",
    "proposals_escalate",
    "ring",
    "ringings_end",
    "ringings_lapse",
    "stop_order_end",
    "stop_order_start",
    "warning_cancel",
    "warning_issue",
    "warning_propose",
    "warnings_expire",
    "way_get",
    "way_save",
]
