"""Django app of the monitoring stage."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """App registration of the monitoring stage: its events, and its clock of silence."""

    name = "anlan.monitoring"
    label = "monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make events known to the journal and register the sweeper."""
        from anlan.kernel import sweep
        from anlan.monitoring import events, events_rules, tasks  # noqa: F401

        sweep.register("monitoring", tasks.sweep, due=tasks.next_due)
        sweep.register("passing", tasks.passing_sweep, due=tasks.passing_due)
