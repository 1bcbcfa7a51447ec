"""Addresses of the feature interface."""

from __future__ import annotations

from django.urls import path

from anlan.site.ogc import views

urlpatterns = [
    path("ogc", views.landing, name="ogc"),
    path("ogc/", views.landing),
    path("ogc/api", views.api, name="ogc-api"),
    path("ogc/conformance", views.conformance, name="ogc-conformance"),
    path("ogc/collections", views.collections, name="ogc-collections"),
    path("ogc/collections/<str:name>", views.collection, name="ogc-collection"),
    path("ogc/collections/<str:name>/queryables", views.queryables, name="ogc-queryables"),
    path("ogc/collections/<str:name>/items", views.items, name="ogc-items"),
    path("ogc/collections/<str:name>/items/<str:fid>", views.item, name="ogc-item"),
]
