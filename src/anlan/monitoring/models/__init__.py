"""Tables of monitoring: stations and series, what they sent, the log between gateway and worker, rules and signals."""

from anlan.monitoring.models.described import Description
from anlan.monitoring.models.intake import Connection, ConnectionHealth, Frame, LogEntry, LogHead, Progress
from anlan.monitoring.models.readings import Batch, Day, Reading, RollupDay, RollupHour, RollupTen
from anlan.monitoring.models.signals import Mute, RuleVersion, Signal, SignalStep, Watch
from anlan.monitoring.models.stations import Area, AreaMember, Pulse, Series, Station
from anlan.monitoring.models.trials import RuleTrial

__all__ = [
    "Area", "AreaMember", "Batch", "Connection", "ConnectionHealth", "Day", "Description", "Frame", "LogEntry",
    "LogHead", "Mute", "Progress", "Pulse",
    "Reading", "RollupDay", "RollupHour", "RollupTen", "RuleTrial", "RuleVersion", "Series", "Signal", "SignalStep", "Station",
    "Watch",
]  # fmt: skip
