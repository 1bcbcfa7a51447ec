"""The decision (响应决定): what the law asks to be said, filled in from the plan, beside what it would change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.problem import Invalid, Problem
from anlan.response.choices_levels import CLOSEOUT
from anlan.response.choices_rings import PROPOSAL
from anlan.response.engine.level_words import as_kept
from anlan.response.engine.plan import LEVELS
from anlan.response.engine.text import Words
from anlan.response.models import Incident, Level, LevelProposal, Plan, Task
from anlan.response.pages.forms import key_or_none, number_given, place_of
from anlan.response.pages.levels import may_decide, own_post
from anlan.response.selectors.plans import Standing, plan_get, plans_valid, post_of, rules_of, standing
from anlan.response.selectors.preview import level_preview
from anlan.response.selectors.relief import relief_choice, relief_standing
from anlan.response.selectors.rings import rings_of
from anlan.response.services.announcing import Announcement, Ending, announcement_words, ending_words
from anlan.response.services.levels import level_adopt
from anlan.territory.pages.access import actor, signed_in

LINES = 60
Said = dict[str, Words | tuple[Words, ...]]


class Asked(NamedTuple):
    """What is to be decided: a proposal's level, or a plan's level by hand; 0 ends."""

    proposal: LevelProposal | None
    plan: Plan | None
    level: int
    incident: Incident | None


@require_http_methods(["GET", "POST"])
@signed_in
def decide(request: HttpRequest) -> HttpResponse:
    """The decision form for `?proposal=`, or for `?plan=&level=&incident=` by hand; a POST decides."""
    who, now = actor(request), clock.now()
    asked = _asked(who, request.GET if request.method == "GET" else request.POST, now)
    refused: Problem | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                return _decided(request, who, asked)
        except Problem as problem:
            refused = problem
    context = {**_context(who, asked, now, weak="weak" in request.GET), "problem": refused}
    if refused is not None:
        context["said"] = {**context.get("said", {}), **_typed(request.POST)}
    return render(request, "response/decide.html", context, status=refused.http if refused is not None else 200)


def _asked(who: Actor, given: QueryDict, now: datetime) -> Asked:
    """Read what is asked for; a plan or event outside the reader's scope counts as none."""
    key = key_or_none(given.get("proposal"))
    if key is not None:
        row = LevelProposal.objects.select_related("plan", "incident", "holder_post").filter(pk=key).first()
        if row is not None and who.scope.sees(row.division):
            return Asked(row, row.plan, row.level, row.incident)
        raise Invalid(code="level.no_proposal", zh="没有这条建议，或不在您的范围内。",
                      en="There is no such proposal, or it is not in your scope.", field="proposal", value=key)  # fmt: skip
    code = given.get("plan", "")
    plan = plan_get(code, now) if code else None
    if plan is not None and not who.scope.sees(plan.division):
        plan = None
    named = key_or_none(given.get("incident"))
    event = Incident.objects.filter(pk=named).first() if named is not None else None
    if event is not None and not who.scope.sees(event.division):
        event = None
    level = given.get("level", "")
    return Asked(None, plan, int(level) if level in ("0", "1", "2", "3", "4") else 4, event)


def _context(who: Actor, asked: Asked, now: datetime, *, weak: bool) -> dict[str, Any]:
    plans = [row for row in plans_valid(now) if may_decide(who, row.division)]
    context: dict[str, Any] = {
        "nav": "response", "now": now, "plans": plans, "levels": LEVELS, "post": own_post(who), "asked": asked,
        "proposal": asked.proposal, "plan": asked.plan, "level": asked.level, "incident": asked.incident,
    }  # fmt: skip
    if asked.plan is None:
        return context
    rules = rules_of(asked.plan)
    event = asked.incident.pk if asked.incident is not None and rules.per == "incident" else None
    stands = _standing(asked)
    context |= {
        "rules": rules, "per_incident": rules.per == "incident", "ready": stands is not None,
        "incidents": _incidents(who, asked.plan) if rules.per == "incident" else [],
        "may": may_decide(who, asked.plan.division),
        "relief": relief_standing(asked.incident, now, weak=weak) if asked.incident is not None else None,
        "compare": relief_choice(asked.incident.type_code, weak=weak) if asked.incident is not None else None,
        "waiting": asked.proposal is None or asked.proposal.state == "open",
        "rings": _rings(asked.proposal),
    }  # fmt: skip
    if stands is None:
        return context
    current = stands.level
    ending = asked.level == 0
    decider = current.decided_by_post if ending and current is not None else post_of(
        rules.level(asked.level or 4).deciders, rules.area)  # fmt: skip
    context |= {
        "standing": stands, "current": current, "in_force": stands.number == asked.level, "decider": decider,
        "preview": level_preview(asked.plan, asked.level, event),
        "said": _in_own(_words(asked, current)),
    }  # fmt: skip
    if not ending:
        context["said"]["expected_duration_h"] = rules.level(asked.level).expected_duration_h
    return context


def _standing(asked: Asked) -> Standing | None:
    """How the plan stands; None where it answers single events and none is named."""
    if asked.plan is None:
        return None
    single = rules_of(asked.plan).per == "incident"
    event = asked.incident.pk if asked.incident is not None and single else None
    return None if single and event is None else standing(asked.plan, "main", event)


def _words(asked: Asked, current: Level | None) -> Said:
    """What the form is filled with: the plan's own words for the level, or for the end."""
    if asked.plan is None or (asked.level == 0 and current is None):
        return {}
    rules = rules_of(asked.plan)
    if asked.level == 0 and current is not None:
        return ending_words(rules, current)
    return announcement_words(rules, asked.level, asked.proposal)


def _in_own(words: Said) -> dict[str, Any]:
    """Words in the reader's language."""
    english = get_language() == "en"
    return {
        key: [one.en if english else one.zh for one in said] if isinstance(said, tuple)
        else said.en if english else said.zh for key, said in words.items()
    }  # fmt: skip


def _rings(row: LevelProposal | None) -> list[dict[str, Any]]:
    return rings_of([f"{PROPOSAL}{row.pk}"])[f"{PROPOSAL}{row.pk}"] if row is not None else []


def _incidents(who: Actor, plan: Plan) -> list[Incident]:
    rows = who.scope.filter_chain(Incident.objects.filter(state="open", division__startswith=plan.division))
    return list(rows.order_by("-opened_at", "id")[:LINES])


def _decided(request: HttpRequest, who: Actor, asked: Asked) -> HttpResponse:
    """Decide, and go to the response's page."""
    given = request.POST
    if asked.plan is None:
        raise Invalid(code="level.no_plan", zh="请选择预案。", en="Choose the plan.", field="plan", value=None)
    kept = _kept(given, asked)
    hours = number_given("expected_duration_h", given.get("expected_duration_h", ""), least=0, most=8760) or 0.0
    announce = Announcement(
        matter=kept("matter"), expected_duration_h=hours, measures=_lines(kept("measures")),
        note=given.get("reason", "") if asked.level == 0 else given.get("note", ""),
        reason=kept("reason"), basis=kept("basis"),
    )  # fmt: skip
    ending = Ending(
        announced=kept("announced"), stopped=_lines(kept("stopped")), watch=kept("watch"),
        confirmed=[place_of(number, -1) for number in given.getlist("confirmed")],
    )  # fmt: skip
    row = level_adopt(
        by=who, proposal=asked.proposal.pk if asked.proposal else None, plan=asked.plan.code, level=asked.level,
        incident=asked.incident.pk if asked.incident else None, announce=announce, ending=ending,
    )  # fmt: skip
    sent = Task.objects.filter(level=row)
    if row.until is not None:
        codes = [task.code for task in rules_of(asked.plan).end.tasks]
        sent = sent.filter(Q(action__in=list(CLOSEOUT)) | Q(code__in=codes))
    posts = sent.values("owner_post").distinct().count()
    told = _("Decided: %(n)d tasks are with %(p)d posts.") if row.until is None else _(
        "Ended: %(n)d closing tasks are with %(p)d posts.")  # fmt: skip
    messages.success(request, told % {"n": sent.count(), "p": posts})
    return HttpResponseRedirect(f"/response/levels/{row.pk}")


def _kept(given: QueryDict, asked: Asked) -> Callable[[str], str]:
    """What was typed as it is kept, line by line: the plan's own words in Chinese, in whichever language they were shown."""
    stands = _standing(asked)
    words = _words(asked, stands.level if stands is not None else None)

    def kept(name: str) -> str:
        said = words.get(name, ())
        own = said if isinstance(said, tuple) else (said,)
        return "\n".join(as_kept(line, own) for line in given.get(name, "").splitlines())

    return kept


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _typed(given: QueryDict) -> dict[str, Any]:
    """What was typed, so that a refused form keeps it."""
    names = ("matter", "expected_duration_h", "reason", "basis", "note", "announced", "watch")
    found: dict[str, Any] = {name: given[name] for name in names if name in given}
    found |= {name: _lines(given.get(name, "")) for name in ("measures", "stopped") if name in given}
    return found | {"ticked": [place_of(n, -1) for n in given.getlist("confirmed")]}


urlpatterns = [path("decide", decide, name="response-decide")]
