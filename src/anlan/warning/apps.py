"""Django app of the warning stage."""

from django.apps import AppConfig


class WarningConfig(AppConfig):
    """App registration of the warning stage."""

    name = "anlan.warning"
    label = "warning"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make events and reactions known, and hand the stage's clocks to the sweeper."""
        from anlan.kernel import sweep
        from anlan.warning import (  # noqa: F401
            events,
            reactions,
            tasks,
            tasks_drafts,
            tasks_tally,
        )

        sweep.register("warning", tasks.sweep, due=tasks.next_due)
        sweep.register("warning_drafts", tasks_drafts.sweep, due=tasks_drafts.next_due)
        sweep.register("warning_tally", tasks_tally.sweep, due=tasks_tally.next_due)
