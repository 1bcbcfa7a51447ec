"""Words of plans for templates. `{% load plan %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.response import choices, choices_plans
from anlan.response.engine.plan import Words
from anlan.response.engine.plan_clocks import Due
from anlan.response.engine.units import unit_name
from anlan.response.selectors.plans import plans_valid, rules_of

register = template.Library()
TONES = {"ok": "plain", "soon": "attention", "overdue": "overdue"}


@register.filter
def unit(code: str) -> dict[str, str]:
    """The name of a unit, to be said: `{{ code|unit|say }}`."""
    return (unit_name(code) or Words(code, code)).as_dict()


@register.filter
def both(words: Words | None) -> dict[str, str]:
    """Words of a plan as {zh, en}, to be said: `{{ rule.text|both|say }}`."""
    return words.as_dict() if words is not None else {"zh": "", "en": ""}


@register.simple_tag
def due(item: Due) -> SafeString:
    """A day something is due by, in the tone of its state, with the ground it stands on as a tooltip."""
    said = {"ok": "", "soon": _("soon"), "overdue": _("overdue")}[item.state]
    mark = _(" (default, editable)") if item.mark == "G" else ""
    return format_html('<span class="status s-{}" title="{}{}">{}{}</span>', TONES[item.state],
                       say(item.basis.as_dict()), mark, item.by.isoformat(), f" · {said}" if said else "")  # fmt: skip


@register.simple_tag
def followed_codes() -> SafeString:
    """The upper plans that plans in use follow, as options of a field."""
    found: dict[str, Any] = {}
    for plan in plans_valid(clock.now()):
        for follow in rules_of(plan).follows:
            found.setdefault(follow.code, follow.name.as_dict())
    return format_html_join("", '<option value="{}">{}</option>', ((code, say(found[code])) for code in sorted(found)))


@register.simple_tag
def minutes(value: int) -> str:
    """A limit in words: 15 min, 2 h, 3 d."""
    if value >= 2880 and value % 1440 == 0:
        return _("%d d") % (value // 1440)
    return _("%d h") % (value // 60) if value >= 120 and value % 60 == 0 else _("%d min") % value


@register.filter
def kindword(row: Any) -> str:
    """What was done with a plan, in the reader's language."""
    return say(choices.name(choices_plans.RECORD_KINDS, row.kind))


@register.filter
def signword(row: Any) -> str:
    """How a unit's signature stands, in the reader's language."""
    return say(choices.name(choices_plans.COSIGN_STATES, row.state))


@register.filter
def slash(way: Any, part: Any) -> str:
    """A path one step further: `{{ "end.tasks"|slash:3 }}` is end.tasks.3."""
    return f"{way}.{part}"
