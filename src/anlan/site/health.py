"""Is this process well, and how is it doing? For the supervisor and for Prometheus."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from anlan.warning.gauges import REGISTRY as WAYS


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the process's counters and the figures of the ways out; only to this machine."""
    if request.META.get("REMOTE_ADDR") not in ("127.0.0.1", "::1", "", None):
        return HttpResponse(status=404)
    return HttpResponse(generate_latest() + generate_latest(WAYS), content_type=CONTENT_TYPE_LATEST)
