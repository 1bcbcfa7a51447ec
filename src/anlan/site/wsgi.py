"""The web server's entry."""

import os

from anlan.site.starting import loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
with loading():
    from django.core.wsgi import get_wsgi_application
    from django.urls import reverse

    application = get_wsgi_application()

    from anlan.site.struct_types import learn_struct_types
    from anlan.warning.rules import packs_read

    learn_struct_types()
    packs_read()
    reverse("api:api-root")  # the first to ask finds every address known
