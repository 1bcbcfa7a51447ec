"""The only writers of monitoring."""

from anlan.monitoring.services.intake import intake_append
from anlan.monitoring.services.isolation import station_isolate, station_mend
from anlan.monitoring.services.readings import TakeReport, readings_take
from anlan.monitoring.services.silence import stations_fall_silent
from anlan.monitoring.services.stations import SeriesSpec, StationSpec, stations_register

__all__ = [
    "SeriesSpec", "StationSpec", "TakeReport", "intake_append", "readings_take", "station_isolate", "station_mend",
    "stations_fall_silent", "stations_register",
]  # fmt: skip
