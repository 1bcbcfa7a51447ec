"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from anlan.site import static_files
from anlan.site.console import pages, sessions

urlpatterns = [
    path("", pages.duty, name="duty"),
    path("duty/parts", pages.duty_parts, name="duty-parts"),
    path("map", pages.full_map, name="map"),
    path("console/state", pages.console_state, name="console-state"),
    path("console/base.json", pages.base_map, name="console-base"),
    path("sign-in", sessions.sign_in, name="sign-in"),
    path("sign-in/<str:token>", sessions.sign_in_link, name="sign-in-link"),
    path("sign-out", sessions.sign_out, name="sign-out"),
    path("preferences", sessions.preferences, name="preferences"),
    *static_files.urlpatterns,
]
