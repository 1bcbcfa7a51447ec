"""Django app of the territory stage."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    """App registration of the territory stage; it is first in the chain and reacts to nothing."""

    name = "anlan.territory"
    label = "territory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the stage's events known to the journal, and hand its daily look to the sweeper."""
        from anlan.kernel import sweep
        from anlan.territory import events, events_hand, tasks  # noqa: F401

        sweep.register("territory", tasks.sweep, due=tasks.next_due)
