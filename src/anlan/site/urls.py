"""Addresses: the REST interface, the pages of each stage, the console, health and metrics."""

from __future__ import annotations

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

from anlan.site.api import api
from anlan.site.health import healthz, metrics
from anlan.site.stages import having

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("", include("anlan.site.ogc.urls")),
    path("", include("anlan.site.sta.urls")),
    path("", include("anlan.site.tiles")),
]
for stage in having("pages"):
    if hasattr(import_module(f"anlan.{stage}.pages"), "urlpatterns"):
        urlpatterns.append(path(f"{stage}/", include(f"anlan.{stage}.pages")))
urlpatterns.append(path("", include("anlan.site.console.urls")))
