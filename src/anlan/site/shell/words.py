"""Words and forms for the codes that every page shows. One place, so that no page invents its own."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: Response level → Roman numeral. 0 is "no response in force".
NUMERALS = {0: "–", 1: "I", 2: "II", 3: "III", 4: "IV"}

COLOURS = {
    "blue": pgettext_lazy("warning colour", "Blue"),
    "yellow": pgettext_lazy("warning colour", "Yellow"),
    "orange": pgettext_lazy("warning colour", "Orange"),
    "red": pgettext_lazy("warning colour", "Red"),
}

#: How a state of work looks.
TONES = ("ok", "attention", "overdue", "silent", "plain")

#: state code → (tone, label).
STATES = {
    "issued": ("plain", pgettext_lazy("task", "Issued")),
    "received": ("attention", pgettext_lazy("task", "Received")),
    "done": ("ok", pgettext_lazy("task", "Done")),
    "verified": ("ok", pgettext_lazy("task", "Verified")),
    "overdue": ("overdue", pgettext_lazy("task", "Overdue")),
    "cancelled": ("silent", _("Cancelled")),
    "open": ("attention", pgettext_lazy("proposal", "Waiting for a decision")),
    "adopted": ("ok", pgettext_lazy("proposal", "Adopted")),
    "declined": ("plain", pgettext_lazy("proposal", "Declined")),
    "superseded": ("silent", pgettext_lazy("proposal", "Superseded")),
    "lapsed": ("overdue", pgettext_lazy("proposal", "Lapsed without a decision")),
    "placed": ("plain", pgettext_lazy("call", "Called, no answer yet")),
    "answered": ("ok", pgettext_lazy("call", "Answered")),
    "escalated": ("attention", pgettext_lazy("call", "Passed on")),
    "exhausted": ("overdue", pgettext_lazy("call", "Nobody answered")),
    "silent": ("silent", pgettext_lazy("station", "Silent")),
    "normal": ("ok", pgettext_lazy("station", "Reporting")),
    "firing": ("attention", pgettext_lazy("signal", "Firing")),
    "cleared": ("silent", pgettext_lazy("signal", "Cleared")),
    "in_force": ("ok", pgettext_lazy("warning", "In force")),
    "updated": ("silent", pgettext_lazy("warning", "Replaced")),
    "expired": ("silent", pgettext_lazy("warning", "Expired")),
    "crossed": ("overdue", pgettext_lazy("stop-line", "Crossed, no act reported")),
    "acted": ("ok", pgettext_lazy("stop-line", "Acted and reported")),
    "closed": ("silent", pgettext_lazy("incident", "Closed")),
}

ACTIONS = {
    "start": _("Start level %s"),
    "raise": _("Raise to level %s"),
    "lower": _("Lower to level %s"),
    "end": _("End the response"),
}

TRACKS = {
    "history": _("As it happened"),
    "main": _("As Anlan proposes"),
}

ROLES = {
    "city_commander": _("City commander"),
    "city_deputy": _("City deputy commander"),
    "city_duty": _("City duty desk"),
    "county_commander": _("County commander"),
    "county_deputy": _("County deputy commander"),
    "county_duty": _("County duty desk"),
    "township_head": _("Township head"),
    "township_duty": _("Township duty desk"),
    "village_head": _("Village head"),
    "village_officer": _("Village disaster officer"),
    "reservoir_admin": _("Reservoir: administrator"),
    "reservoir_technical": _("Reservoir: engineer"),
    "reservoir_patrol": _("Reservoir: patrol"),
    "tunnel_duty": _("Tunnel duty"),
    "metro_station_duty": _("Metro station duty"),
    "metro_control": _("Metro control centre"),
    "school_head": _("School head"),
    "care_home_head": _("Care home head"),
    "hospital_duty": _("Hospital duty"),
    "plant_safety": _("Plant safety officer"),
    "weather_issuer": _("Weather office, issuing post"),
    "department_duty": _("Department duty desk"),
}

ANSWERS = {
    "received": pgettext_lazy("answer", "Received"),
    "acting": pgettext_lazy("answer", "Acting"),
    "need_help": pgettext_lazy("answer", "Needs help"),
    "cannot": pgettext_lazy("answer", "Cannot"),
}
