"""Labels to print and stick on a point: its name, its code and a QR code of its address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from anlan.territory.engine.qr import qr_matrix
from anlan.territory.pages.access import actor, signed_in
from anlan.territory.pages.rows import frame
from anlan.territory.selectors.finding import register_get
from anlan.territory.sources.registers import register

QUIET = 4


@require_GET
@signed_in
def row_label(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """A label of one point. Its code leads to the row's page, after signing in; it says nothing by itself."""
    row = register_get(actor(request).scope, name, key)
    own = str(row.get("key") or row.get("code") or row["_id"])
    address = request.build_absolute_uri(f"/q/{name}/{own}")
    context: dict[str, Any] = {**frame(register(name), row, key), "own": own, "address": address, **drawing(address)}
    return render(request, "territory/label.html", context)


def drawing(address: str) -> dict[str, Any]:
    """Return a code as one SVG path, with the side of its square, quiet zone and all."""
    modules = qr_matrix(address)
    size = len(modules) + 2 * QUIET
    runs = []
    for y, line in enumerate(modules.tolist()):
        x = 0
        while x < len(line):
            end = x
            while end < len(line) and line[end]:
                end += 1
            if end > x:
                runs.append(f"M{x + QUIET} {y + QUIET}h{end - x}v1h-{end - x}z")
            x = max(end, x + 1)
    return {"qr": "".join(runs), "side": size}


urlpatterns = [path("<register:name>/<str:key>/label", row_label, name="register-label")]
