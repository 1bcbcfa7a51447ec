"""Addresses of the SensorThings interface."""

from __future__ import annotations

from django.urls import path

from anlan.site.sta import views

urlpatterns = [
    path("sta/v1.1", views.interface, name="sta"),
    path("sta/v1.1/", views.interface),
    path("sta/v1.1/<path:address>", views.interface, name="sta-entities"),
]
