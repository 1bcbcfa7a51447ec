"""Words of signals: hazards, states, why one is held back, what happened at a step."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

HAZARDS: dict[str, str | Promise] = {
    "11A01": gettext_lazy("Flood"), "11A02": gettext_lazy("Urban flooding"), "11A06": gettext_lazy("Flash flood"),
    "11B03": gettext_lazy("Rainstorm"), "11B06": gettext_lazy("Gale"), "11B09": gettext_lazy("Heat"),
    "11D01": gettext_lazy("Landslide"), "12D00": gettext_lazy("Hazardous chemicals"), "silence": gettext_lazy("No data"),
}  # fmt: skip
#: state → (tone of the dot, word).
STATES: dict[str, tuple[str, str | Promise]] = {
    "firing": ("overdue", pgettext_lazy("signal", "Firing")),
    "recovering": ("ok", pgettext_lazy("signal", "Recovering")),
    "no_data": ("silent", pgettext_lazy("signal", "No data")),
    "suspect": ("attention", pgettext_lazy("signal", "Doubtful")),
    "pending": ("plain", pgettext_lazy("signal", "Pending")),
    "cleared": ("silent", pgettext_lazy("signal", "Cleared")),
    "lapsed": ("silent", pgettext_lazy("signal", "Never fired")),
}
HELD = {"held": pgettext_lazy("signal", "Held back"), "passed": pgettext_lazy("signal", "Passed on")}
#: state of a trial → (tone of the dot, word).
TRIALS: dict[str, tuple[str, str | Promise]] = {
    "waiting": ("plain", pgettext_lazy("trial", "Waiting")), "running": ("attention", pgettext_lazy("trial", "Running")),
    "failed": ("overdue", pgettext_lazy("trial", "Failed")),
}  # fmt: skip
EVENTS: dict[str, str | Promise] = {
    "opened": pgettext_lazy("signal step", "Opened"), "raised": pgettext_lazy("signal step", "Raised"),
    "lowered": pgettext_lazy("signal step", "Lowered"), "cleared": pgettext_lazy("signal step", "Cleared"),
    "suspect": pgettext_lazy("signal step", "Doubtful"),
}  # fmt: skip


def hazard(code: str) -> str:
    """Return the name of a hazard; one nobody has named stays a code, none is "other"."""
    return str(HAZARDS.get(code, code)) if code else _("Other")


def why_held(muted: str) -> str:
    """Return why a signal is held back, in words; '' when it is passed on."""
    kind = muted.partition(":")[0]
    words = {"mute": _("muted by a person"), "inhibited": _("covered by a graver or wider signal"),
             "storm": _("one of very many: passed on as a group")}  # fmt: skip
    return words.get(kind, muted)


def standing(no_data: Any, recovering: Any, suspect: bool) -> str:
    """Return what a firing signal is at now; the board counts by the same (selectors/signal_board)."""
    return "no_data" if no_data else "recovering" if recovering else "suspect" if suspect else "firing"


def window(hours: float) -> str:
    """Return the window of a figure: "3 h", "10 min", '' for the value itself."""
    if not hours:
        return ""
    return _("%(n)g h") % {"n": hours} if hours >= 1 else _("%(n)d min") % {"n": round(hours * 60)}


def number(value: Any) -> str:
    """Return a figure as short as it can be told; nothing as a dash."""
    try:
        return f"{float(value):,.2f}".rstrip("0").rstrip(".")
    except (TypeError, ValueError):
        return "–"


def lasting(seconds: float) -> str:
    """Return a span of time in hours and minutes."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%(m)d min") % {"m": minutes}
    return _("%(h)d h %(m)02d min") % {"h": minutes // 60, "m": minutes % 60}
