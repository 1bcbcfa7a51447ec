"""Routes of the territory stage, one module per noun. All are scoped to the reader; errors are RFC 9457 problems."""

from __future__ import annotations

from ninja import Router

from anlan.territory.api import basics, divisions, downloads, imports, inside, registers
from anlan.territory.api import writing as writing  # lays its routes on the registers' router

router = Router(tags=["territory"])
for part in (basics, divisions, registers, downloads, inside, imports):
    router.add_router("", part.router)

__all__ = ["router"]
