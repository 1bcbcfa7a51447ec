"""Django app of the relief stage."""

from django.apps import AppConfig


class ReliefConfig(AppConfig):
    """App registration of the relief stage."""

    name = "anlan.relief"
    label = "relief"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the stage's events known to the journal."""
        from anlan.relief import events  # noqa: F401
