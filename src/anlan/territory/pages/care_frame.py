"""What every page of care has: its row of parts with what is open in each, and the area it looks at."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from anlan.kernel.problem import Problem
from anlan.kernel.scope import LEVEL_LENGTHS, Scope
from anlan.territory.codes import LEVELS
from anlan.territory.pages.access import actor
from anlan.territory.selectors.divisions import division_names

HOME = "/territory/care"


def parts() -> list[tuple[str, str, str]]:
    """Return (name, address, words) of the pages of care."""
    return [
        ("gaps", HOME, _("Gaps in duty")),
        ("rounds", f"{HOME}/rounds", _("Contact round")),
        ("licences", f"{HOME}/licences", _("Licences ending")),
        ("quality", f"{HOME}/quality", _("Doubtful data")),
        ("duplicates", f"{HOME}/duplicates", _("Likely duplicates")),
        ("unassigned", f"{HOME}/unassigned", _("Without a regulator")),
        ("privacy", f"{HOME}/privacy", _("Holds and purging")),
    ]


def frame(request: HttpRequest, part: str) -> dict[str, Any]:
    """Return the context all pages of care share: tabs, area, the crumbs above it."""
    area = division_asked(request)
    scope = actor(request).scope
    codes = [area[:n] for n in LEVEL_LENGTHS if 0 < n <= len(area) and scope.covers(area[:n])]
    names = division_names(codes)
    crumbs = [{"code": code, "name": names[code]} for code in codes if code in names]
    return {"nav": "registers", "tab": "care", "part": part, "parts": parts(), "area": area, "crumbs": crumbs,
            "home": f"{HOME}/{part}" if part != "gaps" else HOME}  # fmt: skip


def division_asked(request: HttpRequest) -> str:
    """Return the division the address asks for, else the reader's own when it is one; "" is all of the reader's area."""
    code = request.GET.get("division", "")
    if len(code) in LEVELS and code.isdigit():
        return code
    own = actor(request).scope.prefixes
    return own[0] if len(own) == 1 else ""


def names_of(codes: list[str]) -> dict[str, dict[str, str]]:
    """Return code → name in both languages, the code itself where it has none."""
    known = division_names(codes)
    return {code: known.get(code, {"zh": code, "en": code}) for code in codes}


def back(request: HttpRequest, address: str) -> HttpResponse:
    """Send the reader back to where the form stood, or to `address`."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return HttpResponseRedirect(wanted if safe else address)


def said(request: HttpRequest, problem: Problem) -> None:
    """Tell the reader why it was refused."""
    messages.error(request, problem.text())


def whole(scope: Scope) -> bool:
    """Does the reader see everything?"""
    return "" in scope.prefixes
