"""Django app of the composition root."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """App registration; in a drill node, time comes from the drill's clock."""

    name = "anlan.site"
    label = "site"

    def ready(self) -> None:
        """Join what the stages can't know of each other: clock and logs."""
        from anlan.kernel.drill import follow_clock
        from anlan.kernel.options import options
        from anlan.site.logs import configure

        configure()
        if options.drill:
            follow_clock()
