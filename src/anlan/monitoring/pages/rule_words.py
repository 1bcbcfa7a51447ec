"""A rule's conditions in words: "rain in 3 h ≥ 50 mm and not …"."""

from __future__ import annotations

from difflib import unified_diff
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.monitoring.engine.rules import All, Any, Leaf, Node, Not
from anlan.monitoring.pages import words
from anlan.monitoring.pages.signal_words import number, window

MEASURES: dict[str, str | Promise] = {
    "sum": gettext_lazy("%(element)s in %(window)s"), "mean": gettext_lazy("mean of %(element)s over %(window)s"),
    "max": gettext_lazy("highest %(element)s in %(window)s"), "min": gettext_lazy("lowest %(element)s in %(window)s"),
    "rate": gettext_lazy("change of %(element)s per hour over %(window)s"),
    "count": gettext_lazy("readings of %(element)s in %(window)s"), "last": "%(element)s",
    "no_data": gettext_lazy("time since %(element)s was heard"),
}  # fmt: skip
OVER: dict[str, str | Promise] = {
    "mean": gettext_lazy("weighted mean: %(what)s"), "max": gettext_lazy("highest of all: %(what)s"),
    "min": gettext_lazy("lowest of all: %(what)s"), "sum": gettext_lazy("all together: %(what)s"),
}  # fmt: skip
PLACES = {
    "series": gettext_lazy("each series"), "station": gettext_lazy("each station"), "area": gettext_lazy("each area"),
}  # fmt: skip


class Line(NamedTuple):
    """A line of a difference: "add", "del", "same" or "head", and its text."""

    kind: str
    text: str


def condition(node: Node, unit: str = "") -> str:
    """Return a condition in words."""
    if isinstance(node, Leaf):
        return _leaf(node, unit)
    if isinstance(node, Not):
        return _("not (%(what)s)") % {"what": condition(node.part, unit)}
    joint = _(" and ") if isinstance(node, All) else _(" or ")
    return joint.join(
        f"({condition(part, unit)})" if isinstance(part, All | Any) else condition(part, unit) for part in node.parts
    )


def difference(before: str, after: str) -> list[Line]:
    """Return what changed from one text to another, with three lines around; [] when nothing did."""
    kinds = {"+": "add", "-": "del", "@": "head"}
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]
    return [Line(kinds.get(line[:1], "same"), line) for line in lines]


def _leaf(leaf: Leaf, unit: str) -> str:
    names = {"element": words.element(leaf.element), "window": window(leaf.window_s / 3600)}
    what = str(MEASURES[leaf.measure]) % names
    if leaf.over == "count":
        return _("at %(n)d or more: %(what)s") % {"n": leaf.members, "what": f"{what} {_bar(leaf, unit)}"}
    if leaf.over:
        what = str(OVER[leaf.over]) % {"what": what}
    return f"{what} {_bar(leaf, unit)}"


def _bar(leaf: Leaf, unit: str) -> str:
    sign = "≤" if leaf.below else "≥"
    if leaf.measure == "no_data":
        return f"{sign} {window((leaf.threshold or 0) / 3600)}"
    if not leaf.limit:
        return f"{sign} {number(leaf.threshold)} {unit}".rstrip()
    offset = f" {'+' if leaf.offset > 0 else '−'} {number(abs(leaf.offset))}" if leaf.offset else ""
    own = f"{words.limit(leaf.limit)}{offset}"
    return f"{sign} {own}" + (
        "" if leaf.threshold is None else f" ({_('else')} {number(leaf.threshold)} {unit})".replace(" )", ")")
    )
