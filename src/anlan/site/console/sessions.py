"""Coming in and going out, and how the reader likes the pages."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from anlan.kernel.accounts import link_use
from anlan.kernel.problem import Forbidden
from anlan.site.context import THEME_COOKIE, THEMES

YEAR_S = 365 * 24 * 3600


def _onward(request: HttpRequest, target: str | None) -> str:
    """Where to go after: a path of this site, else the duty page."""
    if target and url_has_allowed_host_and_scheme(target, {request.get_host()}):
        return target
    return "/"


@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password; a wrong pair says so without saying which."""
    context: dict[str, Any] = {"next": request.GET.get("next") or request.POST.get("next") or "/"}
    if request.method == "POST":
        account = authenticate(
            request, username=request.POST.get("username", ""), password=request.POST.get("password", "")
        )
        if account is not None:
            login(request, account)
            return HttpResponseRedirect(_onward(request, context["next"]))
        context |= {"wrong": _("Name and password do not match. Try again or ask for a one-time link.")}
        context["username"] = request.POST.get("username", "")
    return render(request, "console/sign_in.html", context, status=403 if "wrong" in context else 200)


@require_GET
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Use up a one-time link and come in."""
    try:
        account = link_use(token)
    except Forbidden as refusal:
        return render(request, "console/sign_in.html", {"wrong": refusal.text(), "next": "/"}, status=403)
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return HttpResponseRedirect("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave."""
    logout(request)
    return HttpResponseRedirect("/sign-in")


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep the reader's language and theme in cookies and go back to the page."""
    response = HttpResponseRedirect(_onward(request, request.POST.get("next")))
    language, theme = request.POST.get("language"), request.POST.get("theme")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR_S, samesite="Lax")
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, samesite="Lax")
    elif theme == "auto":
        response.delete_cookie(THEME_COOKIE)
    return response
