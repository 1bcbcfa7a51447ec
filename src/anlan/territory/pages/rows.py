"""The page of one row: its facts in groups, what hangs on it, what it was before; and showing what is masked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel import clock
from anlan.kernel.problem import NotFound, Problem
from anlan.territory.engine.register import Register
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.pages.changes import told
from anlan.territory.pages.checks import check_word
from anlan.territory.pages.dossiers import BUILD
from anlan.territory.pages.facts import facts
from anlan.territory.pages.registers import WRITE
from anlan.territory.selectors.dossiers import doubts_of
from anlan.territory.selectors.finding import register_get
from anlan.territory.selectors.history import row_history
from anlan.territory.services.privacy import person_unmask, unit_unmask
from anlan.territory.services.reaching import today as local_day
from anlan.territory.sources.registers import register

LABELLED = ("units", "places")
MASKED = {"units": ("principal", "phone"), "persons": ("name", "phone", "phone_alt")}


@require_GET
@signed_in
def row_page(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """One row with everything that hangs on it; personal data masked until asked for with a reason."""
    who, now = actor(request), clock.now()
    found, row = register(name), register_get(who.scope, name, key)
    today = local_day(now)
    context = {
        **frame(found, row, key), **BUILD[name](who, row, now, today), "groups": facts(found, row, today),
        "history": told(found, row_history(who.scope, name, UUID(row["_id"]))), "now": now, "today": today,
        "doubts": [{**item, "word": check_word(item["check_code"])} for item in _doubts(request, name, row)],
        "may_write": who.may(WRITE.get(name, "account.manage"), str(row.get("division", ""))),
        "may_unmask": name in MASKED and anywhere(who, "person.unmask"),
    }  # fmt: skip
    return render(request, f"territory/row_{name}.html", context)


def frame(found: Register, row: dict[str, Any], key: str) -> dict[str, Any]:
    """Return what the head of a row's pages needs."""
    title = row.get("name") or row.get("number") or {"zh": row.get("name_zh", ""), "en": row.get("name_en", "")}
    return {"nav": "registers", "tab": found.name, "register": found, "row": row, "key": key, "title": title,
            "home": f"/territory/{found.name}/{key}", "labelled": found.name in LABELLED}  # fmt: skip


def _doubts(request: HttpRequest, name: str, row: dict[str, Any]) -> list[dict[str, Any]]:
    return doubts_of(actor(request).scope, name, UUID(row["_id"]))


@require_POST
@signed_in
def row_unmask(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Show name and telephone in full, with a reason that goes into the journal."""
    who = actor(request)
    row = register_get(who.scope, name, key)
    reason = request.POST.get("reason", "")
    context: dict[str, Any] = {
        "row": row,
        "home": f"/territory/{name}/{key}",
        "may_unmask": True,
        "register": register(name),
    }
    try:
        if name == "units":
            unit = unit_unmask(by=who, unit=UUID(row["_id"]), reason=reason)
            context["row"] = {**row, "principal": unit.principal, "phone": unit.phone}
        elif name == "persons":
            person = person_unmask(by=who, person=UUID(row["_id"]), reason=reason)
            context["row"] = {**row, "name": person.name, "phone": person.phone, "phone_alt": person.phone_alt}
        else:
            raise NotFound(code="territory.nothing_masked", zh="此名册没有遮盖的内容。", en="Nothing is masked here.")
        context |= {"open": True, "reason": reason}
    except Problem as problem:
        context |= {"refusal": problem.text(), "reason": reason}
    return render(request, "territory/contact.html", context)


urlpatterns = [
    path("<register:name>/<str:key>", row_page, name="register-row"),
    path("<register:name>/<str:key>/unmask", row_unmask, name="register-unmask"),
]
