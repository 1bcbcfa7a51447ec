"""The record of an incident or a response (案卷) to read, to print and to take along as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.kernel.scope import Scope
from anlan.monitoring.pages.files import table_file
from anlan.response.selectors.record import incident_record, record_table, response_record
from anlan.territory.pages.access import actor, signed_in

Read = Callable[[Scope, UUID], dict[str, Any]]
WHOSE: dict[str, Read] = {"incidents": incident_record, "levels": response_record}
COLUMNS = [
    (name, pa.string())
    for name in ("时间 at", "部分 part", "编号 number", "内容 text", "内容（英文） text in English", "经办 who", "区划 division",
                 "时限 due", "签收 received", "办结 done", "状态 state")
]  # fmt: skip


@require_GET
@signed_in
def record_page(request: HttpRequest, whose: str, key: UUID) -> HttpResponse:
    """The record on one page: the course, the tasks, the orders, the reports."""
    record = WHOSE[whose](actor(request).scope, key)
    context = {"nav": "response", "r": record, "home": f"/response/{whose}/{key}", "now": clock.now(),
               "tab": "incidents" if whose == "incidents" else "levels"}  # fmt: skip
    return render(request, "response/record.html", context)


@require_GET
@signed_in
def record_file(request: HttpRequest, whose: str, key: UUID, form: str) -> HttpResponseBase:
    """The same as one table, in order of time."""
    who = actor(request)
    record = WHOSE[whose](who.scope, key)
    return table_file(who, form, f"案卷-{record['title']['zh']}"[:60], COLUMNS, record_table(record))


urlpatterns = [
    path(f"{whose}/<uuid:key>/record{ending}", view, {"whose": whose}, name=f"record-{whose}-{name}")
    for whose in WHOSE
    for ending, view, name in (("", record_page, "page"), (".<str:form>", record_file, "file"))
]
