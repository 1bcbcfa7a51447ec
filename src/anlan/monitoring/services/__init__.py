"""The only writers of monitoring."""

from anlan.monitoring.services.readings import TakeReport, readings_take
from anlan.monitoring.services.silence import stations_fall_silent
from anlan.monitoring.services.stations import StationSpec, stations_register

__all__ = ["StationSpec", "TakeReport", "readings_take", "stations_fall_silent", "stations_register"]
