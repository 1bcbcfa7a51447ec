"""Codes of the monitoring stage, each with its words in both languages and the colour pages give it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StationKind(models.TextChoices):
    """What a station measures (站类)."""

    RAIN = "rain", _("Rain gauge")
    LEVEL = "level", _("Water level or depth")


class StationState(models.TextChoices):
    """Whether a station speaks (测站状态). Silence is a fact with a clock, not an empty cell."""

    NORMAL = "normal", _("Reporting")
    SILENT = "silent", _("No data")


class SignalState(models.TextChoices):
    """Whether a signal still stands (信号状态)."""

    FIRING = "firing", _("Firing")
    CLEARED = "cleared", _("Cleared")


class Quality(models.IntegerChoices):
    """What is thought of a value (质量码). Only good values count in sums and decisions."""

    GOOD = 0, _("Good")
    NEGATIVE = 1, _("Below the possible")
    TOO_HIGH = 2, _("Above the possible")
    FUTURE = 3, _("From the future")
    JUMP = 4, _("More in an hour than believed")


# Colours of the non-colour scales, for maps and lists; the four warning colours are kernel.levels.WarningColour.
LEVEL_COLOURS = {"warning": "orange", "guarantee": "red", "record": "red", "caution": "yellow", "stop": "red"}
