"""What the plans ask for and the registers don't hold."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.kernel import clock
from anlan.readiness.plan_gaps import plan_gaps
from anlan.response.selectors.plans import plans_valid
from anlan.territory.pages.access import actor, signed_in


@require_GET
@signed_in
def gaps_page(request: HttpRequest) -> HttpResponse:
    """Every plan's needs against what there is; `plan` shows one."""
    who, wanted = actor(request), request.GET.get("plan", "")
    plans = [p for p in plans_valid(clock.now()) if who.scope.sees(p.division) and wanted in ("", p.code)]
    context = {"nav": "response", "tab": "plans", "plans": plan_gaps(who.scope, plans), "one": wanted}
    return render(request, "readiness/plan_gaps.html", context)


urlpatterns = [path("plan-resources", gaps_page, name="plan-resources")]
