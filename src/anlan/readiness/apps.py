"""Django app of the readiness stage."""

from django.apps import AppConfig


class ReadinessConfig(AppConfig):
    """App registration; makes the simulated people of a drill listen."""

    name = "anlan.readiness"
    label = "readiness"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Subscribe to the earlier stages' events."""
        from anlan.readiness import events, reactions  # noqa: F401
