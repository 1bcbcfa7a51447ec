"""Codes of the monitoring stage, each with its words in both languages and the colour pages give it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StationKind(models.TextChoices):
    """What a station chiefly measures (站类)."""

    RAIN = "rain", _("Rain gauge")
    LEVEL = "level", _("Water level or depth")
    FLOW = "flow", _("Flow")
    SOIL = "soil", _("Soil moisture")
    SLIDE = "slide", _("Ground movement")
    GAS = "gas", _("Gas")
    PRESSURE = "pressure", _("Pressure")
    TEMP = "temp", _("Temperature")
    WIND = "wind", _("Wind")
    OUTFALL = "outfall", _("Discharge of wastewater or exhaust")
    OTHER = "other", _("Other")


class SeriesKind(models.TextChoices):
    """What a value of a series means (测项类型)."""

    INCREMENT = "increment", _("Amount over the interval")
    GAUGE = "gauge", _("State at the moment")
    COUNTER = "counter", _("Running total")


class StationState(models.TextChoices):
    """Whether a station or series speaks and is believed (测站状态). Silence is a fact with a clock, no empty cell."""

    NORMAL = "normal", _("Reporting")
    SILENT = "silent", _("No data")
    SUSPECT = "suspect", _("Doubtful")
    ISOLATED = "isolated", _("Isolated")


class SignalState(models.TextChoices):
    """Whether a signal still stands (信号状态)."""

    PENDING = "pending", _("Pending")
    FIRING = "firing", _("Firing")
    CLEARED = "cleared", _("Cleared")
    LAPSED = "lapsed", _("Lapsed")


class Quality(models.IntegerChoices):
    """What is thought of a value (质量码). Only good values count in sums and decisions."""

    GOOD = 0, _("Good")
    NEGATIVE = 1, _("Below the possible")
    TOO_HIGH = 2, _("Above the possible")
    FUTURE = 3, _("From the future")
    JUMP = 4, _("More in an hour than believed")
    STEP = 5, _("Changed faster than believed")
    STUCK = 6, _("Has not changed for too long")
    SPIKE = 7, _("Alone among its neighbours")
    RATE = 8, _("More in the interval than believed")
    DEVICE = 9, _("The device reports a fault")
    ISOLATED = 10, _("The station is isolated")


class Protocol(models.TextChoices):
    """How readings come (接入协议)."""

    HTTP = "http", "HTTP"
    SL651 = "sl651", "SL 651-2014"
    HJ212 = "hj212", "HJ 212"
    MQTT = "mqtt", "MQTT"
    MODBUS = "modbus", "Modbus TCP"
    OPCUA = "opcua", "OPC UA"
    FILE = "file", _("File drop")
    STA = "sta", "SensorThings"


class ConnectionState(models.TextChoices):
    """Whether a connection works (接入状态)."""

    STARTING = "starting", _("Starting")
    UP = "up", _("Working")
    DOWN = "down", _("Not working")
    OFF = "off", _("Switched off")


# Colours of the non-colour scales, for maps and lists; the four warning colours are kernel.levels.WarningColour.
LEVEL_COLOURS = {
    "alert": "yellow", "warning": "orange", "guarantee": "red", "record": "red", "caution": "yellow", "stop": "red",
}  # fmt: skip
