"""Django app of the rescue stage."""

from django.apps import AppConfig


class RescueConfig(AppConfig):
    """App registration of the rescue stage."""

    name = "anlan.rescue"
    label = "rescue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the stage's events known to the journal, and its register of teams to command posts."""
        from anlan.rescue import events  # noqa: F401
        from anlan.rescue.selectors import teams_known
        from anlan.response.selectors.registered_teams import teams_offer

        teams_offer(teams_known)
