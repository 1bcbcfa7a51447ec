"""The only writers of the response stage, by noun."""

from anlan.response.services.announcing import (
    Announcement,
    Ending,
)
from anlan.response.services.attachments import (
    attachment_add,
)
from anlan.response.services.bodies import (
    body_level_set,
    body_named,
    mismatch_adopt,
    mismatch_refuse,
)
from anlan.response.services.casualties import (
    Where,
    casualty_correct,
    casualty_enter,
    casualty_identify,
    ledger_totals,
)
from anlan.response.services.claims import (
    claim_add,
    claim_judge,
)
from anlan.response.services.command import (
    leader_checkin,
)
from anlan.response.services.command_groups import (
    command_group_change,
)
from anlan.response.services.command_log import (
    log_write,
)
from anlan.response.services.command_posts import (
    command_post_close,
    command_post_link,
    command_post_move,
    command_post_set_up,
)
from anlan.response.services.commanders import (
    command_accept,
    command_offer,
    command_offer_withdraw,
    command_take,
)
from anlan.response.services.considering import (
    levels_consider,
)
from anlan.response.services.contacts import (
    contacts_heard,
    contacts_release,
    contacts_watch,
)
from anlan.response.services.disasters import (
    disaster_close,
    disaster_open,
    disaster_stable,
    report_ask,
    report_extend,
)
from anlan.response.services.duty_log import (
    PhoneSpec,
    phone_hand_on,
    phone_take_down,
)
from anlan.response.services.ending import (
    level_end,
)
from anlan.response.services.figures import (
    figure_set,
)
from anlan.response.services.grades import (
    grade_confirm,
)
from anlan.response.services.incident_changes import (
    change_undo,
    incident_change,
    incident_merge,
    incident_split,
)
from anlan.response.services.incidents import (
    incident_close,
    incident_open,
    incident_verify,
)
from anlan.response.services.intakes import (
    Said,
    incident_receive,
    intake_dismiss,
    intake_join,
    intake_open,
)
from anlan.response.services.leaving import (
    leader_leave,
)
from anlan.response.services.levels import (
    level_adopt,
)
from anlan.response.services.local_rules import (
    local_rule_approve,
    local_rule_checked,
    local_rule_draft,
    local_rule_end,
    local_rule_tried,
)
from anlan.response.services.orders import (
    order_check,
    order_draft,
    order_drop,
    order_edit,
    order_return,
    order_sign,
)
from anlan.response.services.orders_issue import (
    order_issue,
    order_issue_verbal,
    order_write,
)
from anlan.response.services.orders_over import (
    order_cancel,
    order_close,
    order_progress,
)
from anlan.response.services.papers import (
    paper_change,
    paper_make,
)
from anlan.response.services.papers_flow import (
    paper_check,
    paper_issue,
    paper_return,
    paper_sign,
    paper_withdraw,
)
from anlan.response.services.plan_titles import (
    titles_generate,
)
from anlan.response.services.plans import (
    plan_load,
    plans_load_shipped,
)
from anlan.response.services.proposals import (
    level_decline,
    level_propose,
)
from anlan.response.services.purging import (
    purge_hold,
    purge_release,
)
from anlan.response.services.purging_photos import (
    attachment_keep,
)
from anlan.response.services.report_duties import (
    correction_owed,
    incident_owed,
)
from anlan.response.services.reports import (
    Told,
    report_acknowledge,
    report_checked,
    report_file,
)
from anlan.response.services.rescue_plans import (
    rescue_plan_enforce,
    rescue_plan_make,
)
from anlan.response.services.rollup import (
    difference_explain,
    rollup_run,
)
from anlan.response.services.saturation import (
    saturation_draft,
    saturation_release,
    saturation_withdraw,
)
from anlan.response.services.sent import (
    task_sent,
)
from anlan.response.services.stoplines import (
    stopline_act,
    stopline_read,
    stopline_reset,
)
from anlan.response.services.tasks import (
    Done,
    Receipt,
    task_done,
    task_done_many,
    task_receive,
    task_receive_many,
)
from anlan.response.services.team_intake import (
    team_contact,
    team_decide,
    team_leave,
    team_move,
    team_register,
)
from anlan.response.services.values_orders import (
    OrderContent,
)
from anlan.response.services.verification import (
    task_help,
    task_help_answer,
    task_progress,
    task_send_back,
    task_verify,
)
from anlan.response.services.withdrawing import (
    withdraw_lift,
    withdraw_order,
)

__all__ = [
    "Announcement", "Done", "Ending", "OrderContent", "PhoneSpec", "Receipt", "Said", "Told", "Where",
    "attachment_add", "attachment_keep", "body_level_set", "body_named", "casualty_correct", "casualty_enter", "casualty_identify",
    "change_undo", "claim_add", "claim_judge", "command_accept", "command_group_change", "command_offer",
    "command_offer_withdraw", "command_post_close", "command_post_link", "command_post_move", "command_post_set_up",
    "command_take", "contacts_heard", "contacts_release", "contacts_watch", "correction_owed", "difference_explain",
    "disaster_close", "disaster_open", "disaster_stable", "figure_set", "grade_confirm", "incident_change",
    "incident_close", "incident_merge", "incident_open", "incident_owed", "incident_receive", "incident_split",
    "incident_verify", "intake_dismiss", "intake_join", "intake_open", "leader_checkin", "leader_leave",
    "ledger_totals", "level_adopt", "level_decline", "level_end", "level_propose", "levels_consider", "local_rule_approve",
    "local_rule_checked", "local_rule_draft", "local_rule_end", "local_rule_tried", "log_write",
    "mismatch_adopt", "mismatch_refuse", "order_cancel", "order_check", "order_close", "order_draft", "order_drop",
    "order_edit", "order_issue", "order_issue_verbal", "order_progress", "order_return", "order_sign",
    "order_write", "paper_change", "paper_check", "paper_issue", "paper_make", "paper_return", "paper_sign",
    "paper_withdraw", "phone_hand_on", "phone_take_down", "plan_load", "plans_load_shipped", "purge_hold",
    "purge_release", "report_acknowledge", "report_ask", "report_checked", "report_extend", "report_file",
    "rescue_plan_enforce", "rescue_plan_make", "rollup_run", "saturation_draft", "saturation_release",
    "saturation_withdraw", "stopline_act", "stopline_read", "stopline_reset", "task_done", "task_done_many",
    "task_help", "task_help_answer", "task_progress", "task_receive", "task_receive_many", "task_send_back",
    "task_sent", "task_verify", "team_contact", "team_decide", "team_leave", "team_move", "team_register",
    "titles_generate", "withdraw_lift", "withdraw_order"
]  # fmt: skip
