"""Tables of the response stage, by noun."""

from anlan.response.models.command import BodyLevel, CommandBody, LeaderCheckin, Mismatch
from anlan.response.models.incidents import Claim, Incident
from anlan.response.models.levels import Level, LevelProposal, Plan
from anlan.response.models.register import PlanTitle
from anlan.response.models.reminders import Reminder
from anlan.response.models.reports import CasualtyEntry, Contact, Report, ReportBreach, ReportDuty
from anlan.response.models.tasks import StopLine, Task

__all__ = [
    "BodyLevel",
    "CasualtyEntry",
    "Claim",
    "CommandBody",
    "Contact",
    "Incident",
    "LeaderCheckin",
    "Level",
    "LevelProposal",
    "Mismatch",
    "Plan",
    "PlanTitle",
    "Reminder",
    "Report",
    "ReportBreach",
    "ReportDuty",
    "StopLine",
    "Task",
]
