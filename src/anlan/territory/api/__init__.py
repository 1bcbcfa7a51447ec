"""Routes of the territory stage, one module per noun. All are scoped to the reader; errors are RFC 9457 problems."""

from __future__ import annotations

from ninja import Router

from anlan.territory.api import basics

router = Router(tags=["territory"])
router.add_router("", basics.router)

__all__ = ["router"]
