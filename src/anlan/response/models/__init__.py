"""Tables of the response stage, by noun."""

from anlan.response.models.attachments import (
    Attachment,
    AttachmentBytes,
    SentAct,
)
from anlan.response.models.command import (
    BodyLevel,
    CommandBody,
    LeaderCheckin,
    Mismatch,
)
from anlan.response.models.command_posts import (
    CommanderTerm,
    CommandGroup,
    CommandLogEntry,
    CommandPost,
    RescuePlan,
)
from anlan.response.models.duty import (
    DutyCheck,
    DutyPresence,
    RosterShift,
    RosterYear,
    SwapRequest,
)
from anlan.response.models.duty_log import (
    DutyLogEntry,
    Handover,
    PhoneRecord,
)
from anlan.response.models.incidents import (
    Claim,
    Incident,
)
from anlan.response.models.intakes import (
    IncidentChange,
    IncidentFigure,
    IncidentGrade,
    Intake,
)
from anlan.response.models.levels import (
    Level,
    LevelProposal,
    Plan,
    PurgeClock,
)
from anlan.response.models.local_rules import (
    LocalRule,
)
from anlan.response.models.orders import (
    Order,
    OrderStep,
)
from anlan.response.models.papers import (
    Paper,
    PaperFile,
    PaperNumber,
    PaperVersion,
)
from anlan.response.models.plan_care import (
    PlanCosign,
    PlanDraft,
    PlanMark,
    PlanRecord,
    UpperPlan,
)
from anlan.response.models.register import (
    PlanTitle,
)
from anlan.response.models.reminders import (
    Reminder,
)
from anlan.response.models.reports import (
    CasualtyEntry,
    Contact,
    Disaster,
    Report,
    ReportBreach,
    ReportDuty,
    ReportReceipt,
    ReturnDifference,
    ReturnTotal,
)
from anlan.response.models.tasks import (
    StopLine,
    Task,
)
from anlan.response.models.teams_on_site import (
    SaturationNotice,
    TeamIntake,
    TeamMovement,
    Withdrawal,
)

__all__ = [
    "Attachment", "AttachmentBytes", "BodyLevel", "CasualtyEntry", "Claim", "CommandBody", "CommandGroup",
    "CommandLogEntry", "CommandPost", "CommanderTerm", "Contact", "Disaster", "DutyCheck", "DutyLogEntry",
    "DutyPresence", "Handover", "Incident", "IncidentChange", "IncidentFigure", "IncidentGrade", "Intake",
    "LeaderCheckin", "Level", "LevelProposal", "LocalRule", "Mismatch", "Order", "OrderStep", "Paper", "PaperFile",
    "PaperNumber", "PaperVersion", "PhoneRecord", "Plan", "PlanCosign", "PlanDraft", "PlanMark", "PlanRecord",
    "PlanTitle", "PurgeClock", "Reminder", "Report", "ReportBreach", "ReportDuty", "ReportReceipt", "RescuePlan",
    "ReturnDifference", "ReturnTotal", "RosterShift", "RosterYear", "SaturationNotice", "SentAct", "StopLine",
    "SwapRequest", "Task", "TeamIntake", "TeamMovement", "UpperPlan", "Withdrawal"
]  # fmt: skip
