"""Django app of the response stage: reactions subscribed, deadlines registered."""

from __future__ import annotations

from django.apps import AppConfig


class ResponseConfig(AppConfig):
    """App registration of the response stage."""

    name = "anlan.response"
    label = "response"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to earlier stages and put the deadlines under the sweeper."""
        from anlan.kernel import sweep
        from anlan.response import (  # noqa: F401 - importing subscribes
            reactions,
            reactions_duty,
            reactions_levels,
            reactions_report,
            reactions_rings,
            tasks,
        )

        sweep.register("response", tasks.sweep, due=tasks.next_due)
