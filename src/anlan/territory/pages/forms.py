"""Rows entered and changed by hand: every field of the register's description as an input, checked as a file's row is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, register_converter
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from anlan.kernel.problem import Conflict, NotFound, Problem
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.inputs import form_groups, texts_of
from anlan.territory.pages.rows import frame
from anlan.territory.pages.writing import WRITERS, Writer
from anlan.territory.selectors.finding import register_get
from anlan.territory.services.versions import version_of
from anlan.territory.sources.registers import register


def writer(name: str) -> Writer:
    """Return how rows of a register are written by hand; NotFound for those that aren't."""
    found = WRITERS.get(name)
    if found is None:
        raise NotFound(
            code="territory.not_by_hand", zh="此名册不能手工填写，请通过导入更新。",
            en="Rows of this register come in by import, not by hand.", field="register", value=name,
        )  # fmt: skip
    return found


@require_http_methods(["GET", "POST"])
@signed_in
def row_new(request: HttpRequest, name: str) -> HttpResponse:
    """Enter a new row; what is wrong stands at its field, with the remedy."""
    given = texts_of(name, request.POST or request.GET)
    context: dict[str, Any] = {"nav": "registers", "tab": name, "register": register(name), "new": True,
                               "kind": given.get("kind", ""), "home": f"/territory/{name}"}  # fmt: skip
    faults: dict[str, dict[str, str]] = {}
    if request.method == "POST" and "save" in request.POST:
        try:
            key, doubts = writer(name).save(by=actor(request), texts=given, row=None, seen=None)
            return _saved(request, name, key, doubts)
        except Problem as problem:
            faults = faults_of(problem)
    writer(name)
    context["groups"] = form_groups(name, given, faults, {})
    context["faults"] = faults
    return render(request, "territory/form.html", context, status=422 if faults else 200)


@require_http_methods(["GET", "POST"])
@signed_in
def row_edit(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Change a row. When somebody else changed it meanwhile, both versions stand side by side to choose from."""
    who, write = actor(request), writer(name)
    row = register_get(who.scope, name, key)
    model = write.read(UUID(row["_id"]))
    there = write.texts(model, row)
    context: dict[str, Any] = {**frame(register(name), row, key), "seen": version_of(model), "kind": row.get("kind", ""),
                               "undo": write.undoable(who, model), "closes": write.closes}  # fmt: skip
    given, faults, theirs = there, {}, {}
    if request.method == "POST":
        given = {**there, **texts_of(name, request.POST)}
        try:
            found, doubts = write.save(by=who, texts=_filled(name, given), row=model.pk, seen=request.POST.get("seen"))
            return _saved(request, name, found, doubts)
        except Conflict as conflict:
            if conflict.code == "territory.moved_on":
                theirs = {field: text for field, text in there.items() if given.get(field, "") != text}
            faults = faults_of(conflict)
        except Problem as problem:
            faults = faults_of(problem)
    context |= {"groups": form_groups(name, given, faults, theirs), "faults": faults, "theirs": theirs}
    return render(request, "territory/form.html", context, status=422 if faults else 200)


@require_POST
@signed_in
def row_act(request: HttpRequest, name: str, key: str, act: str) -> HttpResponse:
    """Close a row for good, take back one's own last change, or note that a contact was reached."""
    who, write = actor(request), writer(name)
    row = register_get(who.scope, name, key)
    try:
        words = write.act(act, by=who, row=UUID(row["_id"]), reason=request.POST.get("reason", ""))
        messages.success(request, words)
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(f"/territory/{name}/{row['_id']}")


def faults_of(problem: Problem) -> dict[str, dict[str, str]]:
    """Return field → what is wrong in the reader's words; "" holds what belongs to no field."""
    listed = problem.extra.get("faults")
    if listed:
        return {item["field"]: {**item, "zh": f"{item['zh']}；{item['mend_zh']}", "en": f"{item['en']}. {item['mend_en']}"}
                for item in reversed(listed)}  # fmt: skip
    field = problem.field if problem.field and problem.field not in ("seen", "by", "row") else ""
    return {field: {"zh": problem.zh, "en": problem.en, "value": ""}}


def _filled(name: str, texts: dict[str, str]) -> dict[str, str]:
    """Leave out personal data that was not typed anew: what is masked stays as it is."""
    found = register(name)
    hidden = {item.name for item in found.fields if item.sensitive}
    return {field: text for field, text in texts.items() if field not in hidden or text.strip()}


def _saved(request: HttpRequest, name: str, key: str, doubts: list[dict[str, str]]) -> HttpResponse:
    messages.success(request, _("Saved."))
    for doubt in doubts:
        messages.warning(request, f"{doubt['value']}: {Problem(code='', **_both(doubt)).text()}")
    return HttpResponseRedirect(f"/territory/{name}/{key}")


def _both(doubt: dict[str, str]) -> dict[str, Any]:
    return {"zh": f"{doubt['zh']}；{doubt['mend_zh']}", "en": f"{doubt['en']}. {doubt['mend_en']}"}


class ActConverter:
    """A further act on a row, in an address."""

    regex = "close|undo|checked"

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(ActConverter, "act")

urlpatterns = [
    path("<register:name>/new", row_new, name="register-new"),
    path("<register:name>/<str:key>/edit", row_edit, name="register-edit"),
    path("<register:name>/<str:key>/<act:act>", row_act, name="register-act"),
]
