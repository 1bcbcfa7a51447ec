"""Words of the division pages: kinds of change and finding, evidence as a reader would say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

KINDS = {
    "renamed": pgettext_lazy("change of a division", "Renamed"),
    "recoded": pgettext_lazy("change of a division", "New code"),
    "moved": pgettext_lazy("change of a division", "Moved"),
    "merged": pgettext_lazy("change of a division", "Merged"),
    "split": pgettext_lazy("change of a division", "Split"),
    "abolished": pgettext_lazy("change of a division", "Abolished"),
    "added": pgettext_lazy("change of a division", "Added"),
}
EDITIONS = {
    "reviewing": ("attention", pgettext_lazy("code list", "Under review")),
    "applied": ("ok", pgettext_lazy("code list", "In force")),
    "withdrawn": ("silent", pgettext_lazy("code list", "Withdrawn")),
}
STATES = {
    "proposed": ("attention", pgettext_lazy("change", "To be decided")),
    "accepted": ("ok", pgettext_lazy("change", "Accepted")),
    "refused": ("silent", pgettext_lazy("change", "Refused")),
    "applied": ("ok", pgettext_lazy("change", "In force")),
}
FINDINGS = {
    "broken": (gettext_lazy("Outline crosses itself"), gettext_lazy("Repair it where it was drawn; it can't be laid down so.")),
    "overlap": (gettext_lazy("Neighbours overlap"), gettext_lazy("A point there lies in both; redraw the common line.")),
    "gap": (gettext_lazy("Gap inside"), gettext_lazy("A point there lies in none of the divisions below; close it.")),
    "beyond": (gettext_lazy("Reaches beyond the parent"), gettext_lazy("Cut it at the parent's line, or mend the parent.")),
    "unfilled": (gettext_lazy("Parent not filled"), gettext_lazy("A division below lacks its outline, or the lines differ.")),
    "no_outline": (gettext_lazy("Without an outline"), gettext_lazy("Points in it are found only as far as the division above.")),
    "no_division": (gettext_lazy("Outline of no division"), gettext_lazy("The code is not in force; mend the code or leave it out.")),
}  # fmt: skip
REGISTERS = {
    "unit": gettext_lazy("units"), "place": gettext_lazy("places"), "organisation": gettext_lazy("organisations"),
    "post": gettext_lazy("posts"), "person": gettext_lazy("people"), "appointment": gettext_lazy("appointments"),
    "duty": gettext_lazy("duties"), "shift": gettext_lazy("turns of duty"), "certificate": gettext_lazy("certificates"),
    "skill": gettext_lazy("skills"), "licence": gettext_lazy("licences"), "majorhazard": gettext_lazy("major hazards"),
    "hazard": gettext_lazy("major hazards"), "view": gettext_lazy("saved views"), "hold": gettext_lazy("holds"),
    "gap": gettext_lazy("gaps"), "finding": gettext_lazy("doubts"), "proposal": gettext_lazy("merge proposals"),
    "round": gettext_lazy("contact rounds"), "downstream": gettext_lazy("downstream warnings"),
}  # fmt: skip
WHY = {
    "code_taken": gettext_lazy("its code under the new parent is taken already: say where it goes"),
    "parent_split": gettext_lazy("the division above was split: say to which part it belongs"),
    "parent_gone": gettext_lazy("the division above is abolished: say where it goes"),
}


def reasons(kind: str, level: int, facts: Mapping[str, Any]) -> list[str]:
    """Return the evidence of a change as sentences without a full stop, the strongest first."""
    found = [*_by_hand(facts), *_by_children(level, facts), *_by_name(facts), *_by_place(facts), *_by_rest(facts)]
    if not found and kind == "abolished":
        found = [_("not in the new list, and nothing there says what became of it")]
    if not found and kind == "added":
        found = [_("new in the list, and nothing says it comes from another")]
    if not found and kind == "renamed":
        found = [_("same code, another name")]
    return found


def rows_said(counts: Mapping[str, int]) -> str:
    """Return counts by register as words: `3 units, 2 posts`."""
    said = (f"{count:,} {REGISTERS.get(name.rstrip('s') if name not in REGISTERS else name, REGISTERS.get(_single(name), name))}"
            for name, count in counts.items())  # fmt: skip
    return ", ".join(said)


def _single(name: str) -> str:
    return {"duties": "duty", "persons": "person"}.get(name, name.removesuffix("s"))


def _by_hand(facts: Mapping[str, Any]) -> list[str]:
    found = []
    if facts.get("chosen"):
        found.append(_("chosen by hand: %s") % facts.get("reason", ""))
    if facts.get("why"):
        found.append(str(WHY.get(facts["why"], facts["why"])))
    if facts.get("legal_to"):
        found.append(
            _("belongs by law to %(to)s instead of %(from)s") % {"to": facts["legal_to"], "from": facts["legal_from"]}
        )
    return found


def _by_children(level: int, facts: Mapping[str, Any]) -> list[str]:
    if not facts.get("common") or not facts.get("of_old"):
        return []
    both, old, new = facts["common"], facts["of_old"], facts["of_new"]
    if level == 4:
        text = ngettext(
            "%(both)d village in common (of %(old)d before, %(new)d now)",
            "%(both)d villages in common (of %(old)d before, %(new)d now)", both,
        )  # fmt: skip
    else:
        text = ngettext(
            "%(both)d division below in common (of %(old)d before, %(new)d now)",
            "%(both)d divisions below in common (of %(old)d before, %(new)d now)", both,
        )  # fmt: skip
    return [text % {"both": both, "old": old, "new": new}]


def _by_name(facts: Mapping[str, Any]) -> list[str]:
    found = []
    if facts.get("same_name"):
        found.append(_("same name"))
    if facts.get("same_stem"):
        found.append(_("same name but for the rank"))
    if found and not facts.get("same_parent"):
        found[0] += _(", the only one about") if facts.get("unique") else _(", but not the only one about")
    return found


def _by_place(facts: Mapping[str, Any]) -> list[str]:
    found = []
    if facts.get("overlap"):
        found.append(_("%d %% of the old outline lies in the new") % round(100 * facts["overlap"]))
    if facts.get("km") is not None:
        found.append(_("seats %s km apart") % f"{facts['km']:.1f}")
    return found


def _by_rest(facts: Mapping[str, Any]) -> list[str]:
    found = []
    if facts.get("assumed"):
        found.append(_("the list does not name it; it keeps its last digits under the new parent"))
    elif facts.get("follows") and facts.get("tail"):
        found.append(_("same last digits under the parent's new code"))
    if facts.get("only_left"):
        found.append(_("by elimination: the one code gone and the one code new there"))
    if facts.get("stays"):
        found.append(_("the old one stays; a part of it goes"))
    return found
