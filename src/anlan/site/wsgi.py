"""The web server's entry."""

import os

from django.core.wsgi import get_wsgi_application

from anlan.site.struct_types import learn_struct_types
from anlan.warning.rules import packs_read

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.site.settings")
application = get_wsgi_application()
learn_struct_types()
packs_read()
