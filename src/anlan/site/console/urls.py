"""Addresses of the console."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from anlan.site import static_files
from anlan.site.console import pages, responding, sessions, tokens, warnings

urlpatterns = [
    path("", pages.duty, name="duty"),
    path("duty/parts", pages.duty_parts, name="duty-parts"),
    path("map", pages.full_map, name="map"),
    path("warnings", warnings.warnings_page, name="warnings"),
    path("warnings/proposals/<uuid:proposal>/issue", warnings.proposal_issue, name="warning-proposal-issue"),
    path("warnings/proposals/<uuid:proposal>/decline", warnings.proposal_refuse, name="warning-proposal-decline"),
    path("warnings/", include("anlan.warning.pages.board")),
    path("warnings/", include("anlan.warning.pages.drafts")),
    path("response", responding.response_page, name="response"),
    path("response/parts", responding.response_parts, name="response-parts"),
    path("response/proposals/<uuid:proposal>/adopt", responding.proposal_adopt, name="proposal-adopt"),
    path("response/proposals/<uuid:proposal>/decline", responding.proposal_decline, name="proposal-decline"),
    path("response/tasks/<uuid:task>/<str:act>", responding.task_act, name="task-act"),
    path("response/stoplines/<uuid:stopline>/acted", responding.stopline_acted, name="stopline-acted"),
    path("report", RedirectView.as_view(url="/review/after-action", query_string=True), name="report"),
    # What a label's code says; the register's page asks for the sign-in.
    path("q/<str:register>/<str:key>", RedirectView.as_view(url="/territory/%(register)s/%(key)s"), name="label"),
    path("drill/control", responding.control_drill, name="drill-control"),
    path("console/state", pages.console_state, name="console-state"),
    path("console/base.json", pages.base_map, name="console-base"),
    path("console/timeline", pages.console_timeline, name="console-timeline"),
    path("sign-in", sessions.sign_in, name="sign-in"),
    path("sign-in/<str:token>", sessions.sign_in_link, name="sign-in-link"),
    path("sign-out", sessions.sign_out, name="sign-out"),
    path("tokens", tokens.tokens, name="tokens"),
    path("tokens/<int:token>/revoke", tokens.token_take_back, name="token-revoke"),
    path("preferences", sessions.preferences, name="preferences"),
    *static_files.urlpatterns,
]
