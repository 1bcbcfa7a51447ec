"""The only writers of the response stage, by noun."""

from anlan.response.services.casualties import (
    Where,
    casualty_correct,
    casualty_enter,
    casualty_identify,
    ledger_totals,
)
from anlan.response.services.command import body_level_set, leader_checkin, mismatch_refuse
from anlan.response.services.considering import levels_consider
from anlan.response.services.contacts import contacts_heard, contacts_release, contacts_watch
from anlan.response.services.incidents import claim_add, claim_judge, incident_close, incident_open, incident_verify
from anlan.response.services.levels import Announcement, level_adopt, level_end
from anlan.response.services.plan_titles import titles_generate
from anlan.response.services.plans import plan_load, plans_load_shipped
from anlan.response.services.proposals import level_decline, level_propose
from anlan.response.services.reports import report_file
from anlan.response.services.stoplines import stopline_act, stopline_read, stopline_reset
from anlan.response.services.tasks import Done, Receipt, task_done, task_done_many, task_receive, task_receive_many

__all__ = [
    "Announcement",
    "Done",
    "Receipt",
    "Where",
    "body_level_set",
    "casualty_correct",
    "casualty_enter",
    "casualty_identify",
    "claim_add",
    "claim_judge",
    "contacts_heard",
    "contacts_release",
    "contacts_watch",
    "incident_close",
    "incident_open",
    "incident_verify",
    "leader_checkin",
    "ledger_totals",
    "level_adopt",
    "level_decline",
    "level_end",
    "level_propose",
    "levels_consider",
    "mismatch_refuse",
    "plan_load",
    "plans_load_shipped",
    "report_file",
    "stopline_act",
    "stopline_read",
    "stopline_reset",
    "task_done",
    "task_done_many",
    "task_receive",
    "task_receive_many",
    "titles_generate",
]
