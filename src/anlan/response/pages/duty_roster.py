"""The roster's pages: the year at a glance, a month by hand, making it from crews, publishing, print and workbook."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel.language import say
from anlan.kernel.problem import Invalid, Problem
from anlan.response import choices_duty as choices
from anlan.response.engine.duty_rules import days_of
from anlan.response.engine.roster import BEIJING
from anlan.response.formats.duty_rules import duty_rule, holidays
from anlan.response.models import RosterShift, RosterYear
from anlan.response.pages.answering import answered
from anlan.response.pages.duty_frame import framed, home
from anlan.response.pages.forms import day_of, key_given, moment_given, place_of, whole_given
from anlan.response.selectors import duty_board as board
from anlan.response.selectors import duty_roster as rosters
from anlan.response.selectors.posts import leader_posts
from anlan.response.services.rosters import RosterSpec, roster_draft, roster_revise, shift_set
from anlan.response.services.rosters_publish import roster_publish
from anlan.territory.formats.excel_out import SheetWriter
from anlan.territory.models import Post
from anlan.territory.pages.access import actor, signed_in

HERE = "/roster"
CREWS = 8  # rows the form offers at least
Spans = tuple[str, ...]


@require_GET
@signed_in
def roster_page(request: HttpRequest) -> HttpResponse:
    """A desk's roster of a year: the year at a glance, one month shift by shift, holes and breaches of rest in place."""
    frame = framed(request, "roster")
    who, now = actor(request), frame["now"].astimezone(BEIJING)
    listed = board.rosters_of(frame["desk"])
    wanted = request.GET.get("roster", "")
    year = place_of(request.GET.get("year", ""), now.year)
    chosen = next((row for row in listed if str(row.pk) == wanted), None) or _best(
        listed, year, bool(request.GET.get("year"))
    )
    context: dict[str, Any] = frame | {"rosters": listed, "roster": chosen, "year": chosen.year if chosen else year,
                                       "years": [now.year, now.year + 1]}  # fmt: skip
    if chosen is not None:
        month = place_of(request.GET.get("month", ""), now.month if chosen.year == now.year else 1)
        view = rosters.roster_view(who.scope, chosen)
        whole = request.GET.get("print") == "year"
        asked = range(1, 13) if whole else [min(12, max(1, month))]
        days = {one: rosters.month_days(view, chosen, one) for one in asked}
        context |= {
            "grid": rosters.year_grid(view, chosen), "month": month, "view": view, "today": now.date(),
            "months": [{"month": m, "first": date(chosen.year, m, 1), "days": d} for m, d in days.items() if d or not whole],
            "crews": rosters.crews_of(chosen, view["names"]), "people": rosters.candidates(who.scope, frame["desk"]),
            "spread": _spread(chosen), "state": choices.ROSTER_STATES[chosen.state], "pattern": choices.PATTERNS[chosen.pattern],
            "whole_year": whole,
        }  # fmt: skip
    return render(request, "response/duty_roster.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def roster_make(request: HttpRequest) -> HttpResponse:
    """The form a year's roster is made from: crews, pattern, leave, days off; it makes a draft."""
    frame = framed(request, "roster")
    who, desk = actor(request), frame["desk"]
    year = place_of(request.POST.get("year", "") or request.GET.get("year", ""), frame["now"].astimezone(BEIJING).year)
    context = frame | _form(request, desk, year)
    if request.method == "POST":
        try:
            row = roster_draft(by=who, post=desk.pk, year=year, spec=_spec(request, desk, year))
            messages.success(request, _("Drafted. Look it through, put it right by hand, then publish."))
            return HttpResponseRedirect(f"{home(desk, HERE)}&roster={row.pk}")
        except Problem as refused:
            context |= {"problem": refused.text(), "fault": refused.field or ""}
    return render(request, "response/duty_make.html", context, status=422 if "problem" in context else 200)


@require_POST
@signed_in
def edit(request: HttpRequest, shift: UUID) -> HttpResponse:
    """Put somebody into a shift of a draft, by name."""
    who, form = actor(request), request.POST
    row = who.scope.filter(RosterShift.objects.select_related("roster__post").filter(pk=shift)).first()

    def act() -> None:
        shift_set(by=who, shift=shift, role=form.get("role", ""), reason=form.get("reason", ""),
                  person=_person(rosters.candidates(who.scope, row.roster.post) if row else [], form.get("person", "")))  # fmt: skip

    back = "/response/duty/roster"
    if row is not None:
        month = row.starts_at.astimezone(BEIJING).month
        back = f"{home(row.roster.post, HERE)}&roster={row.roster_id}&month={month}#s-{row.pk}-{form.get('role', '')}"
    return answered(request, act, _("Changed."), back)


@require_POST
@signed_in
def act_on(request: HttpRequest, roster: UUID, act: str) -> HttpResponse:
    """Publish a draft, or begin a new version of a published roster."""
    who = actor(request)
    row = rosters.roster_get(who.scope, roster)
    back = home(row.post, HERE)
    if act == "publish":
        return answered(request, lambda: roster_publish(by=who, roster=roster), _("Published: calls go to who sits there."),
                     f"{back}&roster={roster}")  # fmt: skip
    return answered(request, lambda: roster_revise(by=who, roster=roster), _("A new version, as a draft."), back,
                    onward=lambda made: f"{back}&roster={made.pk}")  # fmt: skip


@require_GET
@signed_in
def workbook(request: HttpRequest, roster: UUID) -> HttpResponse:
    """The roster as an Excel workbook, one row a shift."""
    row = rosters.roster_get(actor(request).scope, roster)
    view = rosters.roster_view(actor(request).scope, row)
    heads = [_("Date"), pgettext("roster", "Day of the week"), _("Kind of day"), _("From"), _("Until"), *(say({"zh": c.zh, "en": c.en}) for c in
             choices.DUTY_ROLES.values()), _("Why rest is set aside")]  # fmt: skip
    columns: dict[str, list[str]] = {head: [] for head in heads}
    for shift in view["shifts"]:
        start, stop = shift.starts_at.astimezone(BEIJING), shift.ends_at.astimezone(BEIJING)
        kind = choices.DAY_KINDS[shift.kind]
        people = [view["names"].get(getattr(shift, f"{role}_id"), "") for role in choices.DUTY_ROLES]
        values = [f"{start:%Y-%m-%d}", _weekdays()[start.weekday()], say({"zh": kind.zh, "en": kind.en}), f"{start:%H:%M}",
                  f"{stop:%H:%M}" if stop.date() == start.date() else f"{stop:%m-%d %H:%M}", *people, shift.reason]  # fmt: skip
        for head, value in zip(heads, values, strict=True):
            columns[head].append(value)
    body = BytesIO()
    with SheetWriter(body, heads, {heads[0]: "date"}, str(row.year)) as sheet:
        sheet.write(pa.RecordBatch.from_pydict(columns))
    answer = HttpResponse(
        body.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = f'attachment; filename="roster-{row.post.code}-{row.year}-v{row.version}.xlsx"'
    return answer


def _weekdays() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def _best(listed: list[RosterYear], year: int, strict: bool) -> RosterYear | None:
    mine = [row for row in listed if row.year == year] or ([] if strict else listed)
    return next((row for row in mine if row.state == "published"), mine[0] if mine else None)


def _spread(row: RosterYear) -> list[tuple[str, int, int]]:
    words = {"all": _("All"), "night": _("Nights"), "day": _("Days"), "work": _("Working days"), "weekend": _("Weekends"),
             "holiday": _("Holidays")}  # fmt: skip
    return [(words[name], *row.spread[name]) for name in words if name in row.spread and row.spread[name][1]]


def _form(request: HttpRequest, desk: Post, year: int) -> dict[str, Any]:
    given = request.POST
    known = holidays().days(year)
    last = board.rosters_of(desk)
    people = rosters.candidates(actor(request).scope, desk)
    labels = {str(one["id"]): one["label"] for one in people}
    crews = [[labels.get(key or "", "") for key in crew] for crew in (last[-1].crews if last else [])]
    if request.method == "POST":
        crews = [list(crew) for crew in zip(*(given.getlist(role) for role in choices.DUTY_ROLES), strict=False)]
    crews += [["", "", ""]] * (max(CREWS, len(crews) + 1) - len(crews))
    away = list(zip(*(given.getlist(n) for n in ("away", "away_from", "away_to")), strict=False)) or [("", "", "")] * 3
    rule = duty_rule()
    return {
        "year": year, "people": people, "crews": crews, "away": away, "rule": rule, "known": known is not None,
        "patterns": [(code, {"zh": one.zh, "en": one.en}) for code, one in choices.PATTERNS.items()],
        "given": given, "source": holidays().source.as_dict(), "rule_source": rule.source.as_dict(),
        "leader_posts": leader_posts(desk), "leader_post": given.get("leader_post", str(last[-1].leader_post_id or "") if last else ""),
        "off": given.get("off", " ".join(_spans(known[0])) if known else ""),
        "worked": given.get("worked", " ".join(_spans(known[1])) if known else ""),
    }  # fmt: skip


def _spec(request: HttpRequest, desk: Post, year: int) -> RosterSpec:
    form = request.POST
    people = rosters.candidates(actor(request).scope, desk)
    crews = []
    for crew in zip(*(form.getlist(role) for role in choices.DUTY_ROLES), strict=False):
        if any(text.strip() for text in crew):
            crews.append(tuple(_person(people, text) for text in crew))
    away = []
    for who, first, last in zip(form.getlist("away"), form.getlist("away_from"), form.getlist("away_to"), strict=False):
        person = _person(people, who)
        if person is not None:
            away.append((person, day_of("away_from", first), day_of("away_to", last or first)))
    checks = whole_given("checks_a_week", form.get("checks_a_week", ""), most=50)
    return RosterSpec(
        pattern=form.get("pattern", ""), crews=crews, absences=away,  # type: ignore[arg-type]
        off=_days("off", form.get("off", ""), year), worked=_days("worked", form.get("worked", ""), year),
        begins_at=moment_given("begins_at", form.get("begins_at", "")), leader_post=key_given("leader_post", form.get("leader_post")),
        checks_a_week=duty_rule().checks_a_week if checks is None else checks,
    )  # fmt: skip


def _person(people: list[dict[str, Any]], text: str) -> UUID | None:
    """Who is meant: a label of the list, or a name only one of them has; None for no words."""
    words = text.strip()
    if not words:
        return None
    found = [one["id"] for one in people if one["label"] == words] or [
        one["id"] for one in people if one["name"] == words
    ]
    if len(found) != 1:
        raise Invalid(
            code="duty.who", field="person", value=words[:60],
            zh=f"“{words[:20]}”不在本单位人员名单中，或有重名；请从提示中选择。",
            en=f"“{words[:20]}” is not in the list of people, or more than one; choose from the suggestions.",
        )  # fmt: skip
    key: UUID = found[0]
    return key


def _days(field: str, text: str, year: int) -> list[Any]:
    try:
        return days_of(year, tuple(text.replace("，", " ").replace(",", " ").split()))
    except ValueError as error:
        raise Invalid(code="duty.days", field=field, value=text[:60], zh="日期格式有误，请写成10-01..10-07，以空格分开。",
                      en="Write days like 10-01..10-07, with spaces between.") from error  # fmt: skip


def _spans(days: list[Any]) -> Spans:
    found: list[list[Any]] = []
    for day in days:
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1][1] = day
        else:
            found.append([day, day])
    return tuple(f"{a:%m-%d}" if a == b else f"{a:%m-%d}..{b:%m-%d}" for a, b in found)


urlpatterns = [
    path("duty/roster", roster_page, name="duty-roster"),
    path("duty/roster/make", roster_make, name="duty-roster-make"),
    path("duty/roster/shifts/<uuid:shift>", edit, name="duty-shift-edit"),
    *(path(f"duty/rosters/<uuid:roster>/{name}", act_on, {"act": name}, name=f"duty-roster-{name}")
      for name in ("publish", "revise")),
    path("duty/rosters/<uuid:roster>/workbook", workbook, name="duty-roster-workbook"),
]  # fmt: skip
