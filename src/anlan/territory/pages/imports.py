"""Taking a file into a register, step by step: file, columns, check, and in; with its faults, its undo and its trace."""

from __future__ import annotations

from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from anlan.kernel.language import chinese
from anlan.kernel.problem import Invalid, Problem
from anlan.territory.pages.access import actor, anywhere, signed_in
from anlan.territory.selectors import imports as read
from anlan.territory.services import imports as act
from anlan.territory.sources.registers import NAMES, register, registers

ACT = "imports.run"
RUNNING = ("reading", "applying", "undoing")
ISSUES = 50
STATES = {
    "uploaded": ("attention", gettext_lazy("Columns to be chosen")),
    "reading": ("attention", gettext_lazy("Being checked")),
    "checked": ("attention", gettext_lazy("Checked, waiting for your decision")),
    "applying": ("attention", gettext_lazy("Going in")),
    "done": ("ok", gettext_lazy("In the register")),
    "failed": ("overdue", gettext_lazy("Failed, nothing went in")),
    "cancelled": ("silent", gettext_lazy("Cancelled")),
    "undoing": ("attention", gettext_lazy("Being undone")),
    "undone": ("silent", gettext_lazy("Undone")),
}
STEPS = (
    (("uploaded",), gettext_lazy("Columns")),
    (("reading", "checked"), gettext_lazy("Check")),
    (("applying", "done", "undoing", "undone"), gettext_lazy("In the register")),
)
DATUMS = (("wgs84", "WGS-84 / CGCS2000"), ("gcj02", "GCJ-02"), ("bd09", "BD-09"))
COUNTS = (
    ("new", gettext_lazy("new")),
    ("changed", gettext_lazy("changed")),
    ("same", gettext_lazy("as they are")),
    ("bad", gettext_lazy("with faults")),
)


@require_GET
@signed_in
def imports_page(request: HttpRequest) -> HttpResponse:
    """The imports of the reader's area, newest first, and the place to hand in a file."""
    who = actor(request)
    rows = [{"row": row, "state": STATES[row.state]} for row in read.imports_list(who.scope)]
    chosen = request.GET.get("register", "units")
    context = {
        "nav": "registers", "tab": "imports", "rows": rows, "registers": registers(), "chosen": chosen,
        "may": anywhere(who, ACT),
    }  # fmt: skip
    return render(request, "territory/imports.html", context)


@require_POST
@signed_in
def import_take(request: HttpRequest) -> HttpResponse:
    """Keep the file and go on to its columns."""
    try:
        file = request.FILES.get("file")
        if file is None or file.file is None:
            raise Invalid(
                code="imports.no_file",
                zh="没有选择文件；请选择一个文件。",
                en="No file was chosen; choose one.",
                field="file",
            )
        batch = act.import_open(
            by=actor(request), register=request.POST.get("register", ""), file_name=str(file.name), source=cast(BinaryIO, file.file),
            options={},
        )  # fmt: skip
    except Problem as problem:
        messages.error(request, problem.text())
        return HttpResponseRedirect("/territory/imports")
    return HttpResponseRedirect(f"/territory/imports/{batch.pk}")


@require_GET
@signed_in
def import_page(request: HttpRequest, batch: UUID) -> HttpResponse:
    """One import at its step. A fragment (`part`) is what the page asks for again while work goes on."""
    who = actor(request)
    row = read.import_get(who.scope, batch)
    context = _context(who, row) | {"nav": "registers", "tab": "imports"}
    if request.headers.get("HX-Request"):
        return render(request, "territory/import_part.html", context)
    return render(request, "territory/import.html", context)


@require_GET
@signed_in
def import_faults(request: HttpRequest, batch: UUID) -> HttpResponse:
    """A page of what is wrong: row, column, value and what to do; all of it or one kind of fault."""
    who = actor(request)
    after = request.GET.get("after", "0")
    row = read.import_get(who.scope, batch)
    issues = read.import_issues(
        who.scope, batch, after=int(after) if after.isdigit() else 0, limit=ISSUES, code=request.GET.get("code", "")
    )
    context = {"batch": row, "issues": issues, "code": request.GET.get("code", ""), "chinese": chinese()}
    return render(request, "territory/import_faults.html", context)


@require_POST
@signed_in
def import_act(request: HttpRequest, batch: UUID, step: str) -> HttpResponse:
    """Go one step: check with these columns, take it in, cancel, undo, or try again."""
    who = actor(request)
    row = read.import_get(who.scope, batch)
    try:
        if step == "check":
            act.import_map(
                by=who, batch=row.pk, mapping=_mapping(request), options=_options(request, row), remember=True
            )
            act.import_check_later(by=who, batch=row.pk)
        elif step == "apply":
            act.import_apply_later(by=who, batch=row.pk)
        elif step == "undo":
            act.import_undo_later(by=who, batch=row.pk, reason=request.POST.get("reason", ""))
        else:
            act.import_cancel(by=who, batch=row.pk)
    except Problem as problem:
        messages.error(request, problem.text())
    return HttpResponseRedirect(f"/territory/imports/{batch}")


@require_GET
@signed_in
def import_bad_rows(request: HttpRequest, batch: UUID) -> HttpResponseBase:
    """Just the rows with faults, as they came, with a column that says what to mend; to be sent again."""
    file = read.bad_rows_file(actor(request).scope, batch)
    return FileResponse(file.open("rb"), as_attachment=True, filename=_("to mend") + f" {file.name}")


@require_GET
@signed_in
def import_template(request: HttpRequest, name: str) -> HttpResponse:
    """An empty sheet with the register's headings, choices and hints."""
    found = register(name)
    response = HttpResponse(
        read.template(found, "zh" if chinese() else "en"),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    response["Content-Disposition"] = f'attachment; filename="anlan-{name}.xlsx"'
    return response


def _context(who: Any, row: Any) -> dict[str, Any]:
    place = next((at for at, (states, _text) in enumerate(STEPS) if row.state in states), 0)
    context: dict[str, Any] = {
        "batch": row, "register": register(row.register), "state": STATES[row.state], "running": row.state in RUNNING,
        "steps": [(text, "done" if at < place else "current" if at == place else "") for at, (_states, text) in enumerate(STEPS)],
        "may": anywhere(who, ACT), "progress": _progress(row.progress), "chinese": chinese(),
        "counts": [(name, text, row.counts.get(name)) for name, text in COUNTS],
    }  # fmt: skip
    if row.state == "uploaded":
        context |= {"preview": _preview(who, row), "datums": DATUMS}
    elif row.state not in RUNNING:
        context["kinds"] = read.issue_counts(who.scope, row.pk)
    return context


def _preview(who: Any, row: Any) -> dict[str, Any]:
    """Return each column of the file with samples and what it is taken for, and the fields a column may be."""
    try:
        seen = act.import_preview(who.scope, row.pk)
    except Problem as problem:
        return {"problem": problem.text()}
    columns = [
        {
            "at": at, "header": header, "samples": [line[at] for line in seen["rows"][:3] if at < len(line)],
            "field": seen["mapping"].get(header, ""),
        }
        for at, header in enumerate(seen["header"])
    ]  # fmt: skip
    fields = register(row.register).importable()
    taken = set(seen["mapping"].values())
    missing = [item for item in fields if item.required and item.name not in taken]
    return {"columns": columns, "fields": fields, "missing": missing, "sheets": seen.get("sheets") or []}


def _mapping(request: HttpRequest) -> dict[str, str]:
    headers, fields = request.POST.getlist("header"), request.POST.getlist("field")
    return dict(zip(headers, fields, strict=False))


def _options(request: HttpRequest, row: Any) -> dict[str, Any]:
    options = {**row.options, "datum": request.POST.get("datum", "wgs84")}
    if "sheet" in request.POST:
        options["sheet"] = request.POST["sheet"]
    return options


def _progress(progress: dict[str, Any]) -> dict[str, Any]:
    """Return the progress with its share of a hundred."""
    total = progress.get("total") or 0
    return {**progress, "share": min(100, round(100 * (progress.get("done") or 0) / total)) if total else 0}


urlpatterns = [
    path("imports", imports_page, name="imports"),
    path("imports/take", import_take, name="import-take"),
    path("imports/<uuid:batch>", import_page, name="import"),
    path("imports/<uuid:batch>/faults", import_faults, name="import-faults"),
    path("imports/<uuid:batch>/bad-rows.xlsx", import_bad_rows, name="import-bad-rows"),
    *(path(f"imports/<uuid:batch>/{step}", import_act, {"step": step}, name=f"import-{step}")
      for step in ("check", "apply", "undo", "cancel")),
    *(path(f"imports/template/{name}.xlsx", import_template, {"name": name}, name=f"import-template-{name}") for name in NAMES),
]  # fmt: skip
