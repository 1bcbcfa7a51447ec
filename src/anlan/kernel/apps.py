"""Django app of the kernel: after every migration it brings roles, triggers and row security up to date."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    """App registration of the kernel."""

    name = "anlan.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Run the schema sync once all apps of a `migrate` are done."""
        from anlan.kernel import schema

        post_migrate.connect(schema.after_migrate, dispatch_uid="anlan.schema")
