"""The signal board: what stands now, gravest first, narrowed as the address asks; one signal with every step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.language import say
from anlan.monitoring.pages import mutes, signal_words, words
from anlan.monitoring.pages.signal_asking import Asked
from anlan.monitoring.selectors.signal_board import STATES, Group, board_counts, board_page, counted, fits
from anlan.monitoring.selectors.signal_one import mutes_now, signal_one
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.chips import area_of, short_path
from anlan.territory.selectors.picking import division_children_counted, division_crumbs
from anlan.territory.selectors.register_rows import division_paths

COLOURS = ("red", "orange", "yellow", "blue")
LARGE = 60


@require_GET
@signed_in
def board(request: HttpRequest) -> HttpResponse:
    """Signals that stand: firing by level, recovering, pending, without data, doubtful."""
    who, asked = actor(request), Asked.read(request.GET)
    groups = board_counts(who.scope, asked.division)
    page = board_page(who.scope, asked.narrow(), groups, asked.after) if not asked.view else None
    context: dict[str, Any] = {
        "nav": "monitoring", "tab": "signals", "asked": asked, "now": clock.now(), "chips": chips(asked),
        "total": counted(groups, asked.narrow()).get("", 0), "colours": _colours(asked, groups),
        "states": _states(asked, groups), "first": asked.change().href(),
        "to_list": asked.change(view="").href(), "to_groups": asked.change(view="groups").href(),
    }  # fmt: skip
    if page is None:
        context["sets"] = _sets(asked, groups)
    else:
        area = area_of(who.scope)
        names = division_paths({row["division"] for row in page.rows})
        for row in page.rows:
            row["where"] = short_path(say(names.get(row["division"])) or row["division"], area)
        context |= {"rows": page.rows, "next": page.next and asked.change(after=page.next).href()}
    if request.headers.get("HX-Request"):
        return render(request, "monitoring/signals_part.html", context)
    context["mutes"] = len(mutes_now(who.scope, context["now"]))
    return render(request, "monitoring/signals.html", context)


@require_GET
@signed_in
def facets(request: HttpRequest) -> HttpResponse:
    """The filter panel: every value with how many signals it would leave, and the divisions below."""
    who, asked = actor(request), Asked.read(request.GET)
    groups = board_counts(who.scope, asked.division)
    heads = {
        "colour": _("Level"),
        "state": _("State"),
        "hazard": _("Hazard"),
        "rule": _("Rule"),
        "held": _("Passing on"),
    }
    found = []
    for name, head in heads.items():
        counts = counted(groups, asked.narrow(), name)
        known: tuple[str, ...] = {"colour": COLOURS, "state": STATES, "held": ("passed", "held")}.get(name, ())
        values = [v for v in known if v in counts or v in asked.chosen(name)] or sorted(
            counts, key=lambda v: -counts[v]
        )
        items = [{"code": v, "text": value_word(name, v, groups), "n": counts.get(v, 0), "on": v in asked.chosen(name)}
                 for v in values]  # fmt: skip
        found.append({"name": name, "head": head, "items": items})
    below = division_children_counted(asked.division, counted(groups, asked.narrow(), "division"))
    crumbs = division_crumbs(who.scope, asked.division) if asked.division else []
    context = {
        "asked": asked, "facets": [facet for facet in found if facet["items"]],
        "crumbs": [{**row, "href": asked.change(division=row["code"]).href()} for row in crumbs],
        "below": [{**row, "href": asked.change(division=row["code"]).href()} for row in below[:LARGE]],
        "off": asked.change(division="").href() if asked.division else "",
    }  # fmt: skip
    return render(request, "monitoring/signal_facets.html", context)


@require_GET
@signed_in
def parts(request: HttpRequest) -> HttpResponse:
    """Tell an open board that something happened; it asks for its own list again."""
    return render(request, "monitoring/signals_told.html", {"now": clock.now()})


@require_GET
@signed_in
def one(request: HttpRequest, signal: UUID) -> HttpResponse:
    """One signal: why it stands, with its numbers and the rule; every step, those replaced too; and the way to mute it."""
    who = actor(request)
    found = signal_one(who.scope, signal)
    row = found["row"]
    paths = division_paths([row.division])
    state = row.state
    if state == "firing":
        state = signal_words.standing(row.no_data_since, row.recovering_since, row.suspect)
    context = {
        **found, "nav": "monitoring", "tab": "signals", "now": clock.now(), "state": state,
        "where": say(paths.get(row.division)) or row.division, "numbers": row.explanation.get("numbers", {}),
        "may_warn": row.state == "firing" and who.may("warning.draft", row.division[: mutes.COUNTY]),
        "may_open": row.state == "firing" and who.may("incident.open", row.division),
        "may_mute": who.may("mute.set", row.division) and row.state in ("pending", "firing"),
        "spans": mutes.SPANS, "fits": mutes.choices_for(row), "held": signal_words.why_held(row.muted),
    }  # fmt: skip
    return render(request, "monitoring/signal.html", context)


def chips(asked: Asked) -> list[dict[str, str]]:
    """Return one chip per value in force: words, and the address without it."""
    found = []
    if asked.division:
        name = say(division_paths([asked.division]).get(asked.division)) or asked.division
        found.append({"name": _("Division"), "text": name, "href": asked.change(division="").href()})
    for name, values in asked.filters:
        if name not in ("colour", "state"):  # those two stand above the list
            found += [
                {"name": "", "text": value_word(name, v, ()), "href": asked.minus(name, v).href()} for v in values
            ]
    return found


def value_word(name: str, value: str, groups: Any) -> str:
    """Return the words for a value the board is narrowed by."""
    if name == "hazard":
        return signal_words.hazard(value)
    if name == "rule":
        named = next((say(g.words.name.as_dict()) for g in groups if g.words.code == value), None)
        return named or next((say(one.words.name.as_dict()) for one in _in_force() if one.rule.code == value), value)
    table: dict[str, dict[str, Any]] = {
        "colour": words.COLOURS, "state": {code: text for code, (_tone, text) in signal_words.STATES.items()},
        "held": signal_words.HELD,
    }  # fmt: skip
    return str(table[name].get(value, value))


def _in_force() -> Any:
    from anlan.monitoring.rules import rules_in_force

    return rules_in_force()


def _colours(asked: Asked, groups: list[Group]) -> list[dict[str, Any]]:
    counts, on = counted(groups, asked.narrow(), "colour"), asked.chosen("colour")
    return [
        {"code": code, "n": counts.get(code, 0), "text": words.COLOURS[code], "on": on == (code,),
         "href": asked.only("colour", () if on == (code,) else (code,)).href()}
        for code in COLOURS if counts.get(code) or code in on
    ]  # fmt: skip


def _states(asked: Asked, groups: list[Group]) -> list[dict[str, Any]]:
    counts, on = counted(groups, asked.narrow(), "state"), asked.chosen("state")
    return [
        {"code": code, "n": counts.get(code, 0), "on": on == (code,),
         "href": asked.only("state", () if on == (code,) else (code,)).href()}
        for code in STATES if counts.get(code) or code in on
    ]  # fmt: skip


def _sets(asked: Asked, groups: list[Group]) -> list[dict[str, Any]]:
    """Signals together by hazard and division, the gravest and largest first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for group in groups:
        if not fits(group, asked.narrow()):
            continue
        key = group.hazard, group.division
        row = found.setdefault(key, {"hazard": group.hazard, "division": group.division, "n": 0, "held": 0,
                                     "newest": group.newest, "oldest": group.oldest, "levels": {}})  # fmt: skip
        row["n"] += group.many
        row["held"] += group.many if group.held else 0
        row["newest"], row["oldest"] = max(row["newest"], group.newest), min(row["oldest"], group.oldest)
        row["levels"][group.colour] = row["levels"].get(group.colour, 0) + group.many
    names = division_paths({division for _hazard, division in found})
    rows = sorted(found.values(), key=lambda r: tuple(-r["levels"].get(c, 0) for c in COLOURS))
    for row in rows:
        row["name"] = say(names.get(row["division"])) or row["division"]
        row["levels"] = [(code, row["levels"][code]) for code in COLOURS if code in row["levels"]]
        row["href"] = asked.change(view="", division=row["division"]).only("hazard", [row["hazard"]]).href()
    return rows[: LARGE * 2]


urlpatterns = [
    path("signals", board, name="signals"),
    path("signals/facets", facets, name="signals-facets"),
    path("signals/parts", parts, name="signals-parts"),
    path("signals/<uuid:signal>", one, name="signal"),
    *mutes.urlpatterns,
]
