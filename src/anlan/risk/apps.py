"""Django app of the risk stage."""

from django.apps import AppConfig


class RiskConfig(AppConfig):
    """App registration of the risk stage."""

    name = "anlan.risk"
    label = "risk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the stage's events known to the journal."""
        from anlan.risk import events  # noqa: F401
